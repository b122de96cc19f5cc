// Reading age's ASCII armor, strictly; armored files are small ones.
import { concat, fromBase64 } from "./bytes.js";
import { Malformed } from "./errors.js";

const BEGIN = "-----BEGIN AGE ENCRYPTED FILE-----";
const END = "-----END AGE ENCRYPTED FILE-----";
const COLUMNS = 64;
const WHITESPACE = 1024; // bytes of it before and after
const LARGEST = 64 * 1024 * 1024;

/** The binary file inside armor, or the source itself where it is not armored; Malformed where the armor is broken. */
export async function dearmored(source) {
  if (!looksArmored(latin1(await bytesOf(source.slice(0, WHITESPACE))))) return source;
  if ((source.size ?? source.length) > LARGEST) throw broken("文本封装的文件过大");
  return content(latin1(await bytesOf(source)));
}

const looksArmored = (start) => start.trimStart().startsWith("-") || (!start.startsWith("age-") && start.includes(BEGIN));

function content(text) {
  const trimmed = text.trim();
  if (text.length - trimmed.length > 2 * WHITESPACE) throw broken("空白过多");
  const lines = trimmed.split(/\r?\n/);
  if (lines[0] !== BEGIN) throw broken("起始行不符");
  if (lines.at(-1) !== END || lines.length < 2) throw broken("结束行之后有多余内容");
  const inner = lines.slice(1, -1);
  return concat(...inner.map((line, i) => decoded(line, i === inner.length - 1)));
}

function decoded(line, last) {
  if (!line || line.length > COLUMNS || (line.length < COLUMNS && !last)) throw broken("行长不符");
  try {
    const bytes = fromBase64(line);
    if (last || bytes.length === (COLUMNS / 4) * 3) return bytes;
  } catch {
    // said below
  }
  throw broken("不是规范的 base64");
}

const broken = (says) => new Malformed("bad_armor", `age 文本封装不合规范：${says}`);

const latin1 = (bytes) => new TextDecoder("latin1").decode(bytes);

const bytesOf = async (source) => (source.arrayBuffer ? new Uint8Array(await source.arrayBuffer()) : source);
