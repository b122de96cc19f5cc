// A test before the opening (etb.test/1): an envelope made like a bid's, opened by the key it was made for.
import { fromBase64, toBase64 } from "./bytes.js";
import { decode, encode } from "./canonical.js";
import { contextHash, openEnvelope, shareCommit } from "./envelope.js";
import { Forged, Malformed } from "./errors.js";
import * as shape from "./shape.js";

const NOBODY = "readiness:test"; // no bid can have this bidder: opening a test never opens anything of a bid
const STAGE = "readiness";

const KEY = shape.record({
  role: shape.role,
  x: shape.integer(1, 3),
  kid: shape.kid,
  c: shape.sha256,
  e: shape.base64Of(81),
});
const TEST = shape.record({
  type: shape.oneOf("etb.test/1"),
  tender: shape.name,
  lot: shape.name,
  setup: shape.sha256,
  at: shape.moment,
  id: shape.matching("[0-9a-f]{32}", "应为 32 位小写十六进制"),
  k: shape.integer(2, 3),
  keys: shape.listed(KEY, 6, 48),
});

/** The test in these bytes; Malformed for any other shape. */
export function readTest(bytes) {
  const value = decode(bytes);
  TEST(value, "");
  return value;
}

/** What lies in the envelope of this key (its kid), by its private half; Forged when it is not what was committed to. */
export function openTest(test, kid, privateKey) {
  const given = keyOf(test, kid);
  const ctxh = contextHash({ ...test, bidder: NOBODY, seq: 1, bid_id: test.id, stage: STAGE, n: 3 });
  const y = openEnvelope(ctxh, given.x, privateKey, fromBase64(given.e));
  if (shareCommit(ctxh, given.x, y) !== given.c) {
    throw new Forged("test_differs", "试开信封里的内容与承诺不符，请告知交易中心");
  }
  return y;
}

/** tested.json; `sha256` (hex) is of the exact bytes of test.json. */
export function buildTested(test, sha256, kid, y) {
  const { tender, lot } = test;
  return encode({ type: "etb.tested/1", tender, lot, test: sha256, role: keyOf(test, kid).role, kid, y: toBase64(y) });
}

function keyOf(test, kid) {
  const found = test.keys.find((key) => key.kid === kid);
  if (!found) throw new Malformed("key_not_tested", "试开信封中没有这把密钥的");
  return found;
}
