// The sealed box up to its close: set-up, deadlines, published texts, and the list that stands.
import { checkClose as requireCountersigned, checkDeadline, checkSetup } from "../box/anchored.js";
import { sha256Hex } from "../box/bytes.js";
import { readClose } from "../box/close.js";
import { checkLater, readDeadline } from "../box/deadline.js";
import { Malformed } from "../box/errors.js";
import { readSetup } from "../box/setup.js";
import { within } from "./dossier.js";
import { inWords } from "./moment.js";
import { same } from "./strict.js";
import { stoodStill } from "./verify_award.js";
import { SUBMITTED, standing } from "./verify_bids.js";
import { CLOSE, SETUP, checkNeverClosed, checkNeverReady, isSigned } from "./verify_ended.js";
import { eventName } from "./verify_log.js";

const TEXT_ACTS = [
  "publish_notice",
  "amend_notice",
  "suspend_case",
  "resume_case",
  "publicise_candidates",
  "decide_award",
  "end_case",
];

/** setup.json is of this lot, on record, and signed by as many anchored holders of each role as it has keys. */
export async function checkTheSetup(dossier) {
  if (dossier.ended && !dossier.package.has(SETUP)) return checkNeverReady(dossier);
  await within(SETUP, async () => {
    const signed = await dossier.signed(SETUP);
    let event = dossier.recorded("box_setup", "setup", signed.sha256);
    const setup = readSetup(signed.payload);
    sameLot(dossier, setup);
    if (setup.mode !== dossier.case.mode) throw new Malformed("other_mode", "解密方式与 case.json 不同", "mode");
    if (setup.roles.length) event = dossier.recorded("box_ready", "setup", setup.sha256);
    dossier.setup = checkSetup(signed, dossier.anchors, event.moment);
    const first = dossier.acts(...SUBMITTED).find((one) => one.n < event.n);
    if (first) throw new Malformed("sealed_too_early", `第 ${first.n} 个事件在设定签齐之前就收了标书`);
  });
  const keys = dossier.setup.roles.reduce((sum, role) => sum + role.keys.length, 0);
  return keys ? `由三方 ${keys} 名持钥人签署` : "仅投标人自己能够解密，不设份额";
}

/**
 * Every deadline is on record, moves only later and in time; the last is signed by the purchaser. A case may have been
 * ended before he signed the last one: no list was closed by it.
 */
export async function checkDeadlines(dossier) {
  const names = dossier.under("deadlines");
  const said = dossier.acts("box_deadline").filter((event) => event.fact("role") === "platform");
  const chain = [];
  for (const name of names) chain.push(await dossier.signed(name));
  if (!chain.length || !same(chain.map((one) => one.sha256), said.map((event) => event.hashOf("deadline")))) {
    throw new Malformed("deadlines_differ", "截止时间与案件事件所记的不是同一串", "deadlines");
  }
  const parsed = [];
  for (const [i, name] of names.entries()) parsed.push(await within(name, () => readOf(dossier, chain[i])));
  if (parsed[0].prev) throw new Malformed("broken_chain", "缺少在先的截止时间", names[0]);
  for (let i = 1; i < parsed.length; i += 1) {
    await within(names[i], () => checkMoved(dossier, parsed[i], parsed[i - 1]));
  }
  if (dossier.ended && !isSigned(dossier, chain.at(-1).sha256)) {
    dossier.deadline = parsed.at(-1);
    return `${inWords(dossier.deadline.at)}，终止时招标人尚未签署，变更 ${parsed.length - 1} 次`;
  }
  const { keyless } = dossier;
  dossier.deadline = await within(names.at(-1), () => checkDeadline(chain.at(-1), dossier.anchors, { keyless }));
  const signer = keyless ? "平台按公告代业主" : "招标人";
  return `${inWords(dossier.deadline.at)}，由${signer}签署，变更 ${parsed.length - 1} 次`;
}

/** Notice, amendments and the law of that day are byte for byte those put on record. */
export async function checkTexts(dossier) {
  const said = dossier.acts(...TEXT_ACTS).flatMap((event) => event.hashOf("notice") || []);
  await checkTextsAgainst(dossier, said, "publish_notice");
  return `${dossier.under("notices").length} 份公告及当日适用的法定时限与记载相符`;
}

/** The texts are those of which events name the SHA-256, in order; the law is that of the act that published. */
export async function checkTextsAgainst(dossier, said, published) {
  const names = dossier.under("notices");
  for (const [i, name] of names.slice(0, said.length).entries()) {
    if (sha256Hex(await dossier.read(name)) !== said[i]) {
      throw new Malformed("text_differs", "与案件事件所记的公告不同", name);
    }
  }
  if (names.length !== said.length) {
    throw new Malformed("texts_differ", `事件记有 ${said.length} 份公告，包内有 ${names.length} 份`, "notices");
  }
  await within("law.json", async () => dossier.recorded(published, "law", sha256Hex(await dossier.read("law.json"))));
}

