"""Taking a sealed bid that cannot be read: replaced, withdrawn, and answered by a receipt (etb/1 §5)."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from kernel.acts import Beat
from kernel.box import records
from kernel.box.records import BidView, BoxView
from kernel.box.tables import Bid as BidRow
from kernel.box.tables import BidFile, Chain
from kernel.errors import BadInput, Problem, Refusal, TooLate, WrongStage
from kernel.ids import secret_id
from kernel.proofs import dsse
from kernel.proofs.age import check_sealed
from kernel.proofs.bid import Bid, SealedFile, read_bid
from kernel.proofs.chain import Withdrawal, carried, check_chain, read_withdrawal
from kernel.proofs.close import build_receipt
from kernel.proofs.errors import ProofError
from kernel.proofs.setup import Setup


@dataclass(frozen=True, slots=True)
class Arrived:
    """The bytes of one file as they lie in the store: size, and the first bytes (an age header at most)."""

    size: int
    head: bytes


@dataclass(frozen=True, slots=True)
class Given:
    """What the bidder gets back: the receipt (exact DSSE bytes) and what to look at again.

    `size` in bytes, of all sealed files that the bid names.
    """

    bid: UUID
    sha256: str
    seq: int
    kind: str
    receipt: bytes
    event: UUID
    size: int = 0
    warnings: tuple[str, ...] = ()


LARGEST_INDEX = 4 * 1024 * 1024
"""Bytes of a sealed index, the first file of a stage: it holds names and a form, and is read whole at the opening."""


STALE = "标书所依据的不是最新的公告或变更公告，请核对变更内容；截止前可以替换标书"
"""What a bidder is told whose bid was sealed for an earlier text."""


_setups: OrderedDict[str, Setup] = OrderedDict()
_KEPT = 512


async def setup_of(box: BoxView) -> Setup:
    """The box's set-up, read and parsed once a process: its SHA-256 names it for good."""
    found = _setups.get(box.setup)
    if found is None:
        found = _setups[box.setup] = await records.setup(box)
        while len(_setups) > _KEPT:
            _setups.popitem(last=False)
    return found


@contextmanager
def as_required() -> Iterator[None]:
    """未按规定加密，拒收: whatever a proof refuses becomes a refusal with its reason."""
    try:
        yield
    except ProofError as error:
        says = f"未按规定加密或签名，拒收：{error.says}"
        remedy = "请用本标段当前的设定重新封装后再递交；截止前可以重试"
        raise BadInput(Problem(error.code, says, remedy, "电子招标投标办法第二十六条", error.where)) from None


async def open_for_sealing(beat: Beat) -> BoxView:
    """The box, if a bidder's message may still come in at this very instant; the deadline itself is late."""
    box = await records.box(beat.case)
    refuse_late(box, beat.at)
    if box.state == "failed":
        says = "招标已经终止，不再接收投标文件"
        raise WrongStage(Problem("case_ended", says, "重新招标时请另行投标", "招标投标法实施条例第三十一条"))
    if not box.ready:
        raise WrongStage(Problem("box_not_ready", "电子标箱尚未就绪", "持钥人签署设定后即可递交，请稍候"))
    return box


def refuse_late(box: BoxView, at: datetime) -> None:
    """`TooLate` at the deadline and after it."""
    if box.deadline_at is not None and at >= box.deadline_at:
        raise TooLate(Problem("late", "已过投标截止时间，拒收", "截止时间以平台时钟为准", "电子招标投标办法第二十七条"))


def read_submission(setup: Setup, envelope: bytes, public_key: bytes) -> tuple[dsse.Signed, Bid]:
    """The signed bid in these bytes, its signature and shape checked against the set-up."""
    with as_required():
        signed = dsse.read(envelope)
        return signed, read_bid(dsse.require(signed, [public_key]), setup)


def check_files(bid: Bid, arrived: Mapping[str, Arrived]) -> None:
    """Every file that is not carried over is there, complete, and a proper age file; all that is wrong at once."""
    kept = {stage.id for stage in carried(bid)}
    sent = [(s.id, f) for s in bid.stages if s.id not in kept for f in s.files]
    problems = [p for stage, file in sent if (p := _file_problem(stage, file, arrived)) is not None]
    if problems:
        raise BadInput(*problems)


def _file_problem(stage: str, file: SealedFile, arrived: Mapping[str, Arrived]) -> Problem | None:
    there = arrived.get(file.sha256)
    if there is None:
        return Problem("file_missing", f"缺少文件 {file.n}", "请把这个文件传完再递交", field=file.n)
    if there.size != file.size:
        return Problem("file_size_differs", f"文件 {file.n} 的大小与标书所写不符", "请重新上传", field=file.n)
    if file.n == f"{stage}-0.age" and file.size > LARGEST_INDEX:  # unread at the opening, it would look like a lost one
        says = f"文件 {file.n} 应为目录，大小超过 {LARGEST_INDEX // 1024 // 1024} MB，拒收"
        remedy = "请重新封装；文件内容应放在目录之后"
        return Problem("index_too_large", says, remedy, "电子招标投标办法第二十六条", file.n)
    try:
        check_sealed(there.head, there.size)
    except ProofError as error:
        return Problem(
            "not_sealed",
            f"文件 {file.n} 未按规定加密：{error.says}",
            "请重新封装",
            "电子招标投标办法第二十六条",
            file.n,
        )
    return None


