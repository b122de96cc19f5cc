// What the roles of a draw say to each other (kernel/proofs/draw_messages.py): signed messages, strictly read.
import { sha256Hex } from "../box/bytes.js";
import { decode } from "../box/canonical.js";
import { read, verify } from "../box/dsse.js";
import { BadSignature, Malformed } from "../box/errors.js";
import * as shape from "../box/shape.js";
import { FIXED_ROLES } from "./draw.js";
import { ACCEPT, SKIPS } from "./draw_walk.js";
import { anyObject, isObject } from "./strict.js";

const UUID_PATTERN = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const UUID = shape.matching(UUID_PATTERN, "应为编号");
const ROLE = shape.oneOf(...FIXED_ROLES);
const STRATUM = shape.text(1, 64);
const COUNT = shape.integer(0, 2 ** 32 - 1);
const QUOTA = shape.integer(1, 2 ** 32 - 1);
const BOXES = shape.listed(shape.record({ j: shape.integer(0, 1), to: ROLE, box: shape.base64Of(80) }), 0, 2);
const PIECE = shape.record({ role: ROLE, j: shape.integer(0, 1), piece: shape.sha256 });
const WRONG = shape.record({ role: ROLE, j: shape.integer(0, 1) });
const MANY = 2_000_000;

/** Kind → [its members beside type, draw, role and begin; who may say it]. */
const SHAPES = {
  commit: [
    { commits: shape.listed(shape.sha256, 2, 2), recipient: shape.sha256, salts: shape.sha256OrEmpty },
    FIXED_ROLES,
  ],
  seal: [{ boxes: BOXES }, FIXED_ROLES],
  ready: [{ seals: shape.listed(shape.sha256, 2, 3), wrong: shape.listed(WRONG, 0, 4) }, FIXED_ROLES],
  list: [
    {
      listing: shape.sha256,
      strata: shape.listed(shape.record({ id: STRATUM, quota: QUOTA, size: QUOTA }), 1, 1000),
      avoided: COUNT,
      pool_root: shape.sha256OrEmpty,
      employer_cap: COUNT,
      boxes: BOXES,
    },
    ["operator"],
  ],
  leaves: [
    {
      listing: shape.sha256,
      strata: shape.listed(
        shape.record({ id: STRATUM, quota: QUOTA, leaves: shape.listed(shape.sha256, 1, MANY) }),
        1,
        1000,
      ),
      list_root: shape.sha256,
      avoided: COUNT,
      avoided_root: shape.sha256,
    },
    ["regulator"],
  ],
  refuse: [{ code: shape.text(1, 60), says: shape.text(1, 500) }, ["regulator"]],
  show: [{ pieces: shape.listed(PIECE, 0, 8) }, FIXED_ROLES],
  beacon: [{ value: shape.text(1, 2000) }, ["operator", "regulator"]],
  outcome: [
    {
      stratum: STRATUM,
      n: COUNT,
      leaf: shape.sha256,
      outcome: shape.oneOf(ACCEPT, ...SKIPS),
      code: shape.text(0, 60),
      seat: shape.integer(0, 10_000),
      slip: shape.sha256OrEmpty,
      evidence: shape.sha256OrEmpty,
      at: shape.moment,
    },
    ["operator", "regulator"],
  ],
  confirm: [{ outcome: shape.sha256 }, ["regulator"]],
  replace: [
    { stratum: STRATUM, n: COUNT, seat: shape.integer(1, 10_000), reason: shape.text(1, 500) },
    ["operator"],
  ],
  open: [{ everyone: shape.boolean, seats: shape.integer(0, 10_000) }, ["operator"]],
  names: [
    { openings: shape.listed(shape.record({ leaf: shape.sha256, salt: shape.sha256, record: anyObject }), 0, MANY) },
    ["regulator"],
  ],
  audit: [
    {
      salt_key: shape.sha256,
      strata: shape.listed(shape.record({ id: STRATUM, records: shape.listed(anyObject, 1, MANY) }), 1, 1000),
      avoided: shape.listed(shape.record({ record: anyObject, code: shape.text(1, 60) }), 0, MANY),
    },
    ["regulator"],
  ],
  void: [{ why: shape.text(1, 500), missing: shape.text(0, 40) }, ["operator", "regulator"]],
};
const BEGIN = {
  case: UUID,
  kind: shape.oneOf("panel", "agency"),
  attended: shape.boolean,
  roles: shape.listed(shape.record({ role: ROLE, pk: shape.sha256 }), 2, 3),
  beacon_rule: shape.text(0, 500),
  replaces: shape.matching(`(${UUID_PATTERN})?`, "应为编号或空"),
  at: shape.moment,
  seal_by: shape.moment,
};

/** The message {kind, draw, role, value, sha256} in these bytes; Malformed for a role that may not say this. */
function readMessage(data) {
  const value = decode(data);
  const kind = kindOf(value);
  const [members, roles] = kind === "begin" ? [BEGIN, ["operator"]] : SHAPES[kind];
  const own = kind === "begin" ? members : { begin: shape.sha256, ...members };
  shape.record({ type: shape.text(), draw: shape.text(1, 200), role: shape.oneOf(...roles), ...own })(value, "");
  return { kind, draw: value.draw, role: value.role, value, sha256: sha256Hex(data) };
}

/** The message in an envelope, signed by this raw Ed25519 key; BadSignature when it is not. */
export function readSigned(envelope, key) {
  const signed = read(envelope);
  if (!verify(signed, [key]).length) throw new BadSignature("signature_missing", "没有该角色的有效签名");
  return readMessage(signed.payload);
}

function kindOf(value) {
  const named = isObject(value) && typeof value.type === "string" ? value.type : "";
  const kind = /^etb\.draw-([a-z]+)\/1$/.exec(named)?.[1] ?? "";
  if (kind === "begin" || Object.hasOwn(SHAPES, kind)) return kind;
  throw new Malformed("bad_type", "不是抽取的消息", "type");
}
