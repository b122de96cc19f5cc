// The chain of a bidder's messages on a lot, seq 1, 2, 3 …, each naming the one before; and withdraw.json of etb/1.
import { BID_ID } from "./bid.js";
import { sha256Hex } from "./bytes.js";
import { decode, encode } from "./canonical.js";
import { Malformed } from "./errors.js";
import { sameJson } from "./setup.js";
import * as shape from "./shape.js";

/** withdraw.json: the next message of the chain, after which nothing of it stands. */
export function buildWithdrawal(setup, { bidder, bid_id, seq, prev }) {
  const data = encode({ type: "etb.withdraw/1", tender: setup.tender, lot: setup.lot, bidder, bid_id, seq, prev });
  readWithdrawal(data, setup);
  return data;
}

/** The withdrawal in these bytes; Malformed for another shape, tender or lot. */
export function readWithdrawal(data, setup) {
  const value = decode(data);
  WITHDRAWAL(value, "");
  if (value.tender !== setup.tender || value.lot !== setup.lot) {
    throw new Malformed("other_context", "与本标段不符", "lot");
  }
  return Object.freeze({ ...value, data, sha256: sha256Hex(data) });
}

/** Malformed unless `newer` (a bid or a withdrawal) follows `last`, or opens a chain where there is none (null). */
export function checkChain(newer, last) {
  if (!last) {
    if (newer.seq !== 1 || !newer.stages) {
      throw new Malformed("not_first", "尚无在先的标书，序号应为 1，且不能先撤回", "seq");
    }
    return;
  }
  if (newer.seq !== last.seq + 1 || newer.prev !== last.sha256) {
    throw new Malformed("broken_chain", "应紧接上一份：序号加一，并写明上一份的 SHA-256", "prev");
  }
  if (newer.bidder !== last.bidder || newer.bid_id !== last.bid_id) {
    throw new Malformed("other_chain", "投标人或标书编号与上一份不同", "bid_id");
  }
  if (newer.stages) checkCarried(newer, last);
}

/** The stages taken over unchanged from an earlier bid of the chain: their files are not sent again. */
export const carried = (bid) => bid.stages.filter((stage) => stage.seq < bid.seq);

function checkCarried(newer, last) {
  for (const stage of carried(newer)) {
    if (!(last.stages ?? []).some((before) => sameJson(before, stage))) {
      throw new Malformed("not_carried", `阶段 ${stage.id} 写明沿用，但与上一份不同`, "stages");
    }
  }
}

const WITHDRAWAL = shape.record({
  type: shape.oneOf("etb.withdraw/1"),
  tender: shape.name,
  lot: shape.name,
  bidder: shape.name,
  bid_id: BID_ID,
  seq: shape.integer(2, 2 ** 32 - 1),
  prev: shape.sha256,
});
