// Named note keys (c2sp.org/signed-note): what a verifier trusts.
import { equal, fromBase64, hex, sha256, utf8 } from "./bytes.js";
import { Malformed } from "./errors.js";

export const ED25519 = 0x01;
export const COSIGNATURE_V1 = 0x04;

/** Bytes of a signature by its type: a cosignature puts the POSIX second before it. */
export const SIGNATURE_BYTES = { [ED25519]: 64, [COSIGNATURE_V1]: 8 + 64 };

/** A key written ``name+8 hex+base64(type ‖ key)``: {name, public, kind, id (4 bytes), text}; Malformed when misspelt. */
export function parseKey(text) {
  const [name, keyId, ...rest] = text.split("+");
  // Standard base64 has plus signs of its own: everything after the second one is the key.
  if (!name || !rest.length) throw new Malformed("key_malformed", "公钥应写作 名称+编号+公钥");
  const material = fromBase64(rest.join("+"));
  checkKeyName(name);
  const [kind, publicKey] = [material[0] ?? 0, material.slice(1)];
  if (!(kind in SIGNATURE_BYTES)) throw new Malformed("key_type_unknown", `不认识的签名类型 ${kind}`);
  if (publicKey.length !== 32) throw new Malformed("key_length", "Ed25519 公钥应为 32 字节");
  const id = sha256(utf8(`${name}\n`), material).slice(0, 4);
  if (hex(id) !== keyId) throw new Malformed("key_id_wrong", `${name} 的编号与公钥不符`);
  return { name, public: publicKey, kind, id, text };
}

/** Whether this signature line names this key. */
export const isBy = (line, key) => line.name === key.name && equal(line.id, key.id);

/** A key name is not empty and has neither spaces nor ``+``; Malformed otherwise. */
export function checkKeyName(name) {
  noControls(name);
  if (!name || /[+\s\u0085]/.test(name) || /\p{Surrogate}/u.test(name)) {
    throw new Malformed("key_name_malformed", "密钥名不得为空，不得含空格和加号");
  }
}

/** Malformed for an ASCII control character other than newline. */
export function noControls(text) {
  // eslint-disable-next-line no-control-regex
  if (/[\x00-\x09\x0b-\x1f]/.test(text)) throw new Malformed("note_malformed", "不得含控制字符");
}
