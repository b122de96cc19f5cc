"""The rows of a tender: project, lot, notices, documents, contacts, objections, records. Schema `bidding`."""

from piccolo.columns import (
    JSONB,
    UUID,
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

from kernel.db import TRADING


class Project(Table, schema="bidding", tablename="project", db=TRADING):
    """What is to be bought, as approved; its code never changes."""

    id = UUID(primary_key=True, default=None, null=False)
    code = Varchar(length=20, null=False, required=True, default=None, unique=True)
    name = Varchar(length=200, null=False, required=True, default=None)
    category = Varchar(length=3, null=False, required=True, default=None, index=True)
    region = Varchar(length=6, null=False, required=True, default=None, index=True)
    department = Varchar(length=20, null=False, required=True, default=None, index=True)
    purchaser = UUID(null=False, required=True, default=None, index=True)
    purchaser_name = Varchar(length=120, null=False, required=True, default=None)
    agent = UUID(null=True, default=None, index=True)
    agent_name = Varchar(length=120, null=False, default="")
    approval = Varchar(length=120, null=False, default="")
    investment_code = Varchar(length=24, null=False, default="")
    funding = Varchar(length=200, null=False, default="")
    scope = Text(null=False, default="")
    registered_at = Timestamptz(null=False, required=True, default=None)


class Lot(Table, schema="bidding", tablename="lot", db=TRADING):
    """One 标段: the case that everything hangs on. Money in yuan."""

    id = UUID(primary_key=True, default=None, null=False)
    project = ForeignKey(Project, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    code = Varchar(length=23, null=False, required=True, default=None, unique=True)
    number = Varchar(length=3, null=False, required=True, default=None)
    name = Varchar(length=200, null=False, required=True, default=None)
    procedure = Varchar(length=48, null=False, required=True, default=None)
    mode = Varchar(length=11, null=False, required=True, default=None)
    stage = Varchar(length=12, null=False, required=True, default=None, index=True)
    estimate = Numeric(digits=(16, 2), null=False, required=True, default=None)
    ceiling = Numeric(digits=(16, 2), null=True, default=None)
    deposit = Numeric(digits=(16, 2), null=False, default=None)
    window_minutes = Integer(null=False, required=True, default=None)
    returned = JSONB(null=True, default=None)
    law = JSONB(null=True, default=None)
    law_day = Date(null=True, default=None)
    published_at = Timestamptz(null=True, default=None, index=True)
    documents_until = Timestamptz(null=True, default=None)
    deadline = Timestamptz(null=True, default=None, index=True)
    place = Varchar(length=200, null=False, default="")
    tries = SmallInt(null=False, default=1)
    opened_at = Timestamptz(null=True, default=None)
    session_until = Timestamptz(null=True, default=None)
    publicity_from = Timestamptz(null=True, default=None)
    publicity_until = Timestamptz(null=True, default=None, index=True)
    failure = Varchar(length=400, null=False, default="")
    one_number = Unique(["project", "number"])
    some_money = Check("estimate > 0 and deposit >= 0 and (ceiling is null or ceiling > 0)")


class Notice(Table, schema="bidding", tablename="notice", db=TRADING):
    """A published text of a lot, numbered; `body` is canonical JSON, hashed as it stands. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    lot = ForeignKey(Lot, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    n = SmallInt(null=False, required=True, default=None)
    kind = Varchar(length=10, null=False, required=True, default=None)
    title = Varchar(length=240, null=False, required=True, default=None)
    body = Bytea(null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    published_at = Timestamptz(null=False, required=True, default=None, index=True)
    numbered = Unique(["lot", "n"])
    known_kind = Check(
        "kind in ('notice', 'amendment', 'opening', 'failure', 'candidates', 'award', 'suspended', 'resumed')"
    )


class Document(Table, schema="bidding", tablename="document", db=TRADING):
    """A file of the tender documents, free to download. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    lot = ForeignKey(Lot, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    notice = SmallInt(null=False, required=True, default=None)
    label = Varchar(length=160, null=False, required=True, default=None)
    media = Varchar(length=100, null=False, required=True, default=None)
    size = BigInt(null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, required=True, default=None)


class Contact(Table, schema="bidding", tablename="contact", db=TRADING):
    """Somebody who wants to be told of changes: the address sealed, so that nobody can list who asks."""

    id = UUID(primary_key=True, default=None, null=False)
    lot = ForeignKey(Lot, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    match = Bytea(null=False, required=True, default=None)
    sealed = Bytea(null=False, required=True, default=None)
    contact_once = Unique(["lot", "match"])


class Objection(Table, schema="bidding", tablename="objection", db=TRADING):
    """An objection and its answer, `about` the opening (raised in the session) or the result (实施条例 44, 54)."""

    id = UUID(primary_key=True, default=None, null=False)
    lot = ForeignKey(Lot, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    organisation = UUID(null=False, required=True, default=None)
    organisation_name = Varchar(length=120, null=False, required=True, default=None)
    text = Text(null=False, required=True, default=None)
    raised_at = Timestamptz(null=False, required=True, default=None)
    answer = Text(null=False, default="")
    answered_at = Timestamptz(null=True, default=None)
    about = Varchar(length=8, null=False, default="opening")


class Opening(Table, schema="bidding", tablename="opening", db=TRADING):
    """The opening record (开标记录): canonical JSON, and its PDF. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    lot = ForeignKey(Lot, null=False, required=True, default=None, unique=True, on_delete=OnDelete.restrict)
    body = Bytea(null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)


class Archive(Table, schema="bidding", tablename="archive", db=TRADING):
    """The two evidence packages of a finished lot. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    lot = ForeignKey(Lot, null=False, required=True, default=None, unique=True, on_delete=OnDelete.restrict)
    public_sha256 = Varchar(length=64, null=False, required=True, default=None)
    public_size = BigInt(null=False, required=True, default=None)
    archive_sha256 = Varchar(length=64, null=False, required=True, default=None)
    archive_size = BigInt(null=False, required=True, default=None)
    last_event = Integer(null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)


class Paper(Table, schema="bidding", tablename="paper", db=TRADING):
    """What came after the opening, as canonical JSON: award, contract, refund, report … (results.py). Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    lot = ForeignKey(Lot, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    n = SmallInt(null=False, required=True, default=None)
    kind = Varchar(length=12, null=False, required=True, default=None)
    body = Bytea(null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)
    paper_numbered = Unique(["lot", "n"])
    paper_kind = Check(
        "kind in ('award', 'contract', 'confirmation', 'refund', 'statement', 'suspension', 'resumption', 'package')"
    )


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
