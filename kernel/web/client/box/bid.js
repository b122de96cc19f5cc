// A sealed bid: bid.json of etb/1, built and strictly read (kernel/proofs/bid.py).
import { sha256Hex } from "./bytes.js";
import { decode, encode } from "./canonical.js";
import { ENVELOPE_SIZE, SUITE } from "./envelope.js";
import { Malformed } from "./errors.js";
import { contextOf } from "./setup.js";
import * as shape from "./shape.js";

/**
 * bid.json from sealed stages (`stage.sealStage`); `bid_id` 16 random bytes in hex, made once for the chain.
 * Malformed for what `readBid` would refuse.
 */
export function buildBid(setup, { bidder, bid_id, seq, prev, notice, fallback, stages }) {
  const place = { tender: setup.tender, lot: setup.lot, setup: setup.sha256, notice };
  const data = encode({ type: "etb.bid/1", suite: SUITE, fallback, ...place, bidder, bid_id, seq, prev, stages });
  readBid(data, setup);
  return data;
}

/**
 * The bid in these bytes: its members, `data` and `sha256`. Malformed unless its shape is etb/1's, its context the
 * set-up's, and its stages, shares and envelopes exactly the set-up's in its order. The signature, the chain
 * (`chain.checkChain`) and the files' bytes (`age.checkSealed`) are not looked at here.
 */
export function readBid(data, setup) {
  const value = decode(data);
  BID(value, "");
  for (const [name, ours] of [["tender", setup.tender], ["lot", setup.lot], ["setup", setup.sha256]]) {
    if (value[name] !== ours) throw new Malformed("other_context", "与本标段或现行开标设定不符", name);
  }
  if ((value.seq === 1) !== (value.prev === "")) {
    throw new Malformed("broken_chain", "第一份的 prev 应为空，其后应写明上一份的 SHA-256", "prev");
  }
  if (!sameList(value.stages, setup.stages, (stage) => stage.id)) {
    throw new Malformed("other_stages", "阶段应与设定逐一相同，次序一致", "stages");
  }
  value.stages.forEach((stage, i) => checkStage(stage, value.seq, setup, `stages[${i}]`));
  return Object.freeze({ ...value, data, sha256: sha256Hex(data) });
}

/** The stage of this id; Malformed where the bid has none. */
export function stageOf(bid, id) {
  const found = bid.stages.find((stage) => stage.id === id);
  if (!found) throw new Malformed("unknown_stage", `标书中没有阶段 ${id}`);
  return found;
}

/** The context that a stage of this bid is bound to. */
export function bidContext(setup, bid, stage) {
  return contextOf(setup, { bidder: bid.bidder, bid_id: bid.bid_id, stage, seq: stageOf(bid, stage).seq });
}

function checkStage(stage, seq, setup, where) {
  if (stage.seq > seq) throw new Malformed("bad_seq", "阶段的序号晚于标书", `${where}.seq`);
  if (!sameList(stage.shares, setup.roles, ({ x, role }) => `${x}${role}`)) {
    throw new Malformed("other_shares", "份额应与设定的三方逐一相同，次序一致", `${where}.shares`);
  }
  stage.shares.forEach((share, i) => {
    if (!sameList(share.env, setup.roles[i].keys, (one) => one.kid)) {
      const says = "密封件应与设定的持钥人逐一相同，次序一致";
      throw new Malformed("other_envelopes", says, `${where}.shares[${i}].env`);
    }
  });
  stage.files.forEach((file, i) => {
    const name = `${stage.id}-${i}.age`;
    if (file.n !== name) throw new Malformed("bad_name", `文件名应为 ${name}`, `${where}.files[${i}].n`);
  });
}

const sameList = (ours, theirs, named) =>
  ours.length === theirs.length && ours.every((one, i) => named(one) === named(theirs[i]));

export const SEQ = shape.integer(1, 2 ** 32 - 1);
export const BID_ID = shape.matching("[0-9a-f]{32}", "标书编号应为 32 位小写十六进制");
const ENVELOPE = shape.record({ kid: shape.kid, e: shape.base64Of(ENVELOPE_SIZE) });
const SHARE = shape.record({
  x: shape.integer(1, 3),
  role: shape.role,
  c: shape.sha256,
  env: shape.listed(ENVELOPE, 2, 16),
});
const FILE = shape.record({ n: shape.text(1, 64), size: shape.integer(), sha256: shape.sha256 });
const STAGE = shape.record({
  id: shape.stageId,
  seq: SEQ,
  commit: shape.sha256,
  shares: shape.listed(SHARE, 0, 3),
  files: shape.listed(FILE, 1, 1000),
});
const BID = shape.record({
  type: shape.oneOf("etb.bid/1"),
  suite: shape.oneOf(SUITE),
  tender: shape.name,
  lot: shape.name,
  bidder: shape.name,
  bid_id: BID_ID,
  seq: SEQ,
  prev: shape.sha256OrEmpty,
  setup: shape.sha256,
  notice: shape.sha256,
  fallback: shape.boolean,
  stages: shape.listed(STAGE, 1, 8),
});
