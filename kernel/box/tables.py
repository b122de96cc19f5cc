"""The box's rows: what is known of a lot, its holders, messages, sealed bids, and what opened. Schema `box`."""

from piccolo.columns import (
    JSONB,
    UUID,
    BigInt,
    Boolean,
    Bytea,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from kernel.db import TRADING

STATES = ("setup", "ready", "listed", "closed", "opening", "opened", "failed", "retired")


class Holder(Table, schema="box", tablename="holder", db=TRADING):
    """An officer who may hold a share: his signing key and the recipient of his master key."""

    id = UUID(primary_key=True, default=None, null=False)
    person = UUID(null=False, required=True, default=None, index=True)
    name = Varchar(length=60, null=False, required=True, default=None)
    role = Varchar(length=10, null=False, required=True, default=None)
    organisation = UUID(null=False, required=True, default=None, index=True)
    region = Varchar(length=6, null=False, required=True, default=None)
    public_key = Bytea(null=False, required=True, default=None, unique=True)
    recipient = Varchar(length=80, null=False, required=True, default=None)
    since = Timestamptz(null=False, required=True, default=None)
    until = Timestamptz(null=True, default=None)
    away_until = Timestamptz(null=True, default=None)
    known_role = Check("role in ('operator', 'regulator', 'purchaser')")


class Box(Table, schema="box", tablename="box", db=TRADING):
    """One lot's box. `stages` is the set-up's list; the hashes are hex SHA-256 of the exact stored bytes.

    `turn` is 2 once the later stages are opened: `report` opened the way to them, for the bids in `going_on` alone.
    """

    case = UUID(primary_key=True, default=None, null=False)
    tender = Varchar(length=60, null=False, required=True, default=None)
    lot = Varchar(length=20, null=False, required=True, default=None)
    region = Varchar(length=6, null=False, required=True, default=None)
    purchaser = UUID(null=False, required=True, default=None)
    mode = Varchar(length=11, null=False, required=True, default=None)
    stages = JSONB(null=False, required=True, default=None)
    minimum = SmallInt(null=False, required=True, default=None)
    window_minutes = Integer(null=False, required=True, default=None)
    fallback_minutes = Integer(null=False, required=True, default=None)
    rehearsal = Boolean(null=False, default=False)
    state = Varchar(length=8, null=False, required=True, default="setup", index=True)
    setup = Varchar(length=64, null=False, default="")
    ready_at = Timestamptz(null=True, default=None)
    notice = Varchar(length=64, null=False, default="")
    deadline = Varchar(length=64, null=False, default="")
    deadline_at = Timestamptz(null=True, default=None)
    deadline_signed = Boolean(null=False, default=False)
    sealing_open = Boolean(null=False, default=False)
    close = Varchar(length=64, null=False, default="")
    closed_at = Timestamptz(null=True, default=None)
    countersigned_at = Timestamptz(null=True, default=None)
    reveal_until = Timestamptz(null=True, default=None)
    fallback_until = Timestamptz(null=True, default=None)
    cure_until = Timestamptz(null=True, default=None)
    turn = SmallInt(null=False, default=1)
    report = Varchar(length=64, null=False, default="")
    going_on = JSONB(null=True, default=None)
    unique_lot = Unique(["tender", "lot"])
    known_mode = Check("mode in ('bidder', 'roles', 'bidder-only')")
    known_state = Check("state in ('setup','ready','listed','closed','opening','opened','failed','retired')")


class Message(Table, schema="box", tablename="message", db=TRADING):
    """What a party said to a box: exact bytes, DSSE; append-only. Each side writes only its own rows."""

    id = UUID(primary_key=True, default=None, null=False)
    case = UUID(null=False, required=True, default=None)
    kind = Varchar(length=12, null=False, required=True, default=None)
    role = Varchar(length=10, null=False, required=True, default=None)
    stage = Varchar(length=32, null=False, default="")
    author = Varchar(length=64, null=False, default="")
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    body = Bytea(null=False, required=True, default=None)
    envelope = Bytea(null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)
    message_once = Unique(["case", "kind", "role", "stage", "author", "sha256"])
    known_role = Check("role in ('platform', 'operator', 'regulator', 'purchaser', 'bidder')")
    kinds = Check(
        "kind in ('key','setup','deadline','list','close','countersign','reveal','attest','release','cure',"
        "'test','tested','audit')"
    )


class Taken(Table, schema="box", tablename="taken", db=TRADING):
    """Messages that the trading side has verified, or refused with a reason, and put on the log; append-only."""

    message = UUID(primary_key=True, default=None, null=False)
    event = UUID(null=False, required=True, default=None)
    refused = Varchar(length=60, null=False, default="")


class Wrap(Table, schema="box", tablename="wrap", db=TRADING):
    """The private half of a holder's stage key, sealed (age) to his master; deleted when the lot is retired."""

    id = UUID(primary_key=True, default=None, null=False)
    case = UUID(null=False, required=True, default=None)
    kid = Varchar(length=16, null=False, required=True, default=None)
    wrapped = Bytea(null=False, required=True, default=None)
    wrap_once = Unique(["case", "kid"])


class Chain(Table, schema="box", tablename="chain", db=TRADING):
    """One bidder in one box: his bid id and the key that signs the whole chain."""

    id = UUID(primary_key=True, default=None, null=False)
    case = UUID(null=False, required=True, default=None)
    bidder = Varchar(length=18, null=False, required=True, default=None)
    organisation = UUID(null=False, required=True, default=None)
    bid_id = Varchar(length=32, null=False, required=True, default=None)
    public_key = Bytea(null=False, required=True, default=None)
    one_chain = Unique(["case", "bidder"])


class Bid(Table, schema="box", tablename="bid", db=TRADING):
    """A sealed bid or a withdrawal as it arrived, and the receipt given for it; append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    chain = UUID(null=False, required=True, default=None)
    case = UUID(null=False, required=True, default=None, index=True)
    seq = Integer(null=False, required=True, default=None)
    kind = Varchar(length=8, null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, required=True, default=None, unique=True)
    body = Bytea(null=False, required=True, default=None)
    envelope = Bytea(null=False, required=True, default=None)
    receipt = Bytea(null=False, required=True, default=None)
    event = UUID(null=False, required=True, default=None)
    received = Timestamptz(null=False, required=True, default=None)
    in_order = Unique(["chain", "seq"])
    known_kind = Check("kind in ('bid', 'withdraw')")


class BidFile(Table, schema="box", tablename="bid_file", db=TRADING):
    """Where the bytes of one sealed file lie; a carried-over stage points at the bytes it was sent with."""

    id = UUID(primary_key=True, default=None, null=False)
    bid = UUID(null=False, required=True, default=None)
    stage = Varchar(length=32, null=False, required=True, default=None)
    n = SmallInt(null=False, required=True, default=None)
    size = BigInt(null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    placed = Unique(["bid", "stage", "n"])


class Seed(Table, schema="box", tablename="seed", db=TRADING):
    """A stage seed that met its commitment, and the way it came; append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    bid = Varchar(length=64, null=False, required=True, default=None)
    case = UUID(null=False, required=True, default=None, index=True)
    stage = Varchar(length=32, null=False, required=True, default=None)
    seed = Bytea(null=False, required=True, default=None)
    way = Varchar(length=8, null=False, required=True, default=None)
    seed_once = Unique(["bid", "stage"])
    known_way = Check("way in ('reveal', 'release')")


class Verdict(Table, schema="box", tablename="verdict", db=TRADING):
    """What was found of one bid at the opening, and who is at fault (specification §7); append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    bid = Varchar(length=64, null=False, required=True, default=None)
    case = UUID(null=False, required=True, default=None, index=True)
    stage = Varchar(length=32, null=False, required=True, default=None)
    outcome = Varchar(length=9, null=False, required=True, default=None)
    culprit = Varchar(length=10, null=False, default="")
    code = Varchar(length=40, null=False, required=True, default=None)
    says = Text(null=False, required=True, default=None)
    index = JSONB(null=True, default=None)
    verdict_once = Unique(["bid", "stage"])
    known_outcome = Check("outcome in ('opened', 'revoked', 'withdrawn')")


class Rehearsal(Table, schema="box", tablename="rehearsal", db=TRADING):
    """A rehearsed opening of a lot: its own box `case`, what its played bidders sealed, and the report that ended it.

    `sealed` maps SHA-256 → base64 of a sealed index; `played` maps bidder → {price, seeds}. Nothing of it is secret.
    """

    case = UUID(primary_key=True, default=None, null=False)
    of = UUID(null=False, required=True, default=None, index=True)
    asked_by = Varchar(length=60, null=False, required=True, default=None)
    asked_at = Timestamptz(null=False, required=True, default=None)
    opens_at = Timestamptz(null=False, required=True, default=None)
    sealed = JSONB(null=False, default="{}")
    played = JSONB(null=False, default="{}")
    report = Bytea(null=True, default=None)
    checkpoint = Text(null=False, default="")
    ended_at = Timestamptz(null=True, default=None)


class Rehearsed(Table, schema="box", tablename="rehearsed", db=TRADING):
    """An event of a rehearsal: the same bytes as in the log, kept apart, under an origin of its own; append-only."""

    id = UUID(primary_key=True, default=None, null=False)
    case = UUID(null=False, required=True, default=None)
    n = Integer(null=False, required=True, default=None)
    act = Varchar(length=40, null=False, required=True, default=None)
    body = Bytea(null=False, required=True, default=None)
    salt = Bytea(null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)
    rehearsed_in_order = Unique(["case", "n"])
