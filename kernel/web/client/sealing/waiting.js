// A bid that was sealed on this machine and not sent to the end: go on with it, or give it up and seal anew.
import { make, note } from "./dom.js";
import { send } from "./finishing.js";
import { dropPending } from "./keeping.js";
import { size } from "./pace.js";

/** Offer it; `trusted` is asked for the keys a receipt is held against, `build` sets up the page for a new one. */
export function offerWaiting(page, waiting, trusted, build) {
  const box = page.at("waiting");
  box.hidden = false;
  const total = waiting.files.reduce((sum, file) => sum + file.size, 0);
  const says = `第 ${waiting.seq} 次投标，共 ${size(total)}，恢复文件已保存。接着上传，不必重新封装。`;
  const goOn = make("button", { type: "button", className: "button" }, "继续递交");
  const anew = make("button", { type: "button", className: "button button-quiet" }, "放弃，重新封装");
  const banner = note("info", "这台电脑上有一份封装好、还没有递交完的标书", says);
  box.append(banner, make("div", { className: "actions" }, goOn, anew));
  const steps = page.root.querySelectorAll("[data-step]");
  const hidden = [...steps].map((step) => step.hidden);
  steps.forEach((step) => { step.hidden = true; });
  goOn.addEventListener("click", async () => {
    box.hidden = true;
    const trust = await trusted();
    await send({ step: page.step("send"), problems: page.at("problems"), target: page.target, pending: waiting, trusted: trust });
  });
  anew.addEventListener("click", async () => {
    await dropPending(page.target.box, page.target.bidder);
    box.hidden = true;
    steps.forEach((step, n) => { step.hidden = hidden[n]; });
    await build();
  });
}
