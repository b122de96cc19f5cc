// Sends a file in parts that each carry their digest, and goes on after a cut with what is missing.
import { request, Refused } from "./requests.js";

const TRIES = 6;

/** Lower-case hexadecimal of a buffer. */
export function hex(buffer) {
  return [...new Uint8Array(buffer)].map((b) => b.toString(16).padStart(2, "0")).join("");
}

/** What a hashing worker of its own answers to `asked`; `progress` is told bytes done. */
function hashed(workerUrl, asked, progress) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerUrl, { type: "module" });
    const end = (settle, value) => {
      worker.terminate();
      settle(value);
    };
    worker.addEventListener("message", ({ data }) => {
      if (data.failed) end(reject, new Error(data.failed));
      else if ("done" in data) progress(data.done);
      else end(resolve, data);
    });
    worker.addEventListener("error", (event) => end(reject, new Error(event.message || "worker")));
    worker.postMessage(asked);
  });
}

/** SHA-256 of a whole file in a worker; `progress` is told bytes done. */
export async function fileDigest(file, workerUrl, progress) {
  const { sha256 } = await hashed(workerUrl, { file }, progress);
  return sha256;
}

/** The `digests` that `sendFile` takes, of a file that was chosen: a worker reads it, once for all tries. */
export function partDigests(file, workerUrl) {
  return once(async (part) => (await hashed(workerUrl, { file, part }, () => {})).digests);
}

/** `reckon(part)` whose answer is kept: after a cut the digests of a large file are not reckoned anew. */
export function once(reckon) {
  const kept = new Map();
  return async (part) => {
    if (!kept.has(part)) kept.set(part, await reckon(part));
    return kept.get(part);
  };
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A refusal is final, except those that ask for patience; a broken line is tried again, ever slower. */
async function patiently(act, signal, cut = () => {}) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await act();
    } catch (error) {
      const isFinal = error instanceof Refused && ![429, 502, 503, 504].includes(error.status);
      if (isFinal || signal?.aborted || attempt >= TRIES) throw error;
      cut();
      await pause(Math.min(1000 * 2 ** attempt, 30000));
    }
  }
}

async function digestOf(part) {
  return hex(await crypto.subtle.digest("SHA-256", await part.arrayBuffer()));
}

async function sendPart(api, upload, file, n, signal, cut, known) {
  const part = file.slice((n - 1) * upload.part_size, n * upload.part_size);
  const digest = known?.[n - 1] ?? (await digestOf(part));
  const headers = { "x-part-sha256": digest, "content-type": "application/octet-stream" };
  await patiently(
    () => request(`${api}/${upload.id}/parts/${n}`, { method: "PUT", body: part, headers, signal }),
    signal,
    cut,
  );
}

/**
 * Send `file` and return the upload's id.
 *
 * `resume` is the id of an upload begun before: the server says what is missing of it. `began` is told the
 * id as soon as there is one, `progress` the bytes that have arrived, `cut` that the line is down and will be tried
 * again. `digests(size)` gives the digests of all parts of that size; without it each part is read here, and a page that
 * reads a large file keeps most of it in memory until garbage is collected.
 */
export async function sendFile({ api, file, sha256, purpose, resume, began, progress, signal, cut, digests }) {
  const upload = resume
    ? await patiently(() => request(`${api}/${resume}`, { signal }), signal, cut)
    : await patiently(
        () => request(api, { method: "POST", json: { size: file.size, sha256, purpose }, signal }),
        signal,
        cut,
      );
  began(upload.id);
  let missing = [...upload.missing];
  const arrived = () => file.size - missing.reduce((sum, n) => sum + partLength(upload, file, n), 0);
  progress(arrived());
  const known = missing.length ? await digests?.(upload.part_size) : null;
  while (missing.length) {
    const n = missing[0];
    await sendPart(api, upload, file, n, signal, cut, known);
    missing = missing.slice(1);
    progress(arrived());
  }
  return upload.id;
}

function partLength(upload, file, n) {
  // Parts are counted from one.
  return Math.min(upload.part_size, file.size - (n - 1) * upload.part_size);
}
