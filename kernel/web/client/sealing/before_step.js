// What stands before the button: consent to the fallback, what is still open, a private window, when to start at the latest.
import { choice, make, note } from "./dom.js";
import { clockTime, duration, needed, size, startBy } from "./pace.js";
import { knownRate } from "./rates.js";

const LARGE = 64 * 1024 * 1024; // bytes that a private window, which keeps them all in memory, is not trusted with unasked

/** Build it from the page's parts: {refresh(), problems(), fallback()}; `wanted` gives the stages to seal. */
export function buildBefore(page, papers, wanted) {
  const box = page.at("before");
  const fallback = choice("fallback", "我不能按时解密时，同意由交易中心、监督部门、招标人三方共同代为开启（补救）");
  fallback.input.checked = true;
  fallback.box.hidden = page.root.dataset.mode !== "bidder";
  const open = make("div");
  const accept = choice("gaps", "仍要封装，由评标专家自行查找");
  const hidden = make("div");
  const risk = choice("private", "仍要在无痕窗口里封装，递交完以前不关窗口");
  const time = make("p", { className: "estimate", role: "status" });
  box.append(fallback.box, open, accept.box, hidden, risk.box, time);
  const isRisky = () => page.disk === "memory" && papers.bytes(wanted()) > LARGE;
  const refresh = () => {
    const ids = wanted();
    const gaps = papers.gaps(ids);
    open.replaceChildren(...(gaps.length ? [gapList(gaps)] : []));
    accept.box.hidden = !gaps.length;
    hidden.replaceChildren(...(page.disk === "memory" ? [note("warn", "这是无痕（隐私）窗口", PRIVATE)] : []));
    risk.box.hidden = !isRisky();
    time.textContent = estimate(papers.bytes(ids), page.deadline, page.now);
  };
  const problems = () => {
    const gaps = papers.gaps(wanted());
    const says = `响应索引还有 ${gaps.length} 项没有指明位置`;
    const found = gaps.length && !accept.input.checked ? [{ says, remedy: "请补齐，或勾选“仍要封装”", field: "f-gaps" }] : [];
    if (page.disk === "none") return [...found, NO_DISK];
    return isRisky() && !risk.input.checked ? [...found, tooLarge(papers.bytes(wanted()))] : found;
  };
  refresh();
  return { refresh, problems, fallback: () => page.root.dataset.mode === "bidder" && fallback.input.checked };
}

const NO_DISK = {
  says: "这个窗口不能在本机存文件，通常是无痕（隐私）窗口",
  remedy: "请改用普通窗口打开本页，或用离线封装工具、命令行封装",
};
const PRIVATE = "封装好的文件全部放在内存里，关闭窗口就没有了，不能接着上传。请改用普通窗口打开本页。";

function tooLarge(bytes) {
  const says = `无痕（隐私）窗口要占用 ${size(bytes)} 以上的内存，可能中途失败`;
  return { says, remedy: "请改用普通窗口打开本页，或勾选“仍要在无痕窗口里封装”", field: "f-private" };
}

function gapList(gaps) {
  const banner = note("warn", `响应索引还有 ${gaps.length} 项空缺`, "");
  banner.lastChild.append(make("ul", {}, ...gaps.map((says) => make("li", {}, says))));
  return banner;
}

function estimate(bytes, deadline, now) {
  if (!bytes) return "";
  const [sealingRate, line] = [knownRate("sealing").rate, knownRate("sending")];
  const speed = `${line.measured ? "按上次测得的网速" : "还没有测过网速，先按"}每秒 ${size(line.rate)}`;
  const latest = startBy(deadline, bytes, sealingRate, line.rate);
  const start = latest > now ? `请最迟在 ${clockTime(latest, now)} 开始。` : "时间已经很紧，请立即开始。";
  return `共 ${size(bytes)}，${speed}，封装和上传约需 ${duration(needed(bytes, sealingRate, line.rate))}，${start}`;
}
