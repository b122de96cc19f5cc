"""The set-up's place in the witnessed log: whoever seals for it seals for the one that everybody is shown."""

from datetime import datetime

from kernel.proofs import shape
from kernel.proofs.anchors import Anchors
from kernel.proofs.canonical import decode
from kernel.proofs.errors import BadSignature, Forged
from kernel.proofs.log_proof import parse_log_proof, verify_log_proof
from kernel.proofs.merkle import entry_hash
from kernel.proofs.setup import Setup

ACTS = ("box_ready", "box_setup")
"""The events that name a set-up: once all have signed it, or, where nobody signs, once it is fixed."""


def check_setup_proof(setup: Setup, salt: bytes, proof: bytes, anchors: Anchors) -> tuple[str, ...]:
    """Names of the witnesses who saw the log hold an event of this very set-up; a ProofError otherwise.

    `proof` is a ``.tlog-proof`` with the event's exact bytes in its extra line, `salt` opens the log's entry.
    """
    read = parse_log_proof(proof)
    if read.extra is None:
        raise BadSignature("event_missing", "证明中没有存证事项原文，不能核对")
    event = decode(read.extra)
    named = event.get("hashes", {}) if isinstance(event, dict) else {}
    if not isinstance(named, dict) or event.get("act") not in ACTS or named.get("setup") != setup.sha256:
        raise Forged("proof_of_another", "存证事项说的不是这份开标设定")
    shape.moment(event.get("at"), "at")
    at = datetime.fromisoformat(event["at"])
    entry = entry_hash(salt, read.extra)
    seen = verify_log_proof(read, entry, anchors.logs(at), anchors.witnesses(at), anchors.quorum)
    return tuple(cosigned.key.name for cosigned in seen.cosignatures)
