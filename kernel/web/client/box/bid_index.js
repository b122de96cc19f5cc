// The sealed index of a stage, the content of <stage>-0.age: its files' names and the price form, padded to 16 KiB.
import { concat } from "./bytes.js";
import { decode, encode } from "./canonical.js";
import { Malformed } from "./errors.js";
import * as shape from "./shape.js";

const BLOCK = 16 * 1024;
const SPACE = 0x20;

/**
 * The padded index; file i (from 1) is named ``<stage>-i.age``, its size and SHA-256 (hex) are the plaintext's.
 * Amounts in `form` are decimal strings.
 */
export function buildIndex(stage, files, form = null) {
  const listed = files.map(({ n, name, media, size, sha256 }) => ({ n, name, media, size, sha256 }));
  const plain = encode({ type: "etb.index/1", stage, files: listed, ...(form && { form }) });
  const padding = (BLOCK - (plain.length % BLOCK)) % BLOCK;
  const data = concat(plain, new Uint8Array(padding).fill(SPACE));
  readIndex(data, stage);
  return data;
}

/** {stage, files, form (null where there is none)}; Malformed for another stage, padding, or a file out of place. */
export function readIndex(data, stage) {
  const end = data.findLastIndex((byte) => byte !== SPACE) + 1;
  if (!end || data.length % BLOCK || data.length - end >= BLOCK) {
    throw new Malformed("bad_padding", "目录应以空格补足到 16 KiB 的整数倍");
  }
  const value = decode(data.subarray(0, end));
  INDEX(value, "");
  if (value.stage !== stage) throw new Malformed("other_stage", "目录属于另一阶段", "stage");
  value.files.forEach((file, i) => {
    const name = `${stage}-${i + 1}.age`;
    if (file.n !== name) throw new Malformed("bad_name", `应为 ${name}`, `files[${i}].n`);
  });
  return { stage, files: value.files, form: value.form ?? null };
}

const FILE = shape.record({
  n: shape.text(1, 64),
  name: shape.matching(String.raw`[^\/\\\x00-\x1f\x7f-\x9f]{1,255}`, "文件名应为 1 至 255 个字，不含斜杠和控制字符"),
  media: shape.matching(
    String.raw`[a-z0-9][a-z0-9!#$&^_.+\-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+\-]{0,126}`,
    "应为媒体类型",
  ),
  size: shape.integer(),
  sha256: shape.sha256,
});
const INDEX = shape.record(
  {
    type: shape.oneOf("etb.index/1"),
    stage: shape.stageId,
    files: shape.listed(FILE, 0, 999),
    form: shape.object,
  },
  ["form"],
);
