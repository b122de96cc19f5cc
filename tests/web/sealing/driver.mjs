// Answers lists of orders on standard input with what the sealing page's pure modules say.
import { readAnchors } from "../../../kernel/web/client/box/anchors.js";
import { ProofError } from "../../../kernel/web/client/box/errors.js";
import { readLot } from "../../../kernel/web/client/box/lot.js";
import { witnessesOf } from "../../../kernel/web/client/sealing/acts.js";
import * as amounts from "../../../kernel/web/client/sealing/amounts.js";
import * as pace from "../../../kernel/web/client/sealing/pace.js";
import * as workbook from "../../../kernel/web/client/sealing/workbook.js";
import { answerLines } from "../../node/lines.mjs";

const bytes = (given) => new TextEncoder().encode(given);

const DUTIES = {
  capitals: ({ amount }) => amounts.capitals(amount),
  total: ({ quantity, unit }) => amounts.lineTotal(quantity, unit),
  sum: ({ of }) => amounts.sum(of),
  isAmount: ({ given }) => amounts.isAmount(amounts.typed(given)),
  canonical: ({ given }) => amounts.canonicalAmount(amounts.typed(given)),
  figures: ({ amount }) => amounts.figures(amount),
  workbook: ({ notice, pointers }) => new TextDecoder().decode(workbook.buildWorkbook(notice, pointers)),
  gaps: ({ rows, pointers, files }) => workbook.gaps(rows, pointers, files),
  startBy: ({ deadline, bytes, sealing, sending, now }) =>
    pace.clockTime(pace.startBy(Date.parse(deadline), bytes, sealing, sending), Date.parse(now)),
  pace: ({ total, told }) => {
    const watch = new pace.Pace(total);
    told.forEach(([done, seconds]) => watch.tell(done, seconds));
    return [watch.rate, watch.left];
  },
  witnesses: ({ kit, anchors }) => witnessesOf(readLot(bytes(kit)), readAnchors(bytes(anchors))),
  duration: ({ seconds }) => pace.duration(seconds),
  size: ({ bytes }) => pace.size(bytes),
};

function answer({ duty, ...asked }) {
  try {
    return DUTIES[duty](asked);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    return { refused: error.code };
  }
}

await answerLines((orders) => orders.map(answer));
