// The age test kit (C2SP CCTV): every file that X25519 and passphrases can be asked about, read as Python reads it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateSync } from "node:zlib";
import { createRequire } from "node:module";
import * as age from "../../../kernel/web/client/box/age.js";
import { hex, sha256 } from "../../../kernel/web/client/box/bytes.js";
import { Forged, Malformed, NoMatch } from "../../../kernel/web/client/box/errors.js";
import { memorySink } from "../../../kernel/web/client/box/sinks.js";

const OUTCOMES = {
  "no match": [NoMatch, ["no_matching_key"]],
  "HMAC failure": [Forged, ["header_altered"]],
  "header failure": [Malformed, ["not_age", "bad_header", "weak_key"]],
  "armor failure": [Malformed, ["bad_armor"]],
  "payload failure": [Forged, ["payload_cut", "payload_altered"]],
};

function read(content) {
  const gap = content.findIndex((byte, i) => byte === 10 && content[i + 1] === 10);
  const facts = {};
  for (const line of new TextDecoder().decode(content.subarray(0, gap)).split("\n")) {
    const [key, ...rest] = line.split(": ");
    (facts[key] ??= []).push(rest.join(": "));
  }
  const body = content.slice(gap + 2);
  return { facts, sealed: facts.compressed ? new Uint8Array(inflateSync(body)) : body };
}

const kit = createRequire(import.meta.url)("cctv-age");
const files = Object.entries(kit.default ?? kit).map(([name, content]) => ({ name, ...read(content) }));
const ours = files.filter(({ facts }) => !(facts.identity ?? []).some((key) => key.startsWith("AGE-SECRET-KEY-PQ-")));

test("the kit is the whole kit", () => assert.ok(ours.length > 100, String(ours.length)));

for (const { name, facts, sealed } of ours) {
  test(`age kit: ${name}`, async () => {
    const words = (facts.passphrase ?? []).map((text) => new age.Passphrase(text));
    const sink = memorySink();
    const opening = age.unseal(sealed, sink, ...words, ...(facts.identity ?? []));
    const [expected] = facts.expect;
    if (expected === "success") {
      await opening;
    } else {
      const [kind, codes] = OUTCOMES[expected];
      await assert.rejects(opening, (error) => error instanceof kind && codes.includes(error.code));
    }
    if (facts.payload && expected === "success") assert.equal(hex(sha256(sink.bytes())), facts.payload[0]);
  });
}
