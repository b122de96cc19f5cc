// The ranking follows from the marks, the marks from the members' own sheets (bidding/score_check.py).
import { sha256Hex } from "../box/bytes.js";
import { byCodePoint } from "../box/canonical.js";
import { Malformed } from "../box/errors.js";
import { Decimal } from "./decimal.js";
import { within } from "./dossier.js";
import { bidOf } from "./opening_events.js";
import { replay } from "./scoring.js";
import { optional, same } from "./strict.js";
import { EVALUATION, notices, papers } from "./verify_award.js";
import { FIRST, RECORD } from "./verify_record.js";

/** Works every ranking out again; the last one is what was publicised and awarded. */
export async function checkScores(dossier) {
  const names = dossier.under(EVALUATION).filter((name) => name.includes("/ranking-"));
  let last = null;
  for (const name of names) {
    await within(name, async () => {
      last = await dossier.paper(name);
      await checkRanking(dossier, last);
    });
  }
  if (!last) {
    if (dossier.acts("close_report").length && (await papers(dossier, "award")).length) {
      throw new Malformed("member_missing", "包内缺少评标的排序", EVALUATION);
    }
    return "";
  }
  await checkShown(dossier, last);
  const ranked = last.ranking.filter((row) => row.rank > 0).length;
  const seats = Object.keys(last.scores).length;
  return `由 ${seats} 名评委的评分重新算出 ${ranked} 家的得分和排序，与评标报告、公示一致`;
}

async function checkRanking(dossier, said) {
  const name = recordOf(dossier, said);
  const record = dossier.opened ? sha256Hex(await dossier.read(name)) : "";
  const { tender, lot } = dossier.case;
  if (said.tender !== tender || said.lot !== lot || said.opening !== record) {
    throw new Malformed("other_lot", "评标依据的不是本标段的开标记录", "opening");
  }
  const ranking = replay(said.evaluation, said.judged, said.scores);
  if (!same(ranking, said.ranking)) {
    throw new Malformed("ranking_differs", `由评分算出的排序不同：${first(ranking, said.ranking)}`, "ranking");
  }
  await checkBasis(dossier, said);
  await checkOpened(dossier, said, name);
  await checkSheets(dossier, said);
  if (name === FIRST) checkGoingOn(dossier, said);
}

const isFirstEnvelope = (evaluation) => optional(evaluation, "part") === "first_envelope";

/** Which opening this report judges: the first envelope's, where there were two and the second came to be opened. */
const recordOf = (dossier, said) => (isFirstEnvelope(said.evaluation) && dossier.package.has(FIRST) ? FIRST : RECORD);

/** The second envelopes opened are those of exactly the bidders whose first one passed. */
function checkGoingOn(dossier, said) {
  const passed = said.ranking.filter((row) => row.rank > 0).map((row) => row.bidder);
  const wentOn = dossier.acts("box_next").flatMap((event) => event.fact("bids"));
  const bidders = wentOn.map((sha256) => bidOf(dossier, sha256).bidder);
  if (!same([...new Set(bidders)].sort(byCodePoint), [...new Set(passed)].sort(byCodePoint))) {
    throw new Malformed("others_went_on", "开启第二信封的不正是第一信封通过的投标人", "ranking");
  }
}

/** Method, weights and items are those that were fixed before anybody judged. */
async function checkBasis(dossier, said) {
  const name = `${EVALUATION}/${said.round}/basis.json`;
  const basis = await dossier.paper(name);
  if (sha256Hex(await dossier.read(name)) !== said.basis || !same(basis.evaluation, said.evaluation)) {
    throw new Malformed("basis_differs", "评标办法与评标开始时固定的不同", "evaluation");
  }
}

/** Nobody is judged who was not opened, and nobody's opened bid is left out. */
async function checkOpened(dossier, said, name) {
  const record = await dossier.paper(name);
  const opened = record.bids.filter((line) => line.outcome === "opened").map((line) => line.bidder);
  const sorted = (bidders) => [...new Set(bidders)].sort(byCodePoint);
  if (!same(sorted(said.judged.map((bid) => bid.bidder)), sorted(opened))) {
    throw new Malformed("judged_differ", "评审的投标人与开标记录中开启的不是同一组", "judged");
  }
}

/** Every seat's marks are those of its own sheet, which an event put on record when it was given in. */
async function checkSheets(dossier, said) {
  const sheets = new Map();
  for (const name of dossier.under(EVALUATION).filter((one) => one.includes("/scores-"))) {
    sheets.set(sha256Hex(await dossier.read(name)), await dossier.paper(name));
  }
  const seats = Object.keys(said.sheets);
  if (!same(seats.sort(), Object.keys(said.scores).sort())) {
    throw new Malformed("sheet_missing", "有评分而没有评分表，或有评分表而没有评分", "sheets");
  }
  for (const seat of seats) {
    const sheet = sheets.get(said.sheets[seat]);
    if (!sheet) throw new Malformed("sheet_missing", `包内缺少第 ${seat} 席的评分表`, "sheets");
    const marks = said.scores[seat];
    const kept = Object.keys(marks).every((bidder) => same(optional(sheet.scores, bidder, null), marks[bidder]));
    if (!kept || String(sheet.seat) !== seat) {
      throw new Malformed("marks_differ", `第 ${seat} 席的评分与其评分表不同`, "scores");
    }
  }
}

/** What was publicised and awarded is what the last ranking says. */
async function checkShown(dossier, said) {
  const rows = new Map(said.ranking.filter((row) => row.rank > 0).map((row) => [row.bidder, row]));
  const publicised = (await notices(dossier, "candidates")).slice(-1).flatMap((text) => [...text.content.candidates]);
  const awarded = (await papers(dossier, "award")).map(([, award]) => award);
  for (const one of [...publicised, ...awarded]) {
    const row = rows.get(one.bidder);
    if (!row || row.rank !== one.rank || Decimal.of(row.price).compare(one.price) !== 0) {
      throw new Malformed("ranking_not_kept", `${one.name} 的名次或价格与评标报告不同`, "ranking");
    }
  }
}

function first(found, said) {
  const i = found.findIndex((mine, n) => n < said.length && !same(mine, said[n]));
  if (i < 0) return "家数不同";
  return `${found[i].bidder} 应为第 ${found[i].rank} 名、总分 ${found[i].total || "无"}`;
}
