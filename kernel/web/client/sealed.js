// Files sealed or signed on the bidder's own machine: sent as they are; this page never sees what is inside.
import { request } from "./parts/requests.js";
import { sendAgain } from "./parts/resuming.js";
import { fileDigest, partDigests } from "./parts/sending.js";

const LARGEST_TEXT = 8 * 1024 * 1024;
const ENVELOPE = "bid.dsse.json";
const PUBLIC_KEY = "bidder.pub";

function base64(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** The signed bid in a file: the exact bytes to post, and the age files it needs sent. */
async function readBid(file) {
  if (file.size > LARGEST_TEXT) throw new Error(`${file.name} 不是封装好的标书`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const envelope = JSON.parse(new TextDecoder().decode(bytes));
  const payload = Uint8Array.from(atob(envelope.payload), (sign) => sign.charCodeAt(0));
  const bid = JSON.parse(new TextDecoder().decode(payload));
  const fresh = bid.stages.filter((stage) => stage.seq === bid.seq);
  return { envelope: base64(bytes), wanted: fresh.flatMap((stage) => stage.files) };
}

/** What is chosen, held against what the bid names: {bid, key, files: [{wanted, file}], wrong: [text]}. */
async function compare(chosen) {
  const named = new Map([...chosen].map((file) => [file.name, file]));
  const wrong = [];
  const found = { bid: null, key: "", files: [], wrong };
  if (!named.has(ENVELOPE)) wrong.push(`没有选 ${ENVELOPE}`);
  if (!named.has(PUBLIC_KEY)) wrong.push(`没有选 ${PUBLIC_KEY}`);
  if (wrong.length) return found;
  try {
    found.bid = await readBid(named.get(ENVELOPE));
    found.key = (await named.get(PUBLIC_KEY).text()).trim();
  } catch {
    wrong.push(`${ENVELOPE} 不是封装好的标书，请重新选择`);
    return found;
  }
  for (const wanted of found.bid.wanted) {
    const file = named.get(wanted.n);
    if (!file) wrong.push(`没有选密文 ${wanted.n}`);
    else if (file.size !== wanted.size) wrong.push(`${wanted.n} 的大小与标书所写不符`);
    else found.files.push({ wanted, file });
  }
  return found;
}

function line(text) {
  const item = document.createElement("li");
  item.textContent = text;
  return item;
}

/** The refusal as the server's own forms show it: all problems at once. */
function showProblems(box, problems) {
  box.replaceChildren();
  if (!problems.length) return;
  const section = document.createElement("section");
  const head = document.createElement("h3");
  const list = document.createElement("ol");
  section.className = "summary";
  section.tabIndex = -1;
  section.setAttribute("role", "alert");
  head.textContent = `没有递交（共 ${problems.length} 项）`;
  for (const problem of problems) {
    const item = line(problem.says);
    const way = document.createElement("span");
    way.className = "way";
    way.textContent = `${problem.remedy ?? ""}${problem.article ? `（${problem.article}）` : ""}`;
    if (way.textContent) item.append(way);
    list.append(item);
  }
  section.append(head, list);
  box.append(section);
  section.focus();
}

async function sendAll(form, files, told) {
  const total = files.reduce((sum, { file }) => sum + file.size, 0);
  const uploads = {};
  let before = 0;
  for (const { wanted, file } of files) {
    told(`正在核对 ${wanted.n}`, before / total);
    const digest = await fileDigest(file, form.dataset.worker, () => {});
    if (digest !== wanted.sha256) throw new Error(`${wanted.n} 与标书所写的指纹不符，文件可能已损坏`);
    uploads[digest] = await sendAgain({
      api: `${form.dataset.api}/uploads`,
      file,
      sha256: digest,
      purpose: `sealed_bid:${form.dataset.lot}`,
      digests: partDigests(file, form.dataset.worker),
      progress: (bytes) => told(`正在递交 ${wanted.n}`, (before + bytes) / total),
    });
    before += file.size;
  }
  return uploads;
}

async function submit(form, found, told) {
  const uploads = await sendAll(form, found.files, told);
  told("正在登记", 1);
  return request(`${form.dataset.api}/lots/${form.dataset.lot}/bids`, {
    method: "POST",
    json: { envelope: found.bid.envelope, public_key: found.key, uploads },
    headers: { "idempotency-key": form.elements.request_id.value },
  });
}

function teller(form) {
  const meter = form.querySelector("[data-sealed-progress]");
  return (text, share) => {
    meter.hidden = false;
    form.querySelector("[data-sealed-step]").textContent = text;
    meter.querySelector("progress").value = share;
  };
}

/** The form that sends a folder made by `yangguang seal`. */
function careForSealed(form) {
  const input = form.querySelector('input[type="file"]');
  const button = form.querySelector("button[type=submit]");
  const list = form.querySelector("[data-sealed-files]");
  const box = form.querySelector("[data-sealed-problems]");
  const told = teller(form);
  let found = null;
  let busy = false;
  if (!form.dataset.worker) return;

  input.addEventListener("change", async () => {
    found = await compare(input.files);
    const rest = found.bid && !found.bid.wanted.length ? ["其余部分沿用上一次，不必上传"] : [];
    list.replaceChildren(...found.files.map(({ wanted }) => line(`${wanted.n}　已选`)), ...rest.map(line));
    showProblems(box, found.wrong.map((says) => ({ says })));
    button.disabled = !("ready" in button.dataset) || found.wrong.length > 0;
  });

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (busy || !found || found.wrong.length) return;
    busy = true;
    button.setAttribute("aria-disabled", "true");
    showProblems(box, []);
    try {
      const receipt = await submit(form, found, told);
      location.assign(`/lots/${form.dataset.lot}/receipt/${receipt.seq}`);
    } catch (error) {
      form.querySelector("[data-sealed-progress]").hidden = true;
      showProblems(box, error.problems?.length ? error.problems : [{ says: error.message, remedy: "请检查后再递交" }]);
      button.removeAttribute("aria-disabled");
      busy = false;
    }
  });
}

/** A chooser that puts the text of signed files into the field below it, a line a file. */
function careForSigned(box) {
  const field = document.getElementById(box.dataset.signed);
  const input = box.querySelector("input");
  const state = box.querySelector("[role=status]");
  box.hidden = false;
  input.addEventListener("change", async () => {
    const files = [...input.files].filter((file) => file.size <= LARGEST_TEXT);
    const texts = await Promise.all(files.map((file) => file.text()));
    field.value = texts.map((text) => text.trim()).join("\n");
    state.textContent = `已读入 ${files.length} 个文件`;
  });
}

/** A chooser that writes a file's digest into a field; the file itself stays here. */
function careForDigest(box) {
  const field = document.getElementById(box.dataset.digestInto);
  if (!box.dataset.worker) return;
  box.hidden = false;
  const size = document.getElementById(box.dataset.sizeInto);
  const state = box.querySelector("[role=status]");
  const say = (text) => { if (state) state.textContent = text; };
  box.querySelector("input").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    const told = (done) => say(`正在计算指纹 ${Math.floor((done / Math.max(file.size, 1)) * 100)}%`);
    field.value = await fileDigest(file, box.dataset.worker, told);
    if (size) size.value = file.size;
    say("已算出指纹");
  });
}

document.querySelectorAll("form[data-sealed]").forEach(careForSealed);
document.querySelectorAll("[data-signed]").forEach(careForSigned);
document.querySelectorAll("[data-digest-into]").forEach(careForDigest);
