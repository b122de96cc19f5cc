// The offline sealer's worker: seals into Blobs, which the browser keeps outside the page's memory.
import { smallFiles } from "../box/folder.js";
import { blobSink } from "../box/sinks.js";
import { check, seal, serve } from "../sealing/acts.js";

/** What `seal` gives, and as `folder` every file of the bid's folder: [name, Blob]. */
async function sealIntoBlobs(order) {
  const sinks = new Map();
  const open = (name) => {
    sinks.set(name, blobSink());
    return sinks.get(name);
  };
  const sealed = await seal(order, open, (step) => self.postMessage(step));
  const small = smallFiles(sealed, order.kit).map(([name, bytes]) => [name, new Blob([bytes])]);
  return { ...sealed, folder: [...small, ...[...sinks].map(([name, sink]) => [name, sink.blob()])] };
}

serve({ check, seal: sealIntoBlobs });
