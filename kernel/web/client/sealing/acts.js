// What a sealing worker does, wherever its files go: check a lot against the anchors, and seal for it.
import { Passphrase } from "../box/age.js";
import { readAnchors } from "../box/anchors.js";
import { readBid } from "../box/bid.js";
import { fromBase64, fromUtf8, toBase64 } from "../box/bytes.js";
import { readWithdrawal } from "../box/chain.js";
import { writeMoment } from "../box/deadline.js";
import * as dsse from "../box/dsse.js";
import { NoMatch } from "../box/errors.js";
import { checkLot, readLot } from "../box/lot.js";
import { lockRecovery, secretOf, unlockRecovery } from "../box/recovery.js";
import { newChain, sealBid } from "../box/sealing.js";
import { checkSetupProof } from "../box/setup_proof.js";
import * as keys from "../box/signer.js";
import { openStage } from "../box/stage.js";

const UNWITNESSED = "开标设定还没有见证方的存证证明，不能确认别的投标人看到的是同一份；可过几分钟刷新本页";
const WORK = 16; // scrypt: with a generated passphrase this is plenty, and kind to old machines

/** Check the lot against the anchors; the warnings, and how many have signed. */
export function check({ kit, anchors, now }) {
  const lot = readLot(kit);
  const { rehearsal } = lot.setup;
  const trusted = anchors && readAnchors(anchors);
  const warnings = checkLot(lot, trusted, { now: writeMoment(now), rehearsal });
  const witnesses = trusted ? witnessesOf(lot, trusted) : null;
  if (witnesses?.length === 0) warnings.push(UNWITNESSED);
  return { warnings, rehearsal, signers: lot.signedSetup.signatures.length, witnesses: witnesses ?? [] };
}

/**
 * Who saw the log hold this set-up: names; none while there is no proof; null where the anchors name no log, or the
 * lot (a request of the supermarket) has no proof of it. Throws where the proof is another's.
 */
export function witnessesOf(lot, anchors) {
  const { setup_proof: proof, setup_salt: salt } = JSON.parse(fromUtf8(lot.data));
  if (proof === undefined || !anchors.logs(lot.deadline.at).length) return null;
  return proof ? checkSetupProof(lot.setup, fromBase64(salt), fromBase64(proof), anchors) : [];
}

/** The chain so far, and the key and seeds that go on with it. */
async function resumed(lot, { chain, recovery, passphrase }) {
  const opened = await unlockRecovery(recovery, new Passphrase(passphrase)).catch((error) => {
    throw error instanceof NoMatch ? new Error("恢复文件的口令不对") : error;
  });
  if (!opened.signer) throw new Error("这份恢复文件里没有签名密钥，请用命令行 yangguang seal --replace 替换");
  const signer = keys.fromSeed(opened.signer);
  if (toBase64(signer.public) !== chain.publicKey) throw new Error("这不是上一次投标的恢复文件");
  const payload = dsse.require(dsse.read(fromBase64(chain.envelope)), [signer.public]);
  if (chain.kind === "withdraw") return { signer, opened, last: readWithdrawal(payload, lot.setup) };
  const last = readBid(payload, lot.setup);
  for (const { id } of last.stages) {
    if (!openStage(lot.setup, last, id, { seed: secretOf(opened, id).seed }).secret) {
      throw new Error("这不是上一次投标的恢复文件");
    }
  }
  return { signer, opened, last };
}

/** Seal the order into the sinks that `open(name)` gives; what the page needs for keeping and sending it. */
export async function seal(order, open, told) {
  const lot = readLot(order.kit);
  const before = order.previous ? await resumed(lot, order.previous) : null;
  if (before && before.last.bidder !== order.bidder) throw new Error("上一份标书是另一投标人的");
  const signer = before?.signer ?? keys.fromSeed(keys.newSeed());
  const carried = before && before.last.stages ? lot.setup.stages.filter(({ id }) => !(id in order.contents)) : [];
  const { bid, signed, secrets } = await sealBid(lot.setup, order.contents, {
    bidder: order.bidder,
    notice: lot.notice,
    fallback: order.fallback,
    signer,
    open,
    chain: before ? { bid_id: before.last.bid_id, last: before.last } : newChain(),
    kept: Object.fromEntries(carried.map(({ id }) => [id, secretOf(before.opened, id).seed])),
    progress: (step) => told({ progress: step }),
  });
  told({ locking: true });
  const more = { signer: signer.seed, deadline: lot.deadline.at };
  const recovery = await lockRecovery(secrets, new Passphrase(order.passphrase, WORK), more);
  return {
    recovery,
    sha256: bid.sha256,
    seq: bid.seq,
    envelope: toBase64(dsse.toBytes(signed)),
    publicKey: toBase64(signer.public),
    files: bid.stages.filter((stage) => stage.seq === bid.seq).flatMap((stage) => stage.files),
  };
}

/** Answer the page's orders with these acts; `told` goes out as it comes. */
export function serve(acts) {
  self.addEventListener("message", async ({ data: { act, order } }) => {
    try {
      self.postMessage({ done: await acts[act](order) });
    } catch (error) {
      self.postMessage({ failed: { says: error.says ?? error.message ?? String(error), code: error.code ?? "" } });
    }
  });
}
