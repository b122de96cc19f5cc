// Where files are dropped to be checked: every change begins a fresh look at all of them, in a worker.
import { make } from "../sealing/dom.js";
import { Item } from "./item.js";

const HINT =
  "证据包（.zip）、回执（.dsse.json）、日志证明（.tlog-proof）、抽取记录、开标设定、截止时间，以及锚点文件 anchors.json，" +
  "可以一起选。文件只在这台电脑上核对，不会发出去。";
const NO_ANCHORS =
  "还没有锚点文件：只能核对内容自身一致，不能核对是谁签的。请从行政监督部门的网站或纸质公告取得 anchors.json，不要从本平台取。";
const WITH_ANCHORS = "签名按您给出的锚点文件核对。";

/** Fills `root` with the field, the files and what is found; `makeWorker` gives the worker that checks. */
export function careForChecking(root, makeWorker) {
  const page = { makeWorker, items: [], worker: null };
  const input = make("input", { type: "file", id: "f-files", multiple: true, "aria-describedby": "h-files" });
  const label = make("label", { className: "label", htmlFor: "f-files" }, "把文件拖到这里，或者选择文件");
  const hint = make("p", { className: "hint", id: "h-files" }, HINT);
  const drop = make("div", { className: "upload drop" }, label, hint, input);
  page.state = make("p", { className: "check-state", role: "status" });
  page.keys = make("p", { className: "check-keys" });
  page.list = make("div", { className: "check-items" });
  root.replaceChildren(drop, page.keys, page.state, page.list);
  input.addEventListener("change", () => {
    take(page, [...input.files]);
    input.value = "";
  });
  takeDropped(page, drop);
  describe(page);
}

function takeDropped(page, drop) {
  const over = (is) => (event) => {
    event.preventDefault();
    drop.classList.toggle("drop-over", is);
  };
  drop.addEventListener("dragover", over(true));
  drop.addEventListener("dragleave", over(false));
  drop.addEventListener("drop", (event) => {
    over(false)(event);
    take(page, [...event.dataTransfer.files]);
  });
}

function take(page, files) {
  for (const file of files) {
    const item = new Item(file, () => remove(page, item), () => look(page));
    page.items.push(item);
    page.list.append(item.element);
  }
  if (files.length) look(page);
}

function remove(page, item) {
  page.items = page.items.filter((other) => other !== item);
  item.element.remove();
  look(page);
}

/** Anchors or a receipt change what is said of everything else: all is looked at again. */
function look(page) {
  page.worker?.terminate();
  page.items.forEach((item) => item.begin());
  describe(page);
  if (!page.items.length) return;
  const worker = page.makeWorker();
  page.worker = worker;
  worker.addEventListener("message", ({ data }) => told(page, worker, data));
  worker.addEventListener("error", (event) => failed(page, event.message || "核验程序没有启动"));
  page.state.textContent = "正在核验…";
  const [files, salts] = [page.items.map((item) => item.file), page.items.map((item) => item.salt)];
  worker.postMessage({ files, salts, now: moment() });
}

function told(page, worker, data) {
  if (worker !== page.worker) return;
  if (data.failed) failed(page, data.failed);
  else if (data.done) finish(page);
  else page.items[data.file].tell(data);
  if (data.kind) describe(page);
}

function finish(page) {
  const bad = page.items.filter((item) => item.isBad).length;
  page.items.forEach((item) => item.end());
  page.state.textContent = bad ? `核验完毕：${bad} 个文件不通过，请看下面的说明。` : "核验完毕，没有发现不符。";
  page.worker.terminate();
}

function failed(page, says) {
  page.items.forEach((item) => item.end());
  page.state.textContent = `核验没有做完：${says}。请重新选择文件；文件若在别处打开着，请先关闭。`;
}

function describe(page) {
  const anchored = page.items.some((item) => item.kind === "anchors");
  page.keys.textContent = anchored ? WITH_ANCHORS : NO_ANCHORS;
  page.keys.classList.toggle("check-keys-missing", !anchored);
  if (!page.items.length) page.state.textContent = "";
}

/** Now, as the formats spell it: the machine's own clock, in Beijing time. */
const moment = () => new Date(Date.now() + 8 * 3_600_000).toISOString().replace("Z", "+08:00");
