// How fast a step runs, how long it still takes, and when one should start at the latest.

const WINDOW = 15; // seconds looked back on: long enough to be steady, short enough to notice a slower line
const MARGIN = 15 * 60; // seconds kept in hand before a deadline
/** Bytes a second assumed while nothing has been measured. */
export const UNMEASURED = { sealing: 20 * 1024 * 1024, sending: 1024 * 1024 };

/** Watches one step: feed it (bytes done, seconds) and ask. */
export class Pace {
  constructor(total) {
    this.total = total;
    this.seen = [];
  }

  tell(done, seconds) {
    this.seen.push({ done, seconds });
    while (this.seen.length > 2 && seconds - this.seen[0].seconds > WINDOW) this.seen.shift();
  }

  /** Bytes a second over the last while; 0 while unknown. */
  get rate() {
    const [first, last] = [this.seen[0], this.seen.at(-1)];
    if (!first || last.seconds <= first.seconds) return 0;
    return (last.done - first.done) / (last.seconds - first.seconds);
  }

  /** Seconds left; null while unknown. */
  get left() {
    const done = this.seen.at(-1)?.done ?? 0;
    return this.rate > 0 ? (this.total - done) / this.rate : null;
  }
}

/** Seconds that sealing and sending so many bytes take at these rates. */
export function needed(bytes, sealing, sending) {
  return bytes / sealing + bytes / sending;
}

/** The moment (ms) at which to start at the latest, a quarter of an hour in hand. */
export function startBy(deadline, bytes, sealing, sending) {
  return deadline - (needed(bytes, sealing, sending) + MARGIN) * 1000;
}

/** 3 分 20 秒 */
export function duration(seconds) {
  const whole = Math.max(1, Math.ceil(seconds));
  if (whole < 60) return `${whole} 秒`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 ? `${minutes} 分 ${whole % 60} 秒` : `${minutes} 分钟`;
  return `${Math.floor(minutes / 60)} 小时 ${minutes % 60} 分`;
}

/** 12.4 MB, as the server writes sizes. */
export function size(bytes) {
  const units = ["字节", "KB", "MB", "GB"];
  let [value, unit] = [bytes, 0];
  for (; value >= 1024 && unit < units.length - 1; unit += 1) value /= 1024;
  return `${unit ? value.toFixed(1) : value} ${units[unit]}`;
}

/** 08:40, or 4月19日 22:10 where it is another day; Beijing time. */
export function clockTime(moment, today) {
  const parts = (at, options) => new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", ...options }).format(at);
  const time = parts(moment, { hour: "2-digit", minute: "2-digit", hour12: false });
  const day = (at) => parts(at, { month: "long", day: "numeric" });
  return day(moment) === day(today) ? time : `${day(moment)} ${time}`;
}
