// Where a draw stands (kernel/proofs/draw_state.py), from nothing but its messages.
import { hex, unhex } from "../box/bytes.js";
import { Forged, Malformed } from "../box/errors.js";
import { PIECES, draw, drawList, pieceCommitment, stratum } from "./draw.js";
import { ACCEPT, walk } from "./draw_walk.js";
import { same } from "./strict.js";

const ONCE = ["begin", "commit", "seal", "ready", "list", "leaves", "refuse", "beacon"];
const WITHDRAWN = "withdrawn";

/** A draw's messages, verified; Malformed or Forged on a message that contradicts the draw. */
export class Ceremony {
  constructor(begin) {
    this.begin = begin;
    this.said = new Map();
    this.more = [];
    this.known = {};
  }

  /** Takes one more message into account. */
  add(message) {
    if (message.draw !== this.id || message.value.begin !== this.begin.sha256) {
      throw new Malformed("other_draw", "不是这次抽取的消息", message.kind);
    }
    if (!this.roles.includes(message.role)) {
      throw new Malformed("unknown_role", "此角色不参加这次抽取", message.kind);
    }
    // What was computed from less is computed again.
    if (ONCE.includes(message.kind) || message.kind === "show") this.known = {};
    if (!ONCE.includes(message.kind)) {
      this.more.push(message);
      return;
    }
    const place = placeOf(message.kind, message.role);
    if (!this.said.has(place)) this.said.set(place, message);
    if (this.said.get(place).sha256 !== message.sha256) {
      throw new Forged("said_otherwise", `${message.role} 就同一事项说了两种不同的话`, message.kind);
    }
  }

  get id() {
    return this.begin.draw;
  }

  get roles() {
    return this.begin.value.roles.map((one) => one.role);
  }

  /** The raw Ed25519 key of a role, empty where it takes no part. */
  key(role) {
    const rows = this.begin.value.roles.filter((one) => one.role === role);
    return rows.length ? unhex(rows.at(-1).pk) : new Uint8Array();
  }

  get(kind, role) {
    return this.said.get(placeOf(kind, role));
  }

  ofKind(kind) {
    return this.more.filter((message) => message.kind === kind);
  }

  /** Every message, the begin first. */
  get messages() {
    return [this.begin, ...this.said.values(), ...this.more];
  }

  /** D2 is done: every piece is with somebody else, who has found it to be what was committed to. */
  get sealed() {
    const readies = this.roles.map((role) => this.get("ready", role));
    return readies.every((message) => message && !message.value.wrong.length);
  }

  /** The fixed list, null before; Malformed when leaves and list, or the root, do not agree. */
  get list() {
    this.known.list ??= this.fixedList();
    return this.known.list;
  }

  /** Map "role j" → the shown pieces (hex) that are what was committed to. */
  get pieces() {
    this.known.pieces ??= this.goodPieces();
    return this.known.pieces;
  }

  /** The public random value, once both sides have read the same. */
  get beacon() {
    const said = ["operator", "regulator"].map((role) => this.get("beacon", role)?.value.value);
    return said[0] && said[0] === said[1] ? said[0] : "";
  }

  /** Role → its two pieces. */
  get contributions() {
    const of = (role) => Array.from({ length: PIECES }, (_, j) => this.pieces.get(`${role} ${j}`));
    return new Map(this.roles.map((role) => [role, of(role)]));
  }

  /** {seed, orders}, or null as long as it is nobody's to know. */
  get drawn() {
    if (this.known.drawn === undefined) {
      const ready = this.complete && this.list;
      this.known.drawn = ready ? draw(this.list, this.contributions, this.beacon) : null;
    }
    return this.known.drawn;
  }

  get complete() {
    const shown = [...this.contributions.values()].flat().every(Boolean);
    const beacon = Boolean(this.beacon) === Boolean(this.begin.value.beacon_rule);
    return this.sealed && Boolean(this.get("leaves", "regulator")) && shown && beacon;
  }

  /** Who walks: the keeper of the names for a panel, the duty's own site for agencies. */
  get walker() {
    return this.begin.value.kind === "panel" ? "regulator" : "operator";
  }

  /** Map stratum → Map leaf number → outcome; who accepted and left later is `withdrawn`. */
  settled() {
    const found = new Map((this.list?.strata ?? []).map((one) => [one.id, new Map()]));
    const said = this.ofKind("outcome").filter((message) => message.role === this.walker);
    const left = (message) => Number(message.value.outcome === WITHDRAWN);
    for (const { value } of said.sort((a, b) => left(a) - left(b))) {
      const row = found.get(value.stratum) ?? new Map();
      const old = row.get(value.n);
      if (!old || (old === ACCEPT && value.outcome === WITHDRAWN)) row.set(value.n, value.outcome);
    }
    return found;
  }

  /** Map stratum → the outcomes up to the first place still open: what counts so far. */
  counting() {
    const settled = this.settled();
    const upto = ([id, order]) => {
      const open = order.findIndex((n) => !settled.get(id).has(n));
      const counted = open < 0 ? order : order.slice(0, open);
      return [id, new Map(counted.map((n) => [n, settled.get(id).get(n)]))];
    };
    return new Map([...this.drawn.orders].map(upto));
  }

  /** Map stratum → how far its walk has come. */
  walks() {
    const outcomes = this.counting();
    const of = ({ id, quota }) => [id, walk(this.drawn.orders.get(id), quota, outcomes.get(id))];
    return new Map(this.list.strata.map(of));
  }

  fixedList() {
    const [leaves, listing] = [this.get("leaves", "regulator"), this.get("list", "operator")];
    if (!leaves || !listing) return null;
    const strata = leaves.value.strata.map((one) => stratum(one.id, one.quota, one.leaves));
    const asked = listing.value.strata.map((one) => [one.id, one.quota, one.size]);
    if (!same(asked, strata.map((one) => [one.id, one.quota, one.leaves.length]))) {
      throw new Malformed("list_differs", "名单与所要的组别、人数不符", "leaves");
    }
    const found = drawList(this.id, this.roles, strata, this.begin.value.beacon_rule);
    if (hex(found.root) !== leaves.value.list_root) {
      throw new Malformed("list_root_differs", "名单与名单哈希不符", "leaves");
    }
    return found;
  }

  goodPieces() {
    const found = new Map();
    for (const { role, j, piece } of this.ofKind("show").flatMap((message) => message.value.pieces)) {
      const committed = this.get("commit", role)?.value.commits[j];
      if (pieceCommitment(this.id, role, j, piece) === committed) found.set(`${role} ${j}`, piece);
    }
    return found;
  }
}

const placeOf = (kind, role) => `${kind} ${role}`;
