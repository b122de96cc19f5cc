// HMAC_DRBG with SHA-256 (NIST SP 800-90A Rev. 1 §10.1.2), without prediction resistance: replays a draw's order.
import { concat } from "../box/bytes.js";
import { hmac } from "../box/hkdf.js";

const NOTHING = new Uint8Array();

/** One deterministic stream of bytes; it depends on how the requests are cut. */
export class HmacDrbg {
  constructor(entropy, nonce, personalization = NOTHING) {
    this.key = new Uint8Array(32);
    this.value = new Uint8Array(32).fill(1);
    this.update(concat(entropy, nonce, personalization));
  }

  /** The next `count` bytes. */
  generate(count) {
    const output = new Uint8Array(count);
    for (let at = 0; at < count; at += 32) {
      this.value = hmac(this.key, this.value);
      output.set(this.value.subarray(0, Math.min(32, count - at)), at);
    }
    this.update(NOTHING);
    return output;
  }

  update(provided) {
    for (const round of provided.length ? [0, 1] : [0]) {
      this.key = hmac(this.key, concat(this.value, Uint8Array.of(round), provided));
      this.value = hmac(this.key, this.value);
    }
  }
}
