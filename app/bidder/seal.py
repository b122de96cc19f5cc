"""Seals a bid into its folder: the age files, the recovery file, and last the signed bid.json."""

import base64
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.bidder.contents import missing
from app.bidder.folder import BID, LOT, PUBLIC_KEY, RECOVERY, WITHDRAWAL, WITHDRAWAL_RECEIPT, BidFolder, write_whole
from app.bidder.lot import Lot
from kernel.errors import BadInput, Problem, refuse_all
from kernel.proofs import dsse
from kernel.proofs.age import Passphrase
from kernel.proofs.chain import read_withdrawal
from kernel.proofs.envelope import StageSecret
from kernel.proofs.recovery import Recovery, lock_recovery, unlock_recovery
from kernel.proofs.sealing import Chain, Content, Progress, Sealed, seal_bid

UNFINISHED = ".sealing"


@dataclass(frozen=True, slots=True)
class Previous:
    """The bid that is being replaced, and the secrets of its stages."""

    folder: BidFolder
    recovery: Recovery = field(repr=False)

    @classmethod
    def open(cls, path: Path, passphrase: Passphrase) -> "Previous":
        """`NoMatch` for a wrong passphrase."""
        folder = BidFolder.open(path)
        return cls(folder, unlock_recovery((path / RECOVERY).read_bytes(), passphrase))

    @property
    def withdrawn(self) -> bool:
        """Whether the platform has taken its withdrawal."""
        return (self.folder.path / WITHDRAWAL_RECEIPT).exists()

    @property
    def chain(self) -> Chain:
        bid = self.folder.bid
        if not self.withdrawn:
            return Chain(bid.bid_id, bid)
        signed = dsse.read((self.folder.path / WITHDRAWAL).read_bytes())
        body = dsse.require(signed, [self.folder.public_key])
        return Chain(bid.bid_id, read_withdrawal(body, self.folder.lot.setup))

    def kept(self, stages: set[str]) -> dict[str, bytes]:
        """The seeds of these stages."""
        return {s.context.stage: s.seed for s in self.recovery.secrets if s.context.stage in stages}


@dataclass(frozen=True, slots=True)
class Order:
    """What to seal for whom: bidder's credit code, stage → content, and whether the three roles may help out."""

    lot: Lot
    bidder: str
    contents: Mapping[str, Content]
    fallback: bool
    previous: Previous | None = None


def seal_into(
    path: Path, order: Order, signer: dsse.Signer, passphrase: Passphrase, progress: Progress | None = None
) -> Sealed:
    """Seal into the folder `path`, which must not hold a bid yet; the recovery file is under `passphrase`.

    Whatever the moment of a crash, no bid.json is there without the recovery file that opens it.
    """
    refuse_all(_problems(path, order, signer), BadInput)
    aside = path / UNFINISHED
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    previous = order.previous
    carried = {s.id for s in order.lot.setup.stages} - set(order.contents)
    sealed = seal_bid(
        order.lot.setup, order.contents, bidder=order.bidder, notice=order.lot.notice, fallback=order.fallback,
        signer=signer, folder=aside, chain=previous.chain if previous else None,
        kept=previous.kept(carried) if previous else None, progress=progress,
    )  # fmt: skip
    write_whole(path / RECOVERY, lock_recovery(_secrets(order.lot, sealed), passphrase), private=True)
    for file in aside.iterdir():
        file.replace(path / file.name)
    aside.rmdir()
    write_whole(path / LOT, order.lot.data)
    write_whole(path / PUBLIC_KEY, base64.b64encode(signer.public))
    write_whole(path / BID, sealed.signed.to_bytes())
    return sealed


def _secrets(lot: Lot, sealed: Sealed) -> list[StageSecret]:
    bid = sealed.bid
    return [StageSecret(sealed.seeds[stage.id], bid.context(lot.setup, stage.id)) for stage in bid.stages]


def _problems(path: Path, order: Order, signer: dsse.Signer) -> list[Problem]:
    found = []
    if (path / BID).exists() or (path / RECOVERY).exists():
        found.append(Problem("bid_there", f"{path} 中已有封装好的标书", "请另选一个空文件夹"))
    if not order.bidder:
        found.append(Problem("no_bidder", "没有写明投标人的统一社会信用代码", "请加 --bidder，或写在 bid.toml 中"))
    if order.previous is None or order.previous.withdrawn:
        found += [
            Problem("stage_missing", f"阶段 {stage} 没有内容", "请补充后再封装")
            for stage in missing(order.lot.setup, order.contents)
        ]
    if order.previous is not None:
        found += _replacement_problems(order, order.previous.folder, signer)
    return found


def _replacement_problems(order: Order, old: BidFolder, signer: dsse.Signer) -> list[Problem]:
    found = []
    if not order.contents:
        found.append(Problem("nothing_new", "没有要替换的内容", "请给出要替换的阶段的文件"))
    if old.bid.setup != order.lot.setup.sha256:
        found.append(Problem("other_setup", "上一份标书不是按这份开标设定封装的", "请重新封装全部内容"))
    if old.bid.bidder != order.bidder:
        found.append(Problem("other_bidder", "上一份标书是另一投标人的", "请核对文件夹"))
    if old.public_key != signer.public:
        found.append(Problem("another_key", "签名密钥与上一份不同", "请使用首次封装时的密钥"))
    return found
