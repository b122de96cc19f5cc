// What an officer's machine answers to each thing that waits for him; his keys never leave it (kernel/proofs/trustee.py).
import { lock, unlock } from "./age.js";
import { readBid } from "./bid.js";
import { fromBase64, randomBytes, sha256Hex, toBase64 } from "./bytes.js";
import { readDeadline } from "./deadline.js";
import * as dsse from "./dsse.js";
import { kid, publicOf } from "./envelope.js";
import { Forged, Malformed } from "./errors.js";
import { buildKey } from "./holding.js";
import { buildAttest, buildRelease } from "./opening.js";
import { buildTested, openTest, readTest } from "./readiness.js";
import { readSetup, roleOf } from "./setup.js";
import { checkShare, tryEnvelope } from "./stage.js";

/**
 * Do one task the platform lists ({do, tender, lot, role, …}); the body to post: {kind, stage, envelope, wrap}, the
 * last two base64. Malformed for a task of unknown kind or of another lot, Forged for altered material. The platform
 * is not believed: call `caution.checkTask` first.
 */
export async function answer(officer, task) {
  if (task.do === "key") return newKey(officer, task);
  const act = Object.hasOwn(ACTS, task.do) ? ACTS[task.do] : null;
  if (!act) throw new Malformed("unknown_task", `不认识的事项 ${task.do}，请更新工具`);
  return message(task.do, task.stage ?? "", dsse.sign(await act(officer, task), officer.signer));
}

const ACTS = { setup: signSetup, deadline: signDeadline, tested, attest, release };

function message(kind, stage, signed, wrap = new Uint8Array()) {
  return { kind, stage, envelope: toBase64(dsse.toBytes(signed)), wrap: toBase64(wrap) };
}

async function newKey(officer, { tender, lot, role }) {
  const privateKey = randomBytes(32);
  const wrap = await lock(privateKey, officer.recipient);
  const key = buildKey({ tender, lot, role, pk: publicOf(privateKey), wrap });
  return message("key", "", dsse.sign(key, officer.signer), wrap);
}

function signSetup(officer, task) {
  const setup = readSetup(fromBase64(task.body));
  sameLot(task, setup);
  return setup.data;
}

function signDeadline(officer, task) {
  const deadline = readDeadline(fromBase64(task.body));
  sameLot(task, deadline);
  return deadline.data;
}

/** Opens an envelope made for this: nothing of a bid. */
async function tested(officer, task) {
  const data = fromBase64(task.body);
  const test = readTest(data);
  sameLot(task, test);
  const privateKey = await unlock(fromBase64(task.wrap), officer.master);
  const own = kid(publicOf(privateKey));
  return buildTested(test, sha256Hex(data), own, openTest(test, own, privateKey));
}

async function attest(officer, task) {
  const { head, opened } = await tried(officer, task);
  return buildAttest({ ...head, verdicts: opened.map(({ bid, y }) => ({ bid, ok: y !== null })) });
}

async function release(officer, task) {
  const { head, setup, bids, opened: own } = await tried(officer, task);
  const opened = own.map((one, i) => cured(task, setup, bids[i]) ?? one);
  const missing = opened.find(({ y }) => y === null);
  if (missing) {
    throw new Forged("share_does_not_open", `标书 ${missing.bid.slice(0, 12)} 的密封件不能用这把密钥打开`);
  }
  return buildRelease({ ...head, shares: opened });
}

/** Every bid of the task tried with his stage key of the lot. */
async function tried(officer, task) {
  const setup = readSetup(fromBase64(task.setup));
  sameLot(task, setup);
  const privateKey = await unlock(fromBase64(task.wrap), officer.master);
  const bids = task.bids.map((body) => readBid(fromBase64(body), setup));
  const publicKey = publicOf(privateKey);
  const { close, stage, role } = task;
  const opened = bids.map((bid) => ({ bid: bid.sha256, y: tryEnvelope(setup, bid, stage, privateKey, publicKey) }));
  return { head: { close, stage, role, kid: kid(publicKey), report: task.report ?? "" }, setup, bids, opened };
}

/** His share of this bid out of the bidder's cure, if it is the one committed to; null where there is no cure. */
function cured(task, setup, bid) {
  if (!task.cures || !Object.hasOwn(task.cures, bid.sha256)) return null;
  const y = fromBase64(task.cures[bid.sha256]);
  const holds = checkShare(setup, bid, task.stage, roleOf(setup, task.role).x, y);
  return { bid: bid.sha256, y: holds ? y : null };
}

function sameLot(task, { tender, lot }) {
  if (task.tender !== tender || task.lot !== lot) throw new Malformed("other_context", "内容不是这个标段的");
}
