// What the platform has admitted to have altered or lost: sealed files that an event names (kernel/proofs/damage.py).
import { Malformed } from "../box/errors.js";
import { within } from "./dossier.js";
import { withIt } from "./turns.js";
import { eventName } from "./verify_log.js";

export const ALTERED = ["withdrawn", "ciphertext_altered"];
const KNOWN = "；当时已有这一阶段的种子或份额交到平台";

/** Put what the events call altered or lost into the dossier; each must be a file of a closed bid, truly named. */
export async function readDamages(dossier) {
  for (const event of dossier.acts("box_damaged")) {
    const damage = await within(eventName(event.n), () => read(dossier, event));
    const key = damageOf(damage.bid, damage.stage, damage.file);
    if (!dossier.damages.has(key)) dossier.damages.set(key, damage);
  }
  dossier.notes.push(...[...dossier.damages.values()].map((damage) => says(dossier, damage)));
  if (dossier.acts("box_unchecked").length) {
    dossier.notes.push("开启时平台还没有核对完全部密文，没有核对到的是在开启之后核对的");
  }
}

/** The key under which a file is kept in `damages`. */
export const damageOf = (sha256, stage, file) => `${sha256} ${stage} ${file}`;

/** Whether a file of this stage was found altered or lost before it was opened: then it is withdrawn. */
export const isSpoilt = (dossier, sha256, stage) =>
  [...dossier.damages.values()].some((one) => one.bid === sha256 && one.stage === stage && one.early);

/** Whether that is so of any stage of the same turn: then nobody blames the bidder for not revealing. */
export const isPlatformAtFault = (dossier, sha256, stage) =>
  withIt(dossier, stage).some((one) => isSpoilt(dossier, sha256, one));

function read(dossier, event) {
  const [bid, stage, file, sealed, found] = ["bid", "stage", "file", "sealed", "found"].map((name) => event.fact(name));
  const stages = dossier.close.bids.includes(bid) ? dossier.bids.get(bid).stages.filter((one) => one.id === stage) : [];
  const named = stages.flatMap((one) => one.files).some((one) => one.n === file && one.sha256 === sealed);
  if (!named || found === sealed || typeof found !== "string") {
    throw new Malformed("damage_unfounded", "所记损坏的不是截标名单中标书的文件，或者所记摘要与标书不符");
  }
  const opened = dossier.acts("box_opened")[dossier.case.later.includes(stage) ? 1 : 0];
  return { n: event.n, bid, stage, file, sealed, found, early: !opened || event.n < opened.n };
}

/** The note where a price is published whose sealed index is lost: nobody can work it out again. */
export const onTrust = (what) => `${what}：所公布的报价因密文丢失不能重新推算，只有平台所写为凭，责任在交易中心`;

/** Early is not early enough to be believed once seeds or shares of the stage lay with whoever lost the file. */
function says(dossier, { n, bid, stage, file, sealed, found, early }) {
  const given = dossier.acts("box_reveal", "box_release").filter((event) => event.fact("stage") === stage);
  const known = early && given.some((event) => event.n < n) ? KNOWN : "";
  const when = early ? "开启前" : "开启后";
  const what = found ? `被改动（现为 ${found.slice(0, 12)}…）` : "丢失";
  const told = `标书 ${bid.slice(0, 12)}… 的 ${file}：平台在${when}记录其存储的密文${what}`;
  return `${told}，与递交时的 ${sealed.slice(0, 12)}… 不符，责任在交易中心（第 ${n} 个事件）${known}`;
}
