// Countdowns run on the server's clock: its moment at rendering plus what a steady local clock has counted since.

const DAY = 86400;

/** Seconds as the server writes them: the two largest units. */
export function left(seconds) {
  const whole = Math.floor(seconds);
  const days = Math.floor(whole / DAY);
  const hours = Math.floor((whole % DAY) / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  if (days) return `还剩 ${days} 天 ${hours} 小时`;
  if (hours) return `还剩 ${hours} 小时 ${minutes} 分`;
  return minutes ? `还剩 ${minutes} 分 ${whole % 60} 秒` : `还剩 ${whole} 秒`;
}

function showText(element, seconds) {
  const over = seconds <= 0;
  const text = over ? element.dataset.done : left(seconds);
  if (element.textContent !== text) element.textContent = text;
  element.classList.toggle("countdown-over", over);
  element.classList.toggle("countdown-near", !over && seconds < DAY);
}

function showClock(element, seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = {
    days: String(Math.floor(whole / DAY)),
    hours: String(Math.floor((whole % DAY) / 3600)).padStart(2, "0"),
    minutes: String(Math.floor((whole % 3600) / 60)).padStart(2, "0"),
    seconds: String(whole % 60).padStart(2, "0"),
  };
  for (const [unit, text] of Object.entries(parts)) {
    const cell = element.querySelector(`[data-unit="${unit}"]`);
    if (cell && cell.textContent !== text) cell.textContent = text;
  }
}

function tick(element, loadedAt) {
  const moment = Number(element.dataset.countdown ?? element.dataset.clock);
  const now = Number(element.dataset.now) + (performance.now() - loadedAt) / 1000;
  const seconds = moment - now;
  if (element.dataset.clock) showClock(element, seconds);
  else showText(element, seconds);
  if (seconds <= 0 && !element.dataset.over) {
    element.dataset.over = "yes";
    element.dispatchEvent(new CustomEvent("countdown:over", { bubbles: true }));
  }
}

/** Keep every countdown below `root` running, also those that come into the page later. */
export function runCountdowns(root) {
  const seenAt = new WeakMap();
  const all = () => {
    for (const element of root.querySelectorAll("[data-countdown], [data-clock]")) {
      if (!seenAt.has(element)) seenAt.set(element, performance.now());
      tick(element, seenAt.get(element));
    }
  };
  all();
  setInterval(all, 1000);
}
