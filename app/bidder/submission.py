"""Sends a sealed bid: files in parts that resume after a cut, then the bid; and keeps the receipt."""

import base64
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from app.bidder.folder import PROGRESS, PROOF, RECEIPT, SIGNED_RECEIPT, BidFolder, write_whole
from app.bidder.lot import address
from app.client import Client, Refused
from app.uploading import Told, new_upload, nobody, send_missing
from kernel.proofs import dsse
from kernel.proofs.anchored import check_receipt
from kernel.proofs.anchors import Anchors
from kernel.proofs.canonical import decode
from kernel.proofs.close import Receipt, read_receipt
from kernel.proofs.errors import BadSignature, Forged
from kernel.proofs.log_proof import parse_log_proof, verify_log_proof
from kernel.proofs.merkle import entry_hash


@dataclass(frozen=True, slots=True)
class Proven:
    """A final receipt: the size of the witnessed tree, and who cosigned it."""

    size: int
    witnesses: tuple[str, ...]


def submit(client: Client, folder: BidFolder, anchors: Anchors | None, told: Told = nobody) -> dict[str, Any]:
    """Send the bid and keep its receipt in the folder. Run again it goes on where it was cut.

    Returns the platform's answer. What a refused bid had sent is erased there, and sent again by the next try.
    """
    state = folder.read(PROGRESS)
    if state.get("sent") and (known := _received(client, folder)) is not None:
        return keep_receipt(folder, known, anchors)
    uploads = {}
    for sha256, path in folder.to_send().items():
        uploads[sha256] = _send_file(client, folder, state, sha256, path, told)
    key = _request_key(folder, state, uploads)
    body = {"envelope": _b64(folder.signed.to_bytes()), "public_key": _b64(folder.public_key), "uploads": uploads}
    return keep_receipt(folder, client.post(f"{address(folder.lot)}/bids", body, key), anchors)


def keep_receipt(folder: BidFolder, answer: dict[str, Any], anchors: Anchors | None) -> dict[str, Any]:
    """Check the receipt against the bid and the anchors, and write it down."""
    envelope = base64.b64decode(answer["receipt"])
    # Written before it is checked: even a receipt of a wrong key is evidence.
    write_whole(folder.path / SIGNED_RECEIPT, envelope)
    folder.write(RECEIPT, answer)
    receipt = checked_receipt(folder, envelope, anchors)
    bid = folder.bid
    if (receipt.sha256, receipt.bidder, receipt.seq) != (bid.sha256, bid.bidder, bid.seq):
        raise Forged("receipt_of_another", "回执说的不是这份标书，请立即联系交易中心")
    return answer


def checked_receipt(folder: BidFolder, envelope: bytes, anchors: Anchors | None) -> Receipt:
    """The receipt, signed by an anchored key, or, without anchors, by the key the platform itself names."""
    signed = dsse.read(envelope)
    if anchors is not None:
        receipt = check_receipt(signed, anchors)
    else:
        receipt = read_receipt(dsse.require(signed, [folder.lot.receipt_key]))
    setup = folder.lot.setup
    if (receipt.tender, receipt.lot) != (setup.tender, setup.lot):
        raise Forged("receipt_of_another", "回执说的不是这个标段")
    return receipt


def fetch_proof(client: Client, folder: BidFolder) -> bool:
    """Fetch the final proof of the receipt into the folder; False while the receipt is provisional."""
    answer = client.get_raw(f"/receipts/{UUID(folder.read(RECEIPT)['event'])}/proof")
    if answer.status_code == 202:
        return False
    write_whole(folder.path / PROOF, answer.content)
    return True


def check_proof(folder: BidFolder, anchors: Anchors) -> Proven:
    """Hold the proof in the folder against the anchors: the witnessed log holds the event of this very receipt."""
    receipt = checked_receipt(folder, (folder.path / SIGNED_RECEIPT).read_bytes(), anchors)
    proof = parse_log_proof((folder.path / PROOF).read_bytes())
    if proof.extra is None:
        raise BadSignature("event_missing", "证明中没有存证事项原文，不能核对")
    named = decode(proof.extra).get("hashes", {})
    if receipt.sha256 not in named.values():
        raise Forged("proof_of_another", "存证事项说的不是这份标书")
    entry = entry_hash(bytes.fromhex(receipt.salt), proof.extra)
    at: datetime = receipt.received
    seen = verify_log_proof(proof, entry, anchors.logs(at), anchors.witnesses(at), anchors.quorum)
    return Proven(seen.checkpoint.size, tuple(v.key.name for v in seen.cosignatures))


def _received(client: Client, folder: BidFolder) -> dict[str, Any] | None:
    """The receipt of this very bid, if an earlier try got through and only its answer was lost."""
    for known in client.get(f"{address(folder.lot)}/receipts")["receipts"]:
        if known["sha256"] == folder.bid.sha256:
            return dict(known)
    return None


def _request_key(folder: BidFolder, state: dict[str, Any], uploads: dict[str, str]) -> UUID:
    """The Idempotency-Key of this bid with these uploads, written down before the request goes out."""
    if state.get("sent") != uploads:
        state |= {"request": str(uuid4()), "sent": uploads}
        folder.write(PROGRESS, state)
    return UUID(state["request"])


def _send_file(client: Client, folder: BidFolder, state: dict[str, Any], sha256: str, path: Path, told: Told) -> str:
    """Send what the platform still misses of one file; its upload id."""
    upload = _upload(client, folder, state, sha256, path)
    send_missing(client, upload, path, told)
    return str(upload["id"])


def _upload(client: Client, folder: BidFolder, state: dict[str, Any], sha256: str, path: Path) -> dict[str, Any]:
    """The upload under way for this file as the platform knows it, or a new one."""
    known = state.setdefault("uploads", {})
    if sha256 in known and (upload := _still_there(client, known[sha256])) is not None:
        return upload
    upload = new_upload(client, path, f"sealed_bid:{folder.lot.case}", sha256)
    known[sha256] = upload["id"]
    folder.write(PROGRESS, state)
    return upload


def _still_there(client: Client, upload: str) -> dict[str, Any] | None:
    """What the platform has of an upload; None for one it has erased, as it does when it refuses a bid."""
    try:
        found = client.get(f"/uploads/{upload}")
    except Refused as refused:
        if refused.status != 404:
            raise
        return None
    return None if found["state"] == "erasing" else found


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
