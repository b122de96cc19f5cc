"""What the events say of an opening: who revealed, who released, and which bids were the roles' to open."""

from kernel.proofs.dossier import Dossier
from kernel.proofs.setup import ROLES
from kernel.proofs.turns import bids_of, with_it


def revealed(dossier: Dossier, sha256: str, stage: str) -> bool:
    """Whether the bidder gave this stage's seed."""
    bidder = dossier.bids[sha256].bidder
    return any(e.organisation == bidder and e.fact("stage") == stage for e in dossier.acts("box_reveal"))


def released(dossier: Dossier, role: str, stage: str) -> bool:
    """Whether this role gave its shares of this stage."""
    return any(e.fact("role") == role and e.fact("stage") == stage for e in dossier.acts("box_release"))


def due_by_roles(dossier: Dossier, stage: str) -> list[str]:
    """The bids that the roles open in this stage's turn, in the close's order: all, or those of whoever agreed to it
    and did not reveal every stage of the turn."""
    due = bids_of(dossier, stage)
    if dossier.setup.mode == "roles":
        return due
    if dossier.setup.mode == "bidder-only" or not dossier.opened:
        return []
    stages = with_it(dossier, stage)
    return [
        sha256
        for sha256 in due
        if dossier.bids[sha256].fallback and not all(revealed(dossier, sha256, one) for one in stages)
    ]


def is_given(dossier: Dossier, sha256: str, stage: str) -> bool:
    """Whether the events say that this stage's seed was revealed, or all shares of it released."""
    return revealed(dossier, sha256, stage) or (
        sha256 in due_by_roles(dossier, stage) and all(released(dossier, role, stage) for role in ROLES)
    )
