// Opens the recovery file, holds it against bid and list, and signs the seeds; a worker cannot send anything anywhere.
import { toBase64 } from "./box/bytes.js";
import { sign, toBytes } from "./box/dsse.js";
import { buildReveal } from "./box/opening.js";
import { secretOf } from "./box/recovery.js";
import { serve } from "./parts/serving.js";
import { standing } from "./parts/standing.js";

async function reveal(order, told) {
  const { recovery, signer, bid, list } = await standing(order, told);
  const { close } = order;
  // What waits for the signed report of an earlier stage is not shown before its turn.
  const due = close.due ?? bid.stages.map(({ id }) => id);
  return due.map((stage) => {
    const { seed } = secretOf(recovery, stage);
    const place = { close: list.sha256, stage, bidder: bid.bidder, bid: bid.sha256 };
    return toBase64(toBytes(sign(buildReveal({ ...place, seed, report: close.report ?? "" }), signer)));
  });
}

serve({ reveal });
