// SHA-256 of large things: by WebAssembly where it may run, which is several times as fast as scripts in some browsers.
import { createSHA256 } from "hash-wasm";
import { hex, newSha256 } from "./bytes.js";

const LARGE = 4 * 1024 * 1024; // below this the start of the module costs more than it gains
const PIECE = 4 * 1024 * 1024;

/** A running SHA-256 for about `size` bytes: `update(bytes)`, then `digest()` (bytes) once. */
export async function digestFor(size) {
  if (size < LARGE) return newSha256();
  try {
    const fast = await createSHA256();
    return { update: (bytes) => fast.update(bytes), digest: () => fast.digest("binary") };
  } catch {
    return newSha256(); // the page's policy or an old browser does not let it
  }
}

/** SHA-256 (hex) of a Blob or of bytes, a piece at a time. */
export async function digestOf(source) {
  const size = source.size ?? source.length;
  const digest = await digestFor(size);
  for (let at = 0; at < size; at += PIECE) {
    const piece = source.slice(at, at + PIECE);
    digest.update(piece.arrayBuffer ? new Uint8Array(await piece.arrayBuffer()) : piece);
  }
  return hex(digest.digest());
}
