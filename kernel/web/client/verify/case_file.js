// case.json, request.json, events and key files of an evidence package (kernel/proofs/case_file.py), strictly read.
import { fromBase64, unhex, utf8 } from "../box/bytes.js";
import { decode } from "../box/canonical.js";
import { Malformed } from "../box/errors.js";
import { entryHash } from "../box/merkle.js";
import { MODES } from "../box/setup.js";
import * as shape from "../box/shape.js";
import { Decimal } from "./decimal.js";
import { PICKS } from "./selection.js";
import { anyObject, isObject, optional } from "./strict.js";

const CASE = shape.record({
  type: shape.oneOf("etb.case/1"),
  tender: shape.name,
  lot: shape.name,
  case: shape.name,
  project: shape.text(0, 400),
  name: shape.text(0, 400),
  purchaser: shape.text(0, 400),
  procedure: shape.name,
  mode: shape.oneOf(...MODES),
  minimum: shape.integer(1, 1000),
  outcome: shape.oneOf("opened", "failed", "ended"),
  later: shape.listed(shape.stageId, 1),
}, ["later"]);
const REQUEST = shape.record({
  type: shape.oneOf("etb.request/1"),
  code: shape.name,
  case: shape.name,
  name: shape.text(0, 400),
  owner: shape.text(0, 400),
  item: shape.text(0, 400),
  mode: shape.name,
  picks: shape.oneOf(...PICKS),
  percents: shape.listed(shape.integer(1, 1000), 0, 100),
  drop_from: shape.integer(0, 1000),
  quotes: shape.boolean,
  least: shape.integer(1, 1000),
  lowest: shape.text(0, 30),
  highest: shape.text(0, 30),
  outcome: shape.oneOf("served", "failed", "withdrawn"),
});
const LEAF = shape.record({ leaf: shape.sha256 });
const SHOWN = shape.record({ body: shape.base64Of(null), salt: shape.sha256 });
const EVENT = shape.record({
  type: shape.oneOf("etb.event/1"),
  case: shape.name,
  n: shape.integer(1),
  prev: shape.sha256OrEmpty,
  act: shape.text(1, 100),
  role: shape.text(0, 100),
  organisation: shape.text(0, 200),
  subject: shape.text(0, 400),
  at: shape.moment,
  directive: shape.text(0, 200),
  hashes,
  facts: anyObject,
  private: shape.sha256,
});

/** The case in these bytes; `later` are the stages that wait for the report on the others. */
export const readCase = (data) => ({ later: [], ...checked(CASE, data) });

/** The request of the supermarket in these bytes. */
export const readRequest = (data) => checked(REQUEST, data);

/** An amount in yuan, null for an empty text; Malformed `bad_amount` for anything else. */
export function money(text, where) {
  try {
    return text ? Decimal.of(text) : null;
  } catch {
    throw new Malformed("bad_amount", "应为金额", where);
  }
}

/** The n-th event as far as it is disclosed; of a withheld one only its log entry `leaf` is known. */
export class ShownEvent {
  constructor(n, leaf, said = { act: "", hashes: {}, facts: {}, case: "", prev: "", organisation: "", subject: "" }) {
    Object.assign(this, said);
    this.n = n;
    this.leaf = leaf;
  }

  /** When it happened, of a disclosed event. */
  get moment() {
    if (!this.act) throw new Malformed("event_withheld", "这个事件没有公开");
    return this.at;
  }

  /** The SHA-256 it names for `what`, or empty. */
  hashOf(what) {
    return optional(this.hashes, what, "");
  }

  /** The fact of this name, or null. */
  fact(what) {
    return optional(this.facts, what, null);
  }
}

/** The n-th event; its log entry is computed from its very bytes. */
export function readEvent(data, n) {
  const value = decode(data);
  if (isObject(value) && Object.hasOwn(value, "leaf")) {
    LEAF(value, "");
    return new ShownEvent(n, unhex(value.leaf));
  }
  SHOWN(value, "");
  const body = fromBase64(value.body, "body");
  const said = decode(body);
  EVENT(said, "body");
  if (said.n !== n) throw new Malformed("event_misplaced", `应为第 ${n} 个事件，内容写的是第 ${said.n} 个`, "n");
  return new ShownEvent(n, entryHash(unhex(value.salt), body), { ...said, salt: value.salt });
}

/** The text file with which ``age -d -i`` opens a stage's files. */
export function keyFile({ context: at, recipient, identity }) {
  const head = `# tender ${at.tender} lot ${at.lot} stage ${at.stage} bidder ${at.bidder}`;
  return utf8(`${head}\n# public key: ${recipient}\n${identity}\n`);
}

function checked(check, data) {
  const value = decode(data);
  check(value, "");
  return value;
}

function hashes(value, where) {
  anyObject(value, where);
  for (const [name, inner] of Object.entries(value)) shape.sha256(inner, `${where}.${name}`);
}
