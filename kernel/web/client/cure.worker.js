// Proves one's own envelopes well made: what makes exactly one envelope again, signed; never a seed (etb/1 §6).
import { toBase64 } from "./box/bytes.js";
import { sign, toBytes } from "./box/dsse.js";
import { ProofError } from "./box/errors.js";
import { readCure } from "./box/opening.js";
import { secretOf } from "./box/recovery.js";
import { roleOf } from "./box/setup.js";
import { checkCure, proveEnvelope } from "./box/stage.js";
import { Refusal, serve } from "./parts/serving.js";
import { dueOf, standing } from "./parts/standing.js";

/** Nobody but the bidder may open such a bid: whoever asks for its shares asks for too much. */
function mayBeTried({ setup }, bid) {
  if (setup.mode === "bidder-only" || (setup.mode === "bidder" && !bid.fallback)) {
    throw new Refusal("您没有同意由三方代为开启，任何持钥人都不该试开您的密封件", "不要交出证明，请立即向监督部门反映");
  }
}

/** The signed proof, or null: an envelope that the seed does not make again is bad indeed, and no word helps it. */
function proof(lot, bid, list, secret, kid, signer) {
  const data = proveEnvelope(lot.setup, bid, list.sha256, secret, kid);
  try {
    checkCure(lot.setup, bid, readCure(data, { close: list.sha256, stage: secret.context.stage }));
  } catch (error) {
    if (error instanceof ProofError) return null;
    throw error;
  }
  return toBase64(toBytes(sign(data, signer)));
}

/** The keys of one role that are said to open nothing; what is no key of that role is asked by nobody honest. */
function keysOf({ setup }, due, { stage, role, kids }) {
  if (!due.includes(stage)) throw new Refusal("平台要求证明的阶段还没有到开启的时间", "请立即向监督部门反映");
  const known = roleOf(setup, role).keys.map((key) => key.kid);
  if (!kids.every((kid) => known.includes(kid))) throw new Refusal("开标设定中没有这把密钥", "请立即向监督部门反映");
  return kids;
}

async function cure(order, told) {
  const { recovery, signer, lot, bid, list } = await standing(order, told);
  mayBeTried(lot, bid);
  const due = dueOf(lot, order.close);
  told("正在生成证明");
  const proofs = order.contested.flatMap((one) => {
    const secret = secretOf(recovery, one.stage);
    return keysOf(lot, due, one).map((kid) => proof(lot, bid, list, secret, kid, signer));
  });
  const made = proofs.filter((one) => one !== null);
  if (proofs.length && !made.length) {
    throw new Refusal("这些密封件确实不能由您的种子重现，证明不了", "请核对封装时所用的工具，并在开标会上说明");
  }
  return made;
}

serve({ cure });
