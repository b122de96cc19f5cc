// Members of the platform's own papers, whose shape nobody has checked: what is missing is refused, never undefined.
import { Malformed } from "../box/errors.js";

/** A view of decoded JSON in which every member that is asked for must be there; Malformed `malformed` otherwise. */
export function strict(value) {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, Array.isArray(value) ? { get: element } : { get: member });
}

/** A member that may be absent: then `otherwise`. */
export function optional(value, name, otherwise = undefined) {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : otherwise;
}

/** Whether two decoded JSON values say the same. */
export function same(a, b) {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((inner, i) => same(inner, b[i]));
  if (!isObject(a) || !isObject(b)) return a === b;
  const names = Object.keys(a);
  const equal = names.length === Object.keys(b).length;
  return equal && names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]));
}

/** A JSON object, neither an array nor null. */
export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** A check of shapes: an object of any members. */
export function anyObject(value, where) {
  if (!isObject(value)) throw new Malformed("not_object", "应为对象", where);
}

function element(list, name) {
  const found = Reflect.get(list, name);
  return typeof found === "function" ? found : strict(found);
}

function member(value, name) {
  if (typeof name === "symbol" || name === "toJSON" || name === "then") return undefined;
  if (!Object.hasOwn(value, name)) throw new Malformed("malformed", `内容不合格式（缺少 ${String(name).slice(0, 40)}）`);
  return strict(value[name]);
}
