// Showing the stage key of one lot to the auditor: an act of its own, said yes to, never part of an unlock.
import { writeMoment } from "../box/deadline.js";
import { startWorker } from "../parts/calling.js";
import { request } from "../parts/requests.js";
import { download } from "../sealing/dom.js";
import { bytesOf, onSubmit } from "./submitting.js";

/** The one task that the form is for; it may have been settled since the page was made. */
async function taskOf({ case: lot, keyid }) {
  const { tasks } = await request("/api/v1/box/contested");
  const found = tasks.find((task) => task.case === lot && task.keyid === keyid);
  if (!found) throw new Error("这件事已经了结，不必再出示");
  return found;
}

async function show(form, url) {
  if (!form.querySelector("[data-sure]").checked) throw new Error("请先勾选，确认出示本标段的密钥");
  const secret = form.querySelector("[data-passphrase]");
  const file = await bytesOf(form.querySelector("[data-key]"), "密钥文件");
  const chosen = form.querySelector("[data-own-anchors]");
  const anchorsFile = chosen.files.length ? await bytesOf(chosen, "锚点文件") : null;
  const task = await taskOf(form.dataset);
  const worker = startWorker(url);
  try {
    const card = await worker.call("unlock", { file, passphrase: secret.value.trim(), anchorsFile });
    if (card.keyid !== task.keyid) throw new Error("这个文件里的密钥不是称密封件有误时用的那一把");
    const shown = await worker.call("show", { task, now: writeMoment(Date.now()) });
    secret.value = "";
    return { task, ...shown };
  } finally {
    worker.end();
  }
}

/** What the trial on his own machine found, so that he knows what the auditor is going to see. */
function found({ bad, opens }) {
  if (!opens) return `在您的电脑上试过：${bad} 个密封件确实打不开。`;
  return `请注意：在您的电脑上试过，有 ${opens} 个密封件能打开（${bad} 个打不开）。监督部门核实后会如实写明。`;
}

/** A form that exports the key of one lot once it is confirmed. */
export function careForShowing(form, url) {
  const done = form.parentElement.querySelector("[data-shown]");
  onSubmit(form, async () => {
    const shown = await show(form, url);
    download(shown.data, `出示密钥-${shown.task.tender}-${shown.task.lot}.json`);
    done.querySelector("[data-found]").textContent = found(shown);
    done.hidden = false;
    form.hidden = true;
    done.focus();
  });
}
