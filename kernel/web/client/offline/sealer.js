// The offline sealer: the same steps as the sealing page, from a file on a disk with the network unplugged.
import { newPassphrase } from "../box/passphrase.js";
import { buildBefore } from "../sealing/before_step.js";
import { field, make, showProblems } from "../sealing/dom.js";
import { handOver } from "../sealing/handing.js";
import { buildPapers } from "../sealing/papers_step.js";
import { priceFields } from "../sealing/price_fields.js";
import { sealing } from "../sealing/sealing_step.js";
import { note, trust } from "../sealing/trusting.js";
import { readLot } from "../box/lot.js";
import { readMoment } from "../box/deadline.js";
import { replacing } from "./replacing.js";
import { offerFiles } from "./saving.js";
import { workerUrl } from "./worker_url.js";

const MEGABYTE = 1024 * 1024;
// What the box takes at most; the platform's own limits may be narrower and are its to say.
const LIMITS = { file: 2048 * MEGABYTE, files: 200, bid: 4096 * MEGABYTE };
const CREDIT_CODE = /^[0-9A-HJ-NPQRTUWXY]{18}$/;

/** The page's parts for one lot, in the form that the steps shared with the sealing page want. */
function partsOf(root, told, lot) {
  const stages = lot.setup.stages.map(({ id, to }) => ({ id, public: to === "public", label: labelOf(id, to) }));
  root.dataset.mode = lot.setup.mode;
  return {
    root, stages,
    at: (name) => root.querySelector(`[data-${name}]`),
    step: (name) => root.querySelector(`[data-step="${name}"]`),
    priced: stages.find((stage) => stage.public),
    papered: stages.filter((stage) => !stage.public),
    limits: LIMITS,
    deadline: readMoment(lot.deadline.at),
    now: Date.now(),
    name: [told.project, told.name].filter(Boolean).join("　") || `${lot.setup.tender} ${lot.setup.lot}`,
  };
}

function labelOf(id, to) {
  return { documents: "投标文件", technical: "技术标文件", price: "报价文件" }[id] ?? (to === "panel" ? "投标文件" : "报价文件");
}

async function chooseKit(root, worker) {
  const input = root.querySelector("#f-kit");
  const said = root.querySelector("[data-kit]");
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    try {
      const bytes = new Uint8Array(await file.arrayBuffer());
      const lot = readLot(bytes);
      input.disabled = true; // another lot: load the page again, so that nothing of this one is left
      await build(root, worker, { bytes, told: JSON.parse(new TextDecoder().decode(bytes)), lot });
    } catch (error) {
      said.replaceChildren(note("danger", "这份文件不能用", error.says ?? error.message));
    }
  });
}

async function build(root, worker, kit) {
  const page = partsOf(root, kit.told, kit.lot);
  page.at("kit").replaceChildren(note("good", page.name, `投标截止时间：${kit.lot.deadline.at.slice(0, 19).replace("T", " ")}（北京时间）`));
  const trusting = await trust(page.at("trust"), worker, kit.bytes, page.now);
  const bidder = bidderField(page.at("bidder"));
  let before = null;
  const papers = buildPapers(page, kit, () => before?.refresh());
  const price = page.priced ? priceFields(page.at("price"), kit.told.price_form ?? [], kit.told.ceiling ?? "") : null;
  const chain = replacing(page.at("previous"), page.stages, () => changed());
  before = buildBefore(page, papers, chain.stages);
  const changed = () => {
    page.step("documents").hidden = !page.papered.some(({ id }) => chain.stages().includes(id));
    before.refresh();
  };
  changed();
  page.step("price").hidden = !price;
  page.at("rest").hidden = false;
  const steps = { trusting, bidder, chain, papers, price, before };
  page.at("go").addEventListener("click", () => go({ page, kit, worker, ...steps }));
}

function bidderField(box) {
  const input = make("input", { type: "text", autocomplete: "off", maxLength: 18, className: "input width-medium" });
  const one = field("bidder", "统一社会信用代码", { hint: "18 位，与登录平台的投标人一致", input });
  box.append(one.box);
  const read = () => input.value.trim().toUpperCase();
  const problems = () => {
    const says = CREDIT_CODE.test(read()) ? "" : "统一社会信用代码应为 18 位数字和大写字母";
    one.wrong(says);
    return says ? [{ says, field: "f-bidder" }] : [];
  };
  return { read, problems };
}

async function go(all) {
  const { page, kit, trusting, bidder, chain, papers, price, before } = all;
  const ids = chain.stages();
  const priced = price?.read() ?? { form: null, problems: [], warnings: [] };
  const problems = [
    ...trusting.problems(), ...bidder.problems(), ...chain.problems(), ...papers.problems(ids), ...priced.problems,
    ...before.problems(),
  ];
  showProblems(page.at("problems"), "还不能封装", problems);
  if (problems.length || !confirmed(page, priced.warnings)) return;
  const contents = papers.contents(ids);
  if (page.priced) contents[page.priced.id] = { documents: [], form: priced.form };
  const previous = await chain.order();
  const order = {
    kit: kit.bytes, contents, bidder: bidder.read(), fallback: before.fallback(),
    passphrase: previous?.passphrase ?? newPassphrase(), previous,
  };
  await sealAndSave(all, order, papers.bytes(ids));
}

/** What the panel would correct or reject is asked once more, beside the button; true when there is nothing. */
function confirmed(page, warnings) {
  const box = page.at("sealing");
  if (!warnings.length || box.dataset.seen === warnings.join()) return true;
  box.dataset.seen = warnings.join();
  box.replaceChildren(...warnings.map((says) => make("li", {}, note("warn", says, "核对无误的，再按一次“封装”继续。"))));
  return false;
}

async function sealAndSave({ page, worker }, order, bytes) {
  const button = page.at("go");
  button.disabled = true;
  try {
    const sealed = await sealing(page.at("sealing"), worker, order, bytes);
    const recovery = { bytes: sealed.recovery, name: "recovery.json.age", passphrase: order.passphrase };
    shown(page, "keep");
    await handOver(page.at("keep"), { ...recovery, known: Boolean(order.previous), lot: page.name, then: "已保存，继续" });
    page.at("keep").replaceChildren(make("p", {}, "恢复文件和口令已保存。"));
    shown(page, "save");
    offerFiles(page.at("save"), sealed.folder, page.name);
  } catch (error) {
    page.at("sealing").replaceChildren();
    showProblems(page.at("problems"), "没有封装", [{ says: error.message }]);
    button.disabled = false;
  }
}

function shown(page, step) {
  page.step(step).hidden = false;
  page.step(step).querySelector("h2").focus();
}

for (const root of document.querySelectorAll("[data-offline]")) {
  root.hidden = false;
  chooseKit(root, workerUrl());
}
