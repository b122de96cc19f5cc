// HPKE base mode (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; sealing repeats from a given ephemeral.
import { gcm } from "@noble/ciphers/aes.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { concat, u16, utf8 } from "./bytes.js";
import { Forged, Malformed } from "./errors.js";
import * as hkdf from "./hkdf.js";

/** Encapsulated key and tag. */
export const OVERHEAD = 32 + 16;

const VERSION = utf8("HPKE-v1");
const KEM_ID = concat(utf8("KEM"), u16(0x0020));
const SUITE_ID = concat(utf8("HPKE"), u16(0x0020), u16(0x0001), u16(0x0002));
const NOTHING = new Uint8Array();

/** DeriveKeyPair of RFC 9180 §7.1.3: the same private key for the same `keyMaterial` (at least 32 bytes). */
function deriveKeyPair(keyMaterial) {
  return expand(KEM_ID, extract(KEM_ID, NOTHING, "dkp_prk", keyMaterial), "sk", NOTHING, 32);
}

/**
 * `enc[32] ‖ ciphertext`, with the ephemeral key derived from `keyMaterial` (ikmE). Sealing different plaintexts
 * with the same `keyMaterial` would reuse a nonce: it must be bound to recipient and plaintext, as in envelope.js.
 */
export function seal(publicKey, keyMaterial, info, plaintext, aad = NOTHING) {
  const ephemeral = deriveKeyPair(keyMaterial);
  const enc = x25519.getPublicKey(ephemeral);
  const { key, nonce } = keySchedule(sharedSecret(agreed(ephemeral, publicKey), enc, publicKey), info);
  return concat(enc, gcm(key, nonce, aad).encrypt(plaintext));
}

/**
 * The plaintext of `enc ‖ ciphertext`; Forged unless key, info and every byte are right. Whoever opens many gives the
 * private key's `publicKey` too: making it costs as much as the opening.
 */
export function open(privateKey, sealed, info, publicKey = x25519.getPublicKey(privateKey)) {
  const enc = sealed.subarray(0, 32);
  try {
    const secret = sharedSecret(agreed(privateKey, enc), enc, publicKey);
    const { key, nonce } = keySchedule(secret, info);
    return gcm(key, nonce, NOTHING).decrypt(sealed.subarray(32));
  } catch {
    throw new Forged("envelope_not_opened", "密封件打不开：密钥或所属标书不符，或内容被改动");
  }
}

/** The X25519 secret of the two; Malformed `weak_key` for a point of small order, whose secret everybody knows. */
export function agreed(privateKey, publicKey) {
  try {
    return x25519.getSharedSecret(privateKey, publicKey);
  } catch {
    throw new Malformed("weak_key", "公钥不可用");
  }
}

function sharedSecret(secret, enc, publicKey) {
  return expand(KEM_ID, extract(KEM_ID, NOTHING, "eae_prk", secret), "shared_secret", concat(enc, publicKey), 32);
}

function keySchedule(shared, info) {
  const pskIdHash = extract(SUITE_ID, NOTHING, "psk_id_hash", NOTHING);
  const context = concat(Uint8Array.of(0), pskIdHash, extract(SUITE_ID, NOTHING, "info_hash", info));
  const secret = extract(SUITE_ID, shared, "secret", NOTHING);
  const key = expand(SUITE_ID, secret, "key", context, 32);
  return { key, nonce: expand(SUITE_ID, secret, "base_nonce", context, 12) };
}

function extract(suite, salt, label, keyMaterial) {
  return hkdf.extract(salt, concat(VERSION, suite, utf8(label), keyMaterial));
}

function expand(suite, prk, label, info, size) {
  return hkdf.expand(prk, concat(u16(size), VERSION, suite, utf8(label), info), size);
}
