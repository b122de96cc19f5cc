"""The rows of those who come to the market: agencies with their papers, promises and credit; owners."""

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigInt,
    Boolean,
    Bytea,
    Date,
    ForeignKey,
    Integer,
    Numeric,
    OnDelete,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from intermediaries.tables.items import SCHEMA, Item
from kernel.db import TRADING


class Agency(Table, schema=SCHEMA, tablename="agency", db=TRADING):
    """One intermediary in the market: where it stands, and what the search looks at (`words` and below).

    `affiliation` is the supervising department (主管单位), empty where there is none. The columns from `words` on
    are copies, kept by the acts that change what they copy.
    """

    id = UUID(primary_key=True, default=None, null=False)
    organisation = UUID(null=False, required=True, default=None, unique=True)
    code = Varchar(length=18, null=False, required=True, default=None, unique=True)
    name = Varchar(length=200, null=False, required=True, default=None)
    region = Varchar(length=6, null=False, required=True, default=None, index=True)
    kind = Varchar(length=12, null=False, required=True, default=None)
    controller = Varchar(length=18, null=False, default="", index=True)
    stage = Varchar(length=10, null=False, required=True, default=None, index=True)
    legal_rep = Varchar(length=40, null=False, default="")
    office = Varchar(length=200, null=False, default="")
    phone = Varchar(length=40, null=False, default="")
    bank_account = Varchar(length=60, null=False, default="")
    affiliation = Varchar(length=20, null=False, default="")
    affiliation_name = Varchar(length=120, null=False, default="")
    introduction = Text(null=False, default="")
    commitment = Bytea(null=True, default=None)
    committed_at = Timestamptz(null=True, default=None)
    entered_at = Timestamptz(null=False, required=True, default=None)
    filed_at = Timestamptz(null=True, default=None, index=True)
    check_due = Timestamptz(null=True, default=None)
    checked_at = Timestamptz(null=True, default=None)
    publicity_until = Timestamptz(null=True, default=None)
    active_at = Timestamptz(null=True, default=None)
    halted_by = Varchar(length=11, null=False, default="")
    halted_why = Varchar(length=1000, null=False, default="")
    halted_at = Timestamptz(null=True, default=None)
    returned = JSONB(null=True, default=None)
    law = JSONB(null=True, default=None)
    credit = SmallInt(null=False, default=100)
    words = Text(null=False, default="")
    grams = Array(base_column=Varchar(length=2), null=False, default=list)
    facets = Array(base_column=Varchar(length=24), null=False, default=list)
    band = SmallInt(null=False, default=0)
    rating_sum = Integer(null=False, default=0)
    rating_count = Integer(null=False, default=0)
    deliveries = Integer(null=False, default=0)
    delivery_days = Integer(null=False, default=0)
    late_deliveries = Integer(null=False, default=0)
    known_agency_stage = Check(
        "stage in ('applied', 'form_check', 'returned', 'publicity', 'active', 'suspended', 'cleared')"
    )
    known_halt = Check("halted_by in ('', 'certificate', 'decision', 'credit')")


