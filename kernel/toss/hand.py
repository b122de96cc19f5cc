"""A site's own role in draws: its signing key, and the secret its pieces follow from, both in its keys folder."""

from pathlib import Path

from kernel.proofs.draw_role import Party
from kernel.signing_keys import site_key, site_signer

Hand = Party
KEYS = {"operator": "receipts", "regulator": "process"}
"""Role → the site's signing key that the anchors name for it."""


def site_hand(folder: Path, role: str) -> Hand:
    """The role's hand of the site whose keys are in this folder; the secret is made when absent.

    Whoever reads the folder knows this role's pieces beforehand: alone they are worth nothing.
    """
    return Hand(role, site_signer(folder, KEYS[role]), site_key(folder, "draw").private_bytes_raw())
