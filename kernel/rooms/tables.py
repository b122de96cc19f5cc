"""开标室、评标室: the centre's rooms, who has them when, and what was recorded in them. Schema `rooms`."""

from piccolo.columns import (
    UUID,
    BigInt,
    ForeignKey,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from kernel.db import TRADING


class Room(Table, schema="rooms", tablename="room", db=TRADING):
    """A room of a trading centre. `number` is a whole number because PostgreSQL makes ranges of those by itself."""

    number = Integer(primary_key=True, default=None, null=False)
    region = Varchar(length=6, null=False, required=True, default=None, index=True)
    name = Varchar(length=60, null=False, required=True, default=None)
    use = Varchar(length=10, null=False, required=True, default=None)
    place = Varchar(length=200, null=False, required=True, default=None)
    seats = SmallInt(null=False, required=True, default=None)
    since = Timestamptz(null=False, required=True, default=None)
    until = Timestamptz(null=True, default=None)
    room_named = Unique(["region", "name"])
    room_use = Check("use in ('opening', 'evaluation') and seats > 0")


class Booking(Table, schema="rooms", tablename="booking", db=TRADING):
    """A room taken for a case from `begins` until before `ends`; given back early at `released_at`.

    No two standing bookings of a room overlap: an exclusion constraint of the migrations, not our care, sees to it.
    """

    id = UUID(primary_key=True, default=None, null=False)
    room = ForeignKey(Room, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    use = Varchar(length=10, null=False, required=True, default=None)
    case = UUID(null=False, required=True, default=None, index=True)
    title = Varchar(length=420, null=False, required=True, default=None)
    begins = Timestamptz(null=False, required=True, default=None)
    ends = Timestamptz(null=False, required=True, default=None)
    booked_at = Timestamptz(null=False, required=True, default=None)
    released_at = Timestamptz(null=True, default=None)
    booking_use = Check("use in ('opening', 'evaluation') and begins < ends")


class Recording(Table, schema="rooms", tablename="recording", db=TRADING):
    """The SHA-256 (hex) and size of a room's sound and picture file, which stays with the centre. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    booking = ForeignKey(Booking, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    case = UUID(null=False, required=True, default=None, index=True)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    size = BigInt(null=False, required=True, default=None)
    label = Text(null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)
    recording_once = Unique(["case", "sha256"])
    recording_size = Check("size > 0")
