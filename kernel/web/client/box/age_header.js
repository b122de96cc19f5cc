// The textual header of an age v1 file (C2SP age.md): stanzas {kind, args, body} and the MAC over them.
import { concat, equal, fromBase64, toBase64, utf8 } from "./bytes.js";
import { Forged, Malformed } from "./errors.js";
import { expand, extract, hmac } from "./hkdf.js";

const VERSION = "age-encryption.org/v1\n";
const COLUMNS = 64;
const GREATEST = 1 << 20; // of a whole header: room for hundreds of recipients, not for filling the memory
const OPENING = /^->(?: [\x21-\x7e]+)+\n$/;
const CLOSING = /^--- ([A-Za-z0-9+/]{43})\n$/;

/** The whole header, up to and with the line end after the MAC. */
export function writeHeader(fileKey, stanzas) {
  const covered = utf8(`${VERSION}${stanzas.map(spelled).join("")}---`);
  return concat(covered, utf8(` ${toRawBase64(mac(fileKey, covered))}\n`));
}

/** {stanzas, check(fileKey)}, leaving the reader at the payload's first byte; Malformed if it is not exactly one. */
export async function readHeader(reader) {
  const read = [await line(reader, [])];
  if (read[0] !== VERSION) throw new Malformed("not_age", "不是 age v1 加密文件");
  const stanzas = [];
  for (;;) {
    const next = await line(reader, read);
    if (next.startsWith("---")) return finished(stanzas, read, next);
    read.push(next);
    stanzas.push(await stanza(reader, read));
  }
}

/** Standard base64 without padding, as age spells it. */
export const toRawBase64 = (bytes) => toBase64(bytes).replace(/=+$/, "");

/** The bytes of unpadded base64 in its one canonical spelling. */
export function fromRawBase64(text) {
  try {
    if (!text.includes("=")) return fromBase64(text.padEnd(Math.ceil(text.length / 4) * 4, "="));
  } catch {
    // said below, as for every other fault of a header
  }
  throw bad("文件头中的 base64 不是规范写法");
}

const bad = (says) => new Malformed("bad_header", says);

const mac = (fileKey, covered) => hmac(expand(extract(new Uint8Array(), fileKey), utf8("header"), 32), covered);

/** As a stanza stands in a header: the body in lines of 64 columns, the last one shorter. */
function spelled({ kind, args, body }) {
  const text = toRawBase64(body);
  const lines = [];
  for (let at = 0; at <= text.length; at += COLUMNS) lines.push(text.slice(at, at + COLUMNS));
  return [`-> ${[kind, ...args].join(" ")}`, ...lines, ""].join("\n");
}

function finished(stanzas, read, closing) {
  const found = CLOSING.exec(closing);
  if (!found || !stanzas.length) throw bad("文件头的结束行不合规范");
  if (stanzas.some(({ kind }) => kind === "scrypt") && stanzas.length !== 1) throw bad("口令加密不得与其他方式并用");
  const [covered, written] = [utf8(`${read.join("")}---`), fromRawBase64(found[1])];
  const check = (fileKey) => {
    if (!equal(mac(fileKey, covered), written)) throw new Forged("header_altered", "文件头校验不符，内容被改动");
  };
  return { stanzas, check };
}

async function stanza(reader, read) {
  if (!OPENING.test(read.at(-1))) throw bad("文件头的接收方行不合规范");
  const [, kind, ...args] = read.at(-1).trimEnd().split(" ");
  let body = "";
  for (;;) {
    const text = await line(reader, read);
    read.push(text);
    if (text.length - 1 > COLUMNS) throw bad("文件头有过长的行");
    body += text.slice(0, -1);
    if (text.length - 1 < COLUMNS) return { kind, args, body: fromRawBase64(body) };
  }
}

/** The next line with its end, as text of one character a byte. */
async function line(reader, already) {
  const room = GREATEST - already.reduce((sum, one) => sum + one.length, 0);
  const bytes = await reader.line(room);
  if (bytes.at(-1) !== 0x0a) throw bad("文件头不完整或过长");
  if (bytes.some((byte) => byte > 0x7e)) throw bad("文件头有 ASCII 之外的字符");
  return String.fromCharCode(...bytes);
}
