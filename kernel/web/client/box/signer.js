// Ed25519 signing keys: from a seed, or from a PEM file under a passphrase (kernel/proofs/signers.py).
import { ed25519 } from "@noble/curves/ed25519.js";
import { lock, unlock } from "./age.js";
import { concat, equal, fromBase64, fromUtf8, randomBytes, toBase64, unhex, utf8 } from "./bytes.js";
import { keyidOf } from "./dsse.js";
import { Malformed } from "./errors.js";

// PKCS#8 of RFC 8410: version 0, algorithm 1.3.101.112, the seed as an octet string inside an octet string.
const PKCS8 = unhex("302e020100300506032b657004220420");
const PEM = /^-----BEGIN PRIVATE KEY-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END PRIVATE KEY-----\s*$/;

/** A fresh random private seed, 32 bytes. */
export const newSeed = () => randomBytes(32);

/** The signer of RFC 8032's private seed: {keyid, public, seed, sign(message) → 64 bytes}. */
export function fromSeed(seed) {
  if (seed.length !== 32) throw new Malformed("bad_key", "签名私钥应为 32 字节");
  const publicKey = ed25519.getPublicKey(seed);
  return { keyid: keyidOf(publicKey), public: publicKey, seed, sign: (message) => ed25519.sign(message, seed) };
}

/** The signer in an unencrypted PKCS#8 PEM, text or bytes; Malformed for anything else. */
export function fromPem(pem) {
  const found = PEM.exec(typeof pem === "string" ? pem : fromUtf8(pem));
  if (!found) throw new Malformed("bad_key", "不是 PEM 私钥");
  const der = fromBase64(found[1].replace(/\s/g, ""));
  if (der.length !== PKCS8.length + 32 || !equal(der.subarray(0, PKCS8.length), PKCS8)) {
    throw new Malformed("bad_key", "不是 Ed25519 私钥");
  }
  return fromSeed(der.slice(PKCS8.length));
}

/** PKCS#8 PEM, unprotected: only for `lockSigner`. */
export function toPem(seed) {
  return `-----BEGIN PRIVATE KEY-----\n${toBase64(concat(PKCS8, seed))}\n-----END PRIVATE KEY-----\n`;
}

/** The key file: the PEM under a passphrase. */
export const lockSigner = (seed, passphrase) => lock(utf8(toPem(seed)), passphrase);

/** The signer in a key file; NoMatch for a wrong passphrase. */
export const unlockSigner = async (data, passphrase) => fromPem(await unlock(data, passphrase));
