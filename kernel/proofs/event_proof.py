"""One event shown with its place in the witnessed log: it says what is claimed, and enough witnesses saw it there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kernel.proofs import shape
from kernel.proofs.anchors import Anchors
from kernel.proofs.canonical import decode
from kernel.proofs.errors import BadSignature, Forged
from kernel.proofs.log_proof import parse_log_proof, verify_log_proof
from kernel.proofs.merkle import entry_hash


@dataclass(frozen=True, slots=True)
class SeenEvent:
    """The moment an event names, and the names of the witnesses who saw the log hold it."""

    at: datetime
    witnesses: tuple[str, ...]


def check_event_proof(
    salt: bytes, proof: bytes, anchors: Anchors, *, acts: Sequence[str], hashes: Mapping[str, str], says: str
) -> SeenEvent:
    """An event of one of these acts with at least these hashes stands in the log; a ProofError otherwise.

    `proof` is a ``.tlog-proof`` with the event's exact bytes in its extra line, `salt` opens the log's entry. `says` is
    the refusal of an event that is another's.
    """
    read = parse_log_proof(proof)
    if read.extra is None:
        raise BadSignature("event_missing", "证明中没有存证事项原文，不能核对")
    found = decode(read.extra)
    event = found if isinstance(found, dict) else {}
    told = event.get("hashes")
    told = told if isinstance(told, dict) else {}
    if event.get("act") not in acts or any(told.get(name) != sha256 for name, sha256 in hashes.items()):
        raise Forged("proof_of_another", says)
    shape.moment(event.get("at"), "at")
    at = datetime.fromisoformat(event["at"])
    entry = entry_hash(salt, read.extra)
    seen = verify_log_proof(read, entry, anchors.logs(at), anchors.witnesses(at), anchors.quorum)
    return SeenEvent(at, tuple(cosigned.key.name for cosigned in seen.cosignatures))
