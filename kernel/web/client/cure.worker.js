// Proves one's own envelopes well made: what makes exactly one envelope again, signed; never a seed (etb/1 §6).
import { toBase64 } from "./box/bytes.js";
import { sign, toBytes } from "./box/dsse.js";
import { roleOf } from "./box/setup.js";
import { secretOf } from "./box/recovery.js";
import { checkCure, proveEnvelope } from "./box/stage.js";
import { readCure } from "./box/opening.js";
import { Refusal, serve } from "./parts/serving.js";
import { standing } from "./parts/standing.js";

/** Nobody but the bidder may open such a bid: whoever asks for its shares asks for too much. */
function mayBeTried({ setup }, bid) {
  if (setup.mode === "bidder-only" || (setup.mode === "bidder" && !bid.fallback)) {
    throw new Refusal("您没有同意由三方代为开启，任何持钥人都不该试开您的密封件", "不要交出证明，请立即向监督部门反映");
  }
}

/** An envelope that the seed does not make again is bad indeed: it is said here, and nothing is sent. */
function proof(lot, bid, list, secret, kid) {
  const data = proveEnvelope(lot.setup, bid, list.sha256, secret, kid);
  const cure = readCure(data, { close: list.sha256, stage: secret.context.stage });
  try {
    checkCure(lot.setup, bid, cure);
  } catch {
    throw new Refusal("这个密封件确实不是由您的种子生成的，不能证明无误", "请联系交易中心，并核对封装时所用的工具");
  }
  return data;
}

async function cure(order, told) {
  const { recovery, signer, lot, bid, list } = await standing(order, told);
  mayBeTried(lot, bid);
  const due = order.close.due ?? bid.stages.map(({ id }) => id);
  told("正在生成证明");
  return order.contested.flatMap(({ stage, role, kids }) => {
    if (!due.includes(stage)) throw new Refusal("平台要求证明的阶段还没有到开启的时间", "请立即向监督部门反映");
    const own = roleOf(lot.setup, role).keys.map((key) => key.kid);
    if (!kids.every((kid) => own.includes(kid))) throw new Refusal("设定中没有这把密钥", "请立即向监督部门反映");
    const secret = secretOf(recovery, stage);
    return kids.map((kid) => toBase64(toBytes(sign(proof(lot, bid, list, secret, kid), signer))));
  });
}

serve({ cure });
