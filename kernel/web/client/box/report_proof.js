// The signed report that opens the way to a later stage stands in the witnessed log (kernel/proofs/report_proof.py).
import { fromBase64 } from "./bytes.js";
import { BadSignature, Forged } from "./errors.js";
import { checkEventProof } from "./event_proof.js";

const ACTS = ["close_report"];

/**
 * Names of the witnesses who saw the log hold the report that the platform names (`told`: {report, report_proof,
 * report_salt}); a ProofError otherwise. null where there is nothing to check: no report, no anchors, or anchors that
 * name no log at the moment `closed` of the close.
 */
export function checkReport(setup, told, anchors, closed) {
  const { report = "", report_proof: proof, report_salt: salt } = told;
  if (!report || !anchors?.logs(closed).length) return null;
  if (!proof) {
    throw new BadSignature(
      "report_unwitnessed",
      "评审报告还没有见证方的存证证明，请过一两分钟再办理；后一阶段的内容没有交出",
    );
  }
  const says = "存证事项说的不是本标段的这份评审报告，不能开启后一阶段";
  const named = { acts: ACTS, hashes: { signed: report, setup: setup.sha256 }, says };
  const seen = checkEventProof(fromBase64(salt), fromBase64(proof), anchors, named);
  if (seen.at < closed) {
    throw new Forged("report_before_close", "评审报告的存证早于截标，不能开启后一阶段，请立即向监督部门反映");
  }
  return seen.witnesses;
}
