"""What a platform may show of the report that opens a later stage: a log that holds it, and the lies it could try."""

import base64
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kernel.proofs.canonical import encode
from kernel.proofs.checkpoints import Checkpoint, sign_checkpoint
from kernel.proofs.deadline import write_moment
from kernel.proofs.log_proof import LogProof
from kernel.proofs.merkle import entry_hash, root_of
from kernel.proofs.note_keys import COSIGNATURE_V1, Signer
from kernel.proofs.notes import cosign

REPORT = "ab" * 32
SALT = b"s" * 32


def _log(seed: int) -> Signer:
    return Signer.from_private("yg.example/log", Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


LOG, OTHER_LOG = _log(1), _log(3)
WITNESS = Signer.from_private("w.example", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32), COSIGNATURE_V1)


@dataclass(frozen=True)
class Shown:
    """One event in a log of its own, and how the platform tells of it."""

    setup: str
    at: datetime
    act: str = "close_report"
    signed: str = REPORT
    log: Signer = LOG
    cosigned: bool = True
    held: bool = True
    said: bool = True
    named: str = REPORT

    def told(self) -> dict[str, str]:
        """{report, report_proof, report_salt} as the list of the close and an officer's task have them."""
        hashes = {"report": "cd" * 32, "signed": self.signed, "setup": self.setup}
        body = encode({"act": self.act, "at": write_moment(self.at), "hashes": hashes})
        entry = entry_hash(SALT, body if self.held else b"{}")
        note = sign_checkpoint(Checkpoint("yg.example/log", 1, root_of([entry])), self.log)
        lines = [cosign(note.text, WITNESS, 1_700_000_000)] if self.cosigned else []
        proof = LogProof(0, (), note.adding(lines).to_bytes(), body).to_bytes() if self.said else b""
        salt = base64.b64encode(SALT).decode()
        return {"report": self.named, "report_proof": base64.b64encode(proof).decode(), "report_salt": salt}


def lies(true: Shown) -> dict[str, tuple[Shown, str]]:
    """What is wrong with it → (what is shown, the code of the refusal)."""
    return {
        "no proof": (replace(true, said=False), "report_unwitnessed"),
        "a report that the log does not name": (replace(true, named="ef" * 32), "proof_of_another"),
        "another lot's report": (replace(true, setup="0e" * 32), "proof_of_another"),
        "another event": (replace(true, act="compare_scores"), "proof_of_another"),
        "an event that the log does not hold": (replace(true, held=False), "inclusion_false"),
        "a log of his own": (replace(true, log=OTHER_LOG), "no_known_signature"),
        "a log that no witness saw": (replace(true, cosigned=False), "not_enough_witnesses"),
        "a report from before the close": (replace(true, at=true.at - timedelta(hours=2)), "report_before_close"),
    }
