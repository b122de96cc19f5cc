// The inside of a worker that does one task for a page: its answer, its steps in words, or why it refused.

/** Why a task was not done, in plain words, and what helps. */
export class Refusal extends Error {
  constructor(says, remedy = "", code = "") {
    super(says);
    Object.assign(this, { says, remedy, code });
  }
}

/** Answer each {act, order} with {done: what `acts[act](order, told)` gives}, or {failed: {says, remedy, code}}. */
export function serve(acts) {
  self.addEventListener("message", async ({ data: { act, order } }) => {
    try {
      self.postMessage({ done: await acts[act](order, (step) => self.postMessage({ step })) });
    } catch ({ says, message, remedy = "", code = "" }) {
      self.postMessage({ failed: { says: says ?? message, remedy, code } });
    }
  });
}
