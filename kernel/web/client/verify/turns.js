// 双信封: which stages waited for the report on the others, and which bids went on to them (kernel/proofs/turns.py).
import { byCodePoint } from "../box/canonical.js";
import { Malformed } from "../box/errors.js";
import { same } from "./strict.js";

/** The stages that the set-up calls later were opened once, after a signed report on record, of bids of the close. */
export function checkTurns(dossier) {
  if (dossier.ended) return "";
  const { later } = dossier.case;
  if (!same(later, dossier.setup.stages.filter((stage) => stage.later).map(({ id }) => id))) {
    throw new Malformed("other_stages", "后开启的阶段与开标设定所写不同", "case.json");
  }
  const begun = dossier.acts("box_next");
  if (begun.length > 1 || (begun.length && !later.length)) {
    throw new Malformed("out_of_order", "只能进入下一阶段开启一次", "events");
  }
  begun.forEach((event) => checkBegun(dossier, event));
  return begun.length ? `${begun[0].fact("bids").length} 份标书在评审报告签署之后开启第二信封` : "";
}

/** The event that opened the way to the later stages, or undefined. */
export const laterTurn = (dossier) => dossier.acts("box_next")[0];

/** The bids of which this stage was due to be opened, in the close's order. */
export function bidsOf(dossier, stage) {
  if (!isLater(dossier, stage)) return dossier.close.bids;
  const goingOn = laterTurn(dossier)?.fact("bids") ?? [];
  return dossier.close.bids.filter((sha256) => goingOn.includes(sha256));
}

/** The stages opened in the same turn as this one. */
export function withIt(dossier, stage) {
  const later = isLater(dossier, stage);
  return dossier.setup.stages.map((one) => one.id).filter((id) => isLater(dossier, id) === later);
}

/** What everything signed to open this stage must name as its report: empty in the first turn. */
export const reportOf = (dossier, stage) => String(begunFor(dossier, stage)?.fact("report") ?? "");

/** The number of the event after which this stage could be opened. */
export const earliest = (dossier, stage) =>
  (begunFor(dossier, stage) ?? dossier.recorded("box_countersign", "countersign", dossier.close.sha256)).n;

function checkBegun(dossier, event) {
  const signed = dossier.recorded("close_report", "signed", String(event.fact("report")));
  const bids = event.fact("bids");
  const sorted = [...new Set(bids)].sort(byCodePoint);
  if (signed.n > event.n || !same(event.fact("stages"), dossier.case.later) || !same(bids, sorted)) {
    throw new Malformed("out_of_order", "后一阶段的开启没有依据在先签署的评审报告", "events");
  }
  if (!bids.every((sha256) => dossier.close.bids.includes(sha256))) {
    throw new Malformed("list_differs", "进入下一阶段的标书不在截标名单中", "events");
  }
}

const isLater = (dossier, stage) => dossier.case.later.includes(stage);
const begunFor = (dossier, stage) => (isLater(dossier, stage) ? laterTurn(dossier) : undefined);
