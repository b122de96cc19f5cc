// One's own bid after the close, inside a worker: the recovery file held against the bid and the countersigned list.
import { Passphrase } from "../box/age.js";
import { checkClose } from "../box/anchored.js";
import { readAnchors } from "../box/anchors.js";
import { readBid } from "../box/bid.js";
import { equal, fromBase64, utf8 } from "../box/bytes.js";
import { read, require as signedBy } from "../box/dsse.js";
import { NoMatch } from "../box/errors.js";
import { readLot } from "../box/lot.js";
import { secretOf, unlockRecovery } from "../box/recovery.js";
import { checkReport } from "../box/report_proof.js";
import { fromSeed, unlockSigner } from "../box/signer.js";
import { openStage } from "../box/stage.js";
import { turnOf } from "../box/setup.js";
import { Refusal } from "./serving.js";

/**
 * {recovery, signer, lot, bid, list}: all that an act on one's own closed bid needs, checked; Refusal where it is not so.
 * `order` = {recovery: {bytes, passphrase}, kit, close, own, key, anchors}; `told` gets the steps in words.
 */
export async function standing({ recovery: file, kit, close, own, key, anchors }, told) {
  told("正在用口令打开恢复文件");
  const recovery = await unlocked(file, unlockRecovery, "恢复文件");
  const signer = await signerOf(recovery, key, own);
  told("正在核对标书和截标名单");
  const lot = readLot(utf8(JSON.stringify(kit)));
  const bid = standingBid(lot, own, recovery);
  const trusted = readAnchors(anchors);
  const list = closedList(close, trusted, lot, recovery, bid);
  checkReport(lot.setup, close, trusted, list.at);
  return { recovery, signer, lot, bid, list };
}

/**
 * The stages of the lot's signed set-up whose turn it is: the first ones, and after the signed report the later. What
 * the platform asks for must be exactly these: what waits for a report stays on this machine until it names one.
 */
export function dueOf({ setup }, { due, report = "" }) {
  const turn = turnOf(setup, report);
  if (due && due.join() !== turn.join()) {
    throw new Refusal("平台要求开启的阶段与签署的开标设定不符", "不要解密，请立即向监督部门反映");
  }
  return turn;
}

async function unlocked({ bytes, passphrase }, open, what) {
  try {
    return await open(bytes, new Passphrase(passphrase));
  } catch (error) {
    if (error.code === undefined) throw error;
    const isSecret = error instanceof NoMatch;
    throw new Refusal(isSecret ? `${what}的口令不对` : `选的文件不是${what}`, "请核对后再试，次数不限");
  }
}

/** What signs for the bid: the key in the recovery file, or the one in a file of its own. */
async function signerOf(recovery, key, own) {
  if (!recovery.signer && !key) {
    throw new Refusal("这份恢复文件里没有签名密钥", "请在下面另选签名密钥文件", "key_elsewhere");
  }
  const signer = recovery.signer ? fromSeed(recovery.signer) : await unlocked(key, unlockSigner, "签名密钥文件");
  if (!equal(signer.public, fromBase64(own.public_key))) {
    throw new Refusal("签名密钥不是封装这份标书时用的", "请换用当时的密钥");
  }
  return signer;
}

/** The bid that stands, as the platform has it: our own signature shows that not a byte was changed. */
function standingBid(lot, own, recovery) {
  const last = own.receipts.at(-1);
  const place = [lot.setup.tender, lot.setup.lot, lot.setup.sha256];
  if (!last || last.kind !== "bid") throw new Refusal("没有有效的标书可以解密", "请从工作台核对");
  if ([recovery.tender, recovery.lot, recovery.setup].some((name, i) => name !== place[i])) {
    throw new Refusal("恢复文件属于另一个项目", "请换用本项目的恢复文件");
  }
  const bid = readBid(signedBy(read(fromBase64(last.envelope)), [fromBase64(own.public_key)]), lot.setup);
  for (const stage of bid.stages) {
    const { secret, findings } = openStage(lot.setup, bid, stage.id, { seed: secretOf(recovery, stage.id).seed });
    if (!secret) throw new Refusal(`恢复文件不是最后一次递交的：${findings[0].says}`, "请换用最后一次封装时保存的");
  }
  return bid;
}

/** The countersigned list with this bid in it: revealing for any other would give the price away. */
function closedList({ countersignature }, anchors, lot, recovery, bid) {
  if (!countersignature) throw new Refusal("名单还没有由监督部门会签", "请稍候几分钟再试");
  const close = checkClose(read(fromBase64(countersignature)), anchors);
  const { tender, lot: number, sha256 } = lot.setup;
  if (close.tender !== tender || close.lot !== number || close.setup !== sha256) {
    throw new Refusal("截标名单不是本项目的", "请立即向监督部门反映");
  }
  if (close.at < lot.deadline.at || (recovery.deadline && close.at < recovery.deadline)) {
    throw new Refusal("截标名单早于截止时间，不能解密", "请立即向监督部门反映");
  }
  if (!close.bids.includes(bid.sha256)) {
    throw new Refusal("截标名单中没有您的标书", "持有回执的，可申请补入或提出异议");
  }
  return close;
}
