// A sealed bid as it lies on the bidder's disk: the same files under the same names as `yangguang seal` writes.
import { fromBase64, utf8 } from "./bytes.js";

export const BID = "bid.dsse.json";
export const RECOVERY = "recovery.json.age";
export const LOT = "lot.json";
export const PUBLIC_KEY = "bidder.pub";

/**
 * [name, bytes] of the small files beside the age files, the recovery file first: without it the rest is worth nothing.
 * `recovery` and `kit` are bytes, `publicKey` and `envelope` base64.
 */
export function smallFiles({ recovery, publicKey, envelope }, kit) {
  return [[RECOVERY, recovery], [LOT, kit], [PUBLIC_KEY, utf8(publicKey)], [BID, fromBase64(envelope)]];
}
