// What an act on one's own closed bid needs, gathered by the page for its worker.
import { anchorsFor } from "./anchoring.js";
import { chosenBytes } from "./recovering.js";
import { request } from "./requests.js";
import { typedPassphrase } from "./typing.js";

/** A signing key kept in a file of its own, as the command line does; null where none is chosen. */
async function keyOf(form) {
  const input = form.querySelector("#f-key");
  if (!input.files.length) return null;
  const passphrase = typedPassphrase(form.querySelector("#f-key-passphrase").value);
  return { bytes: await chosenBytes(input, "签名密钥文件"), passphrase };
}

/** {recovery, kit, close, own, anchors, key}: the form's own files, and the lot, its list and the bid as the site has them. */
export async function gathered(form, recoveryOf, told) {
  const recovery = await recoveryOf();
  told("正在取得截标名单");
  const [kit, close, own] = await Promise.all(
    ["sealing", "close", "receipts"].map((name) => request(`${form.dataset.api}/${name}`)),
  );
  const anchors = await anchorsFor(form.querySelector("#f-anchors"));
  return { recovery, kit, close, own, anchors, key: await keyOf(form) };
}

/** Send signed objects, once. */
export function sent(url, envelopes) {
  return request(url, { method: "POST", json: { envelopes }, headers: { "idempotency-key": crypto.randomUUID() } });
}
