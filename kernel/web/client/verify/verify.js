// Verifies an evidence package from beginning to end and names the first thing wrong (kernel/proofs/verify.py).
import { readAnchors } from "../box/anchors.js";
import { Malformed } from "../box/errors.js";
import { CLAIMED, Dossier, refusalOf, within } from "./dossier.js";
import { Package } from "./package.js";
import { checkScores } from "./score_check.js";
import { checkTurns } from "./turns.js";
import { checkAward, checkOrders, checkPapers } from "./verify_award.js";
import { RECEIVED, checkBids, checkChains, checkReceipts } from "./verify_bids.js";
import { checkClose, checkDeadlines, checkStanding, checkTexts, checkTheSetup } from "./verify_box.js";
import { checkDraws } from "./verify_draws.js";
import { checkEvents, checkLast, checkLog, hidden } from "./verify_log.js";
import { checkKeys, checkNothingOpened, checkReleases, checkReveals } from "./verify_opening.js";
import { checkCase, checkManifest, checkMembers, checkNothingLeft } from "./verify_package.js";
import { checkFiles, checkRecord } from "./verify_record.js";
import { checkQuotes } from "./verify_quotes.js";
import * as request from "./verify_request.js";

const FIRST = [
  ["清单签名", checkManifest],
  ["逐字节核对", checkMembers],
];
const CHECKS = [
  ...FIRST,
  ["案件", checkCase],
  ["事件链", checkEvents],
  ["日志与见证", checkLog],
  ["无一遗漏", checkLast],
  ["开标设定", checkTheSetup],
  ["截止时间", checkDeadlines],
  ["公告与法定时限", checkTexts],
  ["递交次序", checkChains],
  ["标书", checkBids],
  ["回执", checkReceipts],
  ["截标名单", checkClose],
  ["名单核对", checkStanding],
  ["先后开启", checkTurns],
  ["投标人解密", checkReveals],
  ["三方份额", checkReleases],
  ["解密密钥", checkKeys],
  ["密文", checkFiles],
  ["开标记录", checkRecord],
  ["抽取", checkDraws],
  ["监督指令", checkOrders],
  ["后续文件", checkPapers],
  ["定标与合同", checkAward],
  ["评分与排序", checkScores],
];
const REQUEST_CHECKS = [
  ...FIRST,
  ["采购需求", request.checkRequest],
  ["事件链", checkEvents],
  ["日志与见证", checkLog],
  ["无一遗漏", request.checkRequestEnd],
  ["公告与规则", request.checkRequestTexts],
  ["业主选取", request.checkShortlists],
  ["密封报价", request.checkSealedQuotes],
  ["公布的报价", checkQuotes],
  ["抽取", checkDraws],
  ["选取结果", request.checkSelection],
];
const LAST = ["没有多余", checkNothingLeft];
const UNOPENED = ["没有开启", checkNothingOpened];
const OPENING = [checkReveals, checkReleases, checkKeys, checkFiles];

/**
 * Replays a package (a Blob); never throws for what is in it. Without anchors the package's own claimed keys are used.
 *
 * {kind, anchored, passed: [{name, says}], failure: {code, says, where} or null, notes, notProved}, and of a good one
 * `case` and `received`: SHA-256 of a disclosed bid → "listed" at the close, or "replaced" by a later message.
 */
export async function verify(blob, anchors = null, { passed = () => {}, progress = () => {} } = {}) {
  const report = { kind: "", anchored: anchors !== null, passed: [], failure: null, notes: [], notProved: [] };
  try {
    const opened = await Package.open(blob);
    report.kind = opened.manifest.kind;
    const dossier = new Dossier(opened, anchors ?? (await claimed(opened)), progress);
    const checks = opened.has(request.REQUEST) ? REQUEST_CHECKS : CHECKS;
    for (const [name, check] of [...checks, LAST]) await run(report, dossier, name, check, passed);
    report.notes = dossier.notes;
    report.notProved = notProved(dossier, report);
    report.case = dossier.case;
    report.received = received(dossier);
  } catch (error) {
    const { code, says, where } = refusalOf(error);
    report.failure = { code, says, where };
  }
  return report;
}

async function run(report, dossier, name, check, passed) {
  const shut = OPENING.includes(check) && !dossier.opened;
  if (shut && check !== checkReveals) return;
  const [title, replay] = shut ? UNOPENED : [name, check];
  const says = await replay(dossier);
  if (!says) return;
  report.passed.push({ name: title, says });
  passed({ name: title, says });
}

async function claimed(opened) {
  if (!opened.has(CLAIMED)) throw new Malformed("no_keys", "包内没有附公钥，请给出锚点文件", CLAIMED);
  return within(CLAIMED, async () => readAnchors(await opened.read(CLAIMED)));
}

function received(dossier) {
  const bids = dossier.acts(...RECEIVED).map((event) => event.hashOf("bid") || event.hashOf("withdraw"));
  const place = (sha256) => (dossier.close?.bids.includes(sha256) ? "listed" : "replaced");
  return new Map(bids.map((sha256) => [sha256, place(sha256)]));
}

function notProved(dossier, report) {
  const found = report.anchored ? [] : ["公钥取自包内，没有与平台以外公布的锚点核对：只说明这个包自身一致"];
  const count = hidden(dossier).length;
  if (count) found.push(`${count} 个事件只给出摘要（撤回者、留下联系方式者等），其内容须由当事人或审计人员核对`);
  if (dossier.request) return [...found, ...request.NOT_PROVED];
  if (dossier.public) found.push("不公开的内容（评审阶段的种子和文件等）只列有摘要，存档包中可核对");
  if (dossier.package.has("opening.pdf")) found.push("opening.pdf 只核对了摘要，内容以 opening.json 为准");
  return [
    ...found,
    "单位名称、项目名称、最低投标家数取自平台登记；事件时刻取自平台时钟，只受前后次序和见证约束",
    "三方持钥人若全部串通，或封装网页被动手脚，可在开标前得知内容：本包不能排除",
    "技术文件的正文没有逐一解密，可用 keys 中的密钥自行打开",
  ];
}
