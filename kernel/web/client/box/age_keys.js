// Who can open an age file: X25519 keys and passphrases, each wrapping the file key in its own stanza.
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { scryptAsync } from "@noble/hashes/scrypt.js";
import * as bech32 from "./bech32.js";
import { fromRawBase64, toRawBase64 } from "./age_header.js";
import { concat, randomBytes, utf8 } from "./bytes.js";
import { publicOf } from "./envelope.js";
import { Malformed } from "./errors.js";
import * as hkdf from "./hkdf.js";
import { agreed } from "./hpke.js";

export const FILE_KEY_SIZE = 16;
const BODY_SIZE = FILE_KEY_SIZE + 16;
const NONCE = new Uint8Array(12); // fixed: every wrapping key is used for one file key only
const X25519 = utf8("age-encryption.org/v1/X25519");
const SCRYPT = utf8("age-encryption.org/v1/scrypt");
const GREATEST_WORK = 20; // 2^20 takes 1 GiB and seconds; a file that asks for more is refused, not obeyed

/** A passphrase, as recipient and as identity; 2^`work` rounds of scrypt, 18 taking 256 MiB and about two seconds. */
export class Passphrase {
  #text;

  constructor(text, work = 18) {
    this.#text = text;
    this.work = work;
  }

  /** A stanza under a fresh salt; it must be the only one of its file. */
  async wrap(fileKey) {
    const salt = randomBytes(16);
    const body = chacha20poly1305(await this.#key(salt, this.work), NONCE).encrypt(fileKey);
    return { kind: "scrypt", args: [toRawBase64(salt), String(this.work)], body };
  }

  /** The file key, or null where the file is not under this passphrase. */
  async unwrap(stanzas) {
    const stanza = stanzas.find(({ kind }) => kind === "scrypt");
    if (!stanza) return null;
    const { salt, work } = scryptParts(stanza);
    return unwrapped(await this.#key(salt, work), stanza.body);
  }

  #key(salt, work) {
    return scryptAsync(utf8(this.#text), concat(SCRYPT, salt), { N: 2 ** work, r: 8, p: 1, dkLen: 32, maxmem: 2 ** 31 });
  }
}

/** The recipient spelled ``age1…``. */
export function readRecipient(text) {
  const { prefix, content } = bech32.decode(text);
  if (prefix !== "age" || content.length !== 32 || text !== text.toLowerCase()) {
    throw new Malformed("bad_recipient", "不是 age1… 形式的公钥");
  }
  return { wrap: (fileKey) => wrapX25519(fileKey, content) };
}

/** The identity spelled ``AGE-SECRET-KEY-1…``. */
export function readIdentity(text) {
  const { prefix, content } = bech32.decode(text);
  if (prefix !== "age-secret-key-" || content.length !== 32 || text !== text.toUpperCase()) {
    throw new Malformed("bad_identity", "不是 AGE-SECRET-KEY-1… 形式的私钥");
  }
  return { privateKey: content, unwrap: (stanzas) => unwrapX25519(stanzas, content) };
}

/** A fresh random identity, spelled out. */
export const newIdentity = () => bech32.encode("age-secret-key-", randomBytes(32)).toUpperCase();

/** The recipient ``age1…`` of an identity ``AGE-SECRET-KEY-1…``. */
export const recipientOf = (identity) => bech32.encode("age", publicOf(readIdentity(identity).privateKey));

/** The ephemeral share of an X25519 stanza; Malformed unless it is of the right sizes. */
export function checkX25519({ args, body }) {
  const share = args.length === 1 && body.length === BODY_SIZE ? fromRawBase64(args[0]) : new Uint8Array();
  if (share.length !== 32) throw new Malformed("bad_header", "X25519 接收方行不合规范");
  return share;
}

function wrapX25519(fileKey, publicKey) {
  const ephemeral = randomBytes(32);
  const share = publicOf(ephemeral);
  const key = wrappingKey(ephemeral, publicKey, concat(share, publicKey));
  return { kind: "X25519", args: [toRawBase64(share)], body: chacha20poly1305(key, NONCE).encrypt(fileKey) };
}

function unwrapX25519(stanzas, privateKey) {
  for (const stanza of stanzas.filter(({ kind }) => kind === "X25519")) {
    const share = checkX25519(stanza);
    const key = wrappingKey(privateKey, share, concat(share, publicOf(privateKey)));
    const fileKey = unwrapped(key, stanza.body);
    if (fileKey) return fileKey;
  }
  return null;
}

function scryptParts({ args, body }) {
  const salt = args.length === 2 ? fromRawBase64(args[0]) : new Uint8Array();
  if (salt.length !== 16 || body.length !== BODY_SIZE) throw new Malformed("bad_header", "口令接收方行不合规范");
  if (!/^[1-9][0-9]?$/.test(args[1]) || Number(args[1]) > GREATEST_WORK) {
    throw new Malformed("bad_header", `口令运算强度应为 1 至 ${GREATEST_WORK}`);
  }
  return { salt, work: Number(args[1]) };
}

const wrappingKey = (privateKey, publicKey, salt) =>
  hkdf.expand(hkdf.extract(salt, agreed(privateKey, publicKey)), X25519, 32);

function unwrapped(key, body) {
  try {
    return chacha20poly1305(key, NONCE).decrypt(body);
  } catch {
    return null;
  }
}
