// The receipt of a bid and the list that stands at the close: etb.receipt/1 and etb.close/1, strictly read.
import { sha256Hex } from "./bytes.js";
import { decode } from "./canonical.js";
import { Malformed } from "./errors.js";
import * as shape from "./shape.js";

/** The close in these bytes; Malformed unless both lists are sorted, without doubles, and apart. */
export function readClose(data) {
  const value = decode(data);
  CLOSE(value, "");
  for (const name of ["bids", "withdrawn"]) {
    const sorted = [...new Set(value[name])].sort();
    if (sorted.join() !== value[name].join()) throw new Malformed("not_sorted", "应排序且无重复", name);
  }
  if (value.bids.some((bid) => value.withdrawn.includes(bid))) {
    throw new Malformed("listed_twice", "同一标书既有效又撤回", "withdrawn");
  }
  return Object.freeze({ ...value, data, sha256: sha256Hex(data) });
}

/** The receipt in these bytes: `sha256` names the bid received; `salt` (32 bytes, hex) keeps it unguessable. */
export function readReceipt(data) {
  const value = decode(data);
  RECEIPT(value, "");
  return Object.freeze({ ...value, data });
}

const CLOSE = shape.record({
  type: shape.oneOf("etb.close/1"),
  tender: shape.name,
  lot: shape.name,
  setup: shape.sha256,
  deadline: shape.sha256,
  at: shape.moment,
  bids: shape.listed(shape.sha256),
  withdrawn: shape.listed(shape.sha256),
});
const RECEIPT = shape.record({
  type: shape.oneOf("etb.receipt/1"),
  tender: shape.name,
  lot: shape.name,
  bidder: shape.name,
  seq: shape.integer(1, 2 ** 32 - 1),
  sha256: shape.sha256,
  received: shape.moment,
  salt: shape.sha256,
});
