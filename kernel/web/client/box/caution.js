// What an officer's machine demands of a task before it signs anything: the platform that lists it is not believed.
import { checkClose, checkDeadline } from "./anchored.js";
import { recipientOf } from "./age.js";
import { fromBase64, sha256Hex } from "./bytes.js";
import { readClose } from "./close.js";
import { readDeadline } from "./deadline.js";
import * as dsse from "./dsse.js";
import { Forged, Malformed } from "./errors.js";
import { readKey } from "./holding.js";
import { readTest } from "./readiness.js";
import { checkReport } from "./report_proof.js";
import { readSetup, roleOf, turnOf } from "./setup.js";

const OPENING = ["stage", "close", "countersigned", "deadline", "setup", "wrap", "bids"];
const MEMBERS = {
  key: ["recipient"],
  setup: ["body", "key"],
  deadline: ["body"],
  tested: ["body", "wrap"],
  attest: OPENING,
  release: OPENING,
  show: [...OPENING, "said"],
};

/**
 * Refuse (Malformed, Forged, BadSignature) a task that this officer must not do. `trust` = {role, anchors, now}: his
 * role, the anchors (null: only what is consistent in itself is seen), his own clock as a moment (null: not looked at).
 */
export function checkTask(officer, task, trust) {
  if (!Object.hasOwn(MEMBERS, task.do)) throw new Malformed("unknown_task", `不认识的事项 ${task.do}，请更新工具`);
  const lacking = ["tender", "lot", "role", ...MEMBERS[task.do]].filter((name) => !task[name] || task[name].length === 0);
  if (lacking.length) throw new Malformed("task_incomplete", `平台给出的材料不全，缺少 ${lacking.join("、")}`);
  if (task.role !== trust.role) throw new Malformed("other_role", "事项不是这把密钥的角色的");
  CHECKS[task.do](officer, task, trust);
}

const CHECKS = {
  key: checkKey,
  setup: checkSetup,
  deadline: checkOwnDeadline,
  tested: checkTest,
  attest: checkOpening,
  release: checkOpening,
  show: checkOpening,
};

function checkKey(officer, task) {
  if (task.recipient !== recipientOf(officer.master)) {
    throw new Forged("other_master", "平台登记的主公钥不是您的，请重新登记并查明原因");
  }
}

/** His own key must stand in it under his own role: what makes as many signatures as keys mean anything. */
function checkSetup(officer, task, trust) {
  const setup = readSetup(fromBase64(task.body));
  sameLot(task, setup);
  const own = readKey(dsse.require(dsse.read(fromBase64(task.key)), [officer.signer.public]));
  sameLot(task, own);
  if (!roleOf(setup, trust.role).keys.some((key) => key.pk === own.pk)) {
    throw new Forged("own_key_missing", "开标设定中没有您自己生成的密钥，不能签署");
  }
}

function checkOwnDeadline(officer, task) {
  sameLot(task, readDeadline(fromBase64(task.body)));
}

function checkTest(officer, task) {
  sameLot(task, readTest(fromBase64(task.body)));
}

/** Nothing is opened but bids of a countersigned close, at or after the purchaser's own deadline. */
function checkOpening(officer, task, trust) {
  const setup = readSetup(fromBase64(task.setup));
  const [close, deadline] = [closeOf(task, trust), deadlineOf(task, trust)];
  for (const one of [setup, close, deadline]) sameLot(task, one);
  belongs(setup, close, deadline);
  inTurn(setup, task);
  checkReport(setup, task, trust.anchors, close.at);
  const named = task.bids.map((body) => sha256Hex(fromBase64(body)));
  if (close.bids.filter((bid) => named.includes(bid)).join() !== named.join()) {
    throw new Forged("not_in_close", "要开启的标书不在会签的截标名单中");
  }
  if (trust.now && trust.now < deadline.at) {
    throw new Forged("before_deadline", "按本机时钟，投标截止时间还没有到，不能开启");
  }
}

function closeOf(task, { anchors }) {
  const signed = dsse.read(fromBase64(task.countersigned));
  if (signed.sha256 !== task.close) throw new Forged("other_close", "会签的不是这份截标名单");
  return anchors ? checkClose(signed, anchors) : readClose(signed.payload);
}

function deadlineOf(task, { anchors }) {
  const signed = dsse.read(fromBase64(task.deadline));
  return anchors ? checkDeadline(signed, anchors) : readDeadline(signed.payload);
}

function belongs(setup, close, deadline) {
  if (close.setup !== setup.sha256 || close.deadline !== deadline.sha256) {
    throw new Forged("other_context", "截标名单与开标设定、截止时间不相符");
  }
  if (close.at < deadline.at) throw new Forged("closed_early", "截标名单早于投标截止时间");
}

/** A later stage names the signed report that opened the way to it; a first one waits for none. */
function inTurn(setup, { stage, report = "" }) {
  if (!turnOf(setup, report).includes(stage)) {
    throw new Forged("not_its_turn", "按签署的开标设定，这个阶段应在评审报告签署之后（或之前）开启，不能办理");
  }
}

function sameLot(task, { tender, lot }) {
  if (task.tender !== tender || task.lot !== lot) throw new Malformed("other_context", "内容不是这个标段的");
}
