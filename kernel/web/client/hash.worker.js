// SHA-256 of a whole file off the main thread: a piece at a time, so that two gigabytes need no memory.
import { createSHA256 } from "hash-wasm";

const PIECE = 4 * 1024 * 1024;

self.addEventListener("message", async ({ data: { file } }) => {
  try {
    const hasher = await createSHA256();
    for (let at = 0; at < file.size; at += PIECE) {
      const bytes = await file.slice(at, at + PIECE).arrayBuffer();
      hasher.update(new Uint8Array(bytes));
      self.postMessage({ done: Math.min(at + PIECE, file.size) });
    }
    self.postMessage({ sha256: hasher.digest("hex") });
  } catch (error) {
    self.postMessage({ failed: String(error) });
  }
});
