// On every page: running countdowns, careful forms, the print button. Pages are complete without it.
import { runCountdowns } from "./parts/countdown.js";
import { careForForms } from "./parts/forms.js";

runCountdowns(document);
careForForms(document);

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
