"""What the opening hall shows at this moment: one view for pages and programs, and the live following of it.

Before the deadline it shows the deadline and nothing else. Names and progress appear when the list is fixed and
countersigned, prices all together when the box is open.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from bidding import records
from bidding.records import LotRow, ObjectionView
from bidding.stages import RECORDED
from kernel.accounts.records import organisation
from kernel.box import records as box_records
from kernel.box.records import BidView, BoxView
from kernel.clock import now
from kernel.db import LOST, spawn
from kernel.proofs import dsse

_log = logging.getLogger("yangguang.hall")
PAUSE = 1.0
"""Seconds between two looks at a hall in which somebody sits."""
ENDS = ("concluded", "failed")


@dataclass(frozen=True, slots=True)
class Present:
    """A bidder of the fixed list; `at` is when he began to decrypt."""

    name: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Price:
    """One line of the price sheet; `outcome` is opened, revoked or withdrawn."""

    name: str
    price: str
    period_days: str
    outcome: str
    says: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Hall:
    """`phase`: before, window, shown, concluded or failed."""

    lot: LotRow
    phase: str
    window_ends: datetime | None = None
    progress: Progress | None = None
    present: tuple[Present, ...] = ()
    prices: tuple[Price, ...] = ()
    objections: tuple[ObjectionView, ...] = ()


async def hall(case: UUID) -> Hall:
    """The hall of a published lot; `NotFound` for any other."""
    lot = await records.public_lot(case)
    phase = _phase(lot, await now())
    if phase in ("before", "failed"):
        return Hall(lot, phase)
    box = await box_records.box(case)
    if box.countersigned_at is None:
        return Hall(lot, phase)
    bids = (await box_records.standing(case))[0]
    names = [await _name(bid) for bid in bids]
    return Hall(
        lot,
        phase,
        window_ends=box.reveal_until if phase == "window" else None,
        progress=await _progress(box, bids) if phase == "window" else None,
        present=await _present(box, bids, names),
        prices=await _prices(box, bids, names) if phase != "window" else (),
        objections=tuple(await records.objections(case)),
    )


def _phase(lot: LotRow, moment: datetime) -> str:
    if lot.failure and lot.opened_at is None:
        return "failed"
    if lot.stage in RECORDED or lot.failure:
        return "concluded"
    if lot.opened_at is not None:
        return "shown"
    return "before" if lot.deadline is None or moment < lot.deadline else "window"


async def _name(bid: BidView) -> str:
    found = await organisation(bid.organisation)
    return found.name if found else bid.bidder


async def _progress(box: BoxView, bids: Sequence[BidView]) -> Progress:
    seeds = await box_records.seeds(box.case)
    done = sum(all((bid.sha256, stage["id"]) in seeds for stage in box.stages) for bid in bids)
    return Progress(done, len(bids))


async def _present(box: BoxView, bids: Sequence[BidView], names: Sequence[str]) -> tuple[Present, ...]:
    began: dict[str, datetime] = {}
    for message in await box_records.messages(box.case, "reveal"):
        began.setdefault(message.author, message.at)
    found = [Present(name, began.get(dsse.keyid_of(b.public_key))) for b, name in zip(bids, names, strict=True)]
    return tuple(sorted(found, key=lambda one: one.name))


async def _prices(box: BoxView, bids: Sequence[BidView], names: Sequence[str]) -> tuple[Price, ...]:
    verdicts = await box_records.verdicts(box.case)
    found = [
        _price(b, name, [v for v in verdicts if v["bid"] == b.sha256]) for b, name in zip(bids, names, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: one.name))


def _price(bid: BidView, name: str, verdicts: Sequence[Mapping[str, Any]]) -> Price:
    form: Mapping[str, Any] = next((v["index"]["form"] for v in verdicts if v["index"] is not None), {})
    shut = next((v for v in verdicts if v["outcome"] != "opened"), None)
    return Price(
        name=name,
        price=str(form.get("price", "")),
        period_days=str(form.get("period_days", "")),
        outcome=shut["outcome"] if shut else "opened",
        says=shut["says"] if shut else "已解密",
        sha256=bid.sha256,
    )


@dataclass(slots=True)
class _Room:
    """A hall in which somebody sits: looked at once for all of them."""

    case: UUID
    current: Hall
    visitors: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    watch: asyncio.Task[None] | None = None


class Halls:
    """The halls this process shows live; one look a second, however many sit there."""

    def __init__(self, pause: float = PAUSE) -> None:
        self._rooms: dict[UUID, _Room] = {}
        self._pause = pause

    @property
    def watched(self) -> frozenset[UUID]:
        """The halls in which somebody sits."""
        return frozenset(self._rooms)

    async def follow(self, case: UUID, *, silence: float = 15.0) -> AsyncGenerator[Hall | None, None]:
        """The hall now and after every change, until it has ended; None after `silence` seconds without one."""
        first = await hall(case)
        room = self._rooms.setdefault(case, _Room(case, first))
        room.visitors += 1
        room.watch = room.watch or spawn(self._watch(room))
        shown = None
        try:
            while shown is None or shown.phase not in ENDS:
                latest = await _after(room, shown, silence)
                shown = latest or shown
                yield latest
        finally:
            self._leave(room)

    def _leave(self, room: _Room) -> None:
        room.visitors -= 1
        if room.visitors == 0 and room.watch is not None:
            room.watch.cancel()
            del self._rooms[room.case]

    async def _watch(self, room: _Room) -> None:
        while True:
            try:
                latest = await hall(room.case)
            except LOST:
                _log.warning("the hall could not be looked at")
            else:
                await _show(room, latest)
            await asyncio.sleep(self._pause)


async def _show(room: _Room, latest: Hall) -> None:
    if latest != room.current:
        async with room.changed:
            room.current = latest
            room.changed.notify_all()


async def _after(room: _Room, shown: Hall | None, silence: float) -> Hall | None:
    """What the room shows when it is no longer `shown`; None when it still is after that many seconds."""
    async with room.changed:
        try:
            await asyncio.wait_for(room.changed.wait_for(lambda: room.current != shown), silence)
        except TimeoutError:
            return None
        return room.current
