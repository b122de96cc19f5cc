"""Supervision's own rows: the witness, the cases watched, cards, drafts of two officers. Schema `supervision`."""

from piccolo.columns import (
    JSONB,
    UUID,
    BigInt,
    Boolean,
    Bytea,
    ForeignKey,
    Integer,
    OnDelete,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
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


class Watched(Table, schema="supervision", tablename="watched", db=HOME):
    """A case of any duty as the last round found it: what the hall counts and lists. Re-made from the records.

    `moved_at`: its newest known moment; `due_at`: the first instant at which what comes next is late.
    """

    case = UUID(primary_key=True, default=None, null=False)
    duty = Varchar(length=16, null=False, required=True, default=None)
    code = Varchar(length=40, null=False, required=True, default=None)
    title = Varchar(length=420, null=False, required=True, default=None)
    region = Varchar(length=6, null=False, required=True, default=None)
    department = Varchar(length=20, null=False, required=True, default=None)
    procedure = Varchar(length=48, null=False, required=True, default=None)
    stage = Varchar(length=16, null=False, required=True, default=None)
    stage_name = Varchar(length=40, null=False, required=True, default=None)
    open = Boolean(null=False, default=True)
    parties = JSONB(null=False, required=True, default=None)
    since = Timestamptz(null=False, required=True, default=None)
    moved_at = Timestamptz(null=False, required=True, default=None)
    due_at = Timestamptz(null=True, default=None)
    due_title = Varchar(length=120, null=False, default="")
    due_article = Varchar(length=120, null=False, default="")


class Card(Table, schema="supervision", tablename="card", db=HOME):
    """One matter a party is held to: by a supervision point and its occasion, or by hand (`point` empty). Append-only.

    How grave it is and how it went on is told by its events.
    """

    id = UUID(primary_key=True, default=None, null=False)
    case = UUID(null=False, required=True, default=None, index=True)
    duty = Varchar(length=16, null=False, required=True, default=None)
    code = Varchar(length=40, null=False, required=True, default=None)
    case_title = Varchar(length=420, null=False, required=True, default=None)
    region = Varchar(length=6, null=False, required=True, default=None)
    department = Varchar(length=20, null=False, required=True, default=None)
    point = Varchar(length=8, null=False, default="")
    occasion = Varchar(length=200, null=False, required=True, default=None)
    title = Varchar(length=120, null=False, required=True, default=None)
    article = Varchar(length=200, null=False, default="")
    party = Varchar(length=12, null=False, required=True, default=None)
    organisation = UUID(null=True, default=None)
    due_at = Timestamptz(null=True, default=None)
    issued_by = UUID(null=True, default=None)
    made_at = Timestamptz(null=False, required=True, default=None)
    made_once = Unique(["case", "point", "occasion"])


class CardEvent(Table, schema="supervision", tablename="card_event", db=HOME):
    """What happened to a card. `subject` keeps apart what may happen twice; all else happens once. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    card = ForeignKey(Card, null=False, default=None, index=True, on_delete=OnDelete.restrict)
    kind = Varchar(length=9, null=False, required=True, default=None)
    subject = Varchar(length=36, null=False, default="")
    person = UUID(null=True, default=None)
    name = Varchar(length=80, null=False, default="")
    says = Text(null=False, default="")
    at = Timestamptz(null=False, required=True, default=None)
    happens_once = Unique(["card", "kind", "subject"])
    card_event_kind = Check(
        "kind in ('remind', 'yellow', 'red', 'settled', 'replied', 'rectified', 'reviewed', 'lifted')"
    )


class Draft(Table, schema="supervision", tablename="draft", db=HOME):
    """What one officer has written and a second one must confirm before it takes effect. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    kind = Varchar(length=12, null=False, required=True, default=None)
    case = UUID(null=True, default=None, index=True)
    subject = UUID(null=False, required=True, default=None, index=True)
    region = Varchar(length=6, null=False, required=True, default=None)
    department = Varchar(length=20, null=False, required=True, default=None)
    title = Varchar(length=200, null=False, required=True, default=None)
    command = JSONB(null=False, required=True, default=None)
    person = UUID(null=False, required=True, default=None)
    name = Varchar(length=80, null=False, required=True, default=None)
    organisation_name = Varchar(length=200, null=False, default="")
    at = Timestamptz(null=False, required=True, default=None)
    draft_kind = Check("kind in ('directive', 'card', 'lift', 'decision')")


class DraftEnd(Table, schema="supervision", tablename="draft_end", db=HOME):
    """What became of a draft: confirmed by a second officer, or not. Append-only."""

    draft = ForeignKey(Draft, primary_key=True, null=False, default=None, on_delete=OnDelete.restrict)
    outcome = Varchar(length=9, null=False, required=True, default=None)
    person = UUID(null=False, required=True, default=None)
    name = Varchar(length=80, null=False, required=True, default=None)
    says = Text(null=False, default="")
    at = Timestamptz(null=False, required=True, default=None)
    draft_outcome = Check("outcome in ('confirmed', 'refused')")


class DrawnList(Table, schema="supervision", tablename="drawn_list", db=HOME):
    """Who is on a draw's list, and the key of the salts that hide it: not for the trading side to know. Append-only."""

    toss = UUID(primary_key=True, default=None, null=False)
    case = UUID(null=False, required=True, default=None, index=True)
    digest = Varchar(length=64, null=False, required=True, default=None)
    body = Bytea(null=False, required=True, default=None)
    salt_key = Bytea(null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)


class DrawCall(Table, schema="supervision", tablename="draw_call", db=HOME):
    """Somebody drawn who was asked. `token` is the hash of what his link holds; `envelope` the signed outcome."""

    id = UUID(primary_key=True, default=None, null=False)
    toss = UUID(null=False, required=True, default=None, index=True)
    stratum = Varchar(length=64, null=False, required=True, default=None)
    n = Integer(null=False, required=True, default=None)
    token = Varchar(length=64, null=False, required=True, default=None, unique=True)
    terms = JSONB(null=False, required=True, default=None)
    addresses = JSONB(null=False, required=True, default=None)
    message = UUID(null=False, required=True, default=None)
    called_at = Timestamptz(null=False, required=True, default=None)
    until = Timestamptz(null=False, required=True, default=None)
    reply = Varchar(length=7, null=False, default="")
    replied_at = Timestamptz(null=True, default=None)
    envelope = Bytea(null=True, default=None)
    seat = SmallInt(null=False, default=0)
    slip = Varchar(length=20, null=False, default="")
    asked_once = Unique(["toss", "stratum", "n"])
    known_reply = Check("reply in ('', 'accept', 'decline')")
