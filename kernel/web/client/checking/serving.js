// The inside of a worker that checks what was dropped and tells every step.
import { checkAll } from "../verify/session.js";

/** Answers {files, now, salts} with the steps of the look, at last {done}; {failed} where a file cannot be read. */
export function serveChecks() {
  self.addEventListener("message", async ({ data: { files, now, salts } }) => {
    try {
      await checkAll(files, now, (step) => self.postMessage(step), salts);
      self.postMessage({ done: true });
    } catch (error) {
      self.postMessage({ failed: error.message });
    }
  });
}
