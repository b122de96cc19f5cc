// The public check page: files are checked here, in the browser, and never sent.
import { careForChecking } from "./checking/page.js";

for (const root of document.querySelectorAll("[data-checking]")) {
  careForChecking(root, () => new Worker(root.dataset.worker, { type: "module" }));
}
