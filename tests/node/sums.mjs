// Works sums out as the browser's verifier does: lists of orders in, lists of answers out.
import { Decimal } from "../../kernel/web/client/verify/decimal.js";
import { HmacDrbg } from "../../kernel/web/client/verify/drbg.js";
import { verifyDraw } from "../../kernel/web/client/verify/draw_transcript.js";
import { replay } from "../../kernel/web/client/verify/scoring.js";
import { rank } from "../../kernel/web/client/verify/selection.js";
import { answerLines } from "./lines.mjs";

const bytes = (hex) => new Uint8Array(Buffer.from(hex, "hex"));
const DUTIES = {
  sum: ({ act, a, b }) => String(Decimal.of(a)[act](b)),
  replay: ({ evaluation, bids, scores }) => replay(evaluation, bids, scores),
  rank: ({ rule, quotes, drawn, percent }) =>
    rank(rule, new Map(Object.entries(quotes).map(([code, price]) => [code, Decimal.of(price)])), drawn, percent),
  draw: ({ transcript }) => verifyDraw(transcript).map(([where, code]) => [where, code]),
  drbg: ({ entropy, nonce, personalization, count }) => {
    const drbg = new HmacDrbg(bytes(entropy), bytes(nonce), bytes(personalization));
    drbg.generate(count);
    return Buffer.from(drbg.generate(count)).toString("hex");
  },
};

function answer({ duty, ...order }) {
  try {
    return { value: DUTIES[duty](order) };
  } catch (error) {
    return { refused: error.code ?? error.name };
  }
}

await answerLines((orders) => orders.map(answer));
