// Where a stream is written to: {write(bytes)}, whose bytes are the sink's only until its promise resolves.
import { concat } from "./bytes.js";

const PIECE = 8 * 1024 * 1024; // of the pieces a Blob is made of: the browser puts them on disk as it likes

/** Keeps everything in memory: for small things. */
export function memorySink() {
  const kept = [];
  return {
    write: (bytes) => void kept.push(bytes.slice()),
    bytes: () => concat(...kept),
  };
}

/** Gathers a Blob piece by piece; large ones leave the page's own memory. */
export function blobSink(type = "application/octet-stream") {
  const blobs = [];
  let [held, size] = [[], 0];
  const flush = () => {
    if (size) blobs.push(new Blob(held));
    [held, size] = [[], 0];
  };
  return {
    write(bytes) {
      held.push(bytes.slice());
      size += bytes.length;
      if (size >= PIECE) flush();
    },
    blob() {
      flush();
      return new Blob(blobs, { type });
    },
  };
}

/** Throws everything away: for checking what opens. */
export const nowhere = () => ({ write() {} });
