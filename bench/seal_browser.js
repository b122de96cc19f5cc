// The worker behind bench/seal_browser.py: seals the file it is given into the browser's own disk, ours or typage's way.
import { Encrypter } from "age-encryption";
import { createSHA256 } from "hash-wasm";
import { newIdentity, recipientOf, seal } from "../kernel/web/client/box/age.js";

const RECIPIENT = recipientOf(newIdentity());

async function sink() {
  const folder = await navigator.storage.getDirectory();
  const handle = await (await folder.getFileHandle("sealed", { create: true })).createSyncAccessHandle();
  handle.truncate(0);
  let at = 0;
  return { write: (bytes) => { at += handle.write(bytes, { at }); }, close: () => handle.close() };
}

/** As the sealing page does it: with the digests of the plaintext and of the ciphertext. */
async function ours(file, to) {
  await seal(file, to, RECIPIENT);
}

/** The same work with the library of age's author and another's hash. */
async function typage(file, to) {
  const digests = [await createSHA256(), await createSHA256()];
  const hashing = (digest) =>
    new TransformStream({ transform(piece, out) { digest.update(piece); out.enqueue(piece); } });
  const encrypter = new Encrypter();
  encrypter.addRecipient(RECIPIENT);
  const sealed = await encrypter.encrypt(file.stream().pipeThrough(hashing(digests[0])));
  await sealed.pipeThrough(hashing(digests[1])).pipeTo(new WritableStream({ write: (piece) => to.write(piece) }));
}

self.addEventListener("message", async ({ data: { file, way } }) => {
  try {
    const to = await sink();
    const began = performance.now();
    await { ours, typage }[way](file, to);
    const seconds = (performance.now() - began) / 1000;
    to.close();
    self.postMessage({ seconds });
  } catch (error) {
    self.postMessage({ failed: String(error) });
  }
});
