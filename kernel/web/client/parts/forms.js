// Forms: never sent twice, drafts kept on this machine for a week, focus on what was refused.

const WEEK = 7 * 86400 * 1000;
const UNKEPT = new Set(["password", "hidden", "file", "submit", "button"]);

/** One submission a page: a second click does nothing until the answer is there. */
function sendOnce(form) {
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    for (const button of form.querySelectorAll('button:not([type="button"])')) {
      button.setAttribute("aria-disabled", "true");
      button.dataset.label = button.textContent;
      button.textContent = "正在提交…";
    }
  });
}

/** Coming back by the browser's back button gives a form that can be sent again. */
function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("button[data-label]")) {
    button.removeAttribute("aria-disabled");
    button.textContent = button.dataset.label;
    delete button.dataset.label;
  }
}

/** Prices and secrets stay out of the browser's storage: `data-no-draft` or a password field. */
function kept(form) {
  return [...form.elements].filter((e) => e.name && !UNKEPT.has(e.type) && !e.closest("[data-no-draft]"));
}

function read(form) {
  return kept(form).map((e) => [e.name, e.value, Boolean(e.checked)]);
}

function write(form, fields) {
  for (const element of kept(form)) {
    const isChoice = element.type === "checkbox" || element.type === "radio";
    const saved = fields.find(([n, v]) => n === element.name && (!isChoice || v === element.value));
    if (!saved) continue;
    if (isChoice) element.checked = saved[2];
    else element.value = saved[1];
  }
}

function stored(key) {
  try {
    const draft = JSON.parse(localStorage.getItem(key));
    return draft && Date.now() - draft.at < WEEK ? draft : null;
  } catch {
    return null; // storage is closed to us, or holds what is no draft of ours
  }
}

function store(key, fields) {
  try {
    localStorage.setItem(key, JSON.stringify({ at: Date.now(), fields }));
  } catch {
    // A full or closed storage only costs the draft.
  }
}

function offer(form, key, draft) {
  const box = document.createElement("div");
  box.className = "draft";
  box.setAttribute("role", "status");
  const at = new Date(draft.at).toLocaleString("zh-CN", { timeZone: "Asia/Shanghai" });
  box.append(`本机保存有 ${at}（北京时间）的草稿。`);
  const choices = { 恢复草稿: () => write(form, draft.fields), 丢弃: () => localStorage.removeItem(key) };
  for (const [label, act] of Object.entries(choices)) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button button-quiet button-small";
    button.textContent = label;
    button.addEventListener("click", () => {
      act();
      box.remove();
    });
    box.append(button);
  }
  form.prepend(box);
}

function keepDraft(form) {
  const key = `draft:${location.pathname}:${form.dataset.draft}`;
  const draft = stored(key);
  // What the server sent back is newer than any draft.
  if ("refused" in form.dataset) localStorage.removeItem(key);
  else if (draft) offer(form, key, draft);
  let timer = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => store(key, read(form)), 400);
  });
}

/** Take care of every form below `root`. */
export function careForForms(root) {
  const forms = [...root.querySelectorAll("form[data-once]")];
  for (const form of forms) {
    sendOnce(form);
    if (form.dataset.draft) keepDraft(form);
  }
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) forms.forEach(release);
  });
  root.querySelector("[data-focus]")?.focus();
}
