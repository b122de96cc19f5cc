// Opens the recovery file, holds it against bid and list, and signs the seeds; a worker cannot send anything anywhere.
import { toBase64 } from "./box/bytes.js";
import { sign, toBytes } from "./box/dsse.js";
import { buildReveal } from "./box/opening.js";
import { secretOf } from "./box/recovery.js";
import { serve } from "./parts/serving.js";
import { dueOf, standing } from "./parts/standing.js";

async function reveal(order, told) {
  const { recovery, signer, lot, bid, list } = await standing(order, told);
  const { close } = order;
  return dueOf(lot, close).map((stage) => {
    const { seed } = secretOf(recovery, stage);
    const place = { close: list.sha256, stage, bidder: bid.bidder, bid: bid.sha256 };
    return toBase64(toBytes(sign(buildReveal({ ...place, seed, report: close.report ?? "" }), signer)));
  });
}

serve({ reveal });
