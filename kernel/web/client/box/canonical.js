// Canonical JSON (kernel/proofs/canonical.py): one value, one spelling, since hashes are over the stored bytes.
import { equal, fromUtf8, utf8, wellFormed } from "./bytes.js";
import { Malformed } from "./errors.js";

export { fromBase64, lp, toBase64, u16, u32, u8 } from "./bytes.js";

const DEEPEST = 32;
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * `value` as canonical JSON: UTF-8, keys in code point order, no spaces. Only plain objects, arrays, strings,
 * integers up to 2^53-1 and booleans; anything else, a lone surrogate or more than 32 levels is Malformed.
 */
export const encode = (value) => utf8(spelled(value, 0));

/** The value of canonical JSON bytes; Malformed for every other spelling of the same value. */
export function decode(bytes) {
  const text = fromUtf8(bytes);
  const value = parsed(text);
  if (!equal(encode(value), bytes)) throw why(text);
  return value;
}

/** The order of keys and of sorted lists: by code point, which is not that of UTF-16 units. */
export function byCodePoint(a, b) {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i += 1) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left === right) continue;
    return isSurrogate(left) === isSurrogate(right) ? left - right : Number(isSurrogate(left)) * 2 - 1;
  }
  return a.length - b.length;
}

const isSurrogate = (unit) => unit >= 0xd800 && unit <= 0xdfff;

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Malformed("not_json", "不是 JSON");
  }
}

function spelled(value, depth) {
  if (depth > DEEPEST) throw new Malformed("too_deep", `嵌套超过 ${DEEPEST} 层`);
  if (typeof value === "string") return JSON.stringify(wellFormed(value));
  if (typeof value === "boolean") return String(value);
  if (Number.isInteger(value)) return integer(value);
  if (Array.isArray(value)) return `[${value.map((inner) => spelled(inner, depth + 1)).join(",")}]`;
  if (typeof value === "object" && value !== null) return object(value, depth);
  throw new Malformed("bad_kind", "不允许的值，只可用对象、数组、字符串、整数、真假");
}

function object(value, depth) {
  const members = Object.keys(value).sort(byCodePoint);
  return `{${members.map((name) => `${spelled(name, depth)}:${spelled(value[name], depth + 1)}`).join(",")}}`;
}

function integer(value) {
  if (!Number.isSafeInteger(value)) throw new Malformed("great_integer", "整数超出 ±(2^53−1)，大数请用字符串");
  return String(value === 0 ? 0 : value);
}

/** Which rule a JSON text breaks that does not come out the same again. */
function why(text) {
  const open = [];
  let last = "";
  for (const [token] of text.matchAll(TOKEN)) {
    const names = open.at(-1);
    if (token === "{" || token === "[") open.push(token === "{" ? new Set() : null);
    else if (token === "}" || token === "]") open.pop();
    else if (/^-?[0-9].*[.eE]/.test(token)) return new Malformed("bad_kind", `不允许的数：${token.slice(0, 20)}`);
    else if (token === ":" && names.has(last)) return new Malformed("duplicate_key", "对象中有重复的键");
    else if (token === ":") names.add(last);
    last = token.startsWith('"') ? JSON.parse(token) : token;
  }
  return new Malformed("not_canonical", "不是规范形式的 JSON：键须排序，不得有空格或多余的转义");
}
