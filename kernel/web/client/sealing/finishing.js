// The last step: what is sealed goes out, with progress, speed and time left; the receipt is checked; the page moves on.
import { checkReceipt } from "../box/anchored.js";
import { readAnchors } from "../box/anchors.js";
import { fromBase64 } from "../box/bytes.js";
import { readReceipt } from "../box/close.js";
import * as dsse from "../box/dsse.js";
import { Refused } from "../parts/requests.js";
import { deliver } from "./delivering.js";
import { make, showProblems } from "./dom.js";
import { dropPending } from "./keeping.js";
import { Pace, duration, size } from "./pace.js";
import { rememberRate } from "./rates.js";

const seconds = () => performance.now() / 1000;

/** The line under the bar: 已上传 12.0 MB／共 312.4 MB，每秒 1.2 MB，约还需 4 分 10 秒 */
function teller(step) {
  const state = step.querySelector("[data-send-state]");
  const bar = step.querySelector("[data-send-bar]");
  let pace = null;
  return (told) => {
    if (told.cut) state.textContent = "网络中断，恢复后自动接着上传；已上传的部分不会重传。";
    if (told.registering) state.textContent = "已全部送达，正在登记…";
    if (told.sent === undefined) return;
    pace ??= new Pace(told.total);
    pace.tell(told.sent, seconds());
    bar.value = told.total ? told.sent / told.total : 1;
    const speed = pace.rate ? `，每秒 ${size(pace.rate)}，约还需 ${duration(pace.left)}` : "";
    state.textContent = `已上传 ${size(told.sent)}／共 ${size(told.total)}${speed}`;
    rememberRate("sending", pace.rate);
  };
}

/** Refuse a receipt that does not confirm this very bid, or that no trusted key has signed. */
function checked(receipt, pending, trusted) {
  const signed = dsse.read(fromBase64(receipt.receipt));
  const read = trusted.anchors
    ? checkReceipt(signed, readAnchors(trusted.anchors))
    : readReceipt(dsse.require(signed, [trusted.receiptKey]));
  if (read.sha256 !== pending.sha256) throw new Error("回执说的不是这份标书，请立即联系交易中心");
}

/**
 * Send the waiting bid and go to its receipt. A refusal is shown in `problems`; after it, or when nobody is signed in
 * any more, the step offers to go on.
 */
export async function send({ step, problems, target, pending, trusted }) {
  step.hidden = false;
  step.querySelector("h2").focus();
  const more = step.querySelector("[data-send-more]");
  more.replaceChildren();
  try {
    const receipt = await deliver(target, pending, teller(step));
    checked(receipt, pending, trusted);
    await dropPending(target.box, target.bidder);
    location.assign(`/lots/${target.box}/receipt/${receipt.seq}`);
  } catch (error) {
    const again = make("button", { type: "button", className: "button" }, "继续递交");
    again.addEventListener("click", () => location.reload());
    if (error instanceof Refused && error.status === 401) {
      step.querySelector("[data-send-state]").textContent = "登录已过期。重新登录后回到本页，接着上传。";
      const next = encodeURIComponent(location.pathname);
      more.append(make("a", { className: "button", href: `/signin?next=${next}` }, "重新登录"));
      return;
    }
    const says = error.problems?.length ? error.problems : [{ says: error.message }];
    showProblems(problems, "没有递交", says);
    more.append(again);
  }
}
