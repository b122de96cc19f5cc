// The set-up's place in the witnessed log (kernel/proofs/setup_proof.py): the one that everybody is shown.
import { checkEventProof } from "./event_proof.js";

const ACTS = ["box_ready", "box_setup"];

/** Names of the witnesses who saw the log hold an event of this very set-up; a ProofError otherwise. */
export function checkSetupProof(setup, salt, proofFile, anchors) {
  const named = { acts: ACTS, hashes: { setup: setup.sha256 }, says: "存证事项说的不是这份开标设定" };
  return checkEventProof(salt, proofFile, anchors, named).witnesses;
}
