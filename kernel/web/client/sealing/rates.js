// How fast this machine seals and this line sends, as last seen here; figures only, no files and no prices.
import { UNMEASURED } from "./pace.js";

const key = (what) => `rate:${what}`;

/** Bytes a second of "sealing" or "sending": {rate, measured}. */
export function knownRate(what) {
  try {
    const rate = Number(localStorage.getItem(key(what)));
    if (rate > 0) return { rate, measured: true };
  } catch {
    // A browser that keeps nothing: the assumption below.
  }
  return { rate: UNMEASURED[what], measured: false };
}

/** Remember a rate that was seen; nothing for 0. */
export function rememberRate(what, rate) {
  if (!(rate > 0)) return;
  try {
    localStorage.setItem(key(what), String(Math.round(rate)));
  } catch {
    // Only the estimate is less good next time.
  }
}
