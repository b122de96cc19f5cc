// The bidder's later steps: chains that hold, reveals in the bid's order, cures that prove an envelope, and what is kept for them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Passphrase } from "../../../kernel/web/client/box/age.js";
import { bidContext, buildBid, readBid } from "../../../kernel/web/client/box/bid.js";
import { toBase64, unhex, utf8 } from "../../../kernel/web/client/box/bytes.js";
import { encode } from "../../../kernel/web/client/box/canonical.js";
import { buildWithdrawal, checkChain, readWithdrawal } from "../../../kernel/web/client/box/chain.js";
import * as dsse from "../../../kernel/web/client/box/dsse.js";
import { StageSecret } from "../../../kernel/web/client/box/envelope.js";
import { readCure, readReveal } from "../../../kernel/web/client/box/opening.js";
import { buildRecovery, readRecovery, secretOf } from "../../../kernel/web/client/box/recovery.js";
import { revealAll } from "../../../kernel/web/client/box/sealing.js";
import { readSetup, turnOf } from "../../../kernel/web/client/box/setup.js";
import { fromSeed, lockSigner, newSeed, unlockSigner } from "../../../kernel/web/client/box/signer.js";
import { checkCure, proveEnvelope } from "../../../kernel/web/client/box/stage.js";
import { once } from "../../../kernel/web/client/parts/sending.js";
import { dueOf } from "../../../kernel/web/client/parts/standing.js";

const { cases } = JSON.parse(readFileSync(new URL("../../vectors/sealing.json", import.meta.url)));
const [vector] = cases;
const setup = readSetup(utf8(vector.setup_json));
const [first, second] = vector.bids.map((entry) => readBid(utf8(entry.bid_json), setup));
const secretsOf = (bid, derived) =>
  bid.stages.map(({ id }) => new StageSecret(unhex(derived[id].seed), bidContext(setup, bid, id)));
const secrets = secretsOf(second, vector.bids[1].derived);
const CLOSE = "ab".repeat(32);
const DEADLINE = "2026-03-02T09:00:00.000+08:00";

test("reveals come in the bid's order, signed, and only of the stages that are due", () => {
  const signer = fromSeed(newSeed());
  const all = revealAll(second, CLOSE, secrets, signer);
  const read = all.map((signed, i) => {
    const payload = dsse.require(signed, [signer.public]);
    return readReveal(payload, { close: CLOSE, stage: second.stages[i].id });
  });
  assert.deepEqual(read.map(({ seed }) => seed), secrets.map(({ seed }) => toBase64(seed)));
  const [due] = revealAll(second, CLOSE, secrets, signer, { due: ["documents"], report: "cd".repeat(32) });
  assert.equal(readReveal(due.payload, { close: CLOSE, stage: "documents" }).report, "cd".repeat(32));
  assert.throws(() => readReveal(due.payload, { close: CLOSE, stage: "price" }), { code: "other_context" });
});

test("of two envelopes the page opens what the signed set-up says is due, whatever the platform asks for", () => {
  const value = JSON.parse(vector.setup_json);
  const [one, ...others] = value.stages;
  const later = (flags) => encode({ ...value, stages: value.stages.map((stage, i) => ({ ...stage, ...flags(i) })) });
  const two = readSetup(later((i) => (i === 0 ? { later: true } : {})));
  const rest = others.map(({ id }) => id);
  const report = "cd".repeat(32);
  assert.deepEqual([turnOf(two, ""), turnOf(two, report)], [rest, [one.id]]);
  assert.deepEqual([turnOf(setup, ""), turnOf(setup, report)], [value.stages.map(({ id }) => id), []]);
  assert.deepEqual(dueOf({ setup: two }, { due: rest, report: "" }), rest);
  assert.deepEqual(dueOf({ setup: two }, { due: [one.id], report }), [one.id]);
  assert.deepEqual(dueOf({ setup: two }, {}), rest);
  for (const asked of [{ due: [one.id] }, { due: [one.id, ...rest] }, { due: [one.id, ...rest], report }, { due: [] }]) {
    assert.throws(() => dueOf({ setup: two }, asked), { remedy: "不要解密，请立即向监督部门反映" });
  }
  assert.throws(() => readSetup(later(() => ({ later: true }))), { code: "none_first" });
  assert.throws(() => readSetup(later((i) => (i ? {} : { later: false }))), { code: "bad_value" });
});

