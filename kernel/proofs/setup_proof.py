"""The set-up's place in the witnessed log: whoever seals for it seals for the one that everybody is shown."""

from kernel.proofs.anchors import Anchors
from kernel.proofs.event_proof import check_event_proof
from kernel.proofs.setup import Setup

ACTS = ("box_ready", "box_setup")
"""The events that name a set-up: once all have signed it, or, where nobody signs, once it is fixed."""


def check_setup_proof(setup: Setup, salt: bytes, proof: bytes, anchors: Anchors) -> tuple[str, ...]:
    """Names of the witnesses who saw the log hold an event of this very set-up; a ProofError otherwise.

    `salt` and `proof` as `check_event_proof` takes them.
    """
    says, hashes = "存证事项说的不是这份开标设定", {"setup": setup.sha256}
    return check_event_proof(salt, proof, anchors, acts=ACTS, hashes=hashes, says=says).witnesses
