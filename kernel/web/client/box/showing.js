// A holder who called envelopes bad shows the auditor his stage key of that one lot, as a file (etb.shown/1).
import { unlock } from "./age.js";
import { readBid } from "./bid.js";
import { fromBase64, toBase64 } from "./bytes.js";
import { encode } from "./canonical.js";
import { kid, publicOf } from "./envelope.js";
import { Forged, Malformed } from "./errors.js";
import { readSetup, roleOf } from "./setup.js";
import { tryEnvelope } from "./stage.js";

/**
 * {data, bad, opens}: the exact bytes of the file, how many of the envelopes called bad it does not open, and how many
 * it opens after all. `caution.checkTask` goes before. The file is a secret: it opens all that was sealed to this key.
 */
export async function showKey(officer, task) {
  const setup = readSetup(fromBase64(task.setup));
  const { tender, lot } = setup;
  if (task.tender !== tender || task.lot !== lot) throw new Malformed("other_context", "内容不是这个标段的");
  const key = await unlock(fromBase64(task.wrap), officer.master);
  const own = kid(publicOf(key));
  if (!roleOf(setup, task.role).keys.some((one) => one.kid === own)) {
    throw new Forged("own_key_missing", "平台给出的不是您在本标段的密钥");
  }
  const bids = task.bids.map((body) => readBid(fromBase64(body), setup));
  const opens = task.said.filter(({ bid, stage }) => isOpened(setup, bids, bid, stage, key)).length;
  const data = encode({ type: "etb.shown/1", tender, lot, role: task.role, kid: own, key: toBase64(key) });
  return { data, bad: task.said.length - opens, opens };
}

function isOpened(setup, bids, sha256, stage, key) {
  const bid = bids.find((one) => one.sha256 === sha256);
  return bid !== undefined && tryEnvelope(setup, bid, stage, key) !== null;
}
