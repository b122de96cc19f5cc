// The set-up's place in the witnessed log (kernel/proofs/setup_proof.py): the one that everybody is shown.
import { decode } from "./canonical.js";
import { BadSignature, Forged } from "./errors.js";
import { parseLogProof, verifyLogProof } from "./log_proof.js";
import { entryHash } from "./merkle.js";
import * as shape from "./shape.js";

const ACTS = ["box_ready", "box_setup"];

/** Names of the witnesses who saw the log hold an event of this very set-up; a ProofError otherwise. */
export function checkSetupProof(setup, salt, proofFile, anchors) {
  const proof = parseLogProof(proofFile);
  if (!proof.extra) throw new BadSignature("event_missing", "证明中没有存证事项原文，不能核对");
  const event = decode(proof.extra);
  if (!ACTS.includes(event.act) || event.hashes?.setup !== setup.sha256) {
    throw new Forged("proof_of_another", "存证事项说的不是这份开标设定");
  }
  shape.moment(event.at, "at");
  const entry = entryHash(salt, proof.extra);
  const seen = verifyLogProof(proof, entry, anchors.logs(event.at), anchors.witnesses(event.at), anchors.quorum);
  return seen.cosignatures.map(({ key }) => key.name);
}
