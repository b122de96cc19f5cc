// A holder's stage key for one lot, key.json of etb/1; its private half travels beside it, sealed (age) to his master.
import { hex, sha256Hex, unhex } from "./bytes.js";
import { decode, encode } from "./canonical.js";
import { kid } from "./envelope.js";
import * as shape from "./shape.js";

/** key.json of this raw X25519 public key and this wrapped private half; the holder signs it (DSSE). */
export function buildKey({ tender, lot, role, pk, wrap }) {
  const data = encode({ type: "etb.key/1", tender, lot, role, pk: hex(pk), wrap: sha256Hex(wrap) });
  readKey(data);
  return data;
}

/** The stage key in these bytes: its members, `kid` and `data`; Malformed for any other shape. */
export function readKey(data) {
  const value = decode(data);
  KEY(value, "");
  return Object.freeze({ ...value, kid: kid(unhex(value.pk)), data });
}

const KEY = shape.record({
  type: shape.oneOf("etb.key/1"),
  tender: shape.name,
  lot: shape.name,
  role: shape.role,
  pk: shape.sha256,
  wrap: shape.sha256,
});
