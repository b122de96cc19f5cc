// The case's events: one chain without gaps, all in the log that the witness has cosigned, and nothing left out.
import { equal, hex } from "../box/bytes.js";
import { byCodePoint } from "../box/canonical.js";
import { openCheckpoint } from "../box/checkpoints.js";
import { Forged, Malformed } from "../box/errors.js";
import { parseLogProof } from "../box/log_proof.js";
import { verifyInclusion } from "../box/merkle.js";
import { readEvent } from "./case_file.js";
import { within } from "./dossier.js";

const CHECKPOINT = "log/checkpoint.note";
const ENDS = { opened: "conclude_opening", failed: "fail_lot", ended: "end_case" };
const INTERIM = [ENDS.opened, "box_damaged"];

/** The member of the n-th event. */
export const eventName = (n) => `events/${String(n).padStart(4, "0")}.json`;

const proofName = (n) => `log/proofs/${String(n).padStart(4, "0")}.tlog-proof`;

/** Events 1 … N are all there, each of this case, each naming the one before it by its log entry. */
export async function checkEvents(dossier) {
  const count = dossier.under("events").length;
  let last = "";
  for (let n = 1; n <= count; n += 1) {
    const event = await within(eventName(n), async () => {
      const found = readEvent(await dossier.read(eventName(n)), n);
      checkPlace(dossier, found, last);
      return found;
    });
    dossier.events.push(event);
    last = hex(event.leaf);
  }
  if (!count) throw new Malformed("no_events", "包内没有案件事件", eventName(1));
  return `${count} 个事件编号连续、前后相扣，其中 ${hidden(dossier).length} 个只给出摘要`;
}

/** The checkpoint bears the log's signature and enough witnesses'; every event is in the tree it speaks of. */
export async function checkLog(dossier) {
  const { anchors, manifest } = dossier;
  const raw = await dossier.read(CHECKPOINT);
  const { checkpoint, cosignatures } = await within(CHECKPOINT, () =>
    openCheckpoint(raw, anchors.logs(manifest.at), anchors.witnesses(manifest.at), Math.max(1, anchors.quorum)),
  );
  const places = new Set();
  for (const event of dossier.events) {
    const index = await within(proofName(event.n), () => checkProof(dossier, event, raw, checkpoint, places));
    places.add(index);
  }
  const names = [...new Set(cosignatures.map((one) => one.key.name))].sort(byCodePoint).join("、");
  return `全部事件都在日志 ${checkpoint.origin}（${checkpoint.size} 条）中，检查点由 ${names} 见证联署`;
}

/**
 * The last event is the archiving and states its own number, or a public package ends with the opening record, or with
 * a file called lost after it.
 */
export async function checkLast(dossier) {
  const last = dossier.events.at(-1);
  await within(eventName(last.n), () => {
    dossier.interim = dossier.public && INTERIM.includes(last.act);
    if (!dossier.interim) checkStatesItsNumber(last, "archive_case", "最后一个事件应是归档，并写明案件的末尾编号");
    checkMoment(dossier, last);
  });
  const end = ENDS[dossier.case.outcome];
  if (!dossier.acts(end).length) throw new Malformed("no_end", `事件中没有 ${end}，与所称结果不符`, "case.json");
  if (!dossier.public && hidden(dossier).length) {
    throw new Malformed("event_withheld", "存档包应公开全部事件", "events");
  }
  const where = last.act === ENDS.opened ? "开标记录" : "开标记录之后的损坏记录";
  return dossier.interim
    ? `本包截至${where}（第 ${last.n} 个事件），到此无一遗漏；此后的办理见归档后的公开包`
    : `归档事件写明末尾编号为 ${last.n}，此前无一遗漏`;
}

/** Refuses a last event of another act, or that states another number than its own. */
export function checkStatesItsNumber(last, act, says) {
  if (last.act !== act || last.fact("last") !== last.n) throw new Malformed("not_the_last", says);
}

/** Refuses a last event of another moment than the manifest's. */
export function checkMoment(dossier, last) {
  if (last.moment !== dossier.manifest.at) throw new Malformed("other_moment", "归档事件的时刻与清单所写不同");
}

/** The events of which only the log entry is shown. */
export const hidden = (dossier) => dossier.events.filter((event) => !event.act);

function checkPlace(dossier, event, last) {
  if (!event.act) return;
  if (event.case !== dossier.case.case) throw new Malformed("other_case", "是另一案件的事件", "case");
  if (event.prev !== last) throw new Forged("chain_broken", "没有接续上一个事件", "prev");
}

async function checkProof(dossier, event, raw, checkpoint, places) {
  const proof = parseLogProof(await dossier.read(proofName(event.n)));
  if (!equal(proof.checkpoint, raw)) throw new Malformed("other_checkpoint", "证明所附的检查点与包内的不同");
  verifyInclusion(event.leaf, proof.index, checkpoint.size, checkpoint.root, proof.path);
  if (places.has(proof.index)) throw new Forged("place_twice", "两个事件占同一位置");
  return proof.index;
}
