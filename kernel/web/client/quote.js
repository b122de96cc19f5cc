// The page on which an agency seals a quote and sends it: the recovery file is in hand before anything leaves.
import { anchorsFor } from "./parts/anchoring.js";
import { careForRecovery, problemsOf } from "./parts/recovering.js";
import { request } from "./parts/requests.js";
import { sendAgain } from "./parts/resuming.js";
import { canonicalAmount, capitals, compare, isAmount, typed } from "./sealing/amounts.js";
import { download, showProblems } from "./sealing/dom.js";
import { keepRecovery } from "./sealing/keeping.js";
import { work } from "./sealing/working.js";

const PROVED = 5;

/** What the worker needs: the kit to seal for, our own chain, the anchors. */
async function gathered(form) {
  const api = `${form.dataset.api}/requests/${form.dataset.quote}`;
  const [kit, own, anchors] = await Promise.all([request(`${api}/sealing`), request(`${api}/receipts`), anchorsFor()]);
  return { kit, own, anchors, bidder: form.dataset.bidder };
}

/** The price typed, or an error that says what is wrong with it. */
function priceOf(field) {
  const price = typed(field.value);
  const { lowest, highest } = field.dataset;
  if (!isAmount(price)) throw new Error("请填写报价，最多两位小数，例如 28000.00");
  if (lowest && compare(price, lowest) < 0) throw new Error("报价低于最低限价，会被判无效");
  if (highest && compare(price, highest) > 0) throw new Error("报价高于最高限价，会被判无效");
  return canonicalAmount(price);
}

async function send(form, sealed, told) {
  const uploads = {};
  for (const { n, sha256, bytes } of sealed.files) {
    uploads[sha256] = await sendAgain({
      api: `${form.dataset.api}/uploads`,
      file: new File([bytes], n),
      sha256,
      purpose: `sealed_bid:${form.dataset.quote}`,
      progress: () => told("正在递交密文"),
    });
  }
  told("正在登记");
  return request(`${form.dataset.api}/requests/${form.dataset.quote}/bids`, {
    method: "POST",
    json: { envelope: sealed.envelope, public_key: sealed.public_key, uploads },
    headers: { "idempotency-key": sealed.request },
  });
}

async function takeBack(form, run, found) {
  const { envelope } = await run("withdraw", found);
  await request(`${form.dataset.api}/requests/${form.dataset.quote}/withdrawals`, {
    method: "POST",
    json: { envelope },
    headers: { "idempotency-key": crypto.randomUUID() },
  });
}

/** The second half of the page: passphrase and file in hand, then the button that sends. */
function askToKeep(form, sealed, state) {
  const proof = form.querySelector("#f-proof");
  const button = form.querySelector("[data-send]");
  const keep = form.querySelector("[data-quote-keep]");
  const check = () => {
    const ending = proof.value.trim().toLowerCase();
    button.disabled = !(state.isSaved && ending === sealed.passphrase.slice(-PROVED).toLowerCase());
  };
  form.querySelector("[data-quote-price]").hidden = true;
  form.querySelector("[data-passphrase]").textContent = sealed.passphrase;
  form.querySelector("[data-save]").addEventListener("click", () => {
    download(sealed.recovery, `恢复文件-${form.dataset.code}-第${sealed.seq}次.age`);
    state.isSaved = true;
    check();
  });
  proof.addEventListener("input", check);
  keep.hidden = false;
  keep.focus();
}

function careForQuote(form) {
  const price = form.querySelector("#f-price");
  const box = form.querySelector("[data-problems]");
  const step = form.querySelector("[data-step]");
  const state = { sealed: null, isSaved: false, isBusy: false };
  const { last, quote, bidder, worker } = form.dataset;
  const recoveryOf = last ? careForRecovery(form, { bid: last, box: quote, bidder }) : async () => null;
  const told = (text) => {
    step.textContent = text;
  };
  /** One thing at a time; what goes wrong is said on the page. */
  const once = (act) => async (event) => {
    event.preventDefault();
    if (state.isBusy) return;
    state.isBusy = true;
    showProblems(box, "", []);
    try {
      await act();
    } catch (error) {
      showProblems(box, "没有完成", problemsOf(error));
    }
    told("");
    state.isBusy = false;
  };
  const run = (act, order) => work(worker, act, order, ({ step }) => told(step));
  if (!worker) return;
  form.hidden = false;

  price.addEventListener("input", () => {
    const given = typed(price.value);
    form.querySelector("[data-capitals]").textContent = isAmount(given) ? `大写：${capitals(given)}` : "";
  });
  const seal = async () => {
    const asked = { price: priceOf(price), recovery: await recoveryOf(), ...(await gathered(form)) };
    // One sealing is one request, however often it is sent.
    state.sealed = { ...(await run("seal", asked)), request: crypto.randomUUID() };
    askToKeep(form, state.sealed, state);
  };
  const deliver = async () => {
    const { sealed } = state;
    if (form.querySelector("[data-send]").disabled) throw new Error("请先保存恢复文件，并输入口令的最后五位");
    await keepRecovery(sealed.sha256, bidder, sealed.recovery).catch(() => {}); // only the convenience is lost
    const given = await send(form, sealed, told);
    await run("receipt", { receipt: given.receipt, sha256: sealed.sha256, anchors: await anchorsFor() });
    location.reload();
  };
  form.addEventListener("submit", once(() => (state.sealed ? deliver() : seal())));
  form.querySelector("[data-send]").addEventListener("click", once(deliver));
  form.querySelector("[data-withdraw]")?.addEventListener("click", once(async () => {
    if (!window.confirm("撤回以后，不重新报价就不参加本项目的选取。确定撤回吗？")) return;
    await takeBack(form, run, { recovery: await recoveryOf(), ...(await gathered(form)) });
    location.reload();
  }));
}

document.querySelectorAll("form[data-quote]").forEach(careForQuote);
