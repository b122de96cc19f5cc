// Seals a quote, or takes one back, with keys that end with the worker; a worker cannot send anything anywhere.
import { Passphrase } from "./box/age.js";
import { checkReceipt } from "./box/anchored.js";
import { readAnchors } from "./box/anchors.js";
import { readBid } from "./box/bid.js";
import { fromBase64, toBase64, utf8 } from "./box/bytes.js";
import { buildWithdrawal, readWithdrawal } from "./box/chain.js";
import { writeMoment } from "./box/deadline.js";
import { read, require as signedBy, sign, toBytes } from "./box/dsse.js";
import { NoMatch } from "./box/errors.js";
import { checkLot, readLot } from "./box/lot.js";
import { newPassphrase } from "./box/passphrase.js";
import { lockRecovery, unlockRecovery } from "./box/recovery.js";
import { newChain, sealBid } from "./box/sealing.js";
import { fromSeed, newSeed } from "./box/signer.js";
import { memorySink } from "./box/sinks.js";
import { Refusal, serve } from "./parts/serving.js";

const WORK = 16; // 64 MiB for scrypt: a generated passphrase needs no more, and telephones have it

/** The set-up and the deadline that these bytes are sealed for, held against the anchors. */
function checkedLot(kit, anchors) {
  const lot = readLot(utf8(JSON.stringify(kit)));
  checkLot(lot, readAnchors(anchors), { now: writeMoment(Date.parse(kit.now)) });
  if (lot.setup.mode !== "bidder-only") throw new Refusal("这个项目的标箱不是只由报价人开启的", "请联系交易中心");
  return lot;
}

/** The key of the chain: fresh for the first quote, out of the last recovery file for any other. */
async function signerOf(own, recovery) {
  if (!own.receipts.length) {
    const seed = newSeed();
    return { seed, signer: fromSeed(seed), passphrase: newPassphrase() };
  }
  try {
    const kept = await unlockRecovery(recovery.bytes, new Passphrase(recovery.passphrase));
    if (!kept.signer) throw new Refusal("恢复文件里没有签名密钥", "上次用命令行封装的，请仍用命令行修改");
    const signer = fromSeed(kept.signer);
    if (toBase64(signer.public) !== own.public_key) throw new Refusal("恢复文件不是上次报价的", "请换用上次保存的文件");
    return { seed: kept.signer, signer, passphrase: recovery.passphrase };
  } catch (error) {
    if (error instanceof Refusal || error.code === undefined) throw error;
    throw new Refusal(error instanceof NoMatch ? "口令不对" : "选的文件不是恢复文件", "请核对后再试");
  }
}

/** Where the chain stands: what was sent last, as the platform has it under our own signature. */
function chainOf(setup, own) {
  const last = own.receipts.at(-1);
  if (!last) return newChain();
  const body = signedBy(read(fromBase64(last.envelope)), [fromBase64(own.public_key)]);
  return { bid_id: own.bid_id, last: last.kind === "bid" ? readBid(body, setup) : readWithdrawal(body, setup) };
}

async function seal({ kit, anchors, own, recovery, price, bidder }, told) {
  told("正在核对截止时间的签名");
  const lot = checkedLot(kit, anchors);
  const { seed, signer, passphrase } = await signerOf(own, recovery);
  told("正在加密报价");
  const files = {};
  const open = (name) => {
    files[name] = memorySink();
    return files[name];
  };
  const { bid, signed, secrets } = await sealBid(
    lot.setup,
    { price: { documents: [], form: { price } } },
    { bidder, notice: lot.notice, fallback: false, signer, open, chain: chainOf(lot.setup, own) },
  );
  told("正在加密恢复文件");
  const locked = await lockRecovery(secrets, new Passphrase(passphrase, WORK), { signer: seed, deadline: lot.deadline.at });
  return {
    sha256: bid.sha256,
    seq: bid.seq,
    files: bid.stages.flatMap((stage) => stage.files).map((file) => ({ ...file, bytes: files[file.n].bytes() })),
    envelope: toBase64(toBytes(signed)),
    public_key: toBase64(signer.public),
    recovery: locked,
    passphrase,
  };
}

async function withdraw({ kit, anchors, own, recovery, bidder }) {
  const lot = checkedLot(kit, anchors);
  const { signer } = await signerOf(own, recovery);
  const { bid_id, last } = chainOf(lot.setup, own);
  const place = { bidder, bid_id, seq: last.seq + 1, prev: last.sha256 };
  return { envelope: toBase64(toBytes(sign(buildWithdrawal(lot.setup, place), signer))) };
}

/** The platform's receipt, signed by an anchored key and about this very message; even a wrong one is evidence. */
function receipt({ receipt: text, sha256, anchors }) {
  const said = checkReceipt(read(fromBase64(text)), readAnchors(anchors));
  if (said.sha256 !== sha256) throw new Refusal("回执说的不是这份报价", "请立即联系交易中心");
  return said.received;
}

serve({ seal, withdraw, receipt });
