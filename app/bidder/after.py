"""What a bidder does after submitting: withdraw before the deadline, reveal after the close."""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from app.bidder.folder import (
    PROGRESS,
    RECOVERY,
    SIGNED_RECEIPT,
    WITHDRAWAL,
    WITHDRAWAL_RECEIPT,
    BidFolder,
    write_whole,
)
from app.bidder.lot import address
from app.bidder.submission import checked_receipt
from app.client import Client, Refused
from app.files import given
from kernel.errors import BadInput, Problem, WrongStage
from kernel.proofs import dsse
from kernel.proofs.age import Passphrase
from kernel.proofs.anchored import check_close
from kernel.proofs.anchors import Anchors
from kernel.proofs.chain import build_withdrawal
from kernel.proofs.close import Close, read_close
from kernel.proofs.errors import Forged
from kernel.proofs.recovery import Recovery, unlock_recovery
from kernel.proofs.report_proof import check_report
from kernel.proofs.sealing import reveal_all
from kernel.proofs.stage import open_stage


@dataclass(frozen=True, slots=True)
class Turn:
    """The stages that are opened now, and the SHA-256 of the signed report that opened the way to later ones."""

    due: tuple[str, ...]
    report: str


def turn_of(client: Client, folder: BidFolder, close: Close, anchors: Anchors | None) -> Turn:
    """What is opened now by the signed set-up: the seed of a later stage stays here until a signed report is named.

    `Forged` where the platform asks for any other stage, and for a report that its witnessed log does not hold;
    `BadSignature` while no witness has seen it there.
    """
    answer = client.get(f"{address(folder.lot)}/close")
    report = str(answer.get("report", ""))
    due = folder.lot.setup.turn(report)
    if answer.get("due", due) != due:
        raise Forged("not_its_turn", "平台要求开启的阶段与签署的开标设定不符，不能解密，请立即向监督部门反映")
    check_report(folder.lot.setup, answer, anchors, close.at)
    return Turn(tuple(due), report)


def withdrawal(folder: BidFolder, signer: dsse.Signer) -> dsse.Signed:
    """The signed withdrawal, which stays in the folder; nothing is sent."""
    path, bid = folder.path / WITHDRAWAL, folder.bid
    if path.exists():
        return dsse.read(path.read_bytes())
    data = build_withdrawal(folder.lot.setup, bidder=bid.bidder, bid_id=bid.bid_id, seq=bid.seq + 1, prev=bid.sha256)
    signed = dsse.sign(data, signer)
    write_whole(path, signed.to_bytes())
    return signed


def withdraw(client: Client, folder: BidFolder, signer: dsse.Signer, anchors: Anchors | None) -> dict[str, Any]:
    """Take the bid back; the signed withdrawal and its receipt stay in the folder. Repeating it is harmless."""
    signed = withdrawal(folder, signer)
    key = _kept_key(folder, "withdrawal")
    body = {"envelope": base64.b64encode(signed.to_bytes()).decode()}
    try:
        answer = client.post(f"{address(folder.lot)}/withdrawals", body, key)
    except Refused as refused:
        if refused.status < 500:  # it was not taken; after a lost answer nobody knows, and the same is sent again
            (folder.path / WITHDRAWAL).unlink()
        raise
    folder.write(WITHDRAWAL_RECEIPT, answer)
    receipt = checked_receipt(folder, base64.b64decode(answer["receipt"]), anchors)
    if receipt.sha256 != signed.sha256:
        raise Forged("receipt_of_another", "回执说的不是这次撤回，请立即联系交易中心")
    return answer


def recovery_of(folder: BidFolder, passphrase: Passphrase, file: Path | None = None) -> Recovery:
    """The bid's secrets; each must meet its commitment before anything is sent. `NoMatch` for a wrong passphrase."""
    recovery = unlock_recovery(given(file or folder.path / RECOVERY), passphrase)
    for stage in folder.bid.stages:
        opened = open_stage(folder.lot.setup, folder.bid, stage.id, seed=recovery.secret(stage.id).seed)
        if opened.secret is None:
            raise Forged("other_recovery", f"恢复文件不是这份标书的：{opened.findings[0].says}")
    return recovery


