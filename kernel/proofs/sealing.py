"""Sealing a bid on the bidder's own machine: documents in, age files and a signed bid.json out.

Nothing here talks to anybody. What must be kept for the opening is the list of secrets (`Sealed.seeds`).
"""

import io
import os
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path

from kernel.proofs import age, dsse
from kernel.proofs.bid import Bid, SealedFile, SealedStage, build_bid, read_bid
from kernel.proofs.chain import Withdrawal
from kernel.proofs.envelope import StageSecret
from kernel.proofs.index import IndexedFile, build_index
from kernel.proofs.opening import build_reveal
from kernel.proofs.setup import Setup
from kernel.proofs.stage import new_secret, seal_stage

Progress = Callable[[str, int], None]
"""(file name, bytes done)."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document to seal: where it lies, the name its reader will see, its media type."""

    path: Path
    name: str
    media: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Content:
    """What goes into one stage: its documents, and the price form where the stage has one."""

    documents: Sequence[Document] = ()
    form: Mapping[str, object] | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """Where a bidder's chain stands: his bid id (16 bytes, hex), and the message before, None for the first.

    After a withdrawal nothing can be carried over.
    """

    bid_id: str
    last: Bid | Withdrawal | None = None

    @classmethod
    def start(cls) -> "Chain":
        return cls(os.urandom(16).hex())


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed bid: the signed bid.json, and stage → seed (32 bytes): whoever has a seed opens that stage."""

    bid: Bid
    signed: dsse.Signed
    seeds: Mapping[str, bytes] = field(repr=False)


def seal_bid(
    setup: Setup,
    contents: Mapping[str, Content],
    *,
    bidder: str,
    notice: str,
    fallback: bool,
    signer: dsse.Signer,
    folder: Path,
    chain: Chain | None = None,
    kept: Mapping[str, bytes] | None = None,
    progress: Progress | None = None,
) -> Sealed:
    """Seal `contents` (stage → what goes in) into `folder`; a stage that is not in it is carried over.

    A replacement names the chain and the `kept` seeds of the stages it carries over: their files are not sent
    again. Every stage sealed anew gets a fresh seed. Raises `Malformed` for what the set-up does not know.
    """
    place = chain or Chain.start()
    seq = place.last.seq + 1 if place.last else 1
    seeds = dict(kept or {})
    stages: list[SealedStage] = []
    for rule in setup.stages:
        if rule.id not in contents and isinstance(place.last, Bid):
            stages.append(place.last.stage(rule.id))
            continue
        secret = new_secret(setup, bidder=bidder, bid_id=place.bid_id, stage=rule.id, seq=seq)
        stages.append(_seal(setup, secret, contents[rule.id], folder, progress))
        seeds[rule.id] = secret.seed
    data = build_bid(
        setup,
        bidder=bidder,
        bid_id=place.bid_id,
        seq=seq,
        prev=place.last.sha256 if place.last else "",
        notice=notice,
        fallback=fallback,
        stages=stages,
    )
    return Sealed(read_bid(data, setup), dsse.sign(data, signer), seeds)


def reveal_all(
    bid: Bid,
    close: str,
    seeds: Mapping[str, bytes],
    signer: dsse.Signer,
    *,
    due: Container[str] | None = None,
    report: str = "",
) -> list[dsse.Signed]:
    """The signed reveals of a standing bid's stages, for the close of this SHA-256 (hex).

    Of all stages, or of those `due`: a later one waits for the signed report (its SHA-256 is then `report`), and its
    seed must not leave the bidder's machine before.
    """
    return [
        dsse.sign(
            build_reveal(
                close=close, stage=stage.id, bidder=bid.bidder, bid=bid.sha256, seed=seeds[stage.id], report=report
            ),
            signer,
        )
        for stage in bid.stages
        if due is None or stage.id in due
    ]


def _seal(setup: Setup, secret: StageSecret, content: Content, folder: Path, progress: Progress | None) -> SealedStage:
    stage = secret.context.stage
    listed = [_describe(stage, i, document) for i, document in enumerate(content.documents, 1)]
    index = build_index(stage, listed, content.form)
    files = [_write(io.BytesIO(index), folder / f"{stage}-0.age", secret, None)]
    for entry, document in zip(listed, content.documents, strict=True):
        with document.path.open("rb") as source:
            files.append(_write(source, folder / entry.n, secret, progress))
    return seal_stage(setup, secret, files)


def _describe(stage: str, i: int, document: Document) -> IndexedFile:
    with document.path.open("rb") as source:
        sha256 = file_digest(source, "sha256").hexdigest()
    size = document.path.stat().st_size
    return IndexedFile(f"{stage}-{i}.age", document.name, document.media, size, sha256)


def _write(source: "io.BufferedIOBase", target: Path, secret: StageSecret, progress: Progress | None) -> SealedFile:
    with target.open("wb") as sink:
        done = age.seal(source, sink, secret.recipient, (lambda n: progress(target.name, n)) if progress else None)
    return SealedFile(target.name, done.size, done.sha256)
