"""The rows of an evaluation: sittings, reviews, questions, marks, reports and their signatures. Schema `bidding`."""

from piccolo.columns import (
    JSONB,
    UUID,
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

from bidding.tables.tenders import Lot
from kernel.db import TRADING


class Evaluation(Table, schema="bidding", tablename="evaluation", db=TRADING):
    """A sitting of the panel over a lot: the first, or one that takes up the report again. Append-only.

    `basis` is canonical JSON: method and formula with what the opening drew, and every bid with its corrected price.
    """

    id = UUID(primary_key=True, default=None, null=False)
    lot = ForeignKey(Lot, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    round = SmallInt(null=False, required=True, default=None)
    panel = UUID(null=False, required=True, default=None)
    basis = Bytea(null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    ground = Varchar(length=20, null=False, default="")
    says = Text(null=False, default="")
    at = Timestamptz(null=False, required=True, default=None)
    evaluation_round = Unique(["lot", "round"])


class Review(Table, schema="bidding", tablename="review", db=TRADING):
    """One member's review of one bid, or the purchaser's (seat is null); the newest counts. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    lot = ForeignKey(Lot, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    round = SmallInt(null=False, required=True, default=None)
    seat = UUID(null=True, default=None)
    bidder = Varchar(length=18, null=False, required=True, default=None)
    n = Integer(null=False, required=True, default=None)
    body = Bytea(null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)
    review_numbered = Unique(["lot", "n"])


class Clarification(Table, schema="bidding", tablename="clarification", db=TRADING):
    """What the panel asks a bidder in writing, and his answer, given once (实施条例 52)."""

    id = UUID(primary_key=True, default=None, null=False)
    lot = ForeignKey(Lot, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    round = SmallInt(null=False, required=True, default=None)
    seat = UUID(null=False, required=True, default=None)
    bidder = Varchar(length=18, null=False, required=True, default=None, index=True)
    organisation = UUID(null=False, required=True, default=None, index=True)
    kind = Varchar(length=9, null=False, required=True, default=None)
    text = Text(null=False, required=True, default=None)
    asked_at = Timestamptz(null=False, required=True, default=None)
    until = Timestamptz(null=False, required=True, default=None)
    answer = Text(null=False, default="")
    confirms = Boolean(null=True, default=None)
    answered_at = Timestamptz(null=True, default=None)
    clarification_kind = Check("kind in ('clarify', 'low_price', 'confirm')")


class ScoreSheet(Table, schema="bidding", tablename="score_sheet", db=TRADING):
    """One member's marks for all bids, as canonical JSON with a nonce; the newest counts. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    lot = ForeignKey(Lot, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    round = SmallInt(null=False, required=True, default=None)
    seat = UUID(null=False, required=True, default=None)
    n = Integer(null=False, required=True, default=None)
    body = Bytea(null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)
    sheet_numbered = Unique(["lot", "n"])


class VoidSeat(Table, schema="bidding", tablename="void_seat", db=TRADING):
    """A member who left: all he wrote in this lot is void (实施条例 48). Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    lot = ForeignKey(Lot, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    seat = UUID(null=False, required=True, default=None)
    number = SmallInt(null=False, required=True, default=None)
    sheets = JSONB(null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)
    void_once = Unique(["lot", "seat"])


class Report(Table, schema="bidding", tablename="report", db=TRADING):
    """评标报告 as drawn up when every member had scored, canonical JSON; to be signed until a moment. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    lot = ForeignKey(Lot, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    round = SmallInt(null=False, required=True, default=None)
    n = SmallInt(null=False, required=True, default=None)
    body = Bytea(null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    sign_until = Timestamptz(null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)
    report_numbered = Unique(["lot", "n"])


class Signature(Table, schema="bidding", tablename="signature", db=TRADING):
    """One member under a report: signed, dissenting in writing, or silent and so agreed (视为同意). Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    report = ForeignKey(Report, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    seat = UUID(null=False, required=True, default=None)
    number = SmallInt(null=False, required=True, default=None)
    kind = Varchar(length=8, null=False, required=True, default=None)
    text = Text(null=False, default="")
    at = Timestamptz(null=False, required=True, default=None)
    signed_once = Unique(["report", "seat"])
    signature_kind = Check("kind in ('signed', 'dissent', 'deemed') and (kind = 'dissent') = (text <> '')")


class SignedReport(Table, schema="bidding", tablename="signed_report", db=TRADING):
    """The report with all signatures: closed to any change. `changed`: the ranking is not what it was. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    report = ForeignKey(Report, null=False, required=True, default=None, unique=True, on_delete=OnDelete.restrict)
    lot = ForeignKey(Lot, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    body = Bytea(null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    changed = Boolean(null=False, default=False)
    at = Timestamptz(null=False, required=True, default=None)
