// The stored files and the opening record: what it says is derived again from bids, seeds and ciphertexts.
import { sha256Hex } from "../box/bytes.js";
import { byCodePoint } from "../box/canonical.js";
import { Malformed } from "../box/errors.js";
import { openIndex } from "../box/opened_file.js";
import { stageOf } from "../box/bid.js";
import { turnOf } from "../box/setup.js";
import { ALTERED, damageOf, isPlatformAtFault, isSpoilt, onTrust, readDamages } from "./damage.js";
import { placeOf, within } from "./dossier.js";
import { instant } from "./moment.js";
import { bidOf, isGiven } from "./opening_events.js";
import { optional, same } from "./strict.js";
import { bidsOf, laterTurn } from "./turns.js";
import { RECEIVED } from "./verify_bids.js";
import { outcomeOf } from "./verify_contest.js";

export const RECORD = "opening.json";
export const FIRST = "first_opening.json";
const KEPT_SHUT = ["kept_shut", "not_going_on"];
const UNREADABLE = ["revoked", "index_unreadable"];
const OPENED = ["opened", "opened"];
const MISDEALT = ["revoked", "misdealt"];
/** The form of a stage whose sealed index was lost after the opening: nobody can work it out again. */
const UNKNOWN = Symbol("unknown");

/** The member of a sealed file. */
export const fileName = (stage, bidder, n) => `files/${stage}/${bidder}/${n}`;

/**
 * The stored ciphertexts of every opened stage are byte for byte those that the bid committed to. One may be missing
 * that an event calls altered or lost, and none else.
 */
export async function checkFiles(dossier) {
  await readDamages(dossier);
  let [count, lost] = [0, 0];
  for (const place of dossier.secrets.keys()) {
    const [sha256, stage] = place.split(" ");
    const bid = bidOf(dossier, sha256);
    for (const file of stageOf(bid, stage).files) {
      const name = fileName(stage, bid.bidder, file.n);
      if (!dossier.package.has(name) && dossier.damages.has(damageOf(sha256, stage, file.n))) {
        lost += 1;
        continue;
      }
      const member = dossier.package.get(name);
      dossier.seen.add(name);
      if (member.size !== file.size || member.sha256 !== file.sha256) {
        throw new Malformed("ciphertext_differs", "与标书所列大小或摘要不符", name);
      }
      count += 1;
    }
  }
  const leftOut = lost ? `，另有 ${lost} 个包内没有：平台已记录其改动或丢失，责任在交易中心` : "";
  return `${count} 个密文文件与标书所列摘要相符${leftOut}`;
}

/** opening.json is on record and says of this lot, close and list exactly what follows from the rest. */
export async function checkRecord(dossier) {
  if (!dossier.opened) {
    if (!dossier.package.has(RECORD)) return "";
    throw new Malformed("opened_nevertheless", "没有开标的标段不应有开标记录", RECORD);
  }
  const record = await within(RECORD, () => checkedRecord(dossier));
  if (laterTurn(dossier)) await within(FIRST, () => checkFirst(dossier, record));
  const opened = record.bids.filter((line) => line.outcome === "opened").length;
  const [rest, all] = [record.bids.length - opened, dossier.close.bids.length];
  return `与推算一致：开启 ${opened} 份，视为撤销或撤回 ${rest} 份，合计等于名单 ${all} 份`;
}

async function checkedRecord(dossier) {
  const { close, setup } = dossier;
  const { tender, lot, mode } = dossier.case;
  dossier.recorded("conclude_opening", "opening", sha256Hex(await dossier.read(RECORD)));
  const record = await dossier.paper(RECORD);
  const expected = { tender, lot, mode, setup: setup.sha256, close: close.sha256, withdrawn: close.withdrawn.length };
  for (const [member, value] of Object.entries(expected)) agree(optional(record, member), value, member);
  agree(instant(record.deadline), instant(dossier.deadline.at), "deadline");
  agree(record.bids.map((line) => line.sha256), close.bids, "bids");
  for (const line of record.bids) await checkLine(dossier, line);
  return record;
}

/** Of two envelopes: what the first opening's record said of the first stages, the last one still says. */
async function checkFirst(dossier, record) {
  dossier.recorded("conclude_opening", "opening", sha256Hex(await dossier.read(FIRST)));
  const said = (lines) => new Map(lines.map((line) => [line.sha256, stagesOf(line)]));
  const [first, last] = [said((await dossier.paper(FIRST)).bids), said(record.bids)];
  for (const [sha256, stages] of first) {
    const outcomes = (of) => turnOf(dossier.setup, "").map((stage) => of.get(stage) ?? null);
    const where = `bids.${sha256.slice(0, 12)}`;
    agree(outcomes(last.get(sha256)), outcomes(stages), where);
    agree([...stages.keys()].sort(), turnOf(dossier.setup, "").sort(), where);
  }
  agree([...first.keys()].sort(), [...last.keys()].sort(), "bids");
}

