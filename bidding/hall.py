"""What the opening hall shows at this moment: one view for pages and programs.

Before the deadline it shows the deadline and the room, nothing else. Names and progress appear when the list is fixed
and countersigned, prices all together when the box is open.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bidding import records, session
from bidding.envelopes import envelope_of
from bidding.records import LotRow, ObjectionView
from bidding.session import CAPACITIES, Attended
from bidding.stages import RECORDED
from kernel.accounts.records import organisation
from kernel.box import records as box_records
from kernel.box.records import BidView, BoxView
from kernel.clock import now
from kernel.proofs import dsse


@dataclass(frozen=True, slots=True)
class Present:
    """A line of the sign-in list. A bidder of the fixed list stands there before he comes, `at` empty.

    He has come when he signed in or began to decrypt, whichever was first.
    """

    name: str
    role: str
    at: datetime | None

    @property
    def capacity(self) -> str:
        """招标人, 投标人 … as it is read out."""
        return CAPACITIES[self.role]


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
    """`phase`: before, window, shown, concluded or failed; `room`: the opening room, empty where there is none.

    `envelope`: which of two is opened, 1 or 2; 0 where a bid has but one, or none is opened yet. `window_ends`: until
    when bidders open their bids; `officers_until`: from then on, or from the start, until when the roles do.
    """

    lot: LotRow
    phase: str
    room: str = ""
    envelope: int = 0
    window_ends: datetime | None = None
    officers_until: datetime | None = None
    progress: Progress | None = None
    present: tuple[Present, ...] = ()
    prices: tuple[Price, ...] = ()
    objections: tuple[ObjectionView, ...] = ()


async def hall(case: UUID) -> Hall:
    """The hall of a published lot; `NotFound` for any other."""
    lot = await records.public_lot(case)
    moment = await now()
    phase = _phase(lot, moment)
    room = await session.room_name(case, lot.deadline)
    if phase in ("before", "failed"):
        return Hall(lot, phase, room)
    box, came = await box_records.box(case), await session.attendance(case)
    envelope = envelope_of(box.turn, box.stages)
    if box.countersigned_at is None:
        return Hall(lot, phase, room, envelope, present=_officials(box, came))
    bids = (await box_records.standing(case))[0]
    names = [await _name(bid) for bid in bids]
    return Hall(
        lot,
        phase,
        room,
        envelope,
        window_ends=box.reveal_until if phase == "window" else None,
        officers_until=box.fallback_until if phase == "window" and _is_up(box, moment) else None,
        progress=await _progress(box, bids) if phase == "window" else None,
        present=(*_officials(box, came), *await _bidders(box, bids, names, came)),
        prices=await _prices(box, bids, names) if phase != "window" else (),
        objections=tuple(await records.objections(case)),
    )


def _is_up(box: BoxView, moment: datetime) -> bool:
    """Whether it is the roles who open now: bidders are not asked, or their time is over."""
    return box.reveal_until is None or moment >= box.reveal_until


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
    wanted = [bid for bid in bids if box.going_on is None or bid.sha256 in box.going_on]
    done = sum(all((bid.sha256, stage) in seeds for stage in box.due) for bid in wanted)
    return Progress(done, len(wanted))


def _officials(box: BoxView, came: Sequence[Attended]) -> tuple[Present, ...]:
    """Who came besides the bidders; the regulator's side is there with its countersignature of the list."""
    found = [Present(one.name, one.role, one.at) for one in came if one.role != "bidder"]
    watched = [Present("行政监督部门", "regulator", box.countersigned_at)] if box.countersigned_at else []
    return tuple(sorted(found, key=lambda one: (list(CAPACITIES).index(one.role), one.name))) + tuple(watched)


async def _bidders(
    box: BoxView, bids: Sequence[BidView], names: Sequence[str], came: Sequence[Attended]
) -> tuple[Present, ...]:
    signed = {one.organisation: one.at for one in came if one.role == "bidder"}
    began: dict[str, datetime] = {}
    for message in await box_records.messages(box.case, "reveal"):
        began.setdefault(message.author, message.at)
    found = []
    for bid, name in zip(bids, names, strict=True):
        moments = [at for at in (signed.get(bid.organisation), began.get(dsse.keyid_of(bid.public_key))) if at]
        found.append(Present(name, "bidder", min(moments, default=None)))
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
