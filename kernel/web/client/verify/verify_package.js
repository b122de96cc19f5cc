// The package itself: who signed its manifest, whether every byte is there, and what case it is of.
import { byCodePoint } from "../box/canonical.js";
import { good } from "../box/dsse.js";
import { BadSignature, Malformed } from "../box/errors.js";
import { readCase } from "./case_file.js";
import { CLAIMED, within } from "./dossier.js";
import { SIGNATURE } from "./manifest.js";

export const KINDS = { public: "公开包", archive: "存档包" };

/** The manifest is signed by a key that may sign packages at the moment it states. */
export function checkManifest(dossier) {
  const { manifest, anchors } = dossier;
  const keys = [...anchors.packages(manifest.at), ...anchors.receipts(manifest.at)];
  if (!keys.some((key) => good(key, dossier.package.signature, manifest.data))) {
    throw new BadSignature("manifest_unsigned", "清单没有锚点中平台公钥的有效签名", SIGNATURE);
  }
  return `${KINDS[manifest.kind]}的清单由锚点中的平台密钥签署`;
}

/** Every byte of the file is what the manifest says, and nothing else is in it. */
export async function checkMembers(dossier) {
  await dossier.package.check(dossier.progress);
  dossier.seen.add(CLAIMED);
  return `${dossier.package.names.length} 个文件逐字节与清单相符，没有清单以外的内容`;
}

/** case.json says which case this is. */
export async function checkCase(dossier) {
  dossier.case = await within("case.json", async () => readCase(await dossier.read("case.json")));
  const { project, name, tender, lot } = dossier.case;
  return `${project} ${name}（${tender} / ${lot}）`;
}

/** Every member has been explained by one of the checks before; the PDF of the record is for the eye. */
export function checkNothingLeft(dossier) {
  const strange = dossier.package.names.filter((name) => !dossier.seen.has(name) && name !== "opening.pdf");
  if (strange.length) {
    throw new Malformed("unexplained_member", "包内有案件事实不能解释的文件", strange.sort(byCodePoint)[0]);
  }
  return "包内没有多余的文件";
}
