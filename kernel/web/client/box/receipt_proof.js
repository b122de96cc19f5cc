// A bidder's final receipt checked with nothing but anchors.json: what `yangguang receipt` checks.
import { checkReceipt } from "./anchored.js";
import { unhex } from "./bytes.js";
import { decode } from "./canonical.js";
import * as dsse from "./dsse.js";
import { BadSignature, Forged } from "./errors.js";
import { parseLogProof, verifyLogProof } from "./log_proof.js";
import { entryHash } from "./merkle.js";

/**
 * Hold a receipt (DSSE bytes) and its ``.tlog-proof`` against the anchors: the witnessed log holds the event of this
 * very receipt. {receipt, size (of the witnessed tree), witnesses: [name]}; a ProofError otherwise.
 */
export function checkReceiptProof(envelope, proofFile, anchors) {
  const receipt = checkReceipt(dsse.read(envelope), anchors);
  const proof = parseLogProof(proofFile);
  if (!proof.extra) throw new BadSignature("event_missing", "证明中没有存证事项原文，不能核对");
  const { hashes = {} } = decode(proof.extra);
  if (!Object.values(hashes).includes(receipt.sha256)) {
    throw new Forged("proof_of_another", "存证事项说的不是这份标书");
  }
  const entry = entryHash(unhex(receipt.salt), proof.extra);
  const at = receipt.received;
  const seen = verifyLogProof(proof, entry, anchors.logs(at), anchors.witnesses(at), anchors.quorum);
  return { receipt, size: seen.checkpoint.size, witnesses: seen.cosignatures.map(({ key }) => key.name) };
}
