// The fields for a recovery file: the one this browser kept, or one that is chosen; and its passphrase.
import { keptRecovery } from "../sealing/keeping.js";
import { careForSecrets } from "./showing.js";
import { typedPassphrase } from "./typing.js";

const LARGEST = 1024 * 1024;

/** The bytes of a chosen file; an error in plain words for none, or one that is far too large. */
export async function chosenBytes(input, what) {
  const [file] = input.files;
  if (!file) throw new Error(`请选择${what}`);
  if (file.size > LARGEST) throw new Error(`${file.name} 不是${what}`);
  return new Uint8Array(await file.arrayBuffer());
}

/** What is wrong, as a list to show, whoever threw it. */
export function problemsOf(error) {
  return error.problems?.length ? error.problems : [{ says: error.message, remedy: error.remedy ?? "" }];
}

/**
 * Care for the fields in `form`; what is returned reads them: {bytes, passphrase}.
 *
 * `bid` is the SHA-256 of the bid wanted, `box` where it lies: a recovery kept under either is offered.
 */
export function careForRecovery(form, { bid, box, bidder }) {
  const note = form.querySelector("[data-recovery-kept]");
  const chooser = form.querySelector("[data-recovery-choose]");
  let kept = null;
  const show = (bytes) => {
    kept = bytes;
    note.hidden = kept === null;
    chooser.hidden = kept !== null;
  };
  form.querySelector("[data-recovery-other]").addEventListener("click", () => {
    show(null);
    chooser.querySelector("input").focus();
  });
  careForSecrets(form);
  const looked = (async () => show((await keptRecovery(bid, bidder)) ?? (await keptRecovery(box, bidder))))();
  return async () => {
    await looked;
    const bytes = kept ?? (await chosenBytes(chooser.querySelector("input"), "恢复文件"));
    const passphrase = typedPassphrase(form.querySelector("[data-recovery-passphrase]").value);
    if (!passphrase) throw new Error("请输入恢复文件的口令");
    return { bytes, passphrase };
  };
}
