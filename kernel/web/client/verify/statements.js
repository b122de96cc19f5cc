// Checks of single papers: a receipt with its log proof, a draw's record, and what the parties of a lot have signed.
import { checkClose, checkDeadline, checkReceipt, checkSetup } from "../box/anchored.js";
import { unhex } from "../box/bytes.js";
import { decode } from "../box/canonical.js";
import { openCheckpoint, parseCheckpoint } from "../box/checkpoints.js";
import { readClose, readReceipt } from "../box/close.js";
import { readDeadline } from "../box/deadline.js";
import { read } from "../box/dsse.js";
import { Forged, ProofError } from "../box/errors.js";
import { parseLogProof } from "../box/log_proof.js";
import { entryHash, verifyInclusion } from "../box/merkle.js";
import { parseNote } from "../box/notes.js";
import { readSetup } from "../box/setup.js";
import { ShownEvent } from "./case_file.js";
import { inWords } from "./moment.js";
import { optional } from "./strict.js";
import { verifyDraw } from "./draw_transcript.js";

const UNSIGNED = "没有给出锚点，签名没有核对：任何人都能写出这样一份文件";

/** What was found of one paper: rows say what it is, `passed` what is proved. Never throws for what is in it. */
function examined(anchors, run) {
  const report = { anchored: anchors !== null, rows: [], passed: [], failure: null, notes: [], notProved: [] };
  const pass = (name, says) => report.passed.push({ name, says });
  try {
    run(report, pass);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    report.failure = { code: error.code, says: error.says, where: error.where };
  }
  if (!report.anchored) report.notProved.unshift(UNSIGNED);
  return report;
}

/** A receipt, and of these proofs (bytes) the one that is of its event. */
export function examineReceipt(data, proofs, anchors) {
  return examined(anchors, (report, pass) => {
    const signed = read(data);
    const receipt = anchors ? checkReceipt(signed, anchors) : readReceipt(signed.payload);
    report.receipt = receipt;
    report.rows.push(
      ["招标项目 / 标段", `${receipt.tender} / ${receipt.lot}`],
      ["投标人", receipt.bidder],
      ["第几份", String(receipt.seq)],
      ["收到时刻", inWords(receipt.received)],
      ["标书指纹", receipt.sha256],
    );
    const is = anchors ? "由锚点中的平台回执密钥签署" : "内容和格式完整";
    pass("回执", `${is}：${inWords(receipt.received)} 收到第 ${receipt.seq} 份`);
    const proof = proofs.find((one) => isOf(receipt, one));
    if (proof) proveReceipt(receipt, parseLogProof(proof), anchors, pass);
    else report.notProved.push("没有附这份回执的日志证明（.tlog-proof），没有核对它是否已在见证过的日志中");
  });
}

/**
 * A proof: its checkpoint, and with the salt (hex) of its event also the event itself; `names` maps the SHA-256 of
 * other files to their names. A receipt holds its salt itself; a tool's stands on the page beside its proof.
 */
export function examineProof(data, at, anchors, salt, names) {
  return examined(anchors, (report, pass) => {
    const proof = parseLogProof(data);
    report.rows.push(["日志中的位置", `第 ${proof.index + 1} 条`]);
    if (anchors) {
      const { checkpoint, cosignatures } = opened(proof, at, anchors);
      pass("检查点", `日志 ${checkpoint.origin}（${checkpoint.size} 条）${witnessesOf(cosignatures)}`);
    }
    if (!salt || proof.extra === null) {
      report.notProved.push("没有事项的盐（回执里有，或印在证明旁边），没有核对这一条是什么事");
      return;
    }
    proveEvent(report, proof, unhex(salt), names, pass);
  });
}

/** The disclosed event of a proof is really the entry at its place, and of which files it names the SHA-256. */
function proveEvent(report, proof, salt, names, pass) {
  const event = decode(proof.extra);
  const { size, root } = parseCheckpoint(parseNote(proof.checkpoint).text);
  verifyInclusion(entryHash(salt, proof.extra), proof.index, size, root, proof.path);
  pass("存证", `所附的事项正是日志的第 ${proof.index + 1} 条`);
  report.rows.push(["事项", String(optional(event, "act", ""))], ["时刻", inWords(String(optional(event, "at", "")))]);
  const named = Object.values(optional(event, "hashes", {})).filter((sha256) => names.has(sha256));
  for (const sha256 of named) pass("文件", `${names.get(sha256)} 的指纹写在这一事项中，一字节不差`);
  if (!named.length) report.notProved.push("事项所记的文件没有一并放进来，没有核对是不是您手里的那一份");
}

