// One look at everything that was dropped: anchors first, then every paper and package, and how they belong together.
import { readAnchors } from "../box/anchors.js";
import { ProofError } from "../box/errors.js";
import { follow } from "../box/succession.js";
import { bytesOf, kindOf } from "./items.js";
import { digest } from "./package.js";
import { examineDraw, examineProof, examineReceipt, examineStatement } from "./statements.js";
import { verify } from "./verify.js";

const KEYS = ["anchors", "successor"];
const ALONE = "标书是否列入截标名单、是否开启，由证据包核验：把证据包也放进来";

/**
 * Checks all files, telling each step through `tell({file: number, …})`: `kind`, `progress` (bytes), `passed`, `report`.
 *
 * `now` is the moment at which keys must be in force where a paper states none, `salts` (hex, or empty) open the events
 * of proofs. Never throws for what is in a file; a file that can no longer be read rejects.
 */
export async function checkAll(files, now, tell, salts = []) {
  const kinds = await Promise.all(files.map(kindOf));
  kinds.forEach((kind, file) => tell({ file, kind, size: files[file].size }));
  const anchors = await anchorsOf(files, kinds, tell);
  if (anchors === undefined) return;
  const proofs = await Promise.all(indexes(kinds, "proof").map((file) => bytesOf(files[file])));
  const receipts = [];
  const names = await otherFiles(files, kinds, tell);
  for (const [file, kind] of kinds.entries()) {
    if (KEYS.includes(kind) || kind === "package" || kind === "other") continue;
    const report = paper(await bytesOf(files[file]), kind, { now, anchors, proofs, names, salt: salts[file] });
    if (report.receipt && !report.failure) receipts.push(report.receipt);
    if (report.receipt && !kinds.includes("package")) report.notProved.push(ALONE);
    tell({ file, report });
  }
  for (const file of indexes(kinds, "package")) {
    const progress = (bytes) => tell({ file, progress: bytes });
    const report = await verify(files[file], anchors, { progress, passed: (passed) => tell({ file, passed }) });
    tell({ file, report: { ...report, rows: [], belongs: belonging(report, receipts) } });
  }
}

/** The anchors in force: the file and its successors in order; null without any, undefined where they are no good. */
async function anchorsOf(files, kinds, tell) {
  const [own, ...more] = indexes(kinds, "anchors");
  const links = indexes(kinds, "successor");
  if (own === undefined) {
    for (const file of links) tell({ file, report: refusal("successor_alone", "请把它接续的锚点文件 anchors.json 也放进来") });
    return links.length ? undefined : null;
  }
  for (const file of more) tell({ file, report: refusal("anchors_twice", "已有一份锚点文件，请只放一份") });
  try {
    const first = readAnchors(await bytesOf(files[own]));
    const anchors = follow(first, await inOrder(files, links));
    for (const file of [own, ...links]) tell({ file, report: issuedBy(file === own ? first : anchors, file === own) });
    return more.length ? undefined : anchors;
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    tell({ file: own, report: { ...refusal(error.code, error.says), failure: failureOf(error) } });
    return undefined;
  }
}

/** The successors, oldest first: each names the moment at which it was issued. */
async function inOrder(files, links) {
  const found = await Promise.all(links.map((file) => bytesOf(files[file])));
  const issued = (bytes) => {
    const { payload } = JSON.parse(new TextDecoder().decode(bytes));
    return JSON.parse(atob(payload)).issued;
  };
  return found.sort((a, b) => (issued(a) < issued(b) ? -1 : 1));
}

/** SHA-256 → name of the files that nobody signed; of each its SHA-256 is told. */
async function otherFiles(files, kinds, tell) {
  const names = new Map();
  for (const file of indexes(kinds, "other")) {
    const { sha256 } = await digest(files[file]);
    names.set(sha256, files[file].name ?? "");
    tell({ file, report: { ...blank(), rows: [["SHA-256 指纹", sha256]] } });
  }
  return names;
}

function paper(data, kind, { now, anchors, proofs, names, salt }) {
  if (kind === "receipt") return examineReceipt(data, proofs, anchors);
  if (kind === "proof") return examineProof(data, now, anchors, salt, names);
  if (kind === "draw") return examineDraw(data);
  return examineStatement(kind, data, now, anchors);
}

/** Sentences about the receipts that are of this package's lot: whether the bid is in it. */
function belonging(report, receipts) {
  if (report.failure) return [];
  const { tender, lot } = report.case;
  return receipts.filter((one) => one.tender === tender && one.lot === lot).map((one) => {
    const place = report.received.get(one.sha256);
    const words = {
      listed: "在截标名单中，与包内的标书逐字节相同",
      replaced: "收到后又被同一投标人的新标书替换或撤回",
    };
    const says = words[place] ?? "不在本包公开的事件中（撤回的投标人只给出摘要），请向监督部门核实";
    return { good: place !== undefined, says: `回执所说的标书（${one.bidder} 第 ${one.seq} 份）${says}` };
  });
}

function issuedBy(anchors, own) {
  const report = blank();
  report.rows.push(["签发单位", anchors.issuer], ["指纹", anchors.sha256]);
  report.passed.push({ name: own ? "锚点" : "后继锚点", says: own ? "格式完整，用作核对签名的依据" : "由前一份锚点中的三方签署" });
  report.notProved.push("锚点本身是否真的由监督部门公布：请与监督部门网站或纸质公告上的指纹比对");
  return report;
}

const indexes = (kinds, wanted) => kinds.flatMap((kind, i) => (kind === wanted ? [i] : []));
const blank = () => ({ anchored: true, rows: [], passed: [], failure: null, notes: [], notProved: [] });
const failureOf = ({ code, says, where }) => ({ code, says, where });
const refusal = (code, says) => ({ ...blank(), failure: { code, says, where: "" } });
