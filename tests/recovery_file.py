"""A bidder's recovery file as the command line or the sealing page leaves it; quickly opened."""

import base64
from pathlib import Path
from uuid import UUID

from road import Bidder, County

from kernel.proofs.age import Passphrase
from kernel.proofs.envelope import StageSecret
from kernel.proofs.recovery import lock_recovery
from kernel.proofs.signers import Ed25519Signer

WORDS = "correct horse battery"
PASSPHRASE = Passphrase(WORDS, work=10)


async def recovery_file(county: County, lot: UUID, bidder: Bidder, **more: bytes) -> Path:
    """Written into his folder; `signer=seed_of(…)` as the page does it, without it as the command line."""
    assert bidder.sealed is not None
    setup, bid = await county.setup(lot), bidder.sealed.bid
    secrets = [StageSecret(bidder.sealed.seeds[s.id], bid.context(setup, s.id)) for s in bid.stages]
    path = bidder.folder / "recovery.json.age"
    path.write_bytes(lock_recovery(secrets, PASSPHRASE, **more))
    return path


def seed_of(signer: Ed25519Signer) -> bytes:
    """The private seed out of an unprotected PKCS#8 file: its last 32 bytes."""
    return base64.b64decode("".join(signer.to_pem().decode().splitlines()[1:-1]))[-32:]
