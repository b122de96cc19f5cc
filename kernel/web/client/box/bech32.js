// Bech32 (BIP 173) without its length limit, as age spells keys.
import { Malformed } from "./errors.js";

const ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** `content` under a lower-case `prefix`; upper-case the result where the upper form is wanted. */
export function encode(prefix, content) {
  const digits = regroup(content, 8, 5, true);
  const checksum = polymod([...spread(prefix), ...digits, 0, 0, 0, 0, 0, 0]) ^ 1;
  const tail = Array.from({ length: 6 }, (_, i) => (checksum >>> (5 * (5 - i))) & 31);
  return `${prefix}1${[...digits, ...tail].map((digit) => ALPHABET[digit]).join("")}`;
}

/** {lower-case prefix, content}; Malformed for mixed case, foreign characters, a wrong checksum. */
export function decode(text) {
  if (text !== text.toLowerCase() && text !== text.toUpperCase()) throw bad("密钥大小写混用");
  const lower = text.toLowerCase();
  const one = lower.lastIndexOf("1");
  const [prefix, rest] = [lower.slice(0, Math.max(one, 0)), lower.slice(one + 1)];
  if (one < 1 || rest.length < 6 || [...rest].some((sign) => !ALPHABET.includes(sign))) {
    throw bad("密钥写法不对：含有不认识的字符或不完整");
  }
  if (/[^\x21-\x7e]/.test(prefix)) throw bad("密钥写法不对：前缀含有不认识的字符");
  const digits = [...rest].map((sign) => ALPHABET.indexOf(sign));
  if (polymod([...spread(prefix), ...digits]) !== 1) throw bad("密钥校验不符，可能抄错");
  return { prefix, content: Uint8Array.from(regroup(digits.slice(0, -6), 5, 8, false)) };
}

const bad = (says) => new Malformed("bad_bech32", says);

function spread(prefix) {
  const codes = [...prefix].map((sign) => sign.charCodeAt(0));
  return [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];
}

function polymod(values) {
  let check = 1;
  for (const value of values) {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    GENERATORS.forEach((generator, i) => (check ^= (top >>> i) & 1 ? generator : 0));
  }
  return check;
}

function regroup(values, width, target, pad) {
  let [held, bits] = [0, 0];
  const out = [];
  for (const value of values) {
    held = (held << width) | value;
    bits += width;
    while (bits >= target) {
      bits -= target;
      out.push(held >> bits);
      held &= (1 << bits) - 1;
    }
  }
  if (pad && bits) out.push(held << (target - bits));
  else if (!pad && (held || bits >= width)) throw bad("密钥末尾有多余的位");
  return out;
}
