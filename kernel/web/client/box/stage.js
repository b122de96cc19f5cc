// One stage of a bid: dealt when it is sealed, and made again from its seed or its shares when it is opened.
import { TITLES } from "./anchored.js";
import { bidContext, stageOf } from "./bid.js";
import { equal, fromBase64, randomBytes, toBase64, unhex } from "./bytes.js";
import { contextHash, kid, openEnvelope, publicOf, sealShare, shareCommit, StageSecret } from "./envelope.js";
import { Forged, Malformed, ProofError } from "./errors.js";
import { buildCure } from "./opening.js";
import { contextOf } from "./setup.js";
import { combine } from "./shamir.js";

/** A fresh random seed in its context; seal the stage's files to its `recipient`. */
export const newSecret = (setup, place) => new StageSecret(randomBytes(32), contextOf(setup, place));

/** The stage as bid.json carries it: commitment, and every share sealed to every holder of its role. */
export function sealStage(setup, secret, files) {
  const { stage, seq, setup: bound } = secret.context;
  if (bound !== setup.sha256) throw new Malformed("other_context", "种子属于另一份设定");
  const shares = setup.roles.map((role) => deal(secret, role));
  return { id: stage, seq, commit: secret.commit, shares, files: [...files] };
}

/**
 * Open one stage with the bidder's revealed `seed`, or with the roles' `shares` (a Map by their x).
 *
 * Returns {secret (null where a fatal finding stands), findings: [{code, fault, says, fatal, kid}]}. The seed must
 * meet the commitment; then all that was committed is made again and compared. At least k shares are needed
 * (Malformed otherwise); each is first held against its c_x: a wrong one is its officer's fault (etb/1 §7).
 */
export function openStage(setup, bid, stage, { seed = null, shares = null }) {
  if ((seed === null) === (shares === null)) throw new TypeError("open by the seed or by the shares");
  const sealed = stageOf(bid, stage);
  if (seed) return regenerated(setup, bid, sealed, seed, WRONG_SEED);
  const wrong = sealed.shares.filter(({ x }) => shares.has(x) && !checkShare(setup, bid, stage, x, shares.get(x)));
  if (wrong.length) return { secret: null, findings: wrong.map(wrongShare) };
  return regenerated(setup, bid, sealed, combined(setup, shares), MISDEALT);
}

/** Whether a released share meets the c_x that the bidder committed to. */
export function checkShare(setup, bid, stage, x, y) {
  return shareCommit(contextHash(bidContext(setup, bid, stage)), x, y) === shareAt(stageOf(bid, stage), x).c;
}

/**
 * The share in this officer's own envelope, or null for the verdict "bad" (will not open, or is not c_x).
 * `privateKey` is his raw X25519 stage key; Malformed where the set-up does not know it. Whoever tries many gives its
 * `publicKey` too.
 */
export function tryEnvelope(setup, bid, stage, privateKey, publicKey = publicOf(privateKey)) {
  const own = kid(publicKey);
  const role = setup.roles.find(({ keys }) => keys.some((key) => key.kid === own));
  if (!role) throw new Malformed("unknown_key", "设定中没有这把密钥");
  const sealed = envelopeOf(shareAt(stageOf(bid, stage), role.x), own);
  try {
    const y = openEnvelope(contextHash(bidContext(setup, bid, stage)), role.x, privateKey, sealed, publicKey);
    return checkShare(setup, bid, stage, role.x, y) ? y : null;
  } catch (error) {
    if (error instanceof ProofError) return null;
    throw error;
  }
}

/** The share, if the cure makes the logged envelope and commitment again; else Forged. */
export function checkCure(setup, bid, cure) {
  const committed = shareAt(stageOf(bid, cure.stage), cure.x);
  const key = setup.roles.find(({ x }) => x === cure.x)?.keys.find((one) => one.kid === cure.kid);
  if (cure.bid !== bid.sha256 || cure.bidder !== bid.bidder || !key) {
    throw new Malformed("other_context", "补救说的是另一份标书或另一把密钥");
  }
  const [ctxh, y] = [contextHash(bidContext(setup, bid, cure.stage)), fromBase64(cure.y)];
  const again = sealShare(ctxh, cure.x, y, unhex(key.pk), fromBase64(cure.ikmE));
  if (!equal(again, envelopeOf(committed, cure.kid)) || shareCommit(ctxh, cure.x, y) !== committed.c) {
    throw new Forged("cure_differs", "补救不能重现当初的密封件");
  }
  return y;
}

/** etb.cure/1 of the envelope sealed to this key (its number): what makes its logged bytes again, never the seed. */
export function proveEnvelope(setup, bid, close, secret, own) {
  const role = setup.roles.find(({ keys }) => keys.some((key) => key.kid === own));
  if (!role) throw new Malformed("unknown_key", "设定中没有这把密钥", "kid");
  const publicKey = unhex(role.keys.find((key) => key.kid === own).pk);
  const place = { close, stage: secret.context.stage, bidder: bid.bidder, bid: bid.sha256, x: role.x, kid: own };
  return buildCure({ ...place, y: secret.share(role.x), ikmE: secret.envelopeKey(role.x, publicKey) });
}

function deal(secret, { role, x, keys }) {
  const env = keys.map((key) => ({ kid: key.kid, e: toBase64(secret.envelope(x, unhex(key.pk))) }));
  return { x, role, c: secret.shareCommit(x), env };
}

function shareAt(stage, x) {
  const found = stage.shares.find((share) => share.x === x);
  if (!found) throw new Malformed("bad_share", `标书中没有编号为 ${x} 的份额`);
  return found;
}

const envelopeOf = (share, own) => fromBase64(share.env.find((one) => one.kid === own).e);

function combined(setup, shares) {
  const known = new Set(setup.roles.map((role) => role.x));
  if (!setup.k || shares.size < setup.k || [...shares.keys()].some((x) => !known.has(x))) {
    throw new Malformed("too_few_shares", `应有三方中至少 ${setup.k} 方的份额`);
  }
  const first = [...shares.keys()].sort((a, b) => a - b).slice(0, setup.k);
  return combine(new Map(first.map((x) => [x, shares.get(x)])));
}

function regenerated(setup, bid, sealed, seed, otherwise) {
  const secret = new StageSecret(seed, bidContext(setup, bid, sealed.id));
  if (secret.commit !== sealed.commit) return { secret: null, findings: [otherwise] };
  const again = sealStage(setup, secret, sealed.files);
  return { secret, findings: again.shares.flatMap((ours, i) => compared(ours, sealed.shares[i])) };
}

function compared(ours, theirs) {
  const found = [];
  if (ours.c !== theirs.c) {
    found.push(finding("share_commit_differs", "", `${TITLES[theirs.role]}份额的承诺与重现不同`, false));
  }
  const differing = theirs.env.filter(({ e }, i) => e !== ours.env[i].e);
  const says = (own) => `${TITLES[theirs.role]}的密封件 ${own} 与重现不同`;
  return [...found, ...differing.map((one) => finding("envelope_differs", "", says(one.kid), false, one.kid))];
}

/** One thing seen while opening: `fatal` findings keep the stage closed; the others are noted and the bid stands. */
export const finding = (code, fault, says, fatal, own = "") => ({ code, fault, says, fatal, kid: own });

const wrongShare = ({ role }) => finding("share_not_committed", role, `${TITLES[role]}交出的份额与标书中的承诺不符`, true);
const WRONG_SEED = finding("seed_not_committed", "bidder", "交出的种子与标书中的承诺不符", true);
const MISDEALT = finding("misdealt", "bidder", "各方份额均符合承诺，合起来却不是所承诺的种子", true);
