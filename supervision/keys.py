"""The supervision site's own keys, in its own folder, on its own host."""

from dataclasses import dataclass
from pathlib import Path

from kernel.proofs.note_keys import COSIGNATURE_V1, Signer
from kernel.proofs.signers import Ed25519Signer
from kernel.signing_keys import site_key, site_signer


@dataclass(frozen=True, slots=True)
class SupervisionKeys:
    """`witness` cosigns checkpoints; `process` countersigns closes and signs the orders officers give here."""

    witness: Signer
    process: Ed25519Signer


def supervision_keys(folder: Path, witness_name: str) -> SupervisionKeys:
    """The keys in this folder, made when absent."""
    witness = Signer.from_private(witness_name, site_key(folder, "witness"), COSIGNATURE_V1)
    return SupervisionKeys(witness, site_signer(folder, "process"))
