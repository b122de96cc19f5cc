"""A lot as a bidder gets it in a file, with the officers who signed it and the anchors that name them."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.bidder.folder import BidFolder
from app.bidder.lot import Lot, read_lot
from app.bidder.seal import Order, Previous, seal_into
from kernel.proofs import dsse
from kernel.proofs.age import Passphrase
from kernel.proofs.anchors import Anchors, build_anchors, read_anchors
from kernel.proofs.close import build_close
from kernel.proofs.deadline import build_deadline
from kernel.proofs.note_keys import VerifierKey
from kernel.proofs.sealing import Content, Document
from kernel.proofs.setup import ROLES, build_setup
from kernel.proofs.signers import Ed25519Signer

AT = datetime(2036, 4, 20, 1, 30, tzinfo=UTC)
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
CASE = "01890a5d-ac96-774b-bcce-b302099a8057"
BIDDER = "91330106MA000001X1"
NOTICE = "0e" * 32
PASSPHRASE = Passphrase("correct horse battery", work=10)


@dataclass
class Office:
    """Two holders a role, each with a signing key and a stage key; the receipt key; the regulator's process."""

    signers: dict[str, list[Ed25519Signer]] = field(
        default_factory=lambda: {role: [Ed25519Signer.generate() for _ in range(2)] for role in ROLES}
    )
    private: dict[str, list[bytes]] = field(
        default_factory=lambda: {
            role: [X25519PrivateKey.generate().private_bytes_raw() for _ in range(2)] for role in ROLES
        }
    )
    receipts: Ed25519Signer = field(default_factory=Ed25519Signer.generate)
    process: Ed25519Signer = field(default_factory=Ed25519Signer.generate)

    def setup(self, *, mode: str = "bidder", rehearsal: bool = False, later: tuple[str, ...] = ()) -> bytes:
        keys = {role: [public(private) for private in self.private[role]] for role in ROLES}
        keys = {} if mode == "bidder-only" else keys
        return build_setup(mode=mode, tender="T-2026-1", lot="01", keys=keys, rehearsal=rehearsal, later=later)

    def everybody(self) -> list[Ed25519Signer]:
        return [signer for role in ROLES for signer in self.signers[role]]

    def anchors(self, *, logs: Sequence[VerifierKey] = (), witnesses: Sequence[VerifierKey] = ()) -> Anchors:
        officers = [(role, f"{role}{n}", s.public) for role in ROLES for n, s in enumerate(self.signers[role])]
        return read_anchors(
            build_anchors(
                issuer="某区住房和城乡建设局", issued=SINCE, officers=officers,
                receipts=[self.receipts.public], processes=[self.process.public],
                logs=logs, witnesses=witnesses,
            )
        )  # fmt: skip

    def lot_file(
        self,
        *,
        setup: bytes | None = None,
        setup_signers: list[Ed25519Signer] | None = None,
        deadline_signers: list[Ed25519Signer] | None = None,
        at: datetime = AT,
        notice: str = NOTICE,
    ) -> bytes:
        signed = dsse.sign(setup or self.setup(), *(self.everybody() if setup_signers is None else setup_signers))
        until = build_deadline(tender="T-2026-1", lot="01", at=at)
        by = self.signers["purchaser"][:1] if deadline_signers is None else deadline_signers
        value = {
            "case": CASE, "tender": "T-2026-1", "lot": "01", "state": "ready", "ready": True, "notice": notice,
            "setup": b64(signed.to_bytes()), "deadline": b64(dsse.sign(until, *by).to_bytes()),
            "receipt_key": b64(self.receipts.public),
        }  # fmt: skip
        return json.dumps(value).encode()

    def lot(self, *, mode: str = "bidder", later: tuple[str, ...] = ()) -> Lot:
        return read_lot(self.lot_file(setup=self.setup(mode=mode, later=later)))


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def public(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def papers(folder: Path, size: int = 2_000_000) -> list[Document]:
    """Documents with Chinese names, one of `size` bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "技术方案.txt").write_text("施工组织设计" * 50)
    (folder / "图纸.bin").write_bytes(bytes(range(256)) * (size // 256))
    return [Document(folder / "图纸.bin", "图纸.bin"), Document(folder / "技术方案.txt", "技术方案.txt", "text/plain")]


def sealed(
    folder: Path, lot: Lot, signer: Ed25519Signer, *, price: str = "38000000.00", previous: Previous | None = None
) -> BidFolder:
    """A sealed bid in `folder`; one that replaces `previous` changes the price alone."""
    contents = {"price": Content(form={"price": price})}
    if previous is None:
        contents["documents"] = Content(papers(folder.parent / "papers"))
    seal_into(folder, Order(lot, BIDDER, contents, True, previous), signer, PASSPHRASE)
    return BidFolder.open(folder)


def close_of(office: Office, lot: Lot, bids: list[str], *, late: timedelta = timedelta(minutes=5)) -> bytes:
    """The DSSE envelope of a close that the regulator's process has countersigned."""
    data = build_close(
        tender="T-2026-1", lot="01", setup=lot.setup.sha256, deadline=lot.deadline.sha256,
        at=lot.deadline.at + late, bids=bids, withdrawn=[],
    )  # fmt: skip
    return dsse.sign(data, office.process).to_bytes()
