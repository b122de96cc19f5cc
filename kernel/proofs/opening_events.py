"""What the events say of an opening: who revealed, who released, and which bids were the roles' to open."""

from kernel.proofs.dossier import Dossier
from kernel.proofs.setup import ROLES


def revealed(dossier: Dossier, sha256: str, stage: str) -> bool:
    """Whether the bidder gave this stage's seed."""
    bidder = dossier.bids[sha256].bidder
    return any(e.organisation == bidder and e.fact("stage") == stage for e in dossier.acts("box_reveal"))


def released(dossier: Dossier, role: str, stage: str) -> bool:
    """Whether this role gave its shares of this stage."""
    return any(e.fact("role") == role and e.fact("stage") == stage for e in dossier.acts("box_release"))


def due_by_roles(dossier: Dossier) -> list[str]:
    """The bids that the roles open, in the close's order: all, or those whose bidder agreed and did not reveal all."""
    if dossier.setup.mode == "roles":
        return list(dossier.close.bids)
    if dossier.setup.mode == "bidder-only" or not dossier.opened:
        return []
    stages = [s.id for s in dossier.setup.stages]
    return [
        sha256
        for sha256 in dossier.close.bids
        if dossier.bids[sha256].fallback and not all(revealed(dossier, sha256, stage) for stage in stages)
    ]


def is_given(dossier: Dossier, sha256: str, stage: str) -> bool:
    """Whether the events say that this stage's seed was revealed, or all shares of it released."""
    return revealed(dossier, sha256, stage) or (
        sha256 in due_by_roles(dossier) and all(released(dossier, role, stage) for role in ROLES)
    )
