// One draw of a package, replayed from its signed messages to the transcript that follows from them.
import { equal, hex, unhex } from "../box/bytes.js";
import { decode, encode } from "../box/canonical.js";
import { read } from "../box/dsse.js";
import { Forged, Malformed, ProofError } from "../box/errors.js";
import { within } from "./dossier.js";
import { readSigned } from "./draw_messages.js";
import { checkAudit, checkNames } from "./draw_opened.js";
import { Ceremony } from "./draw_state.js";
import { transcriptOf, verifyCap, verifyDraw, verifyOpenings } from "./draw_transcript.js";
import { isObject, optional } from "./strict.js";

export const FOLDER = "draws";
export const PREFIX = "toss_";
export const HIDDEN = "audit";
const NAME = /^draws\/(\d\d)\/(\d{4})-([a-z]+)-([a-z]+)\.dsse\.json$/;
const FIXED = ["commit", "seal", "ready", "list", "leaves"];

/** One draw from the members of its folder, replayed: {ceremony, records: Map leaf → record}. */
export async function replayDraw(dossier, names) {
  const messages = names.filter((name) => NAME.test(name));
  if (!messages.length || !messages[0].endsWith("-begin-operator.dsse.json")) {
    throw new Malformed("begin_missing", "没有开始抽取的消息", names[0]);
  }
  const ceremony = await begun(dossier, messages[0]);
  const places = new Map();
  for (const name of messages.slice(1)) {
    await within(name, async () => {
      const message = readSigned(await dossier.read(name), ceremony.key(NAME.exec(name)[4]));
      places.set(message.sha256, onRecord(dossier, message).n);
      checkSaid(ceremony, message);
      ceremony.add(message);
    });
  }
  checkSequence(ceremony, places, messages[0]);
  const folder = messages[0].slice(0, messages[0].lastIndexOf("/"));
  const opened = openedIn(ceremony);
  await checkTranscript(dossier, ceremony, `${folder}/transcript.json`, opened);
  return { ceremony, records: new Map([...opened].map(([leaf, { record }]) => [leaf, record])) };
}

/** The begin: signed by a key of the platform, and the roles under keys that the anchors know. */
function begun(dossier, name) {
  const { anchors, manifest } = dossier;
  const knows = (keys, key) => keys.some((one) => equal(one, key));
  return within(name, async () => {
    const data = await dossier.read(name);
    const ceremony = new Ceremony(readSigned(data, claimedKey(read(data).payload)));
    if (!knows(anchors.receipts(manifest.at), ceremony.key("operator"))) {
      throw new Forged("operator_unknown", "交易中心一方的公钥不在锚点中", "roles");
    }
    if (!knows(anchors.processes(manifest.at), ceremony.key("regulator"))) {
      throw new Forged("regulator_unknown", "监督一方的公钥不在锚点中", "roles");
    }
    if (ceremony.begin.value.case !== dossier.case.case) throw new Malformed("other_case", "是另一案件的抽取", "case");
    const purchasers = [...anchors.officers("purchaser", manifest.at).values()].map((officer) => officer.public);
    if (ceremony.roles.includes("purchaser") && !knows(purchasers, ceremony.key("purchaser"))) {
      dossier.notes.push("到场抽取的第三方公钥没有列入锚点，只说明这一方前后是同一把密钥");
    }
    onRecord(dossier, ceremony.begin);
    return ceremony;
  });
}

/** The operator's key as the begin itself names it; whether it is his the anchors say. */
function claimedKey(payload) {
  const rows = optional(decode(payload), "roles", []);
  const row = rows.find((one) => isObject(one) && one.role === "operator");
  if (!row) return new Uint8Array();
  if (typeof row.pk !== "string" || !/^([0-9a-f]{2})*$/.test(row.pk)) {
    throw new Malformed("bad_key", "公钥格式不对", "roles");
  }
  return unhex(row.pk);
}

function onRecord(dossier, message) {
  const event = dossier.recorded(PREFIX + message.kind, message.kind, message.sha256);
  if (event.subject !== message.draw) throw new Malformed("other_draw", "事件记的是另一次抽取");
  return event;
}

/** What must hold of a message at its place among the others. */
function checkSaid(ceremony, message) {
  if (message.kind === "names") checkNames(ceremony, message);
  if (message.kind === HIDDEN) checkAudit(ceremony, message);
  if (message.kind === "outcome") checkOutcome(ceremony, message);
}