/** The close follows from set-up, last deadline and bids, lies not before the deadline, and is countersigned. */
export async function checkClose(dossier) {
  if (dossier.ended && !dossier.package.has(CLOSE)) return checkNeverClosed(dossier);
  const event = await within(CLOSE, async () => {
    const close = readClose((await dossier.signed(CLOSE)).payload);
    sameLot(dossier, close);
    if (close.setup !== dossier.setup.sha256 || close.deadline !== dossier.deadline.sha256) {
      throw new Malformed("other_context", "截标名单所依据的设定或截止时间不是包内的");
    }
    if (close.at < dossier.deadline.at) throw new Malformed("closed_too_early", "截标早于投标截止时间", "at");
    const found = dossier.recorded("box_close", "close", close.sha256);
    if (found.moment !== close.at) throw new Malformed("other_moment", "截标时刻与案件事件所记不同", "at");
    dossier.close = close;
    return found;
  });
  checkShown(dossier, event.n);
  await checkDrafts(dossier);
  if (dossier.opened) await checkCountersigned(dossier);
  return `有效标书 ${dossier.close.bids.length} 份，撤回 ${dossier.close.withdrawn.length} 份`;
}

/** The list is what stands after all that was received; enough stand for an opening, or nothing was opened. */
export function checkStanding(dossier) {
  if (dossier.ended && !dossier.package.has(CLOSE)) return "";
  const { close } = dossier;
  const { bids, withdrawn } = standing(dossier);
  const equal = (set, list) => set.size === list.length && list.every((sha256) => set.has(sha256));
  let good = equal(bids, close.bids) && (dossier.public || equal(withdrawn, close.withdrawn));
  if (dossier.public && !dossier.opened) good = [...bids].every((sha256) => close.bids.includes(sha256));
  if (!good) throw new Malformed("list_differs", "截标名单与收到的标书不是同一组", CLOSE);
  if (dossier.ended) return "名单会签之前招标已经终止，依法没有开标";
  const enough = close.bids.length >= dossier.case.minimum;
  if (enough !== dossier.opened) {
    const says = `最低 ${dossier.case.minimum} 家，名单有 ${close.bids.length} 家`;
    throw new Malformed("minimum_not_kept", says, "case.json");
  }
  return enough ? "名单正是截止时有效的全部标书" : "投标不足法定家数，依法没有开标";
}

function readOf(dossier, signed) {
  const deadline = readDeadline(signed.payload);
  sameLot(dossier, deadline);
  return deadline;
}

function checkMoved(dossier, next, last) {
  checkLater(next, last);
  const moved = dossier.recorded("box_deadline", "deadline", next.sha256).moment;
  if (moved >= last.at && !stoodStill(dossier, moved, last.at)) {
    throw new Malformed("moved_too_late", "原截止时间已过才变更", "at");
  }
}

/** Nothing may be withheld of what came after the close: it decides who revealed, and who did not. */
function checkShown(dossier, closed) {
  const until = dossier.ended ? dossier.acts("end_case").at(-1).n : dossier.events.length;
  const found = dossier.events.find((event) => event.n > closed && event.n <= until && !event.act);
  if (found && (dossier.opened || dossier.ended)) {
    throw new Malformed("event_withheld", "截标之后的事件不得隐去", eventName(found.n));
  }
}

async function checkDrafts(dossier) {
  const names = dossier.under("list");
  for (const name of names) {
    await within(name, async () => {
      const draft = readClose((await dossier.signed(name)).payload);
      dossier.recorded("box_list", "list", draft.sha256);
      if (name === names.at(-1) && !draft.bids.every((sha256) => dossier.close.bids.includes(sha256))) {
        throw new Malformed("left_off_again", "最后公布的名单草稿上有的标书，固定的名单上没有", "bids");
      }
    });
  }
}

async function checkCountersigned(dossier) {
  await within("countersign.dsse.json", async () => {
    const signed = await dossier.signed("countersign.dsse.json");
    if (requireCountersigned(signed, dossier.anchors).sha256 !== dossier.close.sha256) {
      throw new Malformed("other_close", "会签的是另一份截标名单");
    }
    const event = dossier.recorded("box_countersign", "countersign", signed.sha256);
    if (event.n < dossier.recorded("box_close", "close", dossier.close.sha256).n) {
      throw new Malformed("out_of_order", "会签先于截标");
    }
  });
}

function sameLot(dossier, { tender, lot }) {
  if (tender !== dossier.case.tender || lot !== dossier.case.lot) throw new Malformed("other_lot", "不是本标段的");
}
