"""The rows of a request: its published texts, who applied, who was chosen. Schema `intermediaries`."""

from piccolo.columns import (
    JSONB,
    UUID,
    Bytea,
    ForeignKey,
    Numeric,
    OnDelete,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from intermediaries.tables.items import SCHEMA
from kernel.db import TRADING


class Request(Table, schema=SCHEMA, tablename="request", db=TRADING):
    """One purchase of a service: the case that everything below hangs on. Money in yuan.

    `project` is the first request of a chain of announcements. `mode_row` is the row of modes.toml, `item_row` the
    catalogue's, `law` the limits: all as on the day of the notice.
    """

    id = UUID(primary_key=True, default=None, null=False)
    code = Varchar(length=20, null=False, required=True, default=None, unique=True)
    name = Varchar(length=200, null=False, required=True, default=None)
    stage = Varchar(length=10, null=False, required=True, default=None, index=True)
    owner = UUID(null=False, required=True, default=None, index=True)
    owner_code = Varchar(length=18, null=False, required=True, default=None)
    owner_name = Varchar(length=200, null=False, required=True, default=None)
    owner_controller = Varchar(length=18, null=False, default="")
    by_agent = UUID(null=True, default=None)
    region = Varchar(length=6, null=False, required=True, default=None, index=True)
    department = Varchar(length=20, null=False, required=True, default=None, index=True)
    item = UUID(null=False, required=True, default=None, index=True)
    item_code = Varchar(length=16, null=False, required=True, default=None)
    item_name = Varchar(length=80, null=False, required=True, default=None)
    item_version = SmallInt(null=False, required=True, default=None)
    item_row = JSONB(null=False, required=True, default=None)
    mode = Varchar(length=24, null=False, required=True, default=None)
    mode_row = JSONB(null=False, required=True, default=None)
    fiscal_percent = SmallInt(null=False, required=True, default=None)
    amount = Numeric(digits=(16, 2), null=True, default=None)
    amount_says = Varchar(length=200, null=False, default="")
    lowest = Numeric(digits=(16, 2), null=True, default=None)
    highest = Numeric(digits=(16, 2), null=True, default=None)
    terms = JSONB(null=False, required=True, default=None)
    service_days = SmallInt(null=False, required=True, default=None)
    complaints_phone = Varchar(length=40, null=False, default="")
    law = JSONB(null=False, required=True, default=None)
    published_at = Timestamptz(null=False, required=True, default=None, index=True)
    apply_until = Timestamptz(null=True, default=None, index=True)
    closed_at = Timestamptz(null=True, default=None)
    toss = UUID(null=True, default=None)
    agency = UUID(null=True, default=None, index=True)
    agency_name = Varchar(length=200, null=False, default="")
    signed_at = Timestamptz(null=True, default=None)
    finished_at = Timestamptz(null=True, default=None)
    failure = Varchar(length=400, null=False, default="")
    project = UUID(null=False, required=True, default=None, index=True)
    known_request_stage = Check(
        "stage in ('open', 'closed', 'selected', 'accepted', 'contracted', 'delivered', 'completed', 'failed',"
        " 'withdrawn')"
    )
    request_money = Check("fiscal_percent between 0 and 100 and (amount is null or amount > 0) and service_days > 0")


class RequestText(Table, schema=SCHEMA, tablename="request_text", db=TRADING):
    """A published text of a request, numbered; `body` is canonical JSON, hashed as it stands. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    request = ForeignKey(Request, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    n = SmallInt(null=False, required=True, default=None)
    kind = Varchar(length=10, null=False, required=True, default=None)
    title = Varchar(length=240, null=False, required=True, default=None)
    body = Bytea(null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None, index=True)
    text_numbered = Unique(["request", "n"])
    known_text = Check("kind in ('notice', 'withdrawn', 'opening', 'selection', 'failure', 'suspended', 'resumed')")


class Application(Table, schema=SCHEMA, tablename="application", db=TRADING):
    """Who applied; nobody but the agency itself may see it before the close. `record` is what the draw's list holds."""

    id = UUID(primary_key=True, default=None, null=False)
    request = ForeignKey(Request, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    agency = UUID(null=False, required=True, default=None, index=True)
    organisation = UUID(null=False, required=True, default=None, index=True)
    code = Varchar(length=18, null=False, required=True, default=None)
    name = Varchar(length=200, null=False, required=True, default=None)
    controller = Varchar(length=18, null=False, default="")
    record = Bytea(null=False, required=True, default=None)
    says = Varchar(length=1000, null=False, default="")
    applied_at = Timestamptz(null=False, required=True, default=None)
    left_at = Timestamptz(null=True, default=None)
    shut = Varchar(length=200, null=False, default="")
    applied_once = Unique(["request", "organisation"])


class Choice(Table, schema=SCHEMA, tablename="choice", db=TRADING):
    """Exactly what the chooser saw (`body`, canonical JSON), whom he picked and why. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    request = ForeignKey(Request, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    n = SmallInt(null=False, required=True, default=None)
    body = Bytea(null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    agency = UUID(null=False, required=True, default=None)
    reason = Varchar(length=1000, null=False, required=True, default=None)
    chosen_by = UUID(null=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)
    choice_numbered = Unique(["request", "n"])


class Selection(Table, schema=SCHEMA, tablename="selection", db=TRADING):
    """The n-th agency asked, and what it answered until when."""

    id = UUID(primary_key=True, default=None, null=False)
    request = ForeignKey(Request, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    n = SmallInt(null=False, required=True, default=None)
    agency = UUID(null=False, required=True, default=None, index=True)
    organisation = UUID(null=False, required=True, default=None, index=True)
    code = Varchar(length=18, null=False, required=True, default=None)
    name = Varchar(length=200, null=False, required=True, default=None)
    price = Numeric(digits=(16, 2), null=True, default=None)
    text_sha256 = Varchar(length=64, null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)
    answer_until = Timestamptz(null=False, required=True, default=None)
    answer = Varchar(length=8, null=False, default="")
    reason = Varchar(length=1000, null=False, default="")
    answered_at = Timestamptz(null=True, default=None)
    selection_numbered = Unique(["request", "n"])
    known_answer = Check("answer in ('', 'accepted', 'declined', 'lapsed')")
