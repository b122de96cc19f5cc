"""The demonstration's keys: both sites', six share holders', and the anchors that name them all.

Marked as a demonstration's, so that a production start refuses them.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from app.demo_people import HOLDERS, NAME_OF, PASSPHRASE, ROLE_OF
from app.officer import home
from kernel.checkpoints import log_signer
from kernel.proofs.age import Passphrase
from kernel.proofs.anchors import build_anchors
from kernel.proofs.note_keys import COSIGNATURE_V1, Signer
from kernel.settings import DEMO_KEY_MARK, Settings
from kernel.signing_keys import site_key, site_signer, write_once

WITNESS = "localhost/witness"
_WORK = 12  # scrypt of the demonstration's key files: nobody attacks them, and there are six


def officer_homes(settings: Settings) -> dict[str, Path]:
    """login → the folder with that holder's key file."""
    return {login: settings.var / "demo" / "holders" / login for login in HOLDERS}


def make_keys(settings: Settings, supervision_keys: Path, issued: datetime) -> Mapping[str, home.Home]:
    """Make what is not there yet, write anchors.json, and give the unlocked holders by login."""
    settings.keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    for folder in (settings.keys, supervision_keys):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / DEMO_KEY_MARK).touch()
    holders = {login: _holder(login, folder) for login, folder in officer_homes(settings).items()}
    if not settings.anchors.exists():
        write_once(settings.anchors, _anchors(settings, supervision_keys, issued, holders))
    return holders


def witness_signer(supervision_keys: Path) -> Signer:
    """The regulator's witness key."""
    return Signer.from_private(WITNESS, site_key(supervision_keys, "witness"), COSIGNATURE_V1)


def _holder(login: str, folder: Path) -> home.Home:
    if (folder / home.SECRET).exists():
        return home.unlock(folder, Passphrase(PASSPHRASE))
    return home.create(folder, ROLE_OF[login], NAME_OF[login], Passphrase(PASSPHRASE, work=_WORK), None)


def _anchors(settings: Settings, supervision: Path, issued: datetime, holders: Mapping[str, home.Home]) -> bytes:
    receipts = site_signer(settings.keys, "receipts").public
    return build_anchors(
        issuer="西湖区（演示）",
        issued=issued,
        officers=[(h.card.role, h.card.name, h.card.public_key) for h in holders.values()],
        receipts=[receipts],
        packages=[receipts],
        processes=[site_signer(supervision, "process").public],
        logs=[log_signer(settings.keys, settings.log_origin).key],
        witnesses=[witness_signer(supervision).key],
    )
