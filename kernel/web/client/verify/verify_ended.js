// 终止招标: what a case ended before its opening may lack, and what may not rest on it (kernel/proofs/verify_ended.py).
import { Malformed } from "../box/errors.js";
import { within } from "./dossier.js";
import { SUBMITTED } from "./verify_bids.js";

export const SETUP = "setup.dsse.json";
export const CLOSE = "close.dsse.json";

/** Ended before its holders had signed the set-up: then nothing can have been sealed for it. */
export function checkNeverReady(dossier) {
  const [done] = dossier.acts("box_ready", "box_close", ...SUBMITTED);
  if (done) {
    throw new Malformed("member_missing", `第 ${done.n} 个事件以设定已经签齐为前提，包内却没有设定`, SETUP);
  }
  return "终止时开标设定尚未签齐，没有收过标书";
}

/** Whether the purchaser's signature under the deadline of this SHA-256 is on record. */
export function isSigned(dossier, deadline) {
  const signed = dossier.acts("box_deadline").filter((event) => event.fact("role") === "purchaser");
  return signed.some((event) => event.hashOf("deadline") === deadline);
}

/** Ended before its list was fixed: a draft of it may have been published. */
export async function checkNeverClosed(dossier) {
  if (dossier.acts("box_close").length) {
    throw new Malformed("member_missing", "案件事件记有截标，包内却没有截标名单", CLOSE);
  }
  for (const name of dossier.under("list")) {
    await within(name, async () => dossier.recorded("box_list", "list", (await dossier.signed(name)).sha256));
  }
  return "名单固定之前招标已经终止，收到的标书全部保持密封";
}
