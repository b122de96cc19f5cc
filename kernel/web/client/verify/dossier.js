// What the checks of a package hand on to each other: every value here has passed the check that put it in.
import { read as readEnvelope } from "../box/dsse.js";
import { decode } from "../box/canonical.js";
import { Malformed, ProofError } from "../box/errors.js";
import { strict } from "./strict.js";

/** The keys that the platform itself goes by: used only where the verifier brings none. */
export const CLAIMED = "anchors.claimed.json";

/** One package under verification; `keys`: bidder → the key of his chain, `seen`: members looked at. */
export class Dossier {
  constructor(pkg, anchors, progress = () => {}) {
    this.package = pkg;
    this.anchors = anchors;
    this.progress = progress;
    this.case = null;
    this.request = null;
    this.interim = false;
    this.events = [];
    this.bids = new Map();
    this.keys = new Map();
    this.secrets = new Map();
    this.misdealt = new Set();
    this.dropped = new Map();
    this.damages = new Map();
    this.notes = [];
    this.seen = new Set();
  }

  get manifest() {
    return this.package.manifest;
  }

  get public() {
    return this.manifest.kind === "public";
  }

  get opened() {
    return this.case.outcome === "opened";
  }

  /** 终止招标: whether the purchaser ended the case before its list was countersigned. */
  get ended() {
    return this.case.outcome === "ended";
  }

  /** Whether the purchaser is an owner in the supermarket, who holds no key. */
  get keyless() {
    return this.request !== null;
  }

  /** Whether this stage is shown to everybody at the opening. */
  isPublic(stage) {
    return this.setup.stages.some((one) => one.id === stage && one.to === "public");
  }

  /** Whether this package may hold what opens this stage. */
  shows(stage) {
    return this.opened && (!this.public || this.isPublic(stage));
  }

  /** A member that must be there. */
  read(name) {
    this.seen.add(name);
    return this.package.read(name);
  }

  /** A member of the platform's own making, of which every member asked for must be there. */
  async paper(name) {
    return strict(decode(await this.read(name)));
  }

  /** A member that is a signed statement; whose signatures count is the caller's question. */
  signed(name) {
    return within(name, async () => readEnvelope(await this.read(name)));
  }

  /** The members of a folder, sorted. */
  under(folder) {
    return this.package.names.filter((name) => name.startsWith(`${folder}/`));
  }

  /** The disclosed events of these acts, in order. */
  acts(...acts) {
    return this.events.filter((event) => acts.includes(event.act));
  }

  /** The first event by which the platform put this SHA-256 on record; Malformed where there is none. */
  recorded(act, what, sha256) {
    const found = this.acts(act).find((event) => event.hashOf(what) === sha256);
    if (found) return found;
    throw new Malformed("not_on_record", `案件事件中没有 ${act} 记载它的摘要 ${sha256.slice(0, 12)}…`);
  }
}

/** The key under which a stage of a bid is kept in `secrets` and `misdealt`. */
export const placeOf = (sha256, stage) => `${sha256} ${stage}`;

/**
 * The refusal behind whatever went wrong: the platform's own papers may say anything, and whatever they do to the
 * reader the answer is a refusal. A file that can no longer be read is no matter of its content and is thrown on.
 */
export function refusalOf(error) {
  if (error instanceof ProofError) return error;
  if (typeof DOMException === "function" && error instanceof DOMException) throw error;
  return new Malformed("malformed", `内容不合格式（${error.name}）`);
}

/** Whatever a proof refuses in `run` (which may be async) is said of this member. */
export async function within(name, run) {
  try {
    return await run();
  } catch (error) {
    const refused = refusalOf(error);
    if (!refused.where.startsWith(name)) refused.where = refused.where ? `${name}：${refused.where}` : name;
    throw refused;
  }
}
