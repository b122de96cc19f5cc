"""Supervision's own rows: what the witness has cosigned and what it was alarmed by. Schema `supervision`."""

from piccolo.columns import UUID, BigInt, Bytea, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from kernel.db import HOME


class WitnessHead(Table, schema="supervision", tablename="witness_head", db=HOME):
    """The newest tree cosigned for one log; the row whose lock keeps two requests apart."""

    origin = Varchar(length=200, primary_key=True, default=None, null=False)
    size = BigInt(null=False, default=0)
    root = Bytea(null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)


class WitnessCosigned(Table, schema="supervision", tablename="witness_cosigned", db=HOME):
    """Every checkpoint cosigned, with the note as it came: what the log may never deny. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    origin = Varchar(length=200, null=False, required=True, default=None)
    size = BigInt(null=False, required=True, default=None)
    root = Bytea(null=False, required=True, default=None)
    note = Bytea(null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)
    cosigned_once = Unique(["origin", "size"])


class WitnessAlarm(Table, schema="supervision", tablename="witness_alarm", db=HOME):
    """What a log signed against its own past, with the request as evidence. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    origin = Varchar(length=200, null=False, required=True, default=None)
    why = Varchar(length=24, null=False, required=True, default=None)
    known_size = BigInt(null=False, required=True, default=None)
    claimed_size = BigInt(null=False, required=True, default=None)
    claimed_root = Bytea(null=False, required=True, default=None)
    request = Bytea(null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)
    alarmed_once = Unique(["origin", "why", "claimed_size", "claimed_root"])


class Countersigned(Table, schema="supervision", tablename="countersigned", db=HOME):
    """The one close of a lot that this side has countersigned. Append-only."""

    case = UUID(primary_key=True, default=None, null=False)
    close = Varchar(length=64, null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)
