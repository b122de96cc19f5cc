// Shamir's secret sharing, byte by byte in GF(2^8) modulo 0x11B, with coefficients that are given.
import { Malformed } from "./errors.js";

const POWERS = new Uint8Array(510);
const LOGS = new Uint8Array(256);
for (let exponent = 0, value = 1; exponent < 255; exponent += 1) {
  POWERS[exponent] = POWERS[exponent + 255] = value;
  LOGS[value] = exponent;
  value ^= (value << 1) ^ (value & 0x80 ? 0x11b : 0); // times the generator 3
}

const times = (a, b) => (a && b ? POWERS[LOGS[a] + LOGS[b]] : 0);
const inverse = (a) => POWERS[255 - LOGS[a]];

/** The share at `x` (1…255): `secret + a_1·x + a_2·x² + …`; every coefficient as long as the secret. */
export function split(secret, coefficients, x) {
  if (!(x >= 1 && x <= 255)) throw new RangeError("a share stands at 1…255: the one at 0 is the secret itself");
  let share = new Uint8Array(secret.length);
  for (const part of [...[...coefficients].reverse(), secret]) {
    if (part.length !== secret.length) throw new RangeError("every coefficient is as long as the secret");
    share = share.map((byte, i) => times(byte, x) ^ part[i]);
  }
  return share;
}

/**
 * The secret from exactly k shares, a Map from x to bytes. A wrong share gives a wrong secret, not an error:
 * compare with the commitment. Malformed for no shares, unequal lengths or an x outside 1…255.
 */
export function combine(shares) {
  const [xs, lengths] = [[...shares.keys()], new Set([...shares.values()].map((y) => y.length))];
  if (lengths.size !== 1 || !xs.every((x) => x >= 1 && x <= 255)) {
    throw new Malformed("bad_shares", "份额为空、长短不一，或编号不在 1 至 255");
  }
  const secret = new Uint8Array([...lengths][0]);
  for (const [x, y] of shares) {
    const weight = weightOf(x, xs);
    y.forEach((byte, i) => (secret[i] ^= times(byte, weight)));
  }
  return secret;
}

/** Lagrange's basis polynomial of `x` at 0: the product of other/(other - x). */
function weightOf(x, xs) {
  const others = xs.filter((other) => other !== x);
  return others.reduce((weight, other) => times(weight, times(other, inverse(other ^ x))), 1);
}
