// Moments of the platform's papers, which spell them freely: whole microseconds since 1970, to be compared.
import { Malformed } from "../box/errors.js";

const LOOSE =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{3}|\d{6}))?)?(?:(Z)|([+-])(\d\d):(\d\d))$/;

/** Microseconds since 1970 of an ISO 8601 moment with its time zone; Malformed `malformed` where there is none. */
export function instant(text) {
  const found = typeof text === "string" ? LOOSE.exec(text) : null;
  const at = found && microseconds(found);
  if (!found || at === null) throw new Malformed("malformed", "没有这个时刻");
  return at;
}

/** ``2026-04-20 09:30:00`` of a moment of the formats, which is always Beijing time. */
export const inWords = (moment) => moment.slice(0, 19).replace("T", " ");

function microseconds([, year, month, day, hour, minute, second = "0", part = "0", zulu, sign, zh, zm]) {
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const exists = Number(year) > 0 && date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  if (!exists || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const zone = zulu ? 0 : (sign === "-" ? -1 : 1) * (Number(zh) * 60 + Number(zm));
  const seconds = date.getTime() / 1000 + Number(hour) * 3600 + (Number(minute) - zone) * 60 + Number(second);
  return seconds * 1_000_000 + Number(part.padEnd(6, "0"));
}
