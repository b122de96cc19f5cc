"""The signed report that opens the way to a later stage (双信封) stands in the witnessed log before a seed is given.

A platform may name any SHA-256 as the report's. Here it has to show that its log, as outsiders saw it, holds the
closing of that very report for this very set-up: what it has invented stands there for good, under its own key.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kernel.proofs.anchors import Anchors
from kernel.proofs.canonical import from_base64
from kernel.proofs.errors import BadSignature, Forged
from kernel.proofs.event_proof import check_event_proof
from kernel.proofs.setup import Setup

ACT = "close_report"
"""The event by which a report is signed; of a first envelope it names the set-up too."""


def check_report(
    setup: Setup, told: Mapping[str, Any], anchors: Anchors | None, closed: datetime
) -> tuple[str, ...] | None:
    """Names of the witnesses who saw the log hold the report that `told` names; a ProofError otherwise.

    `told` has `report` (SHA-256; empty in the first turn), `report_proof` and `report_salt` (base64). None where there
    is nothing to check: no report, no anchors, or anchors that name no log at `closed`, when the box was closed.
    """
    report = str(told.get("report") or "")
    if not report or anchors is None or not anchors.logs(closed):
        return None
    if not told.get("report_proof"):
        raise BadSignature(
            "report_unwitnessed", "评审报告还没有见证方的存证证明，请过一两分钟再办理；后一阶段的内容没有交出"
        )
    salt = from_base64(str(told.get("report_salt")), "report_salt")
    proof = from_base64(str(told["report_proof"]), "report_proof")
    says, hashes = "存证事项说的不是本标段的这份评审报告，不能开启后一阶段", {"signed": report, "setup": setup.sha256}
    seen = check_event_proof(salt, proof, anchors, acts=(ACT,), hashes=hashes, says=says)
    if seen.at < closed:
        raise Forged("report_before_close", "评审报告的存证早于截标，不能开启后一阶段，请立即向监督部门反映")
    return seen.witnesses