/** All stages; without the later ones of a lot that never came to them. */
function openedStages(dossier) {
  const later = laterTurn(dossier) ? [] : dossier.case.later;
  return dossier.setup.stages.map((one) => one.id).filter((id) => !later.includes(id));
}

const stagesOf = (line) => new Map(line.stages.map((row) => [row.stage, [row.outcome, row.code]]));

async function checkLine(dossier, line) {
  const bid = bidOf(dossier, line.sha256);
  const where = `bids.${bid.bidder}`;
  agree(line.bidder, bid.bidder, `${where}.bidder`);
  const received = dossier.acts(...RECEIVED).find((event) => event.hashOf("bid") === line.sha256);
  agree(instant(line.received), instant(received.moment), `${where}.received`);
  const stages = stagesOf(line);
  const names = [...stages.keys()].sort(byCodePoint);
  agree(names, openedStages(dossier).sort(byCodePoint), `${where}.stages`);
  const forms = [];
  for (const stage of names) {
    const { outcomes, form } = await derived(dossier, line.sha256, stage);
    if (!outcomes.some((one) => same(one, stages.get(stage)))) {
      const wanted = outcomes.map(([outcome, code]) => `${outcome}（${code}）`).join("或");
      throw new Malformed("outcome_differs", `阶段 ${stage} 应为 ${wanted}`, where);
    }
    const read = same(stages.get(stage), OPENED);
    if (form === UNKNOWN && read) dossier.notes.push(onTrust(`标书 ${line.sha256.slice(0, 12)}…`));
    if (form) forms.push(form === UNKNOWN ? (read ? line.form : {}) : form);
  }
  const shut = names.map((stage) => stages.get(stage)[0]).filter((outcome) => outcome !== "opened");
  agree(line.outcome, shut[0] ?? "opened", `${where}.outcome`);
  agree(line.form, forms[0] ?? {}, `${where}.form`);
}

/** {outcomes: what the record may say of this stage, form: what it opened to}; one outcome wherever all is shown. */
async function derived(dossier, sha256, stage) {
  const place = placeOf(sha256, stage);
  if (!bidsOf(dossier, stage).includes(sha256)) return { outcomes: [KEPT_SHUT] };
  const spoilt = isSpoilt(dossier, sha256, stage);
  if (dossier.secrets.has(place)) return spoilt ? { outcomes: [ALTERED] } : fromIndex(dossier, sha256, stage);
  if (dossier.misdealt.has(place)) return { outcomes: [MISDEALT] };
  if (dossier.dropped.has(place)) return { outcomes: [outcomeOf(dossier.dropped.get(place))] };
  // Given, but this package may not show it.
  if (isGiven(dossier, sha256, stage)) {
    return { outcomes: spoilt ? [ALTERED, MISDEALT] : [OPENED, MISDEALT, UNREADABLE] };
  }
  const { mode } = dossier.setup;
  const byRoles = mode === "roles" || (mode === "bidder" && bidOf(dossier, sha256).fallback);
  if (byRoles) return { outcomes: [["withdrawn", "not_released"]] };
  return { outcomes: [isPlatformAtFault(dossier, sha256, stage) ? ALTERED : ["revoked", "not_revealed"]] };
}

/** Decrypts the sealed index; only a public stage's is shown at the opening. */
async function fromIndex(dossier, sha256, stage) {
  const opened = await openedIndex(dossier, sha256, stage);
  const shown = dossier.isPublic(stage);
  if (opened === "lost") return { outcomes: [OPENED, UNREADABLE], form: shown ? UNKNOWN : null };
  if (opened === null) return { outcomes: [UNREADABLE] };
  return { outcomes: [OPENED], form: shown ? (opened.form ?? {}) : null };
}

/** The decrypted index of an opened stage: "lost" where the package has no file, null where it is no index. */
export async function openedIndex(dossier, sha256, stage) {
  const bid = bidOf(dossier, sha256);
  const sealed = stageOf(bid, stage);
  const name = fileName(stage, bid.bidder, sealed.files[0].n);
  if (!dossier.package.has(name)) return "lost";
  const secret = dossier.secrets.get(placeOf(sha256, stage));
  return (await openIndex(secret, sealed, dossier.package.slice(name))).index;
}

function agree(found, expected, where) {
  if (same(found, expected)) return;
  const short = (value) => JSON.stringify(value)?.slice(0, 120);
  throw new Malformed("record_differs", `应为 ${short(expected)}，所写为 ${short(found)}`, where);
}
