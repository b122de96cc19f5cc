// Shows the sealing as it goes: a line and a bar a file, with speed and time left for the whole.
import { make } from "./dom.js";
import { Pace, duration, size } from "./pace.js";
import { rememberRate } from "./rates.js";
import { work } from "./working.js";

/** Run the order in the worker and show it in `list`; what the worker made. `bytes` is the whole to seal. */
export async function sealing(list, worker, order, bytes) {
  const bar = make("progress", { max: 1, value: 0, "aria-label": "封装进度" });
  const state = make("span", { className: "quiet" }, "正在准备…");
  list.replaceChildren(make("li", {}, make("strong", {}, "加密"), " ", state, bar));
  const pace = new Pace(bytes);
  const done = new Map();
  const sealed = await work(worker, "seal", order, (told) => {
    if (told.locking) state.textContent = "正在生成恢复文件…";
    if (!told.progress) return;
    done.set(told.progress.file, told.progress.done);
    const whole = [...done.values()].reduce((sum, one) => sum + one, 0);
    pace.tell(whole, performance.now() / 1000);
    bar.value = bytes ? Math.min(1, whole / bytes) : 1;
    state.textContent = line(told.progress.file, whole, bytes, pace);
  });
  rememberRate("sealing", pace.rate);
  bar.value = 1;
  const ciphers = sealed.files.reduce((sum, file) => sum + file.size, 0);
  state.textContent = `完成：${sealed.files.length} 个密文，共 ${size(ciphers)}，已由您的密钥签名`;
  return sealed;
}

function line(file, whole, bytes, pace) {
  const speed = pace.rate ? `，每秒 ${size(pace.rate)}，约还需 ${duration(pace.left)}` : "";
  return `${file}：${size(whole)}／${size(bytes)}${speed}`;
}
