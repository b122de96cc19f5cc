// etb.draw/1, the arithmetic (kernel/proofs/draw.py): a list, the roles' commitments, the seed, the order.
import { concat, hex, lp, sha256, u32, u8, unhex, utf8 } from "../box/bytes.js";
import { Malformed } from "../box/errors.js";
import { rootOf } from "../box/merkle.js";
import { HmacDrbg } from "./drbg.js";

export const FIXED_ROLES = ["operator", "regulator", "purchaser"];
export const PIECES = 2;
const WORD = 2n ** 64n;

/** A stratum {id, quota, leaves: hex[]}, checked as a list's part: leaves ascending, none twice. */
export function stratum(id, quota, leaves) {
  if (!id) throw new Malformed("stratum_without_id", "每组都要有编号", "id");
  if (leaves.some((leaf, i) => i && leaves[i - 1] >= leaf)) {
    throw new Malformed("leaves_unsorted", "名单应升序排列且不得重复", "leaves");
  }
  if (quota < 1 || quota > leaves.length) {
    throw new Malformed("quota_out_of_range", "抽取人数应为 1 至名单人数", "quota");
  }
  return { id, quota, leaves };
}

/** The list of a draw {id, roles, strata, beaconRule}, with its `root`; Malformed where it breaks a rule of lists. */
export function drawList(id, roles, strata, beaconRule) {
  if (!id) throw new Malformed("draw_without_id", "抽取须有编号", "draw_id");
  checkRoles(roles);
  const ids = strata.map((one) => one.id);
  if (!ids.length || new Set(ids).size !== ids.length) {
    throw new Malformed("strata_malformed", "至少一组，组号不得重复", "strata");
  }
  const everyone = strata.flatMap((one) => one.leaves);
  if (new Set(everyone).size !== everyone.length) {
    throw new Malformed("candidate_twice", "同一候选人出现在两组名单", "strata");
  }
  const parts = strata.flatMap((one) => [lp(one.id), u32(one.quota), u32(one.leaves.length), leavesRoot(one)]);
  const head = [lp(id), u8(roles.length), ...roles.map((role) => lp(role)), lp(beaconRule)];
  return { id, roles, strata, beaconRule, root: tagged("draw-list", ...head, ...parts) };
}

/** A candidate's leaf in hex: 32 bytes of salt and the canonical JSON of the record. */
export function drawLeaf(salt, content) {
  if (salt.length !== 32) throw new Malformed("hash_length", "应为 32 字节", "salt");
  return hex(tagged("draw-leaf", salt, content));
}

/** The commitment (D1) of a role to its piece j, both in hex. */
export const pieceCommitment = (id, role, j, piece) =>
  hex(tagged("draw-piece", lp(id), lp(role), u8(j), unhex(piece)));

/** D4: {seed, orders: Map stratum → leaf numbers}; `pieces` is a Map role → two pieces in hex. */
export function draw(list, pieces, beacon) {
  if (pieces.size !== list.roles.length || !list.roles.every((role) => pieces.has(role))) {
    throw new Malformed("pieces_missing", "每个角色的两片都要出示，不得多也不得少", "contributions");
  }
  if (Boolean(beacon) !== Boolean(list.beaconRule)) {
    throw new Malformed("beacon_without_rule", "公共随机数与名单所定的来源不符", "beacon");
  }
  const nonces = list.roles.flatMap((role) => [lp(role), nonce(pieces.get(role))]);
  const seed = tagged("draw-seed", list.root, ...nonces, lp(beacon));
  return { seed, orders: new Map(list.strata.map((one) => [one.id, order(seed, list, one)])) };
}

function order(seed, list, { id, leaves }) {
  const drbg = new HmacDrbg(seed, list.root.subarray(0, 16), concat(utf8("etb/1/draw-order\0"), lp(list.id), lp(id)));
  const numbers = leaves.map((_, i) => i);
  for (let i = 0; i < numbers.length; i += 1) {
    const j = i + below(drbg, numbers.length - i);
    [numbers[i], numbers[j]] = [numbers[j], numbers[i]];
  }
  return numbers;
}

/** A number in 0…limit−1, each exactly as likely: values of the last, incomplete cycle are drawn again. */
function below(drbg, limit) {
  const fair = WORD - (WORD % BigInt(limit));
  for (;;) {
    const bytes = drbg.generate(8);
    const word = new DataView(bytes.buffer).getBigUint64(0);
    if (word < fair) return Number(word % BigInt(limit));
  }
}

function nonce(pieces) {
  if (pieces.length !== PIECES) throw new Malformed("piece_count", "每个角色应有两片", "pieces");
  const [first, second] = pieces.map((piece) => unhex(piece));
  return first.map((byte, i) => byte ^ second[i]);
}

function checkRoles(roles) {
  const malformed = (says) => new Malformed("roles_malformed", says, "roles");
  if (roles.length < 2 || roles.length > 255 || new Set(roles).size !== roles.length || roles.some((role) => !role)) {
    throw malformed("至少两个角色，不得重复");
  }
  const known = roles.map((role) => FIXED_ROLES.indexOf(role)).filter((place) => place >= 0);
  if (known.some((place, i) => i && known[i - 1] > place)) throw malformed("角色应按运营、监督、采购的固定顺序");
}

const leavesRoot = (one) => rootOf(one.leaves.map((piece) => unhex(piece)));
const tagged = (label, ...parts) => sha256(concat(utf8(`etb/1/${label}\0`), ...parts));
