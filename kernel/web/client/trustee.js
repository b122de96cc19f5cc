// A share holder's page: one unlock does all that waits, and keys count only once they are read back from a backup.
import { startWorker } from "./parts/calling.js";
import { download } from "./sealing/dom.js";
import { Session } from "./trusteeship/session.js";
import { careForShowing } from "./trusteeship/showing.js";
import { bytesOf, onSubmit } from "./trusteeship/submitting.js";
import { readBack } from "./trusteeship/registering.js";

const LEAST = 12; // letters of a passphrase that somebody thinks up

/** The unlock: everything that waits is done, and what comes while the page stays open. */
function careForUnlock(form, url) {
  const panel = document.querySelector("[data-session]");
  onSubmit(form, async () => {
    const file = await bytesOf(form.querySelector("#f-key"), "密钥文件");
    const anchors = form.querySelector("#f-anchors");
    const anchorsFile = anchors.files.length ? await bytesOf(anchors, "锚点文件") : null;
    const passphrase = form.querySelector("#f-passphrase").value.trim();
    const worker = startWorker(url);
    try {
      const card = await worker.call("unlock", { file, passphrase, anchorsFile });
      form.querySelector("#f-passphrase").value = "";
      form.hidden = true;
      await new Session(panel, worker, card).run();
    } finally {
      worker.end();
      form.hidden = false;
    }
  });
}

/** New keys: the protected file is put into the person's hands; nothing of it stays in the page. */
function careForMaking(form, url) {
  onSubmit(form, async () => {
    const [first, second] = ["#f-new-passphrase", "#f-again"].map((at) => form.querySelector(at));
    const passphrase = first.value.trim();
    if (passphrase.length < LEAST) throw new Error(`口令至少 ${LEAST} 个字符`);
    if (passphrase !== second.value.trim()) throw new Error("两次输入的口令不同");
    const worker = startWorker(url);
    try {
      const { role, name } = form.dataset;
      const { file } = await worker.call("make", { role, name, passphrase });
      download(file, `密钥-${name}.age`);
    } finally {
      worker.end();
    }
    first.value = "";
    second.value = "";
    document.querySelector("[data-made]").hidden = false;
    document.querySelector("#f-backup").focus();
  });
}

/** The backup is read back, proves itself to the site, and is registered. */
function careForReadingBack(form, url) {
  onSubmit(form, async () => {
    const file = await bytesOf(form.querySelector("#f-backup"), "备份文件");
    const passphrase = form.querySelector("#f-backup-passphrase").value.trim();
    const line = await readBack(url, { file, passphrase, role: form.dataset.role });
    const done = document.querySelector("[data-registered]");
    done.querySelector("code").textContent = line;
    done.hidden = false;
    form.hidden = true;
    done.focus();
  });
}

const CARES = { unlock: careForUnlock, make: careForMaking, back: careForReadingBack, show: careForShowing };
for (const form of document.querySelectorAll("form[data-trustee]")) {
  if (!form.dataset.worker) continue;
  form.hidden = false;
  CARES[form.dataset.trustee](form, form.dataset.worker);
}
