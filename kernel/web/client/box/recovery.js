// What a bidder must not lose: recovery.json, the seeds of the stages he sealed (etb.recovery/1), kept under a passphrase.
import { lock, unlock } from "./age.js";
import { BID_ID, SEQ } from "./bid.js";
import { fromBase64, toBase64 } from "./bytes.js";
import { decode, encode } from "./canonical.js";
import { StageSecret } from "./envelope.js";
import { Malformed } from "./errors.js";
import { sameJson } from "./setup.js";
import * as shape from "./shape.js";

/**
 * recovery.json of one bid's stage secrets, in clear; all must be of the same bid. `signer` is the private seed of the
 * chain's key where no file of its own keeps it, `deadline` the moment sealed for.
 */
export function buildRecovery(secrets, { signer = null, deadline = "" } = {}) {
  if (!secrets.length) throw new Malformed("no_stage", "没有可保存的阶段");
  const places = secrets.map(({ context }) => placeOf(context));
  if (!places.every((place) => sameJson(place, places[0]))) {
    throw new Malformed("other_context", "各阶段不属于同一份标书");
  }
  const stages = secrets.map(({ seed, context }) => ({ id: context.stage, seq: context.seq, seed: toBase64(seed) }));
  const more = { ...(signer && { signer: toBase64(signer) }), ...(deadline && { deadline }) };
  const data = encode({ type: "etb.recovery/1", stages, ...places[0], ...more });
  readRecovery(data);
  return data;
}

/** What stands in a recovery.json in clear, and its `secrets`; `signer` comes as bytes, or not at all. */
export function readRecovery(data) {
  const value = decode(data);
  RECOVERY(value, "");
  const place = placeOf(value);
  const secrets = value.stages.map(
    ({ id, seq, seed }) => new StageSecret(fromBase64(seed), { ...place, stage: id, seq }),
  );
  return { ...value, secrets, ...("signer" in value && { signer: fromBase64(value.signer) }) };
}

/** The secret of this stage; Malformed where the file has none. */
export function secretOf(recovery, stage) {
  const found = recovery.secrets.find(({ context }) => context.stage === stage);
  if (!found) throw new Malformed("unknown_stage", `恢复文件中没有阶段 ${stage}`);
  return found;
}

/** The recovery file as it is stored. */
export const lockRecovery = (secrets, passphrase, more = {}) => lock(buildRecovery(secrets, more), passphrase);

/** What a stored recovery file holds; NoMatch for a wrong passphrase. */
export const unlockRecovery = async (data, passphrase) => readRecovery(await unlock(data, passphrase));

const placeOf = ({ tender, lot, bidder, bid_id, setup, k, n }) => ({ tender, lot, bidder, bid_id, setup, k, n });

const STAGE = shape.record({ id: shape.stageId, seq: SEQ, seed: shape.base64Of(32) });
const RECOVERY = shape.record(
  {
    type: shape.oneOf("etb.recovery/1"),
    tender: shape.name,
    lot: shape.name,
    bidder: shape.name,
    bid_id: BID_ID,
    setup: shape.sha256,
    k: shape.integer(0, 3),
    n: shape.integer(0, 3),
    stages: shape.listed(STAGE, 1, 8),
    signer: shape.base64Of(32),
    deadline: shape.moment,
  },
  ["signer", "deadline"],
);
