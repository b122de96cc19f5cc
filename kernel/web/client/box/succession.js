// Signed successors of anchors.json: whoever holds an old one follows the chain to the one in force (kernel/proofs/succession.py).
import { readAnchors } from "./anchors.js";
import * as dsse from "./dsse.js";
import { BadSignature, Forged, ProofError } from "./errors.js";

const SIDES = [["regulator", "监督部门持钥人"], ["operator", "交易中心持钥人"]];

/**
 * The anchors at the end of the chain of `envelopes` (DSSE bytes); every link is held to the keys of the one before it.
 * Forged where a link does not follow the one before, BadSignature where its signatures do not suffice.
 */
export function follow(anchors, envelopes) {
  return envelopes.reduce((current, envelope, i) => {
    try {
      return next(current, dsse.read(envelope));
    } catch (wrong) {
      if (wrong instanceof ProofError) wrong.where = `第 ${i + 1} 份后继锚点`;
      throw wrong;
    }
  }, anchors);
}

function next(old, signed) {
  const newer = readAnchors(signed.payload);
  if (newer.prev !== old.sha256) {
    throw new Forged("successor_of_another", "这份后继锚点接续的不是您手中的锚点文件");
  }
  if (newer.issued <= old.issued) throw new Forged("successor_not_later", "后继锚点的签发时间不晚于前一份");
  const lacking = lackingOf(old, newer.issued, signed);
  if (lacking.length) {
    throw new BadSignature("successor_unsigned", `后继锚点缺少前一份锚点中${lacking.join("、")}的有效签名`);
  }
  return newer;
}

/** Which of the parties of the old anchors have not signed, by the keys in force when the new ones were issued. */
function lackingOf(old, at, signed) {
  const found = dsse.verify(signed, old.processes(at)).length ? [] : ["监督进程"];
  const sides = SIDES.filter(([role]) => {
    const keys = [...old.officers(role, at).values()].map((one) => one.public);
    return !dsse.verify(signed, keys).length;
  });
  return [...found, ...sides.map(([, title]) => title)];
}
