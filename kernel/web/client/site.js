// On every page: running countdowns, careful forms, the print button. Pages are complete without it.
import { runCountdowns } from "./parts/countdown.js";
import { careForForms } from "./parts/forms.js";

runCountdowns(document);
careForForms(document);

// What stands beside the text on a desk would push it off a telephone's screen: there it is folded, one touch away.
if (matchMedia("(max-width: 61.9rem)").matches) {
  for (const folded of document.querySelectorAll("details[data-fold]")) folded.open = false;
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
