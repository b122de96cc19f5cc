// A lot's deadline, deadline.json of etb/1, chained and moving only later; and how moments are written.
import { sha256Hex } from "./bytes.js";
import { decode } from "./canonical.js";
import { Malformed } from "./errors.js";
import * as shape from "./shape.js";

const BEIJING = 8 * 3_600_000;

/** ``2026-03-02T09:00:00.000+08:00`` of a Date or of milliseconds since 1970. Moments compare as strings. */
export const writeMoment = (at) => `${new Date(Number(at) + BEIJING).toISOString().slice(0, 23)}+08:00`;

/** Milliseconds since 1970 of a moment as it is written. */
export function readMoment(text) {
  shape.moment(text, "");
  return Date.parse(text);
}

/** The deadline in these bytes: its members, `data` and `sha256`; `at` is the instant that is already late. */
export function readDeadline(data) {
  const value = decode(data);
  DEADLINE(value, "");
  if (value.prev && !value.reason.trim()) throw new Malformed("reason_missing", "变更截止时间须写明理由", "reason");
  return Object.freeze({ ...value, data, sha256: sha256Hex(data) });
}

/** Malformed unless `newer` follows `last` and is later. Whether `last` has passed, the caller knows. */
export function checkLater(newer, last) {
  if (newer.tender !== last.tender || newer.lot !== last.lot || newer.prev !== last.sha256) {
    throw new Malformed("broken_chain", "应接续同一标段的上一个截止时间", "prev");
  }
  if (newer.at <= last.at) throw new Malformed("not_later", "截止时间只能延后", "at");
}

const DEADLINE = shape.record({
  type: shape.oneOf("etb.deadline/1"),
  tender: shape.name,
  lot: shape.name,
  at: shape.moment,
  prev: shape.sha256OrEmpty,
  reason: shape.text(0, 2000),
});
