// The documents of a stage, and the workbook that points each requirement at a file and page.
import { make } from "./dom.js";
import { size } from "./pace.js";
import { WORKBOOK_MEDIA, WORKBOOK_NAME, buildWorkbook, gaps } from "./workbook.js";

const MEDIA = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;
const NAME = /^[^/\\\u0000-\u001f\u007f-\u009f]{1,255}$/u;

/**
 * A chooser of documents in `box`; every choice adds to the list. `limits` = {file, files, bid} in bytes and number.
 * Returns {files(), problems(), onChange(act)}.
 */
export function documentChooser(box, stage, limits) {
  const input = make("input", { type: "file", multiple: true, id: `f-files-${stage.id}` });
  const label = make("label", { className: "label", htmlFor: input.id }, `选择${stage.label}（可多选、可分几次选）`);
  const list = make("ul", { className: "upload-list" });
  const said = make("p", { className: "quiet", role: "status" });
  box.append(make("div", { className: "field" }, label, make("div", { className: "upload" }, input, list, said)));
  const files = [];
  const listeners = [];
  const changed = () => {
    list.replaceChildren(...files.map((file) => row(file, () => { files.splice(files.indexOf(file), 1); changed(); })));
    said.textContent = files.length ? `共 ${files.length} 个文件，${size(bytesOf(files))}` : "";
    listeners.forEach((act) => act());
  };
  input.addEventListener("change", () => {
    for (const file of input.files) {
      const same = files.findIndex((known) => known.name === file.name);
      if (same < 0) files.push(file);
      else files[same] = file; // chosen again after a change
    }
    input.value = "";
    changed();
  });
  return {
    files: () => [...files],
    problems: () => problemsOf(files, stage, limits, input.id),
    onChange: (act) => listeners.push(act),
  };
}

function bytesOf(files) {
  return files.reduce((total, file) => total + file.size, 0);
}

function row(file, remove) {
  const button = make("button", { type: "button", className: "button button-quiet button-small" }, "移除");
  button.setAttribute("aria-label", `移除 ${file.name}`);
  button.addEventListener("click", remove);
  return make("li", {}, make("strong", {}, file.name), " ", make("span", { className: "quiet" }, size(file.size)), " ", button);
}

function problemsOf(files, stage, limits, at) {
  if (!files.length) return [{ says: `没有选择${stage.label}`, field: at }];
  const found = [];
  for (const file of files) {
    if (!file.size) found.push(`${file.name} 是空文件`);
    if (file.size > limits.file) found.push(`${file.name} 超过 ${size(limits.file)}，请拆分`);
    if (!NAME.test(file.name)) found.push(`文件名“${file.name}”过长，或有不能用的字符`);
    if (file.name === WORKBOOK_NAME) found.push(`“${WORKBOOK_NAME}”由本页生成，请移除或改名`);
  }
  if (files.length > limits.files) found.push(`文件多于 ${limits.files} 个，请合并`);
  if (bytesOf(files) > limits.bid) found.push(`文件合计超过 ${size(limits.bid)}`);
  return found.map((says) => ({ says, field: at }));
}

/** What the sealing module takes: {source, name, media}. */
export function asDocument(file) {
  return { source: file, name: file.name, media: MEDIA.test(file.type) ? file.type : "application/octet-stream" };
}

/**
 * The workbook in `box`: one row a requirement or scoring item, each with a file and a page.
 * Returns {gaps(), document(notice)}; `names()` gives the chosen files' names; call `refresh` when they change.
 */
export function workbookTable(box, rows, names) {
  const built = rows.map((row, n) => pointerRow(row, n));
  const said = make("p", { className: "workbook-state", role: "status" });
  box.append(make("ol", { className: "workbook" }, ...built.map((one) => one.box)), said);
  const pointers = () => built.map((one) => one.pointer()).filter(Boolean);
  const open = () => gaps(rows, pointers(), names());
  const retell = () => {
    const left = open().length;
    said.textContent = left ? `还有 ${left} 项没有指明位置（共 ${rows.length} 项）` : `${rows.length} 项均已指明位置`;
    said.classList.toggle("is-open", left > 0);
  };
  const refresh = () => {
    built.forEach((one) => one.offer(names()));
    retell();
  };
  box.addEventListener("change", retell);
  refresh();
  const document = (notice) => {
    const content = new Blob([buildWorkbook(notice, pointers())]);
    return { source: content, name: WORKBOOK_NAME, media: WORKBOOK_MEDIA };
  };
  return { gaps: open, refresh, document };
}

function pointerRow(row, n) {
  const kind = row.kind === "score" ? `评分项　满分 ${row.maximum} 分` : `评审项　${row.article}`;
  const select = make("select", { className: "input", id: `f-at-${row.id}`, "aria-label": `第 ${n + 1} 项所在的文件` });
  const page = make("input", { className: "input", type: "text", inputMode: "numeric", maxLength: 6, autocomplete: "off" });
  page.setAttribute("aria-label", `第 ${n + 1} 项所在的页码`);
  page.placeholder = "页码";
  const title = make("p", { className: "workbook-item" }, row.name, make("span", { className: "sub" }, kind));
  const box = make("li", {}, title, make("div", { className: "workbook-place" }, select, page));
  const pointer = () => {
    const number = /^\d{1,5}$/.test(page.value.trim()) ? Number(page.value) : 0;
    return select.value ? { id: row.id, file: select.value, page: number } : null;
  };
  const offer = (names) => {
    const chosen = names.includes(select.value) ? select.value : "";
    select.replaceChildren(new Option("请选择文件", ""), ...names.map((name) => new Option(name, name)));
    select.value = chosen;
  };
  return { box, pointer, offer };
}
