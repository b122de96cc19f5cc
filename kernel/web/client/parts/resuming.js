// Remembers an upload on this machine, so that a cut one, or a page left and opened again, goes on where it was.
import { Refused } from "./requests.js";
import { sendFile } from "./sending.js";

function recall(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(key, id) {
  try {
    if (id) localStorage.setItem(key, id);
    else localStorage.removeItem(key);
  } catch {
    // Without storage a cut upload starts again; nothing is lost but time.
  }
}

/** Forget an upload, so that the next try begins anew. */
export function forget(purpose, sha256) {
  remember(`upload:${purpose}:${sha256}`, null);
}

/** Send `file` whose digest is `sha256`, going on with what an earlier try has sent (see `sendFile`); the upload's id. */
export async function sendAgain({ api, file, sha256, purpose, progress, signal, cut, digests }) {
  const key = `upload:${purpose}:${sha256}`;
  const common = { api, file, sha256, purpose, progress, signal, cut, digests, began: (id) => remember(key, id) };
  const earlier = recall(key);
  try {
    return await sendFile({ ...common, resume: earlier });
  } catch (error) {
    // An upload that was erased meanwhile is simply begun anew.
    if (!(earlier && error instanceof Refused && [403, 404].includes(error.status))) throw error;
    remember(key, null);
    return sendFile(common);
  }
}
