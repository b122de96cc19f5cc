"""The rows of a service after its agency was chosen: contract, results, ratings, package. Schema `intermediaries`."""

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigInt,
    Boolean,
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

from intermediaries.tables.items import SCHEMA
from intermediaries.tables.requests import Request
from kernel.db import TRADING


class ServiceContract(Table, schema=SCHEMA, tablename="service_contract", db=TRADING):
    """The contract as one side filed it; it counts when the other has confirmed. `sha256` is of the signed file."""

    id = UUID(primary_key=True, default=None, null=False)
    request = ForeignKey(Request, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    n = SmallInt(null=False, required=True, default=None)
    filed_by = Varchar(length=12, null=False, required=True, default=None)
    price = Numeric(digits=(16, 2), null=False, required=True, default=None)
    service_days = SmallInt(null=False, required=True, default=None)
    signed_on = Date(null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, default="")
    size = BigInt(null=False, default=0)
    label = Varchar(length=160, null=False, default="")
    filed_at = Timestamptz(null=False, required=True, default=None)
    confirmed_at = Timestamptz(null=True, default=None)
    refused = Varchar(length=1000, null=False, default="")
    contract_numbered = Unique(["request", "n"])
    contract_filer = Check("filed_by in ('owner', 'intermediary')")


class Delivery(Table, schema=SCHEMA, tablename="delivery", db=TRADING):
    """A result handed over, and what the owner said to it. `files` is a list of {label, size, sha256}."""

    id = UUID(primary_key=True, default=None, null=False)
    request = ForeignKey(Request, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    n = SmallInt(null=False, required=True, default=None)
    says = Text(null=False, default="")
    files = JSONB(null=False, required=True, default=None)
    delivered_at = Timestamptz(null=False, required=True, default=None)
    outcome = Varchar(length=8, null=False, default="")
    reasons = Text(null=False, default="")
    decided_at = Timestamptz(null=True, default=None)
    days = Integer(null=True, default=None)
    late = Boolean(null=False, default=False)
    delivery_numbered = Unique(["request", "n"])
    known_outcome_of_result = Check("outcome in ('', 'accepted', 'returned')")


class Rating(Table, schema=SCHEMA, tablename="rating", db=TRADING):
    """One rating of a finished service by one rater: its owner, the rule when he said nothing, or the department that
    used the result. `items` are the objective ones. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    request = ForeignKey(Request, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    agency = UUID(null=False, required=True, default=None, index=True)
    rater = Varchar(length=10, null=False, required=True, default=None)
    by_default = Boolean(null=False, default=False)
    stars = SmallInt(null=False, required=True, default=None)
    items = JSONB(null=False, required=True, default=None)
    tags = Array(base_column=Varchar(length=40), null=False, default=list)
    says = Text(null=False, default="")
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)
    rated_once = Unique(["request", "rater"])
    five_grades = Check("stars between 1 and 5 and rater in ('owner', 'department')")


class RatingAnswer(Table, schema=SCHEMA, tablename="rating_answer", db=TRADING):
    """What the agency says to a rating of its service. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    rating = ForeignKey(Rating, null=False, required=True, default=None, unique=True, on_delete=OnDelete.restrict)
    says = Text(null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)


class FollowUp(Table, schema=SCHEMA, tablename="follow_up", db=TRADING):
    """The return visit and rectification that a bad rating calls for (差评回访整改), due by a day."""

    id = UUID(primary_key=True, default=None, null=False)
    rating = ForeignKey(Rating, null=False, required=True, default=None, unique=True, on_delete=OnDelete.restrict)
    request = UUID(null=False, required=True, default=None, index=True)
    region = Varchar(length=6, null=False, required=True, default=None, index=True)
    opened_at = Timestamptz(null=False, required=True, default=None)
    due_at = Timestamptz(null=False, required=True, default=None, index=True)
    visited_at = Timestamptz(null=True, default=None)
    visit = Text(null=False, default="")
    rectified = Boolean(null=True, default=None)
    done_at = Timestamptz(null=True, default=None)


class RequestPackage(Table, schema=SCHEMA, tablename="request_package", db=TRADING):
    """The public evidence package of a request that has ended. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    request = ForeignKey(Request, null=False, required=True, default=None, unique=True, on_delete=OnDelete.restrict)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    size = BigInt(null=False, required=True, default=None)
    last_event = Integer(null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)
