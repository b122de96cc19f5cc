// Where this browser puts what is sealed: on the disk, or, in a private window, into memory that is gone when it closes.

const ROUNDS = 9;
const NAME = "probe";

const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/**
 * "disk" or "memory"; throws where there is no such folder at all (Firefox's private windows). Only within a worker.
 *
 * No browser says it. But a disk takes its time to make sure of what was written, at least as long as the writing;
 * memory has nothing to make sure of, and Chromium writes it the long way, through another process.
 */
export async function probe() {
  const root = await navigator.storage.getDirectory();
  const handle = await (await root.getFileHandle(NAME, { create: true })).createSyncAccessHandle();
  const [writing, flushing] = [[], []];
  try {
    for (let n = 0; n < ROUNDS; n += 1) {
      const began = performance.now();
      handle.write(new Uint8Array(4096).fill(n), { at: n * 4096 });
      const written = performance.now();
      handle.flush();
      writing.push(written - began);
      flushing.push(performance.now() - written);
    }
  } finally {
    handle.close();
    await root.removeEntry(NAME).catch(() => {});
  }
  return median(flushing) * 4 < median(writing) ? "memory" : "disk";
}
