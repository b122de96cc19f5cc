// The package of a request of the supermarket: who applied, what was drawn or quoted, and who was selected.
import { sha256Hex } from "../box/bytes.js";
import { Malformed } from "../box/errors.js";
import { readRequest } from "./case_file.js";
import { Decimal } from "./decimal.js";
import { within } from "./dossier.js";
import { rank } from "./selection.js";
import { optional, same } from "./strict.js";
import { checkBids, checkChains, checkReceipts } from "./verify_bids.js";
import { checkClose, checkDeadlines, checkStanding, checkTextsAgainst, checkTheSetup } from "./verify_box.js";
import { orderOf, readDraws } from "./verify_draws.js";
import { checkMoment, checkStatesItsNumber, eventName } from "./verify_log.js";
import { checkKeys, checkNothingOpened, checkReveals } from "./verify_opening.js";
import { pricesOf } from "./verify_quotes.js";
import { checkFiles } from "./verify_record.js";

export const REQUEST = "request.json";
const TEXT_ACTS = ["publish_request", "withdraw_request", "publish_quotes", "select_agency", "fail_request"];
/** Acts that may publish a text: none does where they name no hash of it. */
const STOPS = ["suspend_case", "resume_case"];
const ENDS = {
  served: ["rate_service", "rate_by_default"],
  failed: ["fail_request"],
  withdrawn: ["withdraw_request"],
};
const BOX = [checkTheSetup, checkDeadlines, checkChains, checkBids, checkReceipts, checkClose, checkStanding];

/** request.json says which request this is and by what rule its agency is found. */
export async function checkRequest(dossier) {
  const found = await within(REQUEST, async () => readRequest(await dossier.read(REQUEST)));
  const { code, owner, name, item, least } = found;
  dossier.request = found;
  dossier.case = {
    ...{ tender: code, lot: "01", case: found.case, project: name, name: item, purchaser: owner },
    ...{ procedure: found.mode, mode: "bidder-only", minimum: least, outcome: "failed", later: [] },
  };
  return `${owner}：${name}（${code}，${item}）`;
}

/** The last event closes the package and states its own number, so that no event before it can be left out. */
export async function checkRequestEnd(dossier) {
  const last = dossier.events.at(-1);
  await within(eventName(last.n), () => {
    checkStatesItsNumber(last, "archive_request", "最后一个事件应是归档，并写明末尾编号");
    checkMoment(dossier, last);
  });
  const { outcome } = dossier.request;
  if (!dossier.acts(...ENDS[outcome]).length) {
    throw new Malformed("no_end", `事件中没有与结果 ${outcome} 相应的记载`, REQUEST);
  }
  return `归档事件写明末尾编号为 ${last.n}，此前无一遗漏`;
}

/** Every published text and the law of that day are byte for byte those on record; the notice states the rule. */
export async function checkRequestTexts(dossier) {
  const events = dossier.acts(...TEXT_ACTS, ...STOPS);
  const told = events.filter((event) => !STOPS.includes(event.act) || event.hashOf("text"));
  const said = told.map((event) => event.hashOf("text") || event.hashOf("notice"));
  const names = dossier.under("notices");
  if (!said.length && !names.length) throw new Malformed("texts_differ", "事件记有 0 份公告，包内有 0 份", "notices");
  await checkTextsAgainst(dossier, said, "publish_request");
  await checkRule(dossier, names[0]);
  return `${names.length} 份公告及当日适用的时限与记载相符，选取规则与公告相同`;
}

/** What an owner saw when he chose is what his choice put on record, and the agency he picked is on it. */
export async function checkShortlists(dossier) {
  const names = dossier.under("shortlists");
  const said = dossier.acts("choose_agency").map((event) => event.hashOf("shortlist"));
  if (names.length !== said.length) {
    throw new Malformed("shortlists_differ", "选取时所见的列表与事件所记不符", "shortlists");
  }
  for (const [i, name] of names.entries()) {
    await within(name, async () => {
      if (sha256Hex(await dossier.read(name)) !== said[i]) {
        throw new Malformed("shortlist_differs", "不是选取时固定的列表");
      }
      await checkPicked(dossier, await dossier.paper(name), said[i]);
    });
  }
  return names.length ? `业主选取时所见的 ${names.length} 份列表与记载相符` : "";
}

/** The box of sealed quotes, step by step as of a tender: sealed, received in time, listed, opened by each alone. */
export async function checkSealedQuotes(dossier) {
  if (!dossier.request.quotes || !dossier.acts("box_close").length) return "";
  if (dossier.acts("box_opened").length) dossier.case = { ...dossier.case, outcome: "opened" };
  const opening = dossier.opened ? [checkReveals, checkKeys, checkFiles] : [checkNothingOpened];
  const said = [];
  for (const check of [...BOX, ...opening]) said.push(await check(dossier));
  return said.join("；");
}

/** Who was selected, and who followed whom, is what rule, quotes and drawn order give. */
export async function checkSelection(dossier) {
  const { request } = dossier;
  const chosen = dossier.acts("select_agency").filter((event) => event.fact("code"));
  if (request.picks === "choice" || !chosen.length) return "";
  const { codes, percent } = orderOf(await readDraws(dossier));
  const prices = request.quotes ? await pricesOf(dossier) : new Map();
  const quotes = request.quotes ? new Map(codes.map((code) => [code, Decimal.of(prices.get(code))])) : new Map();
  const order = rank(request, quotes, codes, percent);
  let next = 0;
  for (const event of chosen) {
    const place = order.indexOf(event.fact("code"), next); // each is looked for behind the one before
    if (place < 0) {
      const says = `选取的 ${event.fact("code")} 不在规则给出的次序上`;
      throw new Malformed("selected_out_of_order", says, eventName(event.n));
    }
    next = place + 1;
  }
  return `按规则和抽取次序逐一推算，${chosen.length} 次选取全部相符`;
}

/** What a package of a request cannot prove. */
export const NOT_PROVED = [
  "单位名称、机构资质和评价内容取自平台登记；事件时刻取自平台时钟，只受前后次序和见证约束",
  "机构的电脑若被动手脚，其报价可能在开启前被人得知：本包不能排除",
  "合同和成果文件只有摘要在事件中，由双方自行保存和核对",
];

function checkRule(dossier, name) {
  return within(name, async () => {
    const { content } = await dossier.paper(name);
    const { picks, percents, drop_from, quotes, id } = content.mode;
    const found = dossier.request;
    const wanted = [found.picks, found.percents, found.drop_from, found.quotes, found.mode];
    if (!same([picks, percents, drop_from, quotes, id], wanted)) {
      throw new Malformed("other_rule", "公告所写的选取规则与 request.json 不同", "content.mode");
    }
    if (content.lowest !== found.lowest || content.highest !== found.highest) {
      throw new Malformed("other_limits", "公告所写的限价与 request.json 不同", "content");
    }
  });
}

async function checkPicked(dossier, listed, sha256) {
  const codes = listed.agencies.map((line) => line.code);
  for (const name of dossier.under("notices")) {
    const { kind, content } = await dossier.paper(name);
    const picked = kind === "selection" && optional(content.basis, "shortlist") === sha256;
    if (picked && !codes.includes(content.agency.code)) {
      throw new Malformed("picked_unlisted", "选取的机构不在所见的列表中", "agencies");
    }
  }
}
