// What follows from one stage's seed: age identity, shares, commitments, envelopes (etb/1, suite 1), all deterministic.
import { x25519 } from "@noble/curves/ed25519.js";
import * as bech32 from "./bech32.js";
import { concat, hex, lp, sha256, sha256Hex, u16, u32, u8, unhex, utf8 } from "./bytes.js";
import { Forged, Malformed } from "./errors.js";
import * as hkdf from "./hkdf.js";
import * as hpke from "./hpke.js";
import * as shamir from "./shamir.js";

export const SUITE = 1;
export const ENVELOPE_SIZE = hpke.OVERHEAD + 33;

/**
 * ctxh, 32 bytes: what a stage of a bid is bound to. `seq` is the sequence at which this stage was sealed, `bid_id`
 * and `setup` are hex; k of the n roles open it (0 of 0: the bidder).
 */
export function contextHash({ tender, lot, bidder, seq, bid_id, stage, setup, k, n }) {
  const [id, setupHash] = [unhex(bid_id), unhex(setup)];
  if (id.length !== 16 || setupHash.length !== 32) {
    throw new Malformed("bad_context", "标书编号应为 16 字节，设定摘要应为 32 字节");
  }
  const names = [lp(tender), lp(lot), lp(bidder)];
  return sha256(utf8("etb/1/ctx\0"), u16(SUITE), ...names, u32(seq), id, lp(stage), setupHash, u8(k), u8(n));
}

/** A seed of 32 random bytes in its context, and all that is derived from the two. */
export class StageSecret {
  #prk;

  constructor(seed, context) {
    if (seed.length !== 32) throw new Malformed("bad_seed", "种子应为 32 字节");
    this.seed = seed;
    this.context = Object.freeze({ ...context });
    this.ctxh = contextHash(context);
    this.#prk = hkdf.extract(utf8("etb/1/seed"), seed);
  }

  /** D(label): 32 bytes for one purpose. */
  derive(...label) {
    return hkdf.expand(this.#prk, concat(utf8("etb/1/"), ...label, u8(0), this.ctxh), 32);
  }

  /** The commitment to the seed that bid.json carries (hex). */
  get commit() {
    return sha256Hex(utf8("etb/1/commit\0"), this.ctxh, this.seed);
  }

  /** The age identity (``AGE-SECRET-KEY-1…``) that opens this stage's files. */
  get identity() {
    return bech32.encode("age-secret-key-", this.derive(utf8("age-identity"))).toUpperCase();
  }

  /** The age recipient (``age1…``) that this stage's files are sealed to. */
  get recipient() {
    return bech32.encode("age", publicOf(this.derive(utf8("age-identity"))));
  }

  /** y_x: the share of the role at `x`, 32 bytes. */
  share(x) {
    if (!(x >= 1 && x <= this.context.n)) throw new Malformed("bad_share", `没有编号为 ${x} 的份额`);
    const degrees = Array.from({ length: this.context.k - 1 }, (_, i) => i + 1);
    return shamir.split(this.seed, degrees.map((j) => this.derive(utf8("shamir"), u8(j))), x);
  }

  /** c_x: the commitment to the share at `x` (hex). */
  shareCommit(x) {
    return shareCommit(this.ctxh, x, this.share(x));
  }

  /** ikmE of the envelope to this officer: what a bidder shows to prove an envelope well made (cure). */
  envelopeKey(x, publicKey) {
    return this.derive(utf8("hpke-ikmE"), u8(x), kidBytes(publicKey));
  }

  /** The share at `x` sealed to one officer's stage key, 81 bytes. */
  envelope(x, publicKey) {
    return sealShare(this.ctxh, x, this.share(x), publicKey, this.envelopeKey(x, publicKey));
  }
}

/** The number of an officer's X25519 stage key (8 bytes, hex). */
export const kid = (publicKey) => hex(kidBytes(publicKey));

/** The raw X25519 public key of a raw private key (32 bytes each). */
export function publicOf(privateKey) {
  if (privateKey.length !== 32) throw new Malformed("bad_key", "私钥应为 32 字节");
  return x25519.getPublicKey(privateKey);
}

/** The commitment c_x to a share, bound to its bid and stage (hex). */
export const shareCommit = (ctxh, x, share) => sha256Hex(utf8("etb/1/share-commit\0"), ctxh, u8(x), share);

/** The envelope made from its parts, as in a cure, where the seed stays hidden. */
export function sealShare(ctxh, x, share, publicKey, keyMaterial) {
  return hpke.seal(publicKey, keyMaterial, info(ctxh, x, publicKey), concat(u8(x), share));
}

/**
 * The share y_x in an envelope, by the officer's X25519 private key (32 bytes). Forged for another bid's, lot's,
 * stage's or set-up's envelope, or another role's share. It is not yet compared with c_x: `shareCommit` does that.
 */
export function openEnvelope(ctxh, x, privateKey, sealed, publicKey = publicOf(privateKey)) {
  if (sealed.length !== ENVELOPE_SIZE) throw new Malformed("bad_envelope", `密封件应为 ${ENVELOPE_SIZE} 字节`);
  const content = hpke.open(privateKey, sealed, info(ctxh, x, publicKey), publicKey);
  if (content[0] !== x) throw new Forged("share_of_another_role", "密封件里的份额属于另一方");
  return content.slice(1);
}

const kidBytes = (publicKey) => sha256(utf8("etb/1/kid\0"), publicKey).subarray(0, 8);

const info = (ctxh, x, publicKey) => concat(utf8("etb/1/share\0"), ctxh, u8(x), kidBytes(publicKey));
