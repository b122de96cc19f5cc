// The sealing page: check, documents, price, sealing, the recovery file in hand, sending, receipt; in this order.
import { fromBase64 } from "./box/bytes.js";
import { newPassphrase } from "./box/passphrase.js";
import { buildBefore } from "./sealing/before_step.js";
import { make, note, showProblems } from "./sealing/dom.js";
import { send } from "./sealing/finishing.js";
import { handOver } from "./sealing/handing.js";
import { dropFolder, keepPending, keepRecovery, keptAnchors, pendingBid, room } from "./sealing/keeping.js";
import { size } from "./sealing/pace.js";
import { fetchKit, numberSteps, parts } from "./sealing/page_parts.js";
import { buildPapers } from "./sealing/papers_step.js";
import { priceFields } from "./sealing/price_fields.js";
import { previous } from "./sealing/replacing.js";
import { sealing } from "./sealing/sealing_step.js";
import { trust } from "./sealing/trusting.js";
import { offerWaiting } from "./sealing/waiting.js";
import { work } from "./sealing/working.js";

async function start(root) {
  const page = parts(root);
  root.hidden = false;
  const kit = await fetchKit(page.target.box);
  page.now = Date.parse(kit.told.now);
  const waiting = await pendingBid(page.target.box, page.target.bidder);
  if (waiting) return offerWaiting(page, waiting, () => trusted(kit), () => build(page, kit));
  return build(page, kit);
}

const trusted = async (kit) => ({
  anchors: (await keptAnchors())?.bytes ?? null,
  receiptKey: fromBase64(kit.told.receipt_key),
});

async function build(page, kit) {
  const { root, target } = page;
  let before = null;
  const changed = () => {
    const ids = wanted();
    if (page.priced) page.step("price").hidden = !ids.includes(page.priced.id);
    page.step("documents").hidden = !page.papered.some(({ id }) => ids.includes(id));
    numberSteps(page);
    before?.refresh();
  };
  const kind = root.dataset.previous;
  page.step("previous").hidden = !kind;
  const chain = kind ? await previous(page.at("previous-box"), target, kind, page.stages, () => changed()) : null;
  const wanted = () => chain?.stages() ?? page.stages.map(({ id }) => id);
  const papers = buildPapers(page, kit, () => changed());
  const price = page.priced ? priceFields(page.at("price"), kit.told.price_form ?? [], kit.told.ceiling ?? "") : null;
  before = buildBefore(page, papers, wanted);
  const [trusting, disk] = await Promise.all([
    trust(page.at("trust"), root.dataset.worker, kit.bytes, page.now),
    work(root.dataset.worker, "probe").catch(() => "none"),
  ]);
  page.disk = disk;
  changed();
  page.at("go").addEventListener("click", () => go({ page, kit, chain, papers, price, before, trusting, wanted }));
  page.at("go").disabled = false;
}

async function go(all) {
  const { page, kit, chain, papers, price, before, trusting, wanted } = all;
  const ids = wanted();
  const priced = page.priced && ids.includes(page.priced.id) ? price.read() : null;
  const problems = [
    ...trusting.problems(), ...(chain?.problems() ?? []), ...papers.problems(ids),
    ...(priced?.problems ?? []), ...before.problems(),
  ];
  showProblems(page.at("problems"), "还不能封装", problems);
  if (problems.length || !(await confirmed(page, priced))) return;
  const contents = papers.contents(ids);
  if (priced) contents[page.priced.id] = { documents: [], form: priced.form };
  const chained = chain ? await chain.order() : null;
  const order = {
    kit: kit.bytes, contents, bidder: page.target.bidder, fallback: before.fallback(),
    passphrase: chained?.passphrase ?? newPassphrase(), previous: chained, folder: `bid-${crypto.randomUUID()}`,
  };
  await sealAndSend(all, order, papers.bytes(ids));
}

/** What the panel would correct or reject is asked once more, beside the button; true when there is nothing. */
function confirmed(page, priced) {
  const says = priced?.warnings ?? [];
  const box = page.at("sealing");
  if (!says.length || box.dataset.seen === says.join()) return true;
  box.dataset.seen = says.join();
  const lines = says.map((line) => make("li", {}, note("warn", line, "核对无误的，再按一次“封装”继续。")));
  box.replaceChildren(...lines);
  return false;
}

async function sealAndSend({ page, kit, chain }, order, bytes) {
  const { target } = page;
  const button = page.at("go");
  const filled = page.stepsBefore("keep").filter((step) => !step.hidden);
  button.disabled = true;
  try {
    if (bytes * 1.01 > (await room())) throw new Error(`浏览器可用的磁盘空间不足 ${size(bytes)}，请清理磁盘后再封装`);
    const sealed = await sealing(page.at("sealing"), page.root.dataset.worker, order, bytes);
    await keepRecovery(target.box, target.bidder, sealed.recovery).catch(() => {});
    // What was filled in, the price above all, need not stand on the screen any longer.
    filled.forEach((step) => { step.hidden = step.dataset.step !== "seal"; });
    page.at("before").hidden = true;
    button.parentElement.hidden = true;
    page.step("keep").hidden = false;
    page.step("keep").querySelector("h2").focus();
    const name = `恢复文件-${page.root.dataset.code}.age`;
    const lot = `${kit.told.project}　${kit.told.name}`;
    await handOver(page.at("keep"), {
      bytes: sealed.recovery, name, passphrase: order.passphrase, known: chain !== null, lot,
    });
    const { recovery, ...pending } = { ...sealed, folder: order.folder };
    await keepPending(target.box, target.bidder, pending);
    page.at("keep").replaceChildren(make("p", {}, "恢复文件已保存。"));
    await send({
      step: page.step("send"), problems: page.at("problems"), target, pending, trusted: await trusted(kit),
    });
  } catch (error) {
    await dropFolder(order.folder).catch(() => {});
    page.at("sealing").replaceChildren();
    showProblems(page.at("problems"), "没有封装", [{ says: error.message }]);
    filled.forEach((step) => { step.hidden = false; });
    page.at("before").hidden = false;
    button.parentElement.hidden = false;
    button.disabled = false;
  }
}

for (const root of document.querySelectorAll("[data-seal]")) {
  if (!root.dataset.worker) continue;
  start(root).catch((error) => {
    showProblems(root.querySelector("[data-problems]"), "本页没有准备好", [{ says: error.message, remedy: "请刷新后再试" }]);
  });
}
