// The box's set-up, setup.json of etb/1, strictly read (kernel/proofs/setup.py).
import { encode as canonical, decode } from "./canonical.js";
import { sha256Hex, unhex } from "./bytes.js";
import { kid, SUITE } from "./envelope.js";
import { Malformed } from "./errors.js";
import { agreed } from "./hpke.js";
import * as shape from "./shape.js";

export const ROLES = ["operator", "regulator", "purchaser"]; // at x = 1, 2, 3
export const MODES = ["bidder", "roles", "bidder-only"];
const PRIME = 2n ** 255n - 19n;

/** The set-up in these bytes: its members, `data` and `sha256`; Malformed unless it is all that etb/1 §4 demands. */
export function readSetup(data) {
  const value = decode(data);
  SETUP(value, "");
  value.roles.forEach((role, i) => role.keys.forEach((key, j) => checkKey(key, `roles[${i}].keys[${j}]`)));
  if (new Set(value.stages.map((stage) => stage.id)).size !== value.stages.length) {
    throw new Malformed("stage_twice", "阶段重复", "stages");
  }
  if (value.stages.every((stage) => stage.later)) {
    throw new Malformed("none_first", "至少应有一个阶段首先开启", "stages");
  }
  checkSharing(value);
  return Object.freeze({ ...value, data, sha256: sha256Hex(data) });
}

/** The role of this name; Malformed where the set-up has none. */
export function roleOf(setup, role) {
  const found = setup.roles.find((one) => one.role === role);
  if (!found) throw new Malformed("unknown_role", `设定中没有角色 ${role}`);
  return found;
}

/** The stages that are opened together: the first ones, or, after the signed `report` (SHA-256), the later (双信封). */
export const turnOf = (setup, report) =>
  setup.stages.filter(({ later }) => Boolean(later) === Boolean(report)).map(({ id }) => id);

/** The context that a stage sealed at `seq` is bound to; `bid_id` in hex. */
export function contextOf(setup, { bidder, bid_id, stage, seq }) {
  if (!setup.stages.some((one) => one.id === stage)) {
    throw new Malformed("unknown_stage", `设定中没有阶段 ${stage}`);
  }
  const { tender, lot, k } = setup;
  return { tender, lot, bidder, seq, bid_id, stage, setup: setup.sha256, k, n: setup.roles.length };
}

/** Whether two parsed parts of the box say the same, to the byte. */
export const sameJson = (a, b) => sha256Hex(canonical(a)) === sha256Hex(canonical(b));

/** Refuse a second spelling of a key, and points of small order, under which anybody could open. */
function checkKey(key, where) {
  const publicKey = unhex(key.pk);
  if (BigInt(`0x${key.pk.match(/../g).reverse().join("")}`) >= PRIME) {
    throw new Malformed("weak_key", "公钥不是规范写法", `${where}.pk`);
  }
  try {
    agreed(new Uint8Array(32), publicKey);
  } catch {
    throw new Malformed("weak_key", "公钥不可用", `${where}.pk`);
  }
  if (kid(publicKey) !== key.kid) throw new Malformed("wrong_kid", "密钥编号与公钥不符", `${where}.kid`);
}

function checkSharing({ mode, k, roles, reason }) {
  if (mode === "bidder-only") {
    if (k || roles.length) throw new Malformed("shares_forbidden", "仅由投标人解密的，不得设份额", "k");
    return;
  }
  if (roles.map(({ role, x }) => `${role}${x}`).join() !== ROLES.map((role, i) => `${role}${i + 1}`).join()) {
    throw new Malformed("bad_roles", "应依次为交易中心、监督部门、招标人三方，编号 1、2、3", "roles");
  }
  if (k === 2 && !reason.trim()) throw new Malformed("reason_missing", "三方取二须写明理由", "reason");
  if (k !== 2 && k !== 3) throw new Malformed("bad_k", "应为三方取三，或写明理由的三方取二", "k");
  const publicKeys = roles.flatMap((role) => role.keys.map((key) => key.pk));
  if (new Set(publicKeys).size !== publicKeys.length) throw new Malformed("key_twice", "同一公钥出现两次", "roles");
}

const KEY = shape.record({ kid: shape.kid, pk: shape.sha256 });
const ROLE = shape.record({ role: shape.role, x: shape.integer(1, 3), keys: shape.listed(KEY, 2, 16) });
const STAGE = shape.record(
  { id: shape.stageId, to: shape.oneOf("public", "panel"), later: shape.oneOf(true) },
  ["later"],
);
const SETUP = shape.record({
  type: shape.oneOf("etb.setup/1"),
  suite: shape.oneOf(SUITE),
  mode: shape.oneOf(...MODES),
  tender: shape.name,
  lot: shape.name,
  k: shape.integer(0, 3),
  roles: shape.listed(ROLE, 0, 3),
  stages: shape.listed(STAGE, 1, 8),
  reason: shape.text(0, 2000),
  prev: shape.sha256OrEmpty,
  rehearsal: shape.boolean,
});