def closed_list(client: Client, folder: BidFolder, anchors: Anchors | None) -> Close:
    """The countersigned close with this bid in it: revealing for any other would give the price away."""
    answer = client.get(f"{address(folder.lot)}/close")
    if not answer["fixed"] or not answer["countersignature"]:
        raise WrongStage(Problem("not_countersigned", "截标名单尚未由监督部门会签", "请稍候几分钟再运行同一命令"))
    signed = dsse.read(base64.b64decode(answer["countersignature"]))
    close = read_close(signed.payload) if anchors is None else check_close(signed, anchors)
    setup = folder.lot.setup
    if (close.tender, close.lot, close.setup) != (setup.tender, setup.lot, setup.sha256):
        raise Forged("other_close", "截标名单不是本标段的")
    if close.at < folder.lot.deadline.at:
        raise Forged("closed_early", "截标名单早于投标截止时间，不能解密，请立即向监督部门反映")
    if folder.bid.sha256 not in close.bids:
        remedy = "如持有回执，请在截标后五分钟内用 yangguang restore 或到网站申请补入，或提出异议"
        raise WrongStage(Problem("not_in_close", "截标名单中没有这份标书", remedy))
    return close


def restore(client: Client, folder: BidFolder) -> bool:
    """Have the bid restored on its receipt when the published list omits it; whether it was omitted.

    The platform refuses when there is no list yet, or when its five minutes are over.
    """
    receipt = folder.path / SIGNED_RECEIPT
    if not receipt.exists():
        raise BadInput(Problem("no_receipt", f"{folder.path} 中没有回执", "请先用 yangguang submit 递交"))
    if folder.bid.sha256 in client.get(f"{address(folder.lot)}/close")["bids"]:
        return False
    body = {"envelope": base64.b64encode(receipt.read_bytes()).decode()}
    client.post(f"{address(folder.lot)}/restorations", body, _kept_key(folder, "restoration"))
    return True


def reveal(
    client: Client,
    folder: BidFolder,
    close: Close,
    recovery: Recovery,
    signer: dsse.Signer,
    turn: Turn,
) -> int:
    """Send the seeds of the stages whose turn it is; how many were taken."""
    signed = _reveals(folder, close, recovery, signer, turn)
    envelopes = [base64.b64encode(s.to_bytes()).decode() for s in signed.values()]
    answer = client.post(f"{address(folder.lot)}/reveals", {"envelopes": envelopes})
    return int(answer["revealed"])


def write_reveals(
    folder: BidFolder, close: Close, recovery: Recovery, signer: dsse.Signer, turn: Turn | None = None
) -> list[Path]:
    """The signed reveals as files, one a stage, to be handed in on the page; nothing is sent."""
    written = []
    for stage, signed in _reveals(folder, close, recovery, signer, turn).items():
        written.append(folder.path / f"reveal-{stage}.dsse.json")
        write_whole(written[-1], signed.to_bytes(), private=True)
    return written


def _reveals(
    folder: BidFolder, close: Close, recovery: Recovery, signer: dsse.Signer, turn: Turn | None
) -> dict[str, dsse.Signed]:
    """Stage → its signed reveal, of those whose turn it is; without `turn` of the first."""
    turn = turn or Turn(tuple(folder.lot.setup.turn("")), "")
    seeds = {secret.context.stage: secret.seed for secret in recovery.secrets}
    signed = reveal_all(folder.bid, close.sha256, seeds, signer, due=turn.due, report=turn.report)
    return dict(zip(turn.due, signed, strict=True))


def _kept_key(folder: BidFolder, name: str) -> UUID:
    """An Idempotency-Key that stays the same however often the command is run."""
    state = folder.read(PROGRESS)
    if name not in state:
        folder.write(PROGRESS, state | {name: str(uuid4())})
    return UUID(folder.read(PROGRESS)[name])
