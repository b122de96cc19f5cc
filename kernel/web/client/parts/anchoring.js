// The anchors a page checks signatures with: chosen here, else chosen once before, else those the site itself names.
import { keptAnchors } from "../sealing/keeping.js";
import { chosenBytes } from "./recovering.js";

/** Bytes of anchors.json; `input` is the field in which somebody may have chosen his own. */
export async function anchorsFor(input = null) {
  if (input?.files.length) return chosenBytes(input, "锚点文件");
  const kept = await keptAnchors();
  if (kept) return kept.bytes;
  const answer = await fetch("/api/v1/anchors", { credentials: "same-origin" });
  if (!answer.ok) throw new Error("没有取得平台的公钥，请稍后再试");
  return new Uint8Array(await answer.arrayBuffer());
}
