// What a sealed bid leaves on this machine until it is sent: ciphertexts in the browser's own disk, never a secret in clear.

const DATABASE = "yangguang";
const STORES = ["pending", "recovery", "anchors"];

function opened() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => STORES.forEach((name) => asked.result.createObjectStore(name));
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function within(store, mode, act) {
  const database = await opened();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(store, mode);
      const asked = act(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(asked.result);
      transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

async function recall(store, key) {
  try {
    return (await within(store, "readonly", (open) => open.get(key))) ?? null;
  } catch {
    return null; // a browser that keeps nothing
  }
}

const put = (store, key, value) => within(store, "readwrite", (open) => open.put(value, key));
const drop = (store, key) => within(store, "readwrite", (open) => open.delete(key));

/** The encrypted recovery file of this bidder's bid, if this browser sealed it: its bytes or null. */
export const keptRecovery = (box, bidder) => recall("recovery", `${box}:${bidder}`);
/** Keep the encrypted recovery file; who has it still needs the passphrase. */
export const keepRecovery = (box, bidder, bytes) => put("recovery", `${box}:${bidder}`, bytes);

/** The anchors this person has once chosen: {name, bytes} or null. They are public. */
export const keptAnchors = () => recall("anchors", "chosen");
export const keepAnchors = (name, bytes) => put("anchors", "chosen", { name, bytes });

/** The sealed bid that waits to be sent, or null: {folder, envelope, publicKey, files, requests}. */
export const pendingBid = (box, bidder) => recall("pending", `${box}:${bidder}`);
export const keepPending = (box, bidder, value) => put("pending", `${box}:${bidder}`, value);

/** Forget the bid that waited, with its ciphertexts. */
export async function dropPending(box, bidder) {
  const known = await pendingBid(box, bidder);
  await drop("pending", `${box}:${bidder}`);
  if (known) await dropFolder(known.folder);
}

/** A folder of the browser's own disk (origin private file system). */
export async function folderOf(name, create = false) {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(name, { create });
}

/** Remove a folder; one that is not there is none too many. */
export async function dropFolder(name) {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry(name, { recursive: true }).catch(() => {});
}

/** Bytes this browser may still write, Infinity where it does not say. */
export async function room() {
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
  return quota === undefined ? Infinity : quota - usage;
}
