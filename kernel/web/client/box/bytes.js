// Byte strings: joined, compared, spelled out, length-prefixed and hashed.
import { sha256 as noble } from "@noble/hashes/sha2.js";
import { Malformed } from "./errors.js";

const ENCODER = new TextEncoder();
const PIECE = 0x8000; // of one call of fromCharCode, which takes its bytes as arguments

/** All parts one after the other. */
export function concat(...parts) {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Whether two byte strings are the same; of secrets too: the time does not tell where they differ. */
export function equal(a, b) {
  if (a.length !== b.length) return false;
  let different = 0;
  for (let i = 0; i < a.length; i += 1) different |= a[i] ^ b[i];
  return different === 0;
}

/** Lower-case hexadecimal. */
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The bytes of lower-case hexadecimal; Malformed for any other spelling. */
export function unhex(text) {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new Malformed("bad_hex", "应为小写十六进制");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** The text itself; Malformed `bad_text` for a lone surrogate, which UTF-8 cannot say. */
export function wellFormed(text) {
  if (/\p{Surrogate}/u.test(text)) throw new Malformed("bad_text", "文字中有不成对的代理码位");
  return text;
}

/** Text as UTF-8; Malformed `bad_text` as `wellFormed` says. */
export const utf8 = (text) => ENCODER.encode(wellFormed(text));

/** The text of UTF-8 bytes; Malformed `not_utf8` for anything else. */
export function fromUtf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Malformed("not_utf8", "不是 UTF-8 编码");
  }
}

/** One byte. */
export const u8 = (number) => fixed(number, 1);

/** Two bytes, big-endian. */
export const u16 = (number) => fixed(number, 2);

/** Four bytes, big-endian. */
export const u32 = (number) => fixed(number, 4);

/** `u16(length) ‖ content`; text as UTF-8. */
export function lp(content) {
  const bytes = typeof content === "string" ? utf8(content) : content;
  return concat(u16(bytes.length), bytes);
}

/** Standard base64 with padding. */
export function toBase64(bytes) {
  let binary = "";
  for (let at = 0; at < bytes.length; at += PIECE) binary += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return btoa(binary);
}

/** The bytes of standard padded base64 in its one canonical spelling; Malformed `bad_base64` for any other. */
export function fromBase64(text, where = "") {
  if (typeof text !== "string" || !/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4) {
    throw new Malformed("bad_base64", "不是标准 base64", where);
  }
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = binary.charCodeAt(i);
  if (toBase64(bytes) !== text) throw new Malformed("bad_base64", "不是规范的 base64", where);
  return bytes;
}

/** SHA-256 of all parts one after the other, 32 bytes. */
export function sha256(...parts) {
  const digest = noble.create();
  for (const part of parts) digest.update(part);
  return digest.digest();
}

/** SHA-256 of all parts, in hex. */
export const sha256Hex = (...parts) => hex(sha256(...parts));

/** A running SHA-256: `update(bytes)` any number of times, then `digest()` once. */
export const newSha256 = () => noble.create();

/** Fresh random bytes from the system. */
export const randomBytes = (size) => crypto.getRandomValues(new Uint8Array(size));

function fixed(number, size) {
  if (!Number.isInteger(number) || number < 0 || number >= 2 ** (8 * size)) {
    throw new Malformed("out_of_range", `数值 ${number} 超出 ${size} 字节`);
  }
  return Uint8Array.from({ length: size }, (_, i) => Math.floor(number / 2 ** (8 * (size - 1 - i))) % 256);
}
