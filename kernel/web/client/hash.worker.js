// SHA-256 of a whole file, or of each of its parts, off the main thread: two gigabytes pass through one small buffer.
import { createSHA256 } from "hash-wasm";

const SIZE = 1024 * 1024;
const SAY = 4 * 1024 * 1024; // bytes between two words of progress
let buffer = new ArrayBuffer(SIZE);

/** A reader that fills the buffer it is given, or, in a browser that has none for files, one that brings its own. */
function readerOf(blob) {
  const stream = blob.stream();
  try {
    const reader = stream.getReader({ mode: "byob" });
    return () => reader.read(new Uint8Array(buffer));
  } catch {
    const reader = stream.getReader();
    return () => reader.read();
  }
}

/** The digest of a blob in hexadecimal; `told` gets the bytes read so far. */
async function digestOf(hasher, blob, told = () => {}) {
  const read = readerOf(blob);
  hasher.init();
  for (let at = 0, said = 0; ; ) {
    const { value, done } = await read();
    buffer = value?.buffer.byteLength === SIZE ? value.buffer : new ArrayBuffer(SIZE); // the reader hands it back
    if (done) return hasher.digest("hex");
    hasher.update(value);
    at += value.length;
    if (at - said >= SAY || at === blob.size) {
      told(at);
      said = at;
    }
  }
}

/** {sha256} of the whole file, or, where a `part` in bytes is asked for, {digests} of all parts of that size. */
async function answer({ file, part }) {
  const hasher = await createSHA256();
  if (!part) return { sha256: await digestOf(hasher, file, (done) => self.postMessage({ done })) };
  const digests = [];
  for (let at = 0; at < file.size; at += part) digests.push(await digestOf(hasher, file.slice(at, at + part)));
  return { digests };
}

self.addEventListener("message", async ({ data }) => {
  try {
    self.postMessage(await answer(data));
  } catch (error) {
    self.postMessage({ failed: String(error) });
  }
});
