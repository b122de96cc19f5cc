// What the events say of an opening: who revealed, who released, and which bids were the roles' to open.
import { ROLES } from "../box/setup.js";
import { bidsOf, withIt } from "./turns.js";

/** Whether the bidder gave this stage's seed. */
export function revealed(dossier, sha256, stage) {
  const { bidder } = bidOf(dossier, sha256);
  return dossier.acts("box_reveal").some((one) => one.organisation === bidder && one.fact("stage") === stage);
}

/** Whether this role gave its shares of this stage. */
export const released = (dossier, role, stage) =>
  dossier.acts("box_release").some((event) => event.fact("role") === role && event.fact("stage") === stage);

/**
 * The bids that the roles open in this stage's turn, in the close's order: all, or those of whoever agreed to it and
 * did not reveal every stage of the turn.
 */
export function dueByRoles(dossier, stage) {
  const due = bidsOf(dossier, stage);
  if (dossier.setup.mode === "roles") return due;
  if (dossier.setup.mode === "bidder-only" || !dossier.opened) return [];
  const stages = withIt(dossier, stage);
  const revealedAll = (sha256) => stages.every((one) => revealed(dossier, sha256, one));
  return due.filter((sha256) => bidOf(dossier, sha256).fallback && !revealedAll(sha256));
}

/** Whether the events say that this stage's seed was revealed, or all shares of it released. */
export const isGiven = (dossier, sha256, stage) =>
  revealed(dossier, sha256, stage) ||
  (dueByRoles(dossier, stage).includes(sha256) && ROLES.every((role) => released(dossier, role, stage)));

/** The bid of this SHA-256; a TypeError where the package holds none, as of all that does not belong together. */
export function bidOf(dossier, sha256) {
  const bid = dossier.bids.get(sha256);
  if (!bid) throw new TypeError("no such bid");
  return bid;
}
