"""The rows of a tender: project, lot, notices, documents, contacts, objections, records. Schema `bidding`."""

from piccolo.columns import (
    JSONB,
    UUID,
    BigInt,
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


class Attendance(Table, schema="bidding", tablename="attendance", db=TRADING):
    """签到: who came to the opening, in which capacity, once for each organisation. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    lot = ForeignKey(Lot, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    organisation = UUID(null=False, required=True, default=None)
    organisation_name = Varchar(length=120, null=False, required=True, default=None)
    role = Varchar(length=12, null=False, required=True, default=None)
    person = UUID(null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)
    came_once = Unique(["lot", "organisation", "role"])


class OpeningSignature(Table, schema="bidding", tablename="opening_signature", db=TRADING):
    """A party under the opening record it has read: `sha256` is the record's, and each is signed once. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    lot = ForeignKey(Lot, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    organisation = UUID(null=False, required=True, default=None)
    organisation_name = Varchar(length=120, null=False, required=True, default=None)
    role = Varchar(length=12, null=False, required=True, default=None)
    person = UUID(null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    remark = Text(null=False, default="")
    at = Timestamptz(null=False, required=True, default=None)
    opening_signed_once = Unique(["lot", "organisation", "role", "sha256"])


class Opening(Table, schema="bidding", tablename="opening", db=TRADING):
    """The opening record (开标记录): canonical JSON, and its PDF. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    lot = ForeignKey(Lot, null=False, required=True, default=None, unique=True, on_delete=OnDelete.restrict)
    body = Bytea(null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)


class FirstOpening(Table, schema="bidding", tablename="first_opening", db=TRADING):
    """双信封: the record of the first envelope's opening; `opening` then holds that of both. Append-only."""

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
