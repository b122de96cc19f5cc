"""What an opening session leaves behind besides its record, read only: who came, who signed, room and recordings."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from bidding import records
from bidding.records import LotRow
from bidding.stages import Stage
from kernel.box import records as box_records
from kernel.box.records import BoxView
from kernel.db import TRADING, reading
from kernel.identity import Actor
from kernel.rooms import records as rooms
from kernel.rooms.records import BookingView, RecordingView

CAPACITIES = {
    "purchaser": "招标人（采购人）",
    "agent": "代理机构",
    "bidder": "投标人（供应商）",
    "operator": "交易中心",
    "regulator": "行政监督部门",
}
"""Role → what the sign-in list calls it, in the order in which it is read out."""
OPENS = (Stage.ANNOUNCED, Stage.CLOSED, Stage.OPENING)
"""Where an opening is still ahead or under way."""


@dataclass(frozen=True, slots=True)
class Attended:
    """An organisation on the sign-in list; persons are not named to the public."""

    organisation: UUID
    name: str
    role: str
    at: datetime

    @property
    def capacity(self) -> str:
        """招标人, 投标人 … as on the sign-in list."""
        return CAPACITIES[self.role]


@dataclass(frozen=True, slots=True)
class SignatureView:
    """A signature under the opening record, with what the signer had to remark."""

    organisation: UUID
    name: str
    role: str
    sha256: str
    remark: str
    at: datetime

    @property
    def capacity(self) -> str:
        """招标人, 投标人 … as on the sign-in list."""
        return CAPACITIES[self.role]


async def attendance(case: UUID) -> list[Attended]:
    """Who has signed in to the opening, in the order in which they came."""
    rows = await _fetch(
        "select organisation, organisation_name as name, role, at from bidding.attendance where lot = $1"
        " order by at, organisation_name",
        case,
    )
    return [Attended(**dict(row)) for row in rows]


async def signatures(case: UUID) -> list[SignatureView]:
    """Who has signed the opening record, in the order in which they did."""
    rows = await _fetch(
        "select organisation, organisation_name as name, role, sha256, remark, at from bidding.opening_signature"
        " where lot = $1 order by at, organisation_name",
        case,
    )
    return [SignatureView(**dict(row)) for row in rows]


async def recordings(case: UUID) -> list[RecordingView]:
    """The recordings of the opening room; those of the evaluation room are not the public's."""
    return [one for one in await rooms.recordings(case) if one.use == "opening"]


async def room_name(case: UUID, deadline: datetime | None) -> str:
    """The opening room at the moment of the opening, with its place; empty where the opening has none."""
    found = await rooms.booked(case, "opening")
    ours = [one for one in found if deadline is None or one.holds(deadline)] or found
    return f"{ours[0].name}（{ours[0].place}）" if ours else ""


async def misplaced(lot: LotRow) -> BookingView | None:
    """An opening room that is had for nothing: the deadline has moved out of it, or the lot has failed."""
    found = await rooms.booked(lot.id, "opening")
    if lot.stage == Stage.FAILED and lot.opened_at is None:
        return next(iter(found), None)
    if lot.deadline is None or lot.stage not in OPENS or any(one.holds(lot.deadline) for one in found):
        return None
    return next(iter(found), None)


async def misplaced_rooms(region: str, now: datetime) -> list[tuple[LotRow, BookingView]]:
    """The same for every opening room this region's centre has given away from now on."""
    taken = await rooms.taken(region, now, now + timedelta(days=366))
    lots = [await records.lot(case) for case in dict.fromkeys(one.case for one in taken if one.use == "opening")]
    return [(lot, booked) for lot in lots if (booked := await misplaced(lot)) is not None]


async def takes_part(actor: Actor, case: UUID) -> bool:
    """Whether a bidder stands on the countersigned list: before there is one, nobody may learn who has bid."""
    box = await box_records.box(case)
    return _is_known(box) and actor.organisation_code in {bid.bidder for bid in (await box_records.standing(case))[0]}


def _is_known(box: BoxView) -> bool:
    return box.countersigned_at is not None


async def _fetch(sql: str, *values: Any) -> list[asyncpg.Record]:
    async with reading(TRADING) as connection:
        return list(await connection.fetch(sql, *values))
