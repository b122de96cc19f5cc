// Signed statements: DSSE envelopes with Ed25519, over the exact stored bytes of the payload (kernel/proofs/dsse.py).
import { ed25519 } from "@noble/curves/ed25519.js";
import { concat, fromBase64, sha256Hex, toBase64, utf8 } from "./bytes.js";
import { decode, encode } from "./canonical.js";
import { BadSignature, Malformed } from "./errors.js";
import * as shape from "./shape.js";

export const PAYLOAD_TYPE = "application/vnd.etb+json";

/** The number of a signing key: SHA-256("etb/1/signer\0" ‖ raw public key)[:8] in hex. */
export const keyidOf = (publicKey) => sha256Hex(utf8("etb/1/signer\0"), publicKey).slice(0, 16);

/** PAE of DSSE version 1: what is really signed, binding the type to the payload. */
export function preAuthentication(payload, payloadType = PAYLOAD_TYPE) {
  const kind = utf8(payloadType);
  return concat(utf8(`DSSEv1 ${kind.length} `), kind, utf8(` ${payload.length} `), payload);
}

/**
 * The payload signed by each signer ({keyid, public, sign}): {payload, payloadType, signatures, sha256}, where
 * `sha256` is the payload's, the name other documents call it by.
 */
export function sign(payload, ...signers) {
  const blank = { payload, payloadType: PAYLOAD_TYPE, signatures: [], sha256: sha256Hex(payload) };
  return signers.reduce(addSignature, blank);
}

/** The same payload with one more signature; an earlier one by the same key gives way. */
export function addSignature(signed, signer) {
  const sig = toBase64(signer.sign(preAuthentication(signed.payload, signed.payloadType)));
  const others = signed.signatures.filter((one) => one.keyid !== signer.keyid);
  return { ...signed, signatures: [...others, { keyid: signer.keyid, sig }] };
}

/** The envelope as it is stored and sent: canonical JSON. */
export const toBytes = ({ payload, payloadType, signatures }) =>
  encode({ payload: toBase64(payload), payloadType, signatures });

/** An envelope from its stored bytes; Malformed for any other spelling, type, or a key twice. Nothing is verified. */
export function read(data, payloadType = PAYLOAD_TYPE) {
  const value = decode(data);
  shape.record({
    payload: shape.base64Of(null),
    payloadType: shape.oneOf(payloadType),
    signatures: shape.listed(SIGNATURE, 0, 64),
  })(value, "");
  if (new Set(value.signatures.map((one) => one.keyid)).size !== value.signatures.length) {
    throw new Malformed("signed_twice", "同一密钥签了两次", "signatures");
  }
  const payload = fromBase64(value.payload, "payload");
  return { payload, payloadType, signatures: value.signatures, sha256: sha256Hex(payload) };
}

/** The keyids, in the envelope's order, whose signature is good under one of these raw public keys. */
export function verify(signed, keys) {
  const known = new Map([...keys].map((publicKey) => [keyidOf(publicKey), publicKey]));
  const message = preAuthentication(signed.payload, signed.payloadType);
  const claims = signed.signatures.filter((one) => known.has(one.keyid));
  return claims.filter((one) => good(known.get(one.keyid), fromBase64(one.sig), message)).map((one) => one.keyid);
}

/** The payload, if every one of `keys` has signed it; else BadSignature, naming those that have not. */
export function require(signed, keys) {
  const wanted = [...keys];
  const found = new Set(verify(signed, wanted));
  const missing = wanted.map(keyidOf).filter((keyid) => !found.has(keyid));
  if (missing.length || !wanted.length) {
    throw new BadSignature("signature_missing", `缺少有效签名：${missing.join("、") || "未给出公钥"}`);
  }
  return signed.payload;
}

/** Whether this Ed25519 signature is good (RFC 8032's strict rules); false for a key that is none. */
export function good(publicKey, signature, message) {
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}

const SIGNATURE = shape.record({ keyid: shape.kid, sig: shape.base64Of(64) });
