// HMAC and HKDF with SHA-256 (RFC 5869).
import { hmac as noble } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat, u8 } from "./bytes.js";

/** HMAC with SHA-256 of all parts one after the other, 32 bytes. */
export const hmac = (key, ...parts) => noble(sha256, key, concat(...parts));

/** The 32-byte pseudorandom key of `keyMaterial`. */
export const extract = (salt, keyMaterial) => hmac(salt, keyMaterial);

/** `size` bytes (at most 8,160) derived from `prk` for the purpose `info`. */
export function expand(prk, info, size) {
  if (size > 255 * 32) throw new RangeError("HKDF-SHA256 gives at most 8160 bytes");
  const blocks = [];
  let block = new Uint8Array();
  for (let counter = 1; counter <= Math.ceil(size / 32); counter += 1) {
    block = hmac(prk, block, info, u8(counter));
    blocks.push(block);
  }
  return concat(...blocks).slice(0, size);
}
