"""The supervision site's own keys, in its own folder, on its own host; and whose logs its witness knows."""

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kernel.anchor_file import read_anchor_file
from kernel.checkpoints import log_signer
from kernel.proofs.note_keys import COSIGNATURE_V1, Signer, VerifierKey
from kernel.proofs.signers import Ed25519Signer
from kernel.settings import Settings
from kernel.signing_keys import site_key, site_signer
from supervision.witness import Trust

_log = logging.getLogger("yangguang.supervision")


@dataclass(frozen=True, slots=True)
class SupervisionKeys:
    """`witness` cosigns checkpoints; `process` countersigns closes and signs the orders officers give here."""

    witness: Signer
    process: Ed25519Signer


def supervision_keys(folder: Path, witness_name: str) -> SupervisionKeys:
    """The keys in this folder, made when absent."""
    witness = Signer.from_private(witness_name, site_key(folder, "witness"), COSIGNATURE_V1)
    return SupervisionKeys(witness, site_signer(folder, "process"))


def own_log(settings: Settings) -> VerifierKey:
    """The public key of supervision's own log."""
    return log_signer(settings.keys, settings.supervision_log_origin).key


def trading_log_keys(settings: Settings, at: datetime) -> tuple[VerifierKey, ...]:
    """The keys that sign for the trading log, from the anchors; none, with a warning, while there are no anchors.

    This site must start without them: its own public keys have to be read from it before anchors can be made.
    """
    if not settings.anchors.exists():
        _log.warning("no anchors at %s: the witness knows no trading log yet", settings.anchors)
        return ()
    return tuple(key for key in read_anchor_file(settings.anchors).logs(at) if key.name == settings.log_origin)


def platform_keys(settings: Settings, at: datetime) -> tuple[bytes, ...]:
    """The trading site's own signing keys in force, from the anchors; none while there are no anchors."""
    return tuple(read_anchor_file(settings.anchors).receipts(at)) if settings.anchors.exists() else ()


def trust(settings: Settings, keys: SupervisionKeys, at: datetime) -> Trust:
    """The witness: its key, and the two logs it knows."""
    logs = {settings.log_origin: trading_log_keys(settings, at), settings.supervision_log_origin: (own_log(settings),)}
    return Trust(keys.witness, {origin: known for origin, known in logs.items() if known})
