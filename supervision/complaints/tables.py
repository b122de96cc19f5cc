"""The rows of complaints: the complaint, what was done with it, its papers. Schema `complaints`."""

from piccolo.columns import JSONB, UUID, Bytea, Date, ForeignKey, OnDelete, Text, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from kernel.db import HOME


class Complaint(Table, schema="complaints", tablename="complaint", db=HOME):
    """One complaint as filed, and where it stands. What was filed never changes; a trigger holds to it."""

    id = UUID(primary_key=True, default=None, null=False)
    number = Varchar(length=24, null=False, required=True, default=None, unique=True)
    case = UUID(null=False, required=True, default=None, index=True)
    case_code = Varchar(length=40, null=False, required=True, default=None)
    case_title = Varchar(length=400, null=False, required=True, default=None)
    region = Varchar(length=6, null=False, required=True, default=None, index=True)
    department = Varchar(length=20, null=False, required=True, default=None)
    track = Varchar(length=12, null=False, required=True, default=None)
    topic = Varchar(length=16, null=False, required=True, default=None)
    respondent = Varchar(length=200, null=False, required=True, default=None)
    claims = Text(null=False, required=True, default=None)
    grounds = Text(null=False, required=True, default=None)
    cause_known = Date(null=False, required=True, default=None)
    objected = Date(null=True, default=None)
    replied = Date(null=True, default=None)
    doubts = JSONB(null=False, required=True, default=None)
    person = UUID(null=True, default=None)
    name = Varchar(length=80, null=False, required=True, default=None)
    organisation_code = Varchar(length=18, null=False, default="")
    organisation_name = Varchar(length=200, null=False, default="")
    phone = Varchar(length=20, null=False, required=True, default=None)
    door = Varchar(length=12, null=False, required=True, default=None)
    introduction = Varchar(length=64, null=False, default="")
    entered_by = UUID(null=True, default=None)
    code_digest = Bytea(null=False, required=True, default=None)
    filed_at = Timestamptz(null=False, required=True, default=None, index=True)
    stage = Varchar(length=10, null=False, required=True, default=None, index=True)
    admitted_at = Timestamptz(null=True, default=None)
    first = UUID(null=True, default=None)
    first_name = Varchar(length=80, null=False, default="")
    second = UUID(null=True, default=None)
    second_name = Varchar(length=80, null=False, default="")
    drafted_by = UUID(null=True, default=None)
    outcome = Varchar(length=12, null=False, default="")
    decision = Text(null=False, default="")
    two_officers = Check("first is null or second is null or first <> second")
    known_door = Check("door in ('introduced', 'counter')")
    known_outcome = Check("outcome in ('', 'upheld', 'partly', 'rejected')")


class Entry(Table, schema="complaints", tablename="entry", db=HOME):
    """One thing that was done with a complaint, by whom and why. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    complaint = ForeignKey(Complaint, null=False, default=None, index=True, on_delete=OnDelete.restrict)
    act = Varchar(length=12, null=False, required=True, default=None)
    person = UUID(null=True, default=None)
    name = Varchar(length=80, null=False, default="")
    says = Text(null=False, default="")
    facts = JSONB(null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)


class Paper(Table, schema="complaints", tablename="paper", db=HOME):
    """A paper of a complaint: evidence handed in, the refusal, the decision, the proof of service. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    complaint = ForeignKey(Complaint, null=False, default=None, index=True, on_delete=OnDelete.restrict)
    kind = Varchar(length=10, null=False, required=True, default=None)
    label = Varchar(length=160, null=False, required=True, default=None)
    media = Varchar(length=100, null=False, required=True, default=None)
    body = Bytea(null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)
    known_kind = Check("kind in ('evidence', 'refusal', 'decision', 'service')")
