"""What is known of rooms, read only: who has which when, and which recordings a case has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from kernel.db import TRADING, reading
from kernel.errors import NotFound, Problem
from kernel.rooms.schemas import USES


@dataclass(frozen=True, slots=True)
class RoomView:
    """A room; `until` is when the centre gave it up."""

    number: int
    region: str
    name: str
    use: str
    place: str
    seats: int
    since: datetime
    until: datetime | None

    @property
    def use_name(self) -> str:
        """开标室 or 评标室."""
        return USES[self.use]


@dataclass(frozen=True, slots=True)
class BookingView:
    """A room taken for a case, with the room's own name and place; a standing one has no `released_at`."""

    id: UUID
    room: int
    name: str
    place: str
    region: str
    use: str
    case: UUID
    title: str
    begins: datetime
    ends: datetime
    released_at: datetime | None

    @property
    def use_name(self) -> str:
        """开标室 or 评标室."""
        return USES[self.use]

    def holds(self, moment: datetime) -> bool:
        """Whether the room is this case's at that instant."""
        return self.released_at is None and self.begins <= moment < self.ends


@dataclass(frozen=True, slots=True)
class RecordingView:
    """The hash of a recording, and the room it was made in."""

    sha256: str
    size: int
    label: str
    at: datetime
    use: str
    name: str


_ROOM = "select number, region, name, use, place, seats, since, until from rooms.room"
_BOOKING = (
    'select b.id, b.room, r.name, r.place, r.region, b.use, b."case", b.title, b.begins, b.ends, b.released_at'
    " from rooms.booking b join rooms.room r on r.number = b.room"
)
_RECORDING = (
    "select f.sha256, f.size, f.label, f.at, b.use, r.name from rooms.recording f"
    " join rooms.booking b on b.id = f.booking join rooms.room r on r.number = b.room"
)


async def rooms(region: str, use: str = "") -> list[RoomView]:
    """The rooms this region's centre has today, in the order in which they were added."""
    where = "where region = $1 and until is null and ($2 = '' or use = $2) order by number"
    return [RoomView(**dict(row)) for row in await _fetch(f"{_ROOM} {where}", region, use)]


async def room(number: int) -> RoomView:
    """One room, given up or not; `NotFound` when there is none of this number."""
    rows = await _fetch(f"{_ROOM} where number = $1", number) if 0 < number < 2**31 else []
    if not rows:
        raise NotFound(Problem("no_room", "没有这个场地", "请从场地列表中选择", field="room"))
    return RoomView(**dict(rows[0]))


async def taken(region: str, since: datetime, until: datetime) -> list[BookingView]:
    """The standing bookings of a region's rooms that touch [since, until), by room and time."""
    where = "where r.region = $1 and b.released_at is null and b.begins < $3 and b.ends > $2 order by b.room, b.begins"
    return _bookings(await _fetch(f"{_BOOKING} {where}", region, since, until))


async def who_has(room: int, begins: datetime, ends: datetime) -> BookingView | None:
    """The first standing booking of this room that overlaps [begins, ends)."""
    where = "where b.room = $1 and b.released_at is null and b.begins < $3 and b.ends > $2 order by b.begins limit 1"
    return next(iter(_bookings(await _fetch(f"{_BOOKING} {where}", room, begins, ends))), None)


async def booked(case: UUID, use: str = "") -> list[BookingView]:
    """The standing bookings of a case, earliest first."""
    where = "where b.\"case\" = $1 and b.released_at is null and ($2 = '' or b.use = $2) order by b.begins, b.id"
    return _bookings(await _fetch(f"{_BOOKING} {where}", case, use))


async def recordings(case: UUID) -> list[RecordingView]:
    """The recordings whose hashes are kept with a case, oldest first."""
    rows = await _fetch(f'{_RECORDING} where f."case" = $1 order by f.at, f.id', case)
    return [RecordingView(**dict(row)) for row in rows]


def _bookings(rows: Sequence[asyncpg.Record]) -> list[BookingView]:
    return [BookingView(**dict(row)) for row in rows]


async def _fetch(sql: str, *values: Any) -> list[asyncpg.Record]:
    async with reading(TRADING) as connection:
        return list(await connection.fetch(sql, *values))
