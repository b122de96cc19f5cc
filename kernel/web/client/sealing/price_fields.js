// The price form by the rows of the lot: figures with 大写金额 beside them, lines that add up, nothing ever stored.
import { canonicalAmount, capitals, compare, figures, isAmount, isFigure, lineTotal, sum, typed } from "./amounts.js";
import { field, make } from "./dom.js";

const KINDS = { money: moneyField, days: daysField, text: textField, yes: yesField, lines: linesField };
const text = (more = {}) => make("input", { type: "text", autocomplete: "off", className: "input", ...more });

/**
 * Build the form into `box`; `rows` are those of the lot's price form, `ceiling` its 最高投标限价 or "".
 * Returns {read()}: {form, problems: [{says, field}], warnings: [text]}.
 */
export function priceFields(box, rows, ceiling = "") {
  const built = rows.filter((row) => row.kind !== "words").map((row) => [row, KINDS[row.kind](row)]);
  box.append(...built.map(([, one]) => one.box));
  const words = rows.some((row) => row.kind === "words");
  return { read: () => readAll(built, words, ceiling) };
}

function readAll(built, words, ceiling) {
  const found = { form: {}, problems: [], warnings: [] };
  for (const [row, one] of built) {
    const { value, wrong } = one.read();
    const says = wrong || (row.required && value === undefined ? `没有填写${row.name}` : "");
    one.wrong(says);
    if (says) found.problems.push({ says, field: `f-${row.id}` });
    else if (value !== undefined) found.form[row.id] = value;
  }
  const { price, lines } = found.form;
  if (price && words) found.form.price_words = capitals(price);
  if (price && lines) warnOfSum(found, price, lines);
  if (price && ceiling && compare(price, ceiling) > 0) {
    found.warnings.push(`投标总价高于最高投标限价 ${figures(ceiling)} 元，将被否决`);
  }
  return found;
}

function warnOfSum(found, price, lines) {
  const whole = sum(lines.map((line) => line.total));
  if (compare(price, whole)) found.warnings.push(`投标总价与分项合计 ${figures(whole)} 元不一致，将以分项计算的结果为准`);
}

function moneyField(row) {
  const input = text({ inputMode: "decimal", maxLength: 24, className: "input input-money" });
  const line = make("div", { className: "input-row width-medium" });
  const one = field(row.id, row.name, { hint: row.hint, required: row.required, input });
  const said = make("output", { className: "money-capital", htmlFor: input.id });
  input.replaceWith(line);
  line.append(make("span", { className: "affix", "aria-hidden": "true" }, "¥"), input);
  line.append(make("span", { className: "affix affix-after", "aria-hidden": "true" }, "元"));
  one.box.append(said);
  input.addEventListener("input", () => {
    const given = typed(input.value);
    said.textContent = isAmount(given) ? `大写：${capitals(given)}` : "";
  });
  const read = () => {
    const given = typed(input.value);
    if (!given) return {};
    return isAmount(given) ? { value: canonicalAmount(given) } : { wrong: `${row.name}应为大于零的金额，最多两位小数` };
  };
  return { ...one, read };
}

function daysField(row) {
  const input = text({ inputMode: "numeric", maxLength: 5, className: "input width-short" });
  const one = field(row.id, row.name, { hint: row.hint, required: row.required, input });
  const read = () => {
    const given = typed(input.value);
    if (!given) return {};
    const good = /^\d+$/.test(given) && Number(given) > 0 && Number(given) <= 36500;
    return good ? { value: Number(given) } : { wrong: `${row.name}应为 1 至 36500 的整数` };
  };
  return { ...one, read };
}

function textField(row) {
  const one = field(row.id, row.name, { hint: row.hint, required: row.required, input: text({ maxLength: 200 }) });
  return { ...one, read: () => ({ value: one.input.value.trim() || undefined }) };
}

function yesField(row) {
  const input = make("input", { type: "checkbox", id: `f-${row.id}` });
  const label = make("label", { htmlFor: input.id }, row.name);
  const hint = make("p", { className: "hint" }, `${row.hint}（${row.article}）`);
  const box = make("div", { className: "field" }, make("div", { className: "choice" }, input, label, hint));
  return { box, wrong: () => {}, read: () => ({ value: input.checked || undefined }) };
}

function linesField(row) {
  const list = make("ol", { className: "price-lines" });
  const total = make("p", { className: "quiet", role: "status" });
  const add = make("button", { type: "button", className: "button button-secondary button-small" }, "添加一项");
  const mark = make("p", { className: "wrong", hidden: true });
  const box = make("details", { className: "field", id: `f-${row.id}` }, make("summary", {}, `${row.name}（选填）`));
  box.append(make("p", { className: "hint" }, row.hint), mark, list, total, add);
  const lines = [];
  const retell = () => {
    const good = lines.map((line) => line.read()).filter((line) => line.total);
    total.textContent = good.length ? `合计 ${figures(sum(good.map((line) => line.total)))} 元` : "";
  };
  add.addEventListener("click", () => {
    const line = lineOf(lines.length + 1, retell, (gone) => { lines.splice(lines.indexOf(gone), 1); retell(); });
    lines.push(line);
    list.append(line.box);
    line.first.focus();
  });
  const wrong = (says) => Object.assign(mark, { hidden: !says, textContent: says });
  return { box, wrong, read: () => readLines(lines) };
}

function lineOf(n, changed, remove) {
  const cell = (label, more) => text({ "aria-label": `第 ${n} 项的${label}`, placeholder: label, ...more });
  const [name, quantity, unit] = [cell("名称", { maxLength: 200 }), cell("数量"), cell("单价")];
  const total = make("output", { className: "num" });
  const away = make("button", { type: "button", className: "button button-quiet button-small" }, "移除");
  const box = make("li", {}, name, quantity, unit, total, away);
  const read = () => {
    const [q, u] = [typed(quantity.value), typed(unit.value)];
    const good = isFigure(q) && isFigure(u);
    return { name: name.value.trim(), quantity: q, unit_price: u, total: good ? lineTotal(q, u) : "" };
  };
  const line = { box, first: name, read };
  away.setAttribute("aria-label", `移除第 ${n} 项`);
  away.addEventListener("click", () => { box.remove(); remove(line); });
  box.addEventListener("input", () => {
    const { total: given } = read();
    total.textContent = given ? `合价 ${figures(given)} 元` : "";
    changed();
  });
  return line;
}

function readLines(lines) {
  if (!lines.length) return {};
  const value = lines.map((line) => line.read());
  const bad = value.findIndex((line) => !line.name || !line.total || !isAmount(line.total));
  return bad < 0 ? { value } : { wrong: `分项报价第 ${bad + 1} 项应写明名称、数量和单价` };
}