/** The public record of a draw: the order follows from list and pieces, the seated from order and outcomes. */
export function examineDraw(data) {
  const report = examined(null, (found, pass) => {
    const transcript = decode(data);
    const [first] = verifyDraw(transcript).filter(([, code]) => code !== "walk_unfinished");
    if (first) throw new ProofError(first[1], first[2], first[0]);
    const seats = Object.values(transcript.expect.seated).reduce((sum, row) => sum + row.length, 0);
    const sizes = transcript.strata.map((one) => `${one.id} ${one.leaves.length} 人抽 ${one.quota} 人`);
    found.rows.push(["抽取编号", transcript.draw_id], ["组别", sizes.join("；")]);
    pass("承诺", `${transcript.roles.length} 方出示的随机片段与事先的承诺相符`);
    pass("次序", "名单、种子和次序逐步重新算出，全部相同");
    pass("入选", `${seats} 个席位正是次序中最先接受的人`);
  });
  report.notProved = [
    "各方消息的签名、片段公开之前承诺和名单已经存证：由证据包核验",
    "名单上每个编号是谁，由公开的姓名和盐值核验，在证据包中",
  ];
  return report;
}

const READERS = {
  setup: (signed, anchors, at) => (anchors ? checkSetup(signed, anchors, at) : readSetup(signed.payload)),
  deadline: (signed, anchors) => (anchors ? checkDeadline(signed, anchors) : readDeadline(signed.payload)),
  close: (signed, anchors) => (anchors ? checkClose(signed, anchors) : readClose(signed.payload)),
};
const TITLES = { setup: "开标设定", deadline: "投标截止时间", close: "截标名单" };

/** A signed set-up, deadline or close of a lot; `at` is the moment at which the keys of a set-up must be in force. */
export function examineStatement(kind, data, at, anchors) {
  return examined(anchors, (report, pass) => {
    const found = READERS[kind](read(data), anchors, at);
    report.rows.push(["招标项目 / 标段", `${found.tender} / ${found.lot}`], ["指纹", found.sha256]);
    if (kind === "deadline") report.rows.push(["截止时间", inWords(found.at)]);
    if (kind === "close") report.rows.push(["有效标书", `${found.bids.length} 份`], ["撤回", `${found.withdrawn.length} 份`]);
    pass(TITLES[kind], anchors ? "由锚点中应签的各方签署，内容和格式完整" : "内容和格式完整");
    report.notProved.push("它是否记入案件、是否后来又有变更，由证据包核验");
  });
}

function isOf(receipt, data) {
  try {
    const { extra } = parseLogProof(data);
    return extra !== null && Object.values(optional(decode(extra), "hashes", {})).includes(receipt.sha256);
  } catch (error) {
    if (error instanceof ProofError) return false;
    throw error;
  }
}

function proveReceipt(receipt, proof, anchors, pass) {
  const event = new ShownEvent(0, entryHash(unhex(receipt.salt), proof.extra), decode(proof.extra));
  if (event.at !== receipt.received) throw new Forged("receipt_differs", "回执所写的收到时刻与存证事项不同", "at");
  if (!anchors) return;
  const { checkpoint, cosignatures } = opened(proof, receipt.received, anchors);
  verifyInclusion(event.leaf, proof.index, checkpoint.size, checkpoint.root, proof.path);
  pass("存证", `收到标书这件事是日志 ${checkpoint.origin} 的第 ${proof.index + 1} 条${witnessesOf(cosignatures)}`);
}

const opened = (proof, at, anchors) =>
  openCheckpoint(proof.checkpoint, anchors.logs(at), anchors.witnesses(at), Math.max(1, anchors.quorum));

const witnessesOf = (cosignatures) => {
  const names = [...new Set(cosignatures.map((one) => one.key.name))];
  return names.length ? `，检查点由 ${names.join("、")} 见证联署` : "";
};
