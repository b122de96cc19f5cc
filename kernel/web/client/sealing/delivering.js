// Sends a sealed bid that waits on this machine: goes on after a cut, a closed lid, a new page; then registers it.
import { Refused, request } from "../parts/requests.js";
import { forget, sendAgain } from "../parts/resuming.js";
import { once } from "../parts/sending.js";
import { folderOf, keepPending } from "./keeping.js";
import { work } from "./working.js";

const RETRY = 5000; // ms between tries while the line is down

/** Until the line is back, or some seconds have passed. */
function lineBack() {
  return new Promise((resolve) => {
    const timer = setTimeout(done, RETRY);
    function done() {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    }
    window.addEventListener("online", done);
  });
}

async function sendOne(target, file, wanted, digests, told) {
  for (;;) {
    try {
      return await sendAgain({
        api: "/api/v1/uploads", file, sha256: wanted.sha256, purpose: purposeOf(target.box), digests,
        progress: (bytes) => told({ bytes }), cut: () => told({ cut: true }),
      });
    } catch (error) {
      if (error instanceof Refused) throw error;
      told({ cut: true });
      await lineBack();
    }
  }
}

const purposeOf = (box) => `sealed_bid:${box}`;

/** Send all files of the waiting bid; SHA-256 → upload. `told` gets {sent, total} and {cut}. */
async function sendAll(target, pending, told) {
  const total = pending.files.reduce((sum, { size }) => sum + size, 0);
  const folder = await folderOf(pending.folder);
  const uploads = {};
  let before = 0;
  for (const wanted of pending.files) {
    const file = await (await folder.getFileHandle(wanted.n)).getFile();
    if (file.size !== wanted.size) throw new Error(`本机上的密文 ${wanted.n} 不完整，请重新封装`);
    const digests = once((part) => work(target.worker, "digests", { folder: pending.folder, name: wanted.n, part }));
    const tell = (step) => told(step.cut ? step : { sent: before + step.bytes, total });
    uploads[wanted.sha256] = await sendOne(target, file, wanted, digests, tell);
    before += wanted.size;
  }
  return uploads;
}

/** Send and register the waiting bid of `target` = {box, bidder, worker}; the platform's receipt. `Refused` when it is not taken. */
export async function deliver(target, pending, told) {
  if (pending.sent) {
    // Perhaps an earlier try got through, and only its answer was lost.
    const { receipts } = await request(`/api/v1/lots/${target.box}/receipts`);
    const known = receipts.find(({ sha256 }) => sha256 === pending.sha256);
    if (known) return known;
  }
  const uploads = await sendAll(target, pending, told);
  const sent = JSON.stringify(uploads);
  // The key is written down before the request goes out: an answer that is lost is asked for again, never doubled.
  if (pending.sent !== sent) {
    Object.assign(pending, { sent, key: crypto.randomUUID() });
    await keepPending(target.box, target.bidder, pending);
  }
  told({ registering: true });
  const json = { envelope: pending.envelope, public_key: pending.publicKey, uploads };
  const headers = { "idempotency-key": pending.key };
  for (;;) {
    try {
      return await request(`/api/v1/lots/${target.box}/bids`, { method: "POST", json, headers });
    } catch (error) {
      if (error instanceof Refused) {
        // What a refused bid has sent is erased on the platform.
        if (error.status !== 401) pending.files.forEach(({ sha256 }) => forget(purposeOf(target.box), sha256));
        throw error;
      }
      told({ cut: true });
      await lineBack();
    }
  }
}
