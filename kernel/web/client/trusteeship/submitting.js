// The forms of the key page: what was chosen, one act at a time, and what went wrong on top of the form.
import { showProblems } from "../sealing/dom.js";
import { problemsOf } from "./telling.js";

/** The bytes of a chosen file; an error in plain words for none. */
export async function bytesOf(input, what) {
  if (!input.files.length) throw new Error(`请选择${what}`);
  return new Uint8Array(await input.files[0].arrayBuffer());
}

/** Run `act` on submit: one at a time, what goes wrong is said on top of the form. */
export function onSubmit(form, act) {
  const button = form.querySelector("button[type=submit]");
  const box = form.querySelector("[data-problems]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    box.replaceChildren();
    try {
      await act(form);
    } catch (error) {
      showProblems(box, "没有办成", problemsOf(error));
    } finally {
      button.disabled = false;
    }
  });
}
