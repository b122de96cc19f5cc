// One dropped file and what was found of it, in plain words: what is proved, what is wrong, what is not proved.
import { make } from "../sealing/dom.js";

const KINDS = {
  package: "证据包",
  anchors: "锚点文件",
  successor: "后继锚点",
  receipt: "投标回执",
  proof: "日志证明",
  draw: "抽取记录",
  setup: "开标设定",
  deadline: "截止时间",
  close: "截标名单",
  other: "其他文件",
};
const PACKAGES = { public: "公开包", archive: "存档包" };
const SIGNS = { good: "✓", danger: "✗" };
const MEGA = 1024 * 1024;

/** The line and the findings of a file. */
export class Item {
  constructor(file, onRemove, onSalt) {
    this.file = file;
    this.kind = "";
    this.remove = make("button", { type: "button", className: "button button-quiet button-small no-print" }, "移除");
    this.remove.setAttribute("aria-label", `移除 ${file.name}`);
    this.remove.addEventListener("click", onRemove);
    this.label = make("span", { className: "quiet" });
    const head = make("div", { className: "check-head" }, make("h3", {}, file.name), this.label, this.remove);
    this.body = make("div");
    this.salted = saltField(onSalt);
    this.element = make("article", { className: "check-item" }, head, this.body, this.salted);
  }

  /** What was typed to open a proof's event: 64 hex digits, or empty. */
  get salt() {
    const typed = this.salted.querySelector("input").value.replace(/\s/g, "").toLowerCase();
    return /^[0-9a-f]{64}$/.test(typed) ? typed : "";
  }

  /** A fresh look begins. */
  begin() {
    this.isBad = false;
    this.steps = make("ol", { className: "check-steps" });
    this.bar = make("progress", { max: Math.max(this.file.size, 1), value: 0 });
    this.bar.setAttribute("aria-label", `${this.file.name} 核验进度`);
    this.body.replaceChildren(this.bar, this.steps);
  }

  /** One step of the look. */
  tell({ kind, progress, passed, report }) {
    if (kind) {
      this.kind = kind;
      this.salted.hidden = kind !== "proof";
      this.label.textContent = `${KINDS[kind]}，${sizeOf(this.file.size)}`;
    }
    if (progress !== undefined) this.bar.value = progress;
    if (passed) this.steps.append(step(passed));
    if (report) this.show(report);
  }

  /** The look is over; a file of which nothing was said was not looked at. */
  end() {
    this.bar.remove();
    if (!this.body.childElementCount) this.body.append(make("p", { className: "quiet" }, "没有核验，请先处理上面的问题。"));
  }

  show(report) {
    this.isBad = report.failure !== null;
    const { tone, words } = verdict(this.kind, report);
    const parts = [banner(tone, words, failureIn(report))];
    for (const one of report.belongs ?? []) parts.push(banner(one.good ? "good" : "warn", one.says));
    if (report.rows.length) parts.push(rows(report.rows));
    this.steps.replaceChildren(...report.passed.map(step));
    if (report.passed.length) parts.push(make("h4", {}, report.failure ? "到此为止已经核对的" : "已经证明的"), this.steps);
    if (report.notes.length) parts.push(make("h4", {}, "附注"), list(report.notes));
    if (!report.failure && report.notProved.length) parts.push(make("h4", {}, "没有证明的"), list(report.notProved));
    this.body.replaceChildren(...parts);
  }
}

let fields = 0;

function saltField(onSalt) {
  fields += 1;
  const id = `f-salt-${fields}`;
  const input = make("input", { id, className: "input", maxLength: 80, autocomplete: "off", spellcheck: false });
  input.addEventListener("change", onSalt);
  const hint = make("p", { className: "hint", id: `h-salt-${fields}` }, "64 位十六进制，印在证明旁边；回执里已经有，不用填。");
  input.setAttribute("aria-describedby", hint.id);
  const optional = make("span", { className: "optional" }, "选填");
  const label = make("label", { className: "label", htmlFor: id }, "事项的盐", optional);
  return make("div", { className: "field check-salt", hidden: true }, label, hint, input);
}

function verdict(kind, report) {
  const name = PACKAGES[report.kind] ?? KINDS[kind];
  if (report.failure) return { tone: "danger", words: `${name}核验不通过` };
  if (kind === "anchors" || kind === "successor") return { tone: "info", words: "用来核对其他文件的签名" };
  if (kind === "other") return { tone: "info", words: "没有可以核验的签名，只算出了指纹" };
  if (kind === "draw") return { tone: "good", words: "抽取的次序可以重新算出，与记录一致" };
  if (!report.anchored) return { tone: "warn", words: `${name}自身一致，密钥未核对` };
  return { tone: "good", words: `${name}核验通过` };
}

function failureIn({ failure }) {
  if (!failure) return "";
  return `${failure.where ? `〔${failure.where}〕` : ""}${failure.says}（${failure.code}）`;
}

function banner(tone, words, says = "") {
  const inside = make("div", {}, make("strong", {}, words));
  if (says) inside.append(make("p", {}, says));
  const sign = make("span", { className: "check-sign", "aria-hidden": "true" }, SIGNS[tone] ?? "!");
  return make("div", { className: `banner tone-${tone}`, role: tone === "danger" ? "alert" : "note" }, sign, inside);
}

function step({ name, says }) {
  return make("li", {}, make("strong", {}, name), ` ${says}`);
}

function rows(pairs) {
  const facts = pairs.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, shown(value))]);
  return make("dl", { className: "check-facts" }, ...facts);
}

const shown = (value) => (/^[0-9a-f]{64}$/.test(value) ? make("code", { className: "hash" }, value) : value);
const list = (sentences) => make("ul", {}, ...sentences.map((says) => make("li", {}, says)));
const sizeOf = (bytes) => (bytes < MEGA ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / MEGA).toFixed(1)} MB`);