function checkOutcome(ceremony, { role, value: said }) {
  if (!ceremony.list || !ceremony.drawn || role !== ceremony.walker) {
    throw new Malformed("out_of_turn", "次序算出之前，或由无权的一方记了结果");
  }
  const leaves = ceremony.list.strata.find((one) => one.id === said.stratum)?.leaves ?? [];
  if (leaves[said.n] !== said.leaf) throw new Malformed("other_leaf", "结果所指的不是名单上的这一位", "leaf");
  const known = ceremony.settled().get(said.stratum).get(said.n);
  if (known !== undefined && (known !== "accept" || said.outcome !== "withdrawn")) {
    throw new Malformed("settled_already", "同一位记了两个结果", "n");
  }
}

/** All that decides the order was on the log before the first piece was shown. */
function checkSequence(ceremony, places, where) {
  const at = (messages) => messages.map((message) => places.get(message.sha256));
  const saidOf = (kind) => at([...ceremony.said.values()].filter((message) => message.kind === kind));
  const after = (firsts, thens) => firsts.length && thens.length && Math.max(...firsts) > Math.min(...thens);
  if (after(FIXED.flatMap(saidOf), at(ceremony.ofKind("show")))) {
    throw new Malformed("fixed_late", "随机片段公开之后才有承诺、封存或名单", where);
  }
  if (after(saidOf("commit"), saidOf("seal")) || after(saidOf("seal"), saidOf("ready"))) {
    throw new Malformed("fixed_late", "前一步完成之前就有了后一步", where);
  }
}

/** Map leaf → {salt, record} of all names that were opened; of the auditor's list without salts. */
function openedIn(ceremony) {
  const found = new Map();
  for (const { leaf, salt, record } of ceremony.ofKind("names").flatMap((message) => message.value.openings)) {
    found.set(leaf, { salt: unhex(salt), record });
  }
  for (const { value } of ceremony.ofKind(HIDDEN)) {
    const given = new Map(value.strata.map((one) => [one.id, one.records]));
    const rows = ceremony.list.strata.flatMap(({ id, leaves }) => leaves.map((leaf, i) => [leaf, given.get(id)[i]]));
    for (const [leaf, record] of rows) if (!found.has(leaf)) found.set(leaf, { record });
  }
  return found;
}

async function checkTranscript(dossier, ceremony, name, opened) {
  const transcript = transcriptOf(ceremony);
  if (!transcript) {
    if (dossier.package.has(name)) throw new Malformed("no_order", "没有完成的抽取不应有结果", name);
    return;
  }
  await within(name, async () => {
    const given = await dossier.read(name);
    const found = decode(given);
    throwFirst(verifyDraw(found).filter(([, code]) => code !== "walk_unfinished"));
    if (!equal(given, encode(transcript))) throw new Malformed("transcript_differs", "抽取记录与各方消息不符");
    checkOrderEvent(dossier, ceremony);
    checkOpenings(dossier, ceremony, found, opened);
    noteUnconfirmed(dossier, ceremony);
  });
}

function checkOpenings(dossier, ceremony, found, opened) {
  const salted = [...opened].filter(([, { salt }]) => salt);
  const openings = new Map(salted.map(([leaf, { salt, record }]) => [leaf, [salt, encode(record)]]));
  const findings = verifyOpenings(found, openings);
  throwFirst(findings.filter(([, code]) => code !== "leaf_unopened"));
  const audited = ceremony.ofKind(HIDDEN).length > 0;
  const cap = ceremony.get("list", "operator").value.employer_cap;
  if (cap && audited) {
    const employers = [...opened].map(([leaf, { record }]) => [leaf, String(optional(record, "employer", ""))]);
    throwFirst(verifyCap(found, new Map(employers), cap));
  }
  if (findings.length && !audited) dossier.notes.push(`${findings.length} 个席位的姓名在本包截止时尚未公开`);
}

function noteUnconfirmed(dossier, ceremony) {
  const confirmed = new Set(ceremony.ofKind("confirm").map((message) => message.value.outcome));
  const said = ceremony.ofKind("outcome").filter((message) => message.role === "operator");
  const open = said.filter((message) => !confirmed.has(message.sha256)).length;
  if (open) dossier.notes.push(`${open} 个应答结果在本包截止时尚无监督一方会签`);
}

function checkOrderEvent(dossier, ceremony) {
  const events = dossier.acts("toss_order").filter((event) => event.subject === ceremony.id);
  if (events.length !== 1 || events[0].hashOf("seed") !== hex(ceremony.drawn.seed)) {
    throw new Malformed("order_not_on_record", "案件事件中没有这次抽取的次序，或种子不同");
  }
}

function throwFirst([first]) {
  if (first) throw new ProofError(first[1], first[2], first[0]);
}
