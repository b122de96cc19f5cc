// anchors.json: the public keys a verifier believes, published outside the platform (kernel/proofs/anchors.py).
import { fromUtf8, sha256Hex, unhex } from "./bytes.js";
import { keyidOf } from "./dsse.js";
import { Malformed } from "./errors.js";
import { parseKey } from "./note_keys.js";
import * as shape from "./shape.js";

const KEYS = ["receipts", "processes", "packages"];
const NOTE_KEYS = ["logs", "witnesses"];

/**
 * The anchors in these bytes, written by hand or by tool; Malformed for any other shape, or a key twice.
 *
 * {issuer, issued, quorum, prev, data, sha256} and the questions officers(role, at), receipts(at), processes(at),
 * packages(at), logs(at), witnesses(at): the keys in force at the moment `at`, from `since` to before `until`.
 */
export function readAnchors(data) {
  const value = parsed(data);
  ANCHORS(value, "");
  const officers = value.officers.map((one) => ({ ...one, public: unhex(one.pk), keyid: keyidOf(unhex(one.pk)) }));
  // One key under two names would let one officer sign for two.
  if (new Set(value.officers.map(({ pk }) => pk)).size !== officers.length) {
    throw new Malformed("key_twice", "同一公钥出现两次", "officers");
  }
  const spans = (name, read) => {
    const keys = value[name].map((one) => ({ ...one, key: read(one) }));
    return (at) => keys.filter((one) => inForce(one, at)).map((one) => one.key);
  };
  const { issuer, issued, quorum, prev = "" } = value;
  return Object.freeze({
    ...{ issuer, issued, quorum, prev, data, sha256: sha256Hex(data) },
    officers: (role, at) =>
      new Map(officers.filter((one) => one.role === role && inForce(one, at)).map((one) => [one.keyid, one])),
    ...Object.fromEntries(KEYS.map((name) => [name, spans(name, ({ pk }) => unhex(pk))])),
    ...Object.fromEntries(NOTE_KEYS.map((name) => [name, spans(name, ({ vkey }) => parseKey(vkey))])),
  });
}

const inForce = ({ since, until }, at) => since <= at && (until === "" || at < until);

function parsed(data) {
  try {
    return JSON.parse(fromUtf8(data));
  } catch {
    throw new Malformed("not_json", "锚点文件不是 JSON");
  }
}

const untilOrOpen = (value, where) => value === "" || shape.moment(value, where);
const SPAN = { since: shape.moment, until: untilOrOpen };
const KEY = shape.record({ pk: shape.sha256, ...SPAN });
const NOTE_KEY = shape.record({ vkey: shape.text(1, 300), ...SPAN });
const OFFICER = shape.record({ role: shape.role, name: shape.name, pk: shape.sha256, ...SPAN });
const ANCHORS = shape.record(
  {
    prev: shape.sha256,
    type: shape.oneOf("etb.anchors/1"),
    issuer: shape.text(0, 200),
    issued: shape.moment,
    quorum: shape.integer(0, 16),
    logs: shape.listed(NOTE_KEY, 0, 64),
    witnesses: shape.listed(NOTE_KEY, 0, 64),
    receipts: shape.listed(KEY, 0, 64),
    processes: shape.listed(KEY, 0, 64),
    packages: shape.listed(KEY, 0, 64),
    officers: shape.listed(OFFICER, 0, 10_000),
  },
  ["prev"],
);
