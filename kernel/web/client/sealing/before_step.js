// What stands before the button: consent to the fallback, what is still open, and when to start at the latest.
import { choice, make, note } from "./dom.js";
import { clockTime, duration, needed, size, startBy } from "./pace.js";
import { knownRate } from "./rates.js";

/** Build it from the page's parts: {refresh(), problems(), fallback()}; `wanted` gives the stages to seal. */
export function buildBefore(page, papers, wanted) {
  const box = page.at("before");
  const fallback = choice("fallback", "我不能按时解密时，同意由交易中心、监督部门、招标人三方共同代为开启（补救）");
  fallback.input.checked = true;
  fallback.box.hidden = page.root.dataset.mode !== "bidder";
  const open = make("div");
  const accept = choice("gaps", "仍要封装，由评标专家自行查找");
  const time = make("p", { className: "estimate", role: "status" });
  box.append(fallback.box, open, accept.box, time);
  const refresh = () => {
    const ids = wanted();
    const gaps = papers.gaps(ids);
    open.replaceChildren(...(gaps.length ? [gapList(gaps)] : []));
    accept.box.hidden = !gaps.length;
    time.textContent = estimate(papers.bytes(ids), page.deadline, page.now);
  };
  const problems = () => {
    const gaps = papers.gaps(wanted());
    const says = `响应索引还有 ${gaps.length} 项没有指明位置`;
    return gaps.length && !accept.input.checked ? [{ says, remedy: "请补齐，或勾选“仍要封装”", field: "f-gaps" }] : [];
  };
  refresh();
  return { refresh, problems, fallback: () => page.root.dataset.mode === "bidder" && fallback.input.checked };
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
