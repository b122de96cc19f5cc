// Every derived byte of the vectors made by an independent implementation comes out the same in JavaScript.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bidContext, buildBid, readBid, stageOf } from "../../../kernel/web/client/box/bid.js";
import { fromBase64, hex, unhex, utf8 } from "../../../kernel/web/client/box/bytes.js";
import { carried, checkChain } from "../../../kernel/web/client/box/chain.js";
import { kid, openEnvelope, publicOf, StageSecret } from "../../../kernel/web/client/box/envelope.js";
import { readSetup } from "../../../kernel/web/client/box/setup.js";
import { openStage, sealStage, tryEnvelope } from "../../../kernel/web/client/box/stage.js";

const VECTORS = JSON.parse(readFileSync(new URL("../../vectors/sealing.json", import.meta.url)));
const TRUSTEES = Object.entries(VECTORS.trustee_sk).map(([number, key]) => [number, unhex(key)]);
const privateOf = new Map(TRUSTEES);

for (const vector of VECTORS.cases) {
  const setup = readSetup(utf8(vector.setup_json));

  test(`${vector.mode}: the set-up is read and its hash comes out`, () => {
    assert.equal(setup.sha256, vector.setup_sha256);
    assert.equal(setup.mode, vector.mode);
  });

  test(`${vector.mode}: the bids are read, chained and built to the same bytes`, () => {
    let last = null;
    for (const entry of vector.bids) {
      const bid = readBid(utf8(entry.bid_json), setup);
      checkChain(bid, last);
      assert.equal(bid.sha256, entry.sha256);
      assert.deepEqual(buildBid(setup, bid), utf8(entry.bid_json));
      last = bid;
    }
    assert.deepEqual(carried(last).map((stage) => stage.id), ["documents"]);
  });

  for (const entry of vector.bids) {
    const bid = readBid(utf8(entry.bid_json), setup);
    for (const [stage, expected] of Object.entries(entry.derived)) stageTests(setup, bid, stage, expected);
  }
}

function stageTests(setup, bid, stage, expected) {
  const label = `${setup.mode} ${bid.seq} ${stage}`;
  const seed = unhex(expected.seed);
  const secret = new StageSecret(seed, bidContext(setup, bid, stage));

  test(`${label}: context, identity and shares come out`, () => {
    assert.equal(hex(secret.ctxh), expected.ctxh);
    assert.equal(secret.identity, expected.age_identity);
    const shares = setup.roles.map(({ role, x }) => [role, hex(secret.share(x))]);
    assert.deepEqual(Object.fromEntries(shares), expected.y);
  });

  test(`${label}: the sealed stage comes out whole`, () => {
    const sealed = stageOf(bid, stage);
    assert.deepEqual(sealStage(setup, secret, sealed.files), sealed);
  });

  test(`${label}: every trustee opens his own envelope and no other`, () => {
    for (const { role, x, keys } of setup.roles) {
      for (const key of keys) {
        const { e } = stageOf(bid, stage).shares[x - 1].env.find((one) => one.kid === key.kid);
        const y = openEnvelope(secret.ctxh, x, privateOf.get(key.kid), fromBase64(e));
        assert.equal(hex(y), expected.y[role]);
        assert.deepEqual(tryEnvelope(setup, bid, stage, privateOf.get(key.kid)), y);
        const [, other] = TRUSTEES.find(([number]) => number !== key.kid);
        assert.throws(() => openEnvelope(secret.ctxh, x, other, fromBase64(e)), { code: "envelope_not_opened" });
      }
    }
  });

  test(`${label}: it opens by seed and by the fewest shares without a finding`, () => {
    const bySeed = openStage(setup, bid, stage, { seed });
    assert.deepEqual(bySeed.findings, []);
    assert.deepEqual(bySeed.secret.seed, seed);
    if (!setup.k) return;
    const shares = new Map(setup.roles.slice(-setup.k).map(({ role, x }) => [x, unhex(expected.y[role])]));
    assert.deepEqual(openStage(setup, bid, stage, { shares }).secret.seed, seed);
  });

  test(`${label}: a wrong seed and a wrong share are named with whose fault they are`, () => {
    const wrong = Uint8Array.from(seed, (byte, i) => (i ? byte : byte ^ 1));
    const [bidders] = openStage(setup, bid, stage, { seed: wrong }).findings;
    assert.deepEqual([bidders.code, bidders.fault, bidders.fatal], ["seed_not_committed", "bidder", true]);
    if (!setup.k) return;
    const shares = new Map(setup.roles.map(({ role, x }) => [x, unhex(expected.y[role])]));
    shares.set(2, wrong);
    const [officers] = openStage(setup, bid, stage, { shares }).findings;
    assert.deepEqual([officers.code, officers.fault], ["share_not_committed", "regulator"]);
  });
}

test("the numbers of the trustees' keys come out", () => {
  for (const [number, key] of TRUSTEES) assert.equal(kid(publicOf(key)), number);
});
