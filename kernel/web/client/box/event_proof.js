// One event shown with its place in the witnessed log (kernel/proofs/event_proof.py).
import { decode } from "./canonical.js";
import { BadSignature, Forged } from "./errors.js";
import { parseLogProof, verifyLogProof } from "./log_proof.js";
import { entryHash } from "./merkle.js";
import * as shape from "./shape.js";

/**
 * {at, witnesses: names} of an event of one of `acts` with at least these `hashes`; a ProofError otherwise. `proofFile`
 * is a .tlog-proof with the event in its extra line, `salt` opens the log's entry; `says` refuses another's event.
 */
export function checkEventProof(salt, proofFile, anchors, { acts, hashes, says }) {
  const proof = parseLogProof(proofFile);
  if (!proof.extra) throw new BadSignature("event_missing", "证明中没有存证事项原文，不能核对");
  const event = decode(proof.extra);
  const isNamed = ([name, sha256]) => event?.hashes?.[name] === sha256;
  if (!acts.includes(event?.act) || !Object.entries(hashes).every(isNamed)) throw new Forged("proof_of_another", says);
  shape.moment(event.at, "at");
  const entry = entryHash(salt, proof.extra);
  const seen = verifyLogProof(proof, entry, anchors.logs(event.at), anchors.witnesses(event.at), anchors.quorum);
  return { at: event.at, witnesses: seen.cosignatures.map(({ key }) => key.name) };
}
