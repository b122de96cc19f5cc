// What is signed to open a stage: attest, release, reveal and cure (etb/1), built and strictly read (kernel/proofs/opening.py).
import { sha256Hex, toBase64 } from "./bytes.js";
import { decode, encode } from "./canonical.js";
import { Malformed } from "./errors.js";
import * as shape from "./shape.js";

/** etb.attest/1: `verdicts` [{bid, ok}] in the order of the close's list, `kid` of the stage key used. */
export const buildAttest = ({ close, stage, role, kid, verdicts, report = "" }) =>
  written(ATTEST, { type: "etb.attest/1", close, stage, role, kid, verdicts }, report);

/** The attestation in these bytes; about this close and stage and exactly `bids`, in order. */
export function readAttest(data, { close, stage, bids }) {
  const value = read(ATTEST, data, close, stage);
  checkList(value.verdicts, bids, "verdicts");
  return value;
}

/** etb.release/1: `shares` [{bid, y: 32 bytes}] in the order of the list. */
export function buildRelease({ close, stage, role, kid, shares, report = "" }) {
  const listed = shares.map(({ bid, y }) => ({ bid, y: toBase64(y) }));
  return written(RELEASE, { type: "etb.release/1", close, stage, role, kid, shares: listed }, report);
}

/** The release in these bytes, exactly `bids` in order; each share (base64) must still pass `stage.checkShare`. */
export function readRelease(data, { close, stage, bids }) {
  const value = read(RELEASE, data, close, stage);
  checkList(value.shares, bids, "shares");
  return value;
}

/** etb.reveal/1: `bid` is the SHA-256 of the standing bid.json, `seed` has 32 bytes. */
export const buildReveal = ({ close, stage, bidder, bid, seed, report = "" }) =>
  written(REVEAL, { type: "etb.reveal/1", close, stage, bidder, bid, seed: toBase64(seed) }, report);

/** The reveal in these bytes; the seed (base64) still has to meet its commitment (`stage.openStage`). */
export const readReveal = (data, { close, stage }) => read(REVEAL, data, close, stage);

/** etb.cure/1: `y` and `ikmE` (bytes) are `StageSecret.share(x)` and `.envelopeKey(x, pk)`. */
export function buildCure({ close, stage, bidder, bid, x, kid, y, ikmE }) {
  const proof = { x, kid, y: toBase64(y), ikmE: toBase64(ikmE) };
  return written(CURE, { type: "etb.cure/1", close, stage, bidder, bid, ...proof }, "");
}

/** The cure in these bytes; it still has to make the envelope again (`stage.checkCure`). */
export const readCure = (data, { close, stage }) => read(CURE, data, close, stage);

/** What the auditor saw of one envelope when its holder showed him his stage key; whose signature counts is asked elsewhere. */
export const readAudit = (data, { close, stage }) => read(AUDIT, data, close, stage);

function written(check, value, report) {
  const whole = report ? { ...value, report } : value;
  const data = encode(whole);
  check(whole, "");
  return data;
}

function read(check, data, close, stage) {
  const value = decode(data);
  check(value, "");
  if (value.close !== close || value.stage !== stage) {
    throw new Malformed("other_context", "说的是另一次截标或另一阶段", "close");
  }
  return Object.freeze({ report: "", ...value, data, sha256: sha256Hex(data) });
}

function checkList(named, bids, where) {
  if (named.length !== bids.length || named.some(({ bid }, i) => bid !== bids[i])) {
    throw new Malformed("other_list", "应逐一列出清单上的标书，次序一致，一份不多一份不少", where);
  }
}

const HASH32 = shape.base64Of(32);
const OFFICERS = { close: shape.sha256, stage: shape.stageId, role: shape.role, kid: shape.kid, report: shape.sha256 };
const VERDICT = shape.record({ bid: shape.sha256, ok: shape.boolean });
const SHARE = shape.record({ bid: shape.sha256, y: HASH32 });
const ATTEST = shape.record(
  { ...OFFICERS, type: shape.oneOf("etb.attest/1"), verdicts: shape.listed(VERDICT, 1) },
  ["report"],
);
const RELEASE = shape.record(
  { ...OFFICERS, type: shape.oneOf("etb.release/1"), shares: shape.listed(SHARE, 1) },
  ["report"],
);
const BIDDERS = { close: shape.sha256, stage: shape.stageId, bidder: shape.name, bid: shape.sha256 };
const REVEAL = shape.record(
  { ...BIDDERS, type: shape.oneOf("etb.reveal/1"), seed: HASH32, report: shape.sha256 },
  ["report"],
);
const CURE = shape.record({
  ...BIDDERS,
  type: shape.oneOf("etb.cure/1"),
  x: shape.integer(1, 3),
  kid: shape.kid,
  y: HASH32,
  ikmE: HASH32,
});
const AUDIT = shape.record({
  type: shape.oneOf("etb.audit/1"),
  close: shape.sha256,
  stage: shape.stageId,
  bid: shape.sha256,
  role: shape.role,
  kid: shape.kid,
  opens: shape.boolean,
});
