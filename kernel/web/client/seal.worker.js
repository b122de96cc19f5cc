// Seals a bid off the main thread, straight into the browser's own disk: two gigabytes need a few megabytes of memory.
import { check, seal, serve } from "./sealing/acts.js";
import { folderOf } from "./sealing/keeping.js";
import { probe } from "./sealing/probing.js";

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

serve({ check, probe, seal: sealIntoFolder });
