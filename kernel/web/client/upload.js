// Upload fields: each chosen file is hashed, sent in parts, resumed after a cut, and named to the form by its id.
import { sendAgain } from "./parts/resuming.js";
import { fileDigest, partDigests } from "./parts/sending.js";

/** The line of one file: its name, its state in words, a bar, and a way to take it out again. */
function line(list, file) {
  const item = document.createElement("li");
  const name = document.createElement("strong");
  const state = document.createElement("span");
  const bar = document.createElement("progress");
  const remove = document.createElement("button");
  name.textContent = file.name;
  state.className = "quiet";
  bar.max = Math.max(file.size, 1);
  bar.setAttribute("aria-label", `${file.name} 上传进度`);
  remove.type = "button";
  remove.className = "button button-quiet button-small";
  remove.textContent = "移除";
  remove.setAttribute("aria-label", `移除 ${file.name}`);
  item.append(name, " ", state, " ", remove, bar);
  list.append(item);
  return {
    say: (text) => { state.textContent = text; },
    fill: (bytes) => { bar.value = bytes; },
    done: () => bar.remove(),
    onRemove: (act) => remove.addEventListener("click", () => { act(); item.remove(); }),
    attach: (field) => item.append(field),
  };
}

function hidden(name, value) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name, value });
  return field;
}

async function send(box, file, row, signal) {
  row.say("正在计算指纹…");
  const sha256 = await fileDigest(file, box.dataset.worker, row.fill);
  return sendAgain({
    api: box.dataset.api, file, sha256, purpose: box.dataset.purpose, signal, digests: partDigests(file, box.dataset.worker),
    progress: (bytes) => {
      row.fill(bytes);
      row.say(`已送达 ${Math.floor((bytes / Math.max(file.size, 1)) * 100)}%`);
    },
  });
}

async function take(box, file, pending) {
  const row = line(box.querySelector(".upload-list"), file);
  const stop = new AbortController();
  row.onRemove(() => stop.abort());
  pending.add(row);
  try {
    const id = await send(box, file, row, stop.signal);
    row.attach(hidden(box.dataset.upload, id));
    row.attach(hidden(`${box.dataset.upload}_label`, file.name));
    row.say("已送达，指纹一致");
    row.done();
    box.dispatchEvent(new CustomEvent("upload:done", { bubbles: true, detail: { id, file } }));
  } catch (error) {
    if (!stop.signal.aborted) row.say(`没有送达：${error.message}。请移除后重新选择，已送达的部分不会重传。`);
  } finally {
    pending.delete(row);
  }
}

/** Turn a file input into resumable uploads; the form waits until everything has arrived. */
function upgrade(box) {
  if (!box.dataset.worker) return;
  for (const remove of box.querySelectorAll("[data-upload-remove]")) {
    remove.hidden = false;
    remove.addEventListener("click", () => remove.closest("li").remove());
  }
  const input = box.querySelector('input[type="file"]');
  const pending = new Set();
  input.removeAttribute("name");
  input.addEventListener("change", () => {
    const list = box.querySelector(".upload-list");
    if (!input.multiple) list.querySelectorAll("button").forEach((b) => b.click());
    for (const file of input.files) take(box, file, pending);
    input.value = "";
  });
  // Before the form's own care for double sending, which must not see a submission that did not happen.
  box.closest("form")?.addEventListener("submit", (event) => {
    if (!pending.size) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    for (const row of pending) row.say("仍在上传，请稍候再提交");
  }, { capture: true });
}

document.querySelectorAll("[data-upload]").forEach(upgrade);
