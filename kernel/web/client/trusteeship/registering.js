// Registering keys that were read back from the backup: the site's challenge is opened with what the file holds.
import { writeMoment } from "../box/deadline.js";
import { startWorker } from "../parts/calling.js";
import { request } from "../parts/requests.js";

const POST = (json) => ({ method: "POST", json });

/** Read the backup, prove it to the site, register it; the line for the anchors' publisher. */
export async function readBack(url, { file, passphrase, role }) {
  const worker = startWorker(url);
  try {
    const card = await worker.call("unlock", { file, passphrase, anchorsFile: null });
    if (card.role !== role) throw new Error("这个文件里的密钥是为另一角色生成的，请重新选择");
    const keys = { public_key: card.public_key, recipient: card.recipient };
    const { sealed } = await request("/api/v1/box/holders/challenge", POST(keys));
    const { proof, line } = await worker.call("prove", { sealed, since: writeMoment(Date.now()) });
    await request("/api/v1/box/holders", POST({ ...keys, proof }));
    return line;
  } finally {
    worker.end();
  }
}
