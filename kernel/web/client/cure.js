// The page on which a bidder answers who calls his envelopes bad: the worker proves them, the page sends the proofs.
import { gathered, sent } from "./parts/gathering.js";
import { careForRecovery, problemsOf } from "./parts/recovering.js";
import { request } from "./parts/requests.js";
import { showProblems } from "./sealing/dom.js";
import { work } from "./sealing/working.js";

async function cure(form, recoveryOf, told) {
  const asked = await gathered(form, recoveryOf, told);
  const { contested } = await request(`${form.dataset.api}/cures`);
  const envelopes = await work(form.dataset.worker, "cure", { ...asked, contested }, ({ step }) => told(step));
  told("正在递交");
  if (envelopes.length) await sent(`${form.dataset.api}/cures`, envelopes);
}

function careForCure(form) {
  const button = form.querySelector("button[type=submit]");
  const box = form.querySelector("[data-problems]");
  const step = form.querySelector("[data-step]");
  const told = (text) => {
    step.textContent = text;
  };
  if (!form.dataset.worker) return;
  const { cure: bid, box: place, bidder } = form.dataset;
  const recoveryOf = careForRecovery(form, { bid, box: place, bidder });
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    showProblems(box, "", []);
    try {
      await cure(form, recoveryOf, told);
      location.assign(form.dataset.done);
    } catch (error) {
      told("");
      if (error.code === "key_elsewhere") form.querySelector("[data-key-elsewhere]").open = true;
      showProblems(box, "还没有证明", problemsOf(error));
      button.disabled = false;
    }
  });
}

document.querySelectorAll("form[data-cure]").forEach(careForCure);
