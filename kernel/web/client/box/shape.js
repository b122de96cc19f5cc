// Strict shapes of JSON objects, as in kernel/proofs/shape.py: what members there are, and nothing else.
import { fromBase64 } from "./bytes.js";
import { byCodePoint } from "./canonical.js";
import { Malformed } from "./errors.js";

/** An object with exactly these members, name → check; those named in `optional` may be absent. */
export const record =
  (members, optional = []) =>
  (value, where) => {
    if (!isObject(value)) throw new Malformed("not_object", "应为对象", where);
    const strange = Object.keys(value).filter((name) => !Object.hasOwn(members, name));
    if (strange.length) {
      throw new Malformed("unknown_member", `不认识的成员 ${strange.sort(byCodePoint)[0].slice(0, 40)}`, where);
    }
    const missing = Object.keys(members).filter((name) => !Object.hasOwn(value, name) && !optional.includes(name));
    if (missing.length) throw new Malformed("missing_member", `缺少成员 ${missing.sort(byCodePoint)[0]}`, where);
    for (const name of Object.keys(value)) members[name](value[name], where ? `${where}.${name}` : name);
  };

/** An array of `least` to `most` values that each pass `each`. */
export const listed =
  (each, least = 0, most = 100_000) =>
  (value, where) => {
    if (!Array.isArray(value)) throw new Malformed("not_array", "应为数组", where);
    if (value.length < least || value.length > most) {
      throw new Malformed("bad_count", `应有 ${least} 至 ${most} 项，现有 ${value.length} 项`, where);
    }
    value.forEach((inner, i) => each(inner, `${where}[${i}]`));
  };

/** One of these constants, of the very type. */
export const oneOf =
  (...allowed) =>
  (value, where) => {
    if (!allowed.includes(value)) throw new Malformed("bad_value", `应为 ${allowed.join(" 或 ")}`, where);
  };

/** A string that the pattern (its source) matches whole. */
export function matching(pattern, says) {
  const whole = new RegExp(`^(?:${pattern})$`, "u");
  return (value, where) => {
    if (typeof value !== "string" || !whole.test(value)) throw new Malformed("bad_value", says, where);
  };
}

/** A string of `least` to `most` characters (code points) without control characters. */
export const text =
  (least = 0, most = 2000) =>
  (value, where) => {
    if (typeof value !== "string") throw new Malformed("not_text", "应为文字", where);
    const length = [...value].length;
    if (length < least || length > most) throw new Malformed("bad_length", `应为 ${least} 至 ${most} 个字`, where);
    if (/\p{Control}/u.test(value)) throw new Malformed("bad_text", "不得含控制字符", where);
  };

/** An integer from `least` to `most`; a boolean is none. */
export const integer =
  (least = 0, most = Number.MAX_SAFE_INTEGER) =>
  (value, where) => {
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new Malformed("bad_value", `应为 ${least} 至 ${most} 的整数`, where);
    }
  };

/** Canonical base64 of exactly `size` bytes, or of any number of them (null). */
export const base64Of = (size) => (value, where) => {
  if (typeof value !== "string") throw new Malformed("bad_base64", "应为 base64 文字", where);
  if (fromBase64(value, where).length !== size && size !== null) {
    throw new Malformed("bad_value", `应为 ${size} 字节的 base64`, where);
  }
};

/** true or false. */
export function boolean(value, where) {
  if (typeof value !== "boolean") throw new Malformed("bad_value", "应为真或假", where);
}

/** An object of any members. */
export function object(value, where) {
  if (!isObject(value)) throw new Malformed("not_object", "应为对象", where);
}

/** An instant as ``2026-03-02T09:00:00.000+08:00``: milliseconds, Beijing time, that spelling only. */
export function moment(value, where) {
  spelledMoment(value, where);
  // The 31st of April would roll over, and year 0 is none.
  const asUtc = `${value.slice(0, 23)}Z`;
  const at = new Date(asUtc);
  if (Number.isNaN(at.getTime()) || at.toISOString() !== asUtc || value.startsWith("0000")) {
    throw new Malformed("bad_value", "没有这个时刻", where);
  }
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

const spelledMoment = matching(
  String.raw`[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}\+08:00`,
  "时间应写作 2026-03-02T09:00:00.000+08:00",
);

export const sha256 = matching("[0-9a-f]{64}", "应为 SHA-256 的 64 位小写十六进制");
export const sha256OrEmpty = matching("(?:[0-9a-f]{64})?", "应为 SHA-256 的 64 位小写十六进制，或空");
export const kid = matching("[0-9a-f]{16}", "应为 16 位小写十六进制的密钥编号");
export const name = text(1, 128);
export const stageId = matching("[a-z][a-z0-9_]{0,31}", "阶段名应以小写字母开头，只含小写字母、数字、下划线");
export const role = oneOf("operator", "regulator", "purchaser");
