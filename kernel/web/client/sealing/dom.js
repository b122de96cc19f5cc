// Small pieces of pages made by scripts, in the house's own classes.

/** An element with properties, `data-`/`aria-` attributes among them, and children. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element && !name.includes("-")) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** A labelled field: {box, input, wrong(text)}; the input's id is `f-<name>`. */
export function field(name, label, { hint = "", required = true, input }) {
  Object.assign(input, { id: `f-${name}`, required });
  const isFile = input.type === "file";
  if (!input.className && !isFile) input.className = "input";
  const mark = make("p", { className: "wrong", id: `e-${name}`, hidden: true });
  const title = make("label", { className: "label", htmlFor: `f-${name}` }, label);
  if (!required) title.append(make("span", { className: "optional" }, "选填"));
  const box = make("div", { className: "field" }, title);
  if (hint) box.append(make("p", { className: "hint", id: `h-${name}` }, hint));
  input.setAttribute("aria-describedby", `${hint ? `h-${name} ` : ""}e-${name}`);
  box.append(mark, isFile ? make("div", { className: "upload" }, input) : input);
  const wrong = (text) => {
    mark.hidden = !text;
    mark.textContent = text;
    box.classList.toggle("field-wrong", Boolean(text));
    if (text) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };
  input.addEventListener("input", () => wrong(""));
  return { box, input, wrong };
}

/** A checkbox with its label. */
export function choice(name, label) {
  const input = make("input", { type: "checkbox", id: `f-${name}` });
  return { box: make("div", { className: "choice" }, input, make("label", { htmlFor: `f-${name}` }, label)), input };
}

const SIGNS = {
  good: "M5 12.5l4.5 4.5L19 7.5",
  info: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5.5M12 7.6v.2",
  warn: "M12 4 2.8 20h18.4zM12 10v4.5M12 17.4v.2",
};

function sign(tone) {
  const drawing = (tag) => document.createElementNS("http://www.w3.org/2000/svg", tag);
  const [svg, path] = [drawing("svg"), drawing("path")];
  svg.setAttribute("class", "icon");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", SIGNS[tone] ?? SIGNS.warn);
  svg.append(path);
  return svg;
}

/** A banner as the server's own: tone info, good, warn or danger. */
export function note(tone, title, says) {
  const text = make("div", {}, make("strong", {}, title));
  if (says) text.append(make("p", {}, says));
  return make("div", { className: `banner tone-${tone}` }, sign(tone), text);
}

/** All problems at once, in the form's own words; focus goes there. An empty list takes the summary away. */
export function showProblems(box, title, problems) {
  box.replaceChildren();
  if (!problems.length) return;
  const list = make("ol");
  for (const { says, remedy, article, field: at } of problems) {
    const item = make("li", {}, at ? make("a", { href: `#${at}` }, says) : says);
    const way = `${remedy ?? ""}${article ? `（${article}）` : ""}`;
    if (way) item.append(make("span", { className: "way" }, way));
    list.append(item);
  }
  const section = make("section", { className: "summary", tabIndex: -1, role: "alert" });
  section.append(make("h2", {}, `${title}（共 ${problems.length} 项）`), list);
  box.append(section);
  section.focus();
}

/** Bytes given to the person as a file. */
export function download(bytes, name) {
  const href = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  make("a", { href, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}
