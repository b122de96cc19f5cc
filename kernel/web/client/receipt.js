// On the receipt's page: held against the anchors this browser keeps, its signature first, its place in the log once final.
import { checkReceipt } from "./box/anchored.js";
import { readAnchors } from "./box/anchors.js";
import * as dsse from "./box/dsse.js";
import { checkReceiptProof } from "./box/receipt_proof.js";
import { note } from "./sealing/dom.js";
import { keptAnchors } from "./sealing/keeping.js";

async function fetched(href) {
  const answer = await fetch(href);
  if (!answer.ok) throw new Error(`没有取到 ${href}`);
  return new Uint8Array(await answer.arrayBuffer());
}

async function check(box, kept) {
  const anchors = readAnchors(kept.bytes);
  const receipt = await fetched(box.dataset.receipt);
  if (!box.dataset.proof) {
    checkReceipt(dsse.read(receipt), anchors);
    return note("good", "回执签名与锚点文件一致", "存证证明还在等见证方签名，几分钟后刷新本页再核对。");
  }
  const { witnesses } = checkReceiptProof(receipt, await fetched(box.dataset.proof), anchors);
  return note("good", "回执和存证证明核对无误", `签名与锚点文件 ${kept.name} 一致，见证方：${witnesses.join("、")}。`);
}

const box = document.querySelector("[data-receipt-check]");
const kept = box ? await keptAnchors() : null;
if (kept) {
  try {
    box.append(await check(box, kept));
  } catch (error) {
    box.append(note("danger", "回执核对没有通过，请立即联系交易中心和监督部门", error.message));
  }
}
