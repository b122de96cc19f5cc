"""The kernel's rows: clock, answers, log, directives, jobs, messages. Schema `kernel`, in both databases."""

from piccolo.columns import (
    JSONB,
    UUID,
    BigInt,
    BigSerial,
    Boolean,
    Bytea,
    Integer,
    Interval,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from kernel.db import HOME, TRADING


class Mark(Table, schema="kernel", tablename="mark", db=HOME):
    """What this database is for; one row, never changed."""

    id = SmallInt(primary_key=True, default=1, null=False)
    mode = Varchar(length=12, null=False, required=True, default=None)
    made_at = Timestamptz(null=False, default=None)
    one_row = Check("id = 1")
    known_mode = Check("mode in ('production', 'demo', 'test')")


class Clock(Table, schema="kernel", tablename="clock", db=HOME):
    """How far the law's clock of a demo or test database stands from the server's; one row."""

    id = SmallInt(primary_key=True, default=1, null=False)
    shift = Interval(null=False, default=None)
    frozen_at = Timestamptz(null=True, default=None)
    one_row = Check("id = 1")


class Request(Table, schema="kernel", tablename="request", db=HOME):
    """The answer an act gave to one request id of one person, so that a repeat gets the same."""

    id = UUID(primary_key=True, default=None, null=False)
    person = UUID(null=True, default=None)
    act = Varchar(length=64, null=False, required=True, default=None)
    digest = Bytea(null=False, required=True, default=None)
    answer = JSONB(null=False, required=True, default=None)
    at = Timestamptz(null=False, default=None)


class CaseHead(Table, schema="kernel", tablename="case_head", db=HOME):
    """The last event of a case: its number and leaf; a convenience, re-derivable from the events."""

    case_key = Varchar(length=80, primary_key=True, default=None, null=False)
    n = Integer(null=False, default=0)
    leaf = Bytea(null=True, default=None)


class LogEvent(Table, schema="kernel", tablename="log_event", db=HOME):
    """What was done: the exact bytes that were hashed, and the private half; append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    case_key = Varchar(length=80, null=False, required=True, default=None)
    n = Integer(null=False, required=True, default=None)
    act = Varchar(length=64, null=False, required=True, default=None, index=True)
    body = Bytea(null=False, required=True, default=None)
    salt = Bytea(null=False, required=True, default=None)
    private = Bytea(null=False, required=True, default=None)
    private_salt = Bytea(null=False, required=True, default=None)
    leaf = Bytea(null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)
    numbered = Unique(["case_key", "n"])
    salted = Check("length(salt) = 32 and length(private_salt) = 32 and length(leaf) = 32 and n > 0")


class LogPending(Table, schema="kernel", tablename="log_pending", db=HOME):
    """Events that no tree has yet; filled by a trigger, emptied by the sequencer. No high-water mark.

    The number only orders what is there; within a case it runs as the events do: the case's head is locked.
    """

    id = BigSerial(primary_key=True, null=False)
    event = UUID(null=False, required=True, default=None, unique=True)


class LogLeaf(Table, schema="kernel", tablename="log_leaf", db=HOME):
    """The place of an event in the tree; `event` is null for a padding leaf. Append-only."""

    index = BigInt(primary_key=True, default=None, null=False)
    leaf = Bytea(null=False, required=True, default=None)
    event = UUID(null=True, default=None, unique=True)


class LogNode(Table, schema="kernel", tablename="log_node", db=HOME):
    """A perfect subtree of the tree (RFC 9162 §2.1), leaf hashes among them. Append-only.

    `place` numbers all of them in order: that of level l and position p is (2p + 1)·2^l - 1.
    """

    place = BigInt(primary_key=True, default=None, null=False)
    hash = Bytea(null=False, required=True, default=None)


class LogCheckpoint(Table, schema="kernel", tablename="log_checkpoint", db=HOME):
    """A signed tree head (C2SP tlog-checkpoint), one a size: no size has two roots here. Append-only."""

    size = BigInt(primary_key=True, default=None, null=False)
    root = Bytea(null=False, required=True, default=None)
    note = Bytea(null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)


class LogCosignature(Table, schema="kernel", tablename="log_cosignature", db=HOME):
    """A witness's signature line (C2SP cosignature/v1) over the checkpoint of this size. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    size = BigInt(null=False, required=True, default=None)
    witness = Varchar(length=200, null=False, required=True, default=None)
    line = Bytea(null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)
    cosigned_once = Unique(["size", "witness"])


class Directive(Table, schema="kernel", tablename="directive", db=TRADING):
    """The mailbox: a regulator's signed order on a case; `lifts` names the order it ends. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    case = UUID(null=False, required=True, default=None, index=True)
    kind = Varchar(length=16, null=False, required=True, default=None)
    lifts = UUID(null=True, default=None, index=True)
    body = Bytea(null=False, required=True, default=None)
    envelope = Bytea(null=False, required=True, default=None)
    until = Timestamptz(null=True, default=None)
    posted_at = Timestamptz(null=False, default=None)
    known_kind = Check("kind in ('suspend', 'resume', 'correct')")


class Decision(Table, schema="kernel", tablename="decision", db=TRADING):
    """The other mailbox: what the regulator's side has decided for a trading duty to carry out. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    kind = Varchar(length=20, null=False, required=True, default=None, index=True)
    subject = UUID(null=False, required=True, default=None, index=True)
    body = Bytea(null=False, required=True, default=None)
    envelope = Bytea(null=False, required=True, default=None)
    posted_at = Timestamptz(null=False, required=True, default=None)


class DecisionTaken(Table, schema="kernel", tablename="decision_taken", db=TRADING):
    """That a duty has carried a decision out, or why it could not (`problem`). Append-only."""

    decision = UUID(primary_key=True, default=None, null=False)
    problem = Varchar(length=400, null=False, default="")
    at = Timestamptz(null=False, required=True, default=None)


class Letter(Table, schema="kernel", tablename="letter", db=TRADING):
    """What the supervision side writes to an organisation of the traded side, signed. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    case = UUID(null=False, required=True, default=None, index=True)
    matter = UUID(null=False, required=True, default=None, index=True)
    organisation = UUID(null=False, required=True, default=None, index=True)
    body = Bytea(null=False, required=True, default=None)
    envelope = Bytea(null=False, required=True, default=None)
    posted_at = Timestamptz(null=False, required=True, default=None)


class LetterDelivered(Table, schema="kernel", tablename="letter_delivered", db=TRADING):
    """That a letter lies in its addressee's inbox, or why it could not (`problem`). Append-only."""

    letter = UUID(primary_key=True, default=None, null=False)
    problem = Varchar(length=400, null=False, default="")
    at = Timestamptz(null=False, required=True, default=None)


class LetterReply(Table, schema="kernel", tablename="letter_reply", db=TRADING):
    """What the addressee answered to a letter, with at most one file. Append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    letter = UUID(null=False, required=True, default=None, index=True)
    person = UUID(null=False, required=True, default=None)
    name = Varchar(length=80, null=False, required=True, default=None)
    text = Text(null=False, required=True, default=None)
    label = Varchar(length=160, null=False, default="")
    media = Varchar(length=100, null=False, default="")
    content = Bytea(null=True, default=None)
    sha256 = Varchar(length=64, null=False, default="")
    at = Timestamptz(null=False, required=True, default=None)


class Job(Table, schema="kernel", tablename="job", db=HOME):
    """What is due: leased by one process at a time, done once.

    `run_at` is an instant of the law's clock where `law_time`, else of the server's. `not_before` is the
    server's always; until then nobody takes the job: it is leased, or rests before its next try.
    """

    id = UUID(primary_key=True, default=None, null=False)
    kind = Varchar(length=48, null=False, required=True, default=None)
    dedup = Varchar(length=120, null=True, default=None, unique=True)
    payload = JSONB(null=False, required=True, default=None)
    law_time = Boolean(null=False, default=True)
    run_at = Timestamptz(null=False, required=True, default=None)
    not_before = Timestamptz(null=True, default=None)
    attempts = Integer(null=False, default=0)
    state = Varchar(length=8, null=False, required=True, default="ready")
    last_error = Text(null=True, default=None)
    done_at = Timestamptz(null=True, default=None)
    known_state = Check("state in ('ready', 'done', 'dead')")


class Message(Table, schema="kernel", tablename="message", db=HOME):
    """One message to one person or organisation in the inbox, from a template."""

    id = UUID(primary_key=True, default=None, null=False)
    person = UUID(null=True, default=None, index=True)
    organisation = UUID(null=True, default=None, index=True)
    template = Varchar(length=48, null=False, required=True, default=None)
    subject = Varchar(length=200, null=False, required=True, default=None)
    text = Text(null=False, required=True, default=None)
    link = Varchar(length=300, null=False, default="")
    sent_at = Timestamptz(null=False, required=True, default=None)
    read_at = Timestamptz(null=True, default=None)


class Outbox(Table, schema="kernel", tablename="outbox", db=HOME):
    """What a gateway (SMS, voice, mail) must deliver, with tries and the proof of delivery."""

    id = UUID(primary_key=True, default=None, null=False)
    message = UUID(null=False, required=True, default=None, index=True)
    gateway = Varchar(length=8, null=False, required=True, default=None)
    address = Varchar(length=200, null=False, required=True, default=None)
    attempts = Integer(null=False, default=0)
    due_at = Timestamptz(null=False, required=True, default=None)
    state = Varchar(length=9, null=False, required=True, default="waiting")
    last_error = Text(null=True, default=None)
    proof = JSONB(null=True, default=None)
    known_gateway = Check("gateway in ('sms', 'voice', 'mail')")
    known_state = Check("state in ('waiting', 'delivered', 'dead')")
