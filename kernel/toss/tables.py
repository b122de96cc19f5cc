"""The rows of draws: where each stands, its messages, its list, and what its duty has to hear. Schema `toss`."""

from piccolo.columns import JSONB, UUID, Boolean, Bytea, Integer, SmallInt, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from kernel.db import TRADING

STAGES = ("begun", "sealed", "listed", "ordered", "walked", "void")


class Toss(Table, schema="toss", tablename="toss", db=TRADING):
    """One draw of one case. All but the begin's own words follows from its messages and is kept to be read quickly.

    `restless`: the operator's process has something to look at. `due_by`: when whoever is awaited is missing.
    `list_number`: the how-manieth list (D0) of its case this is, 0 before there is one.
    """

    id = UUID(primary_key=True, default=None, null=False)
    case = UUID(null=False, required=True, default=None, index=True)
    kind = Varchar(length=8, null=False, required=True, default=None)
    attended = Boolean(null=False, required=True, default=None)
    roles = JSONB(null=False, required=True, default=None)
    beacon_rule = Varchar(length=500, null=False, default="")
    replaces = UUID(null=True, default=None)
    begun_at = Timestamptz(null=False, required=True, default=None)
    stage = Varchar(length=8, null=False, required=True, default="begun", index=True)
    restless = Boolean(null=False, default=True)
    due_by = Timestamptz(null=True, default=None)
    list_number = SmallInt(null=False, default=0)
    digest = Varchar(length=64, null=False, default="")
    terms = JSONB(null=True, default=None)
    strata = JSONB(null=True, default=None)
    list_root = Varchar(length=64, null=False, default="")
    order = JSONB(null=True, default=None)
    why = Varchar(length=500, null=False, default="")
    missing = Varchar(length=40, null=False, default="")
    known_kind = Check("kind in ('panel', 'agency')")
    known_stage = Check("stage in ('begun', 'sealed', 'listed', 'ordered', 'walked', 'void')")


class Message(Table, schema="toss", tablename="message", db=TRADING):
    """What a role said in a draw: exact bytes, DSSE; append-only. Each side writes only its own rows."""

    id = UUID(primary_key=True, default=None, null=False)
    toss = UUID(null=False, required=True, default=None, index=True)
    kind = Varchar(length=8, null=False, required=True, default=None)
    role = Varchar(length=10, null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    envelope = Bytea(null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)
    said_once = Unique(["toss", "kind", "role", "sha256"])
    known_role = Check("role in ('operator', 'regulator', 'purchaser')")


class Taken(Table, schema="toss", tablename="taken", db=TRADING):
    """Messages that the trading side has verified, or refused with a reason, and put on the log; append-only."""

    message = UUID(primary_key=True, default=None, null=False)
    event = UUID(null=False, required=True, default=None)
    leaf = Bytea(null=False, required=True, default=None)
    refused = Varchar(length=60, null=False, default="")


class Listing(Table, schema="toss", tablename="listing", db=TRADING):
    """Who is on the list and who was left out, as canonical JSON; append-only. It does not say which leaf is whose."""

    toss = UUID(primary_key=True, default=None, null=False)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    body = Bytea(null=False, required=True, default=None)


class News(Table, schema="toss", tablename="news", db=TRADING):
    """What happened in a draw, for the duty that asked for it; append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    toss = UUID(null=False, required=True, default=None, index=True)
    place = Integer(null=False, required=True, default=None)
    what = Varchar(length=10, null=False, required=True, default=None)
    facts = JSONB(null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)
    in_order = Unique(["toss", "place"])


class NewsTaken(Table, schema="toss", tablename="news_taken", db=TRADING):
    """What the duty has dealt with; append-only."""

    news = UUID(primary_key=True, default=None, null=False)
    at = Timestamptz(null=False, required=True, default=None)
