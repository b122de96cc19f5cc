// The page on which a bidder opens his own sealed bid: two clicks, and nothing secret outlives the worker.
import { gathered, sent } from "./parts/gathering.js";
import { careForRecovery, problemsOf } from "./parts/recovering.js";
import { request } from "./parts/requests.js";
import { showProblems } from "./sealing/dom.js";
import { work } from "./sealing/working.js";

const LOOK_AGAIN = 5000;

/** The signed seeds. A report that no witness has seen yet opens nothing: the page looks again until one has. */
async function opened(form, recoveryOf, told) {
  for (;;) {
    const asked = await gathered(form, recoveryOf, told);
    try {
      return await work(form.dataset.worker, "reveal", asked, ({ step }) => told(step));
    } catch (error) {
      if (error.code !== "report_unwitnessed") throw error;
      told("评审报告还没有见证方的存证证明，种子没有交出。请不要关闭本页，有了证明会自动解密；一直等不到的，请向监督部门反映");
    }
    await new Promise((resolve) => {
      setTimeout(resolve, LOOK_AGAIN);
    });
  }
}

async function reveal(form, recoveryOf, told) {
  const envelopes = await opened(form, recoveryOf, told);
  told("正在递交");
  await sent(`${form.dataset.api}/reveals`, envelopes);
}

/** While the list is not countersigned the page looks again; what was typed meanwhile stays. */
function waitForWindow(form, button, told) {
  const look = async () => {
    const close = await request(`${form.dataset.api}/close`).catch(() => null);
    if (!close?.reveal_until || close.state !== "opening") {
      setTimeout(look, LOOK_AGAIN);
      return;
    }
    const isTouched = [...form.querySelectorAll("input")].some((input) => input.value);
    if (!isTouched) location.reload();
    button.disabled = false;
    told("名单已经会签，现在可以解密");
  };
  look();
}

/** The form; without a worker the page says how it is done by hand. */
function careForReveal(form) {
  const button = form.querySelector("button[type=submit]");
  const box = form.querySelector("[data-problems]");
  const step = form.querySelector("[data-step]");
  const told = (text) => {
    step.textContent = text;
  };
  if (!form.dataset.worker) return;
  const { reveal: bid, box: place, bidder } = form.dataset;
  const recoveryOf = careForRecovery(form, { bid, box: place, bidder });
  form.hidden = false;
  if (button.disabled) waitForWindow(form, button, told);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    showProblems(box, "", []);
    try {
      await reveal(form, recoveryOf, told);
      location.assign(form.dataset.done);
    } catch (error) {
      told("");
      if (error.code === "key_elsewhere") form.querySelector("[data-key-elsewhere]").open = true;
      showProblems(box, "还没有解密", problemsOf(error));
      button.disabled = false;
    }
  });
}

document.querySelectorAll("form[data-reveal]").forEach(careForReveal);