test("a cure makes the logged envelope again, and no altered one does", () => {
  const [secret] = secrets;
  const { stage } = secret.context;
  const key = setup.roles[1].keys[0];
  const cure = readCure(proveEnvelope(setup, second, CLOSE, secret, key.kid), { close: CLOSE, stage });
  assert.deepEqual(checkCure(setup, second, cure), secret.share(2));
  const other = toBase64(secret.share(1));
  assert.throws(() => checkCure(setup, second, { ...cure, y: other }), { code: "cure_differs" });
  assert.throws(() => checkCure(setup, second, { ...cure, ikmE: other }), { code: "cure_differs" });
  assert.throws(() => checkCure(setup, second, { ...cure, bid: first.sha256 }), { code: "other_context" });
  assert.throws(() => proveEnvelope(setup, second, CLOSE, secret, "00".repeat(8)), { code: "unknown_key" });
});

test("a recovery file holds secrets, key and deadline of one bid, and nothing else is taken for one", () => {
  const signer = newSeed();
  const data = buildRecovery(secrets, { signer, deadline: DEADLINE });
  const read = readRecovery(data);
  assert.deepEqual([read.signer, read.deadline], [signer, DEADLINE]);
  assert.equal(secretOf(read, "price").commit, secrets[0].commit);
  assert.equal("signer" in readRecovery(buildRecovery(secrets)), false);
  const elsewhere = new StageSecret(secrets[0].seed, { ...secrets[0].context, lot: "02" });
  assert.throws(() => buildRecovery([secrets[1], elsewhere]), { code: "other_context" });
  assert.throws(() => buildRecovery([]), { code: "no_stage" });
  assert.throws(() => secretOf(read, "technical"), { code: "unknown_stage" });
  const more = encode({ ...JSON.parse(new TextDecoder().decode(data)), more: 1 });
  assert.throws(() => readRecovery(more), { code: "unknown_member" });
});

test("a chain goes on by one, names what it follows, and carries only what stood there", () => {
  const place = { bidder: first.bidder, bid_id: first.bid_id };
  checkChain(second, first);
  const withdrawal = readWithdrawal(buildWithdrawal(setup, { ...place, seq: 3, prev: second.sha256 }), setup);
  checkChain(withdrawal, second);
  assert.throws(() => checkChain(withdrawal, first), { code: "broken_chain" });
  assert.throws(() => checkChain(withdrawal, null), { code: "not_first" });
  assert.throws(() => checkChain({ ...second, bidder: "别人" }, first), { code: "other_chain" });
  const next = { ...second, seq: 4, prev: withdrawal.sha256 };
  assert.throws(() => checkChain(readBid(buildBid(setup, next), setup), withdrawal), { code: "not_carried" });
});

test("a bid of another set-up, or without one of its parts, is not read", () => {
  const value = JSON.parse(vector.bids[0].bid_json);
  const refused = (change, code) => assert.throws(() => readBid(encode({ ...value, ...change }), setup), { code });
  refused({ lot: "02" }, "other_context");
  refused({ setup: "ab".repeat(32) }, "other_context");
  refused({ stages: value.stages.slice(1) }, "other_stages");
  refused({ stages: value.stages.map((stage) => ({ ...stage, shares: stage.shares.slice(1) })) }, "other_shares");
  refused({ seq: 2 }, "broken_chain");
  refused({ suite: 2 }, "bad_value");
  refused({ fallback: 1 }, "bad_value");
  refused({ note: "x" }, "unknown_member");
});

test("a key file opens again with its passphrase and with no other", async () => {
  const seed = newSeed();
  const locked = await lockSigner(seed, new Passphrase("words", 5));
  assert.deepEqual((await unlockSigner(locked, new Passphrase("words"))).seed, seed);
  await assert.rejects(unlockSigner(locked, new Passphrase("word")), { code: "no_matching_key" });
});

test("digests of the parts of a file are reckoned once however often a cut line makes it begin its round anew", async () => {
  const asked = [];
  const digests = once(async (part) => {
    asked.push(part);
    if (asked.length === 1) throw new Error("the worker did not start");
    return [`digest of ${part}`];
  });
  await assert.rejects(digests(8));
  for (const part of [8, 8, 16, 8]) assert.deepEqual(await digests(part), [`digest of ${part}`]);
  assert.deepEqual(asked, [8, 8, 16]);
});
