// C2SP signed notes (c2sp.org/signed-note), read and verified: plain Ed25519 (the log's) and cosignature/v1 (a witness's).
import { concat, fromBase64, fromUtf8, utf8 } from "./bytes.js";
import { good } from "./dsse.js";
import { BadSignature, Malformed } from "./errors.js";
import { checkKeyName, COSIGNATURE_V1, isBy, noControls, SIGNATURE_BYTES } from "./note_keys.js";

export const MAX_NOTE_BYTES = 1_000_000;
const MAX_SIGNATURES = 100;
const DASH = "— ";

/** {text, signatures: [{name, id (4 bytes), signature}]}, as strictly as Go's `sumdb/note`; nothing is verified. */
export function parseNote(raw) {
  if (raw.length > MAX_NOTE_BYTES) throw new Malformed("note_too_large", `不得超过 ${MAX_NOTE_BYTES} 字节`);
  const whole = noteText(raw);
  noControls(whole);
  const gap = whole.lastIndexOf("\n\n");
  if (gap < 0 || !whole.endsWith("\n")) throw new Malformed("note_malformed", "应为正文、空行、签名行");
  // The separator's first newline belongs to the text.
  return { text: whole.slice(0, gap + 1), signatures: parseSignatureLines(whole.slice(gap + 2)) };
}

/** Signature lines, each ending in a newline: a note's, or a witness's whole answer. */
function parseSignatureLines(text) {
  const lines = text.split("\n");
  if (lines.pop() || !lines.length) throw new Malformed("signature_malformed", "签名行应各以换行结束");
  if (lines.length > MAX_SIGNATURES) throw new Malformed("too_many_signatures", `签名不得超过 ${MAX_SIGNATURES} 个`);
  return lines.map(signatureLine);
}

/**
 * Every signature by one of `keys`, in the note's order: [{key, at (POSIX second of a cosignature, else null)}]; lines
 * of other keys are passed over. BadSignature when a known key's signature is false or there is none of a known key.
 */
export function verifyNote(note, keys) {
  const found = note.signatures.flatMap((line) => {
    const key = keys.findLast((one) => isBy(line, one));
    return key ? [{ key, at: verifyLine(note.text, line, key) }] : [];
  });
  if (!found.length) throw new BadSignature("no_known_signature", "没有已知密钥的签名");
  return found;
}

function noteText(raw) {
  try {
    return fromUtf8(raw);
  } catch {
    throw new Malformed("note_malformed", "不是 UTF-8 编码");
  }
}

function signatureLine(line) {
  const gap = line.indexOf(" ", DASH.length);
  if (!line.startsWith(DASH) || gap < 0) {
    throw new Malformed("signature_malformed", "签名行应为破折号、密钥名、base64");
  }
  const name = line.slice(DASH.length, gap);
  checkKeyName(name);
  const value = fromBase64(line.slice(gap + 1));
  if (value.length < 5) throw new Malformed("signature_malformed", "签名太短");
  return { name, id: value.slice(0, 4), signature: value.slice(4) };
}

function verifyLine(text, { signature }, key) {
  if (signature.length !== SIGNATURE_BYTES[key.kind]) {
    throw new BadSignature("signature_false", `${key.name} 的签名长度不对`);
  }
  const cosigned = key.kind === COSIGNATURE_V1;
  const at = cosigned ? new DataView(signature.slice(0, 8).buffer).getBigUint64(0) : null;
  if (cosigned && at >= 2n ** 63n) throw new BadSignature("signature_false", `${key.name} 的联署时间超出范围`);
  const message = cosigned ? concat(utf8(`cosignature/v1\ntime ${at}\n`), utf8(text)) : utf8(text);
  if (!good(key.public, signature.slice(-64), message)) {
    throw new BadSignature("signature_false", `${key.name} 的签名与正文不符`);
  }
  return cosigned ? Number(at) : null;
}
