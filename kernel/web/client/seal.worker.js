// Seals a bid off the main thread, straight into the browser's own disk: two gigabytes need a few megabytes of memory.
import { hex } from "./box/bytes.js";
import { digestFor } from "./box/digest.js";
import { check, seal, serve } from "./sealing/acts.js";
import { folderOf } from "./sealing/keeping.js";
import { probe } from "./sealing/probing.js";

const BUFFER = new Uint8Array(1024 * 1024);

/** A sink into a file of the folder. */
async function sinkIn(folder, name) {
  const handle = await (await folder.getFileHandle(name, { create: true })).createSyncAccessHandle();
  handle.truncate(0);
  let at = 0;
  return {
    write: (bytes) => { at += handle.write(bytes, { at }); },
    close: () => { handle.flush(); handle.close(); },
  };
}

async function sealIntoFolder(order) {
  const folder = await folderOf(order.folder, true);
  return seal(order, (name) => sinkIn(folder, name), (told) => self.postMessage(told));
}

/** SHA-256 (hex) of every part of a file in the folder, read through one buffer: nothing is left for the collector. */
async function digests({ folder, name, part }) {
  const handle = await (await (await folderOf(folder)).getFileHandle(name)).createSyncAccessHandle();
  try {
    const [size, found] = [handle.getSize(), []];
    for (let at = 0; at < size; at += part) found.push(await digestOf(handle, at, Math.min(at + part, size)));
    return found;
  } finally {
    handle.close();
  }
}

async function digestOf(handle, from, to) {
  const hasher = await digestFor(to - from);
  for (let at = from; at < to; ) {
    const read = handle.read(BUFFER.subarray(0, Math.min(BUFFER.length, to - at)), { at });
    hasher.update(BUFFER.subarray(0, read));
    at += read;
  }
  return hex(hasher.digest());
}

serve({ check, probe, digests, seal: sealIntoFolder });