class Certificate(Table, schema=SCHEMA, tablename="certificate", db=TRADING):
    """A qualification of an agency; `expires_at` is the first instant it no longer holds, null for one without end."""

    id = UUID(primary_key=True, default=None, null=False)
    agency = ForeignKey(Agency, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    kind = Varchar(length=24, null=False, required=True, default=None)
    grade = Varchar(length=20, null=False, default="")
    number = Varchar(length=60, null=False, required=True, default=None)
    issuer = Varchar(length=80, null=False, required=True, default=None)
    issued_on = Date(null=False, required=True, default=None)
    expires_at = Timestamptz(null=True, default=None, index=True)
    sha256 = Varchar(length=64, null=False, default="")
    media = Varchar(length=100, null=False, default="")
    size = BigInt(null=False, default=0)
    added_at = Timestamptz(null=False, required=True, default=None)
    checked_at = Timestamptz(null=True, default=None)
    refused = Varchar(length=400, null=False, default="")
    warned_at = Timestamptz(null=True, default=None)
    lapsed_at = Timestamptz(null=True, default=None)
    removed_at = Timestamptz(null=True, default=None)


class Practitioner(Table, schema=SCHEMA, tablename="practitioner", db=TRADING):
    """A qualified person who works for an agency; the number of his certificate may stand in one agency only."""

    id = UUID(primary_key=True, default=None, null=False)
    agency = ForeignKey(Agency, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    name = Varchar(length=40, null=False, required=True, default=None)
    profession = Varchar(length=40, null=False, required=True, default=None)
    number = Varchar(length=60, null=False, required=True, default=None)
    expires_at = Timestamptz(null=True, default=None)
    added_at = Timestamptz(null=False, required=True, default=None)
    removed_at = Timestamptz(null=True, default=None)


class Promise(Table, schema=SCHEMA, tablename="promise", db=TRADING):
    """An item an agency offers, with the price (yuan; null: by agreement) and working days it promises."""

    id = UUID(primary_key=True, default=None, null=False)
    agency = ForeignKey(Agency, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    item = ForeignKey(Item, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    price = Numeric(digits=(16, 2), null=True, default=None)
    days = SmallInt(null=False, required=True, default=None)
    says = Varchar(length=200, null=False, default="")
    since = Timestamptz(null=False, required=True, default=None)
    standing = Boolean(null=False, default=False)
    promise_once = Unique(["agency", "item"])
    promised_something = Check("days > 0 and (price is null or price > 0)")


class Avoidance(Table, schema=SCHEMA, tablename="avoidance", db=TRADING):
    """An owner whose requests an agency must keep away from, with the reason it gave."""

    id = UUID(primary_key=True, default=None, null=False)
    agency = ForeignKey(Agency, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    code = Varchar(length=18, null=False, required=True, default=None, index=True)
    name = Varchar(length=200, null=False, required=True, default=None)
    reason = Varchar(length=200, null=False, required=True, default=None)
    declared_at = Timestamptz(null=False, required=True, default=None)
    ended_at = Timestamptz(null=True, default=None)


class Charge(Table, schema=SCHEMA, tablename="charge", db=TRADING):
    """What an agency's credit lost or got back, for which event of credit.toml. Append-only; an appeal is a new row."""

    id = UUID(primary_key=True, default=None, null=False)
    agency = ForeignKey(Agency, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    event = Varchar(length=24, null=False, required=True, default=None)
    points = SmallInt(null=False, required=True, default=None)
    case = UUID(null=True, default=None, index=True)
    says = Varchar(length=400, null=False, default="")
    noted_at = Timestamptz(null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)
    until = Timestamptz(null=True, default=None)


class Owner(Table, schema=SCHEMA, tablename="owner", db=TRADING):
    """A project owner who entered the market: an organ, institution, enterprise, society, or a natural person."""

    id = UUID(primary_key=True, default=None, null=False)
    code = Varchar(length=18, null=False, required=True, default=None, unique=True)
    name = Varchar(length=200, null=False, required=True, default=None)
    kind = Varchar(length=12, null=False, required=True, default=None)
    region = Varchar(length=6, null=False, required=True, default=None, index=True)
    controller = Varchar(length=18, null=False, default="")
    contact = Varchar(length=80, null=False, required=True, default=None)
    complaints_phone = Varchar(length=40, null=False, required=True, default=None)
    committed_at = Timestamptz(null=False, required=True, default=None)


class Tally(Table, schema=SCHEMA, tablename="tally", db=TRADING):
    """How many agencies of the market have `facet`, of those that have `given` (empty: of all): the sum of `n`.

    Written by a trigger on agency as differences, so that no two acts wait for each other; folded by the clockwork.
    """

    id = UUID(primary_key=True, default=None, null=False)
    given = Varchar(length=24, null=False, required=True, default=None, index=True)
    facet = Varchar(length=24, null=False, required=True, default=None)
    n = Integer(null=False, required=True, default=None)