async def admit(beat: Beat, box: BoxView, bid: Bid, public_key: bytes) -> list[BidView]:
    """The bidder's chain so far, into which this bid fits: his own, by the same key, the next in order."""
    chain = await records.chain(beat.case, bid.bidder)
    _check_own(beat, bid, chain, public_key)
    with as_required():
        check_chain(bid, _parsed(chain[-1], await setup_of(box)) if chain else None)
    return chain


async def take(
    beat: Beat,
    box: BoxView,
    signed: dsse.Signed,
    bid: Bid,
    chain: list[BidView],
    public_key: bytes,
    receipts: dsse.Signer,
) -> Given:
    """Write an admitted bid into its chain and give the receipt: the last thing its act does.

    The caller holds the lot's lock and has the bytes. From the event on every other bid of the lot waits.
    """
    given = await _write(beat, box, signed, bid, chain, public_key, receipts, _files(bid))
    return replace(given, warnings=(STALE,) if bid.notice != box.notice else ())


def _files(bid: Bid) -> list[tuple[str, int, SealedFile]]:
    return [(stage.id, n, file) for stage in bid.stages for n, file in enumerate(stage.files)]


async def withdraw(beat: Beat, box: BoxView, envelope: bytes, receipts: dsse.Signer) -> Given:
    """Take the bidder's signed withdrawal; nothing of his chain stands afterwards."""
    chain = await records.chain(beat.case, beat.actor.organisation_code)
    if not chain:
        raise WrongStage(Problem("nothing_to_withdraw", "您在本标段没有可撤回的标书", "请核对标段编号"))
    setup = await setup_of(box)
    with as_required():
        signed = dsse.read(envelope)
        message = read_withdrawal(dsse.require(signed, [chain[-1].public_key]), setup)
        check_chain(message, _parsed(chain[-1], setup))
    return await _write(beat, box, signed, message, chain, chain[-1].public_key, receipts)


def _check_own(beat: Beat, bid: Bid, chain: list[BidView], public_key: bytes) -> None:
    if bid.bidder != beat.actor.organisation_code:
        raise Refusal(Problem("bid_of_another", "标书中的投标人不是您的单位", "请用本单位的标书递交"))
    if chain and chain[-1].public_key != public_key:
        says = "签名密钥与首次递交时不同"
        raise Refusal(Problem("another_key", says, "请用首次递交时的密钥签名；密钥遗失请到交易中心重新核验身份"))


def _parsed(view: BidView, setup: Setup) -> Bid | Withdrawal:
    return read_bid(view.body, setup) if view.kind == "bid" else read_withdrawal(view.body, setup)


async def _write(
    beat: Beat,
    box: BoxView,
    signed: dsse.Signed,
    message: Bid | Withdrawal,
    chain: list[BidView],
    public_key: bytes,
    receipts: dsse.Signer,
    files: Sequence[tuple[str, int, SealedFile]] = (),
) -> Given:
    kind = "bid" if isinstance(message, Bid) else "withdraw"
    row, where = secret_id(), await _chain_id(beat, message, chain, public_key)
    if files:
        await BidFile.insert(*(_file_row(row, *file) for file in files))
    event = await beat.record(
        message.sha256, hashes={kind: message.sha256}, facts={"seq": message.seq, "key": public_key.hex()}
    )
    envelope = _receipt(beat, box, message, event.salt, receipts)
    await BidRow.insert(
        BidRow(
            id=row,
            chain=where,
            case=beat.case,
            seq=message.seq,
            kind=kind,
            sha256=message.sha256,
            body=message.data,
            envelope=signed.to_bytes(),
            receipt=envelope,
            event=event.event_id,
            received=beat.at,
        )
    )
    size = sum(file.size for _, _, file in files)
    return Given(row, message.sha256, message.seq, kind, envelope, event.event_id, size)


def _receipt(beat: Beat, box: BoxView, message: Bid | Withdrawal, salt: bytes, receipts: dsse.Signer) -> bytes:
    """The exact bytes of the signed receipt; its salt opens the log's entry of the same act."""
    receipt = build_receipt(
        tender=box.tender,
        lot=box.lot,
        bidder=message.bidder,
        seq=message.seq,
        sha256=message.sha256,
        received=beat.at,
        salt=salt,
    )
    return dsse.sign(receipt, receipts).to_bytes()


def _file_row(bid: UUID, stage: str, n: int, file: SealedFile) -> BidFile:
    return BidFile(id=secret_id(), bid=bid, stage=stage, n=n, size=file.size, sha256=file.sha256)


async def _chain_id(beat: Beat, message: Bid | Withdrawal, chain: list[BidView], public_key: bytes) -> UUID:
    if chain:
        found = await Chain.select(Chain.id).where(Chain.case == beat.case, Chain.bidder == message.bidder).first()
        return UUID(str(found["id"])) if found else secret_id()
    new = secret_id()
    await Chain.insert(
        Chain(
            id=new,
            case=beat.case,
            bidder=message.bidder,
            organisation=beat.actor.organisation,
            bid_id=message.bid_id,
            public_key=public_key,
        )
    )
    return new
