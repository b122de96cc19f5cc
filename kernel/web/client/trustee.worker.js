// A share holder's keys, off the page: they live in this worker from the unlock until it is ended, and nowhere else.
import { readAnchors } from "./box/anchors.js";
import { fromBase64, toBase64 } from "./box/bytes.js";
import { checkTask } from "./box/caution.js";
import { toBytes } from "./box/dsse.js";
import { anchorLine, cardOf, lockOfficer, newOfficer, unlockOfficer } from "./box/officer.js";
import { Passphrase } from "./box/age.js";
import { prove } from "./box/possession.js";
import { showKey } from "./box/showing.js";
import { answer } from "./box/trustee.js";

let officer = null;
let anchors = null;

const acts = {
  /** New keys: the protected file to be kept twice. What is unlocked stays locked: keys count once read back. */
  async make({ role, name, passphrase }) {
    return { file: await lockOfficer(newOfficer({ role, name }), new Passphrase(passphrase)) };
  },

  /** The keys in the chosen file; `anchorsFile` (bytes or null) is what the opening's signatures are held against. */
  async unlock({ file, passphrase, anchorsFile }) {
    anchors = anchorsFile ? readAnchors(anchorsFile) : null;
    officer = await unlockOfficer(file, new Passphrase(passphrase));
    return { ...cardOf(officer), keyid: officer.signer.keyid, issuer: anchors?.issuer ?? "" };
  },

  /** The answer to the site's challenge: proof that the file that was read is good. */
  async prove({ sealed, since }) {
    const signed = await prove(officer, fromBase64(sealed));
    return { proof: toBase64(toBytes(signed)), line: anchorLine(officer, since) };
  },

  /** Check one task as `yangguang trustee` does, and answer it: what is to be posted. */
  async answer({ task, now }) {
    checkTask(officer, task, { role: officer.role, anchors, now });
    return answer(officer, task);
  },

  /** His stage key of one lot, as the file for the auditor; under the same checks. */
  async show({ task, now }) {
    checkTask(officer, task, { role: officer.role, anchors, now });
    return showKey(officer, task);
  },
};

self.addEventListener("message", async ({ data: { id, act, given } }) => {
  try {
    self.postMessage({ id, result: await acts[act](given) });
  } catch (error) {
    self.postMessage({ id, failed: { code: error.code ?? "", says: error.says ?? String(error) } });
  }
});
