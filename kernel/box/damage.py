"""Stored ciphertexts that are no longer what was sealed: named on record, and told to whom it concerns (etb/1 §7).

It is the operator's fault. Found before the opening it withdraws the bid (视为撤回); found later it changes nothing
that was opened, and the evidence packages are made without the file.
"""

import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel import inbox
from kernel.acts import Beat
from kernel.box import listed, records
from kernel.box.records import BoxView
from kernel.box.submit import setup_of
from kernel.clock import CHINA
from kernel.db import TRADING, reading
from kernel.proofs.bid import SealedFile, read_bid
from kernel.proofs.damage import ACT

Digest = Callable[[str], Awaitable[str]]
"""SHA-256 → that of what stands in the store under this name; empty where it is lost."""
Acting = Callable[[UUID], AbstractAsyncContextManager[Beat]]
"""A case → an act on it under its lock, that of the duty whose case it is."""
_KNOWN = "select body from kernel.log_event where case_key = $1 and act = $2 order by n"


@dataclass(frozen=True, slots=True)
class Ciphertext:
    """A stored file of a closed bid."""

    bid: str
    organisation: UUID
    stage: str
    file: SealedFile


@dataclass(frozen=True, slots=True)
class Damage:
    """What event `n` says of one: SHA-256 as `sealed` and as `found`, empty where it is lost."""

    bid: str
    stage: str
    file: str
    sealed: str
    found: str
    at: datetime
    n: int

    @property
    def says(self) -> str:
        """What happened to it, in plain words, with both hashes whole."""
        return in_words({"file": self.file, "sealed": self.sealed, "found": self.found})


def in_words(facts: Mapping[str, str]) -> str:
    """What an event of this kind says of its file."""
    what = f"已被改动，现为 {facts['found']}" if facts["found"] else "已丢失"
    return f"{facts['file']} 在平台存储中{what}；递交时的 SHA-256 为 {facts['sealed']}，责任在交易中心"


class Lost(Exception):
    """The store no longer has a file of this SHA-256 as it came."""

    def __init__(self, sha256: str) -> None:
        super().__init__(f"{sha256} is not in the store as it came")
        self.sha256 = sha256


class _AllKnown(Exception):
    """Somebody else was quicker: the empty act leaves no trace."""


async def ciphertexts(box: BoxView, *, every: bool = False) -> list[Ciphertext]:
    """The stored files of the closed bids, always in one order; of a second turn those that are opened in it.

    `every`: of all bids and stages, whatever the turn.
    """
    setup, turn = await setup_of(box), await listed.of_turn(box)
    stages = [stage["id"] for stage in box.stages]
    bids = {bid.sha256: bid for bid in (await records.standing(box.case))[0]}
    if box.turn > 1 and not every:
        stages, bids = box.due, {sha256: bids[sha256] for sha256 in turn}
    read = [(view, read_bid(view.body, setup)) for view in bids.values()]
    return [
        Ciphertext(view.sha256, view.organisation, stage, file)
        for view, bid in read
        for stage in stages
        for file in bid.stage(stage).files
    ]


async def differing(files: Iterable[Ciphertext], digest: Digest) -> dict[Ciphertext, str]:
    """Those that are no longer what was sealed, with the SHA-256 of what stands there; every file is read once."""
    found = {one: await digest(one.file.sha256) for one in files}
    return {one: sha256 for one, sha256 in found.items() if sha256 != one.file.sha256}


async def known(case: UUID) -> list[Damage]:
    """What the log already says, oldest first."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(_KNOWN, str(case), ACT)
    said = [json.loads(row["body"]) for row in rows]
    return [Damage(**x["facts"], n=x["n"], at=datetime.fromisoformat(x["at"]).astimezone(CHINA)) for x in said]


async def note(beat: Beat, box: BoxView, found: Mapping[Ciphertext, str]) -> int:
    """Put on record what is not there yet, one event a file, and tell bidders and purchaser; how many are new."""
    there = {(one.bid, one.stage, one.file) for one in await known(beat.case)}
    new = {one: sha256 for one, sha256 in found.items() if (one.bid, one.stage, one.file.n) not in there}
    for one, sha256 in new.items():
        named = {"bid": one.bid, "stage": one.stage, "file": one.file.n}
        await beat.record(one.file.n, act=ACT, facts=named | {"sealed": one.file.sha256, "found": sha256})
    await _tell(beat, box, list(new))
    return len(new)


async def put_on_record(box: BoxView, found: Mapping[Ciphertext, str], acting: Acting) -> bool:
    """The same in an act of its own; False where all of it is on record already."""
    if not found:
        return False
    try:
        async with acting(box.case) as beat:
            if not await note(beat, box, found):
                raise _AllKnown
    except _AllKnown:
        return False
    return True


async def report_all(case: UUID, because: str, digest: Digest, acting: Acting) -> bool:
    """Read all sealed files of a case again and put on record which are lost, since one of them is; True if any is new.

    Nothing is read where `because` is no sealed file of the case.
    """
    box = await records.box(case)
    files = await ciphertexts(box, every=True)
    if because not in {one.file.sha256 for one in files}:
        return False
    return await put_on_record(box, await differing(files, digest), acting)


async def _tell(beat: Beat, box: BoxView, new: Iterable[Ciphertext]) -> None:
    """One message a bidder and one for the purchaser, however many files it is; the regulator's site reads the log."""
    whose: dict[UUID, list[str]] = defaultdict(list)
    for one in new:
        whose[one.organisation].append(one.file.n)
    fields = {"tender": box.tender, "lot": box.lot}
    for organisation, names in whose.items():
        told = fields | {"whose": "贵单位", "files": _named(names)}
        await inbox.send(beat.connection, "file_damaged", fields=told, organisation=organisation)
    if whose:
        names = [name for names in whose.values() for name in names]
        told = fields | {"whose": f"{len(whose)} 家单位", "files": _named(names)}
        await inbox.send(beat.connection, "file_damaged", fields=told, organisation=box.purchaser)


def _named(names: list[str]) -> str:
    return "、".join(names[:5]) + (f" 等 {len(names)} 个文件" if len(names) > 5 else "")
