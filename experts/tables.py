"""The rows of experts and panels; schema `experts`, trading database.

What an expert is, knows, is tied to and has no time for is kept with when it became known and when it ceased to be
(`known_from`, `known_until`): a list of candidates can be made again as it was when it was fixed. Who of them sits on
a panel is not here before the names are opened: a drawn seat holds the leaf of the draw and the hash of a slip.
"""

from piccolo.columns import (
    JSONB,
    UUID,
    Boolean,
    Date,
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

from kernel.db import TRADING


class Batch(Table, schema="experts", tablename="batch", db=TRADING):
    """One sheet of experts brought in by the centre; the pool's owner decides on it as a whole."""

    id = UUID(primary_key=True, default=None, null=False)
    region = Varchar(length=6, null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    people = Integer(null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)
    decided = Varchar(length=16, null=False, default="")


class Expert(Table, schema="experts", tablename="expert", db=TRADING):
    """One person of the pool, on the judges' side of the accounts."""

    id = UUID(primary_key=True, default=None, null=False)
    person = UUID(null=False, required=True, default=None, unique=True)
    born = Date(null=False, required=True, default=None)
    batch = ForeignKey(Batch, null=True, default=None, index=True, on_delete=OnDelete.restrict)
    applied_at = Timestamptz(null=False, required=True, default=None)


class Standing(Table, schema="experts", tablename="standing", db=TRADING):
    """How an expert stands; the newest has no `known_until`."""

    id = UUID(primary_key=True, default=None, null=False)
    expert = ForeignKey(Expert, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    name = Varchar(length=80, null=False, required=True, default=None)
    phone = Varchar(length=20, null=False, required=True, default=None)
    region = Varchar(length=6, null=False, required=True, default=None)
    title_level = Varchar(length=12, null=False, required=True, default=None)
    title = Varchar(length=80, null=False, required=True, default=None)
    years = SmallInt(null=False, required=True, default=None)
    employer_code = Varchar(length=18, null=False, default="")
    employer_name = Varchar(length=200, null=False, required=True, default=None)
    stage = Varchar(length=10, null=False, required=True, default=None)
    expires_on = Date(null=True, default=None)
    says = Varchar(length=1000, null=False, default="")
    known_from = Timestamptz(null=False, required=True, default=None)
    known_until = Timestamptz(null=True, default=None)
    known_expert_stage = Check("stage in ('applied', 'admitted', 'refused', 'suspended')")


class Practice(Table, schema="experts", tablename="practice", db=TRADING):
    """A profession of an expert, by the national classification."""

    id = UUID(primary_key=True, default=None, null=False)
    expert = ForeignKey(Expert, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    profession = Varchar(length=8, null=False, required=True, default=None)
    known_from = Timestamptz(null=False, required=True, default=None)
    known_until = Timestamptz(null=True, default=None)


class ExpertTie(Table, schema="experts", tablename="tie", db=TRADING):
    """A relation to a unit that may call for avoidance; his employers are ties too."""

    id = UUID(primary_key=True, default=None, null=False)
    expert = ForeignKey(Expert, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    kind = Varchar(length=24, null=False, required=True, default=None)
    code = Varchar(length=40, null=False, default="")
    name = Varchar(length=200, null=False, default="")
    since = Date(null=True, default=None)
    until = Date(null=True, default=None)
    known_from = Timestamptz(null=False, required=True, default=None)
    known_until = Timestamptz(null=True, default=None)
    tied_to_somebody = Check("code <> '' or name <> ''")


class ExpertMark(Table, schema="experts", tablename="mark", db=TRADING):
    """Something on an expert's record that calls for avoidance."""

    id = UUID(primary_key=True, default=None, null=False)
    expert = ForeignKey(Expert, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    kind = Varchar(length=24, null=False, required=True, default=None)
    on = Date(null=False, required=True, default=None)
    says = Varchar(length=1000, null=False, default="")
    known_from = Timestamptz(null=False, required=True, default=None)
    known_until = Timestamptz(null=True, default=None)


class Slot(Table, schema="experts", tablename="slot", db=TRADING):
    """A time an expert has none: said by himself, or on a panel whose names are opened."""

    id = UUID(primary_key=True, default=None, null=False)
    expert = ForeignKey(Expert, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    since = Timestamptz(null=False, required=True, default=None)
    until = Timestamptz(null=False, required=True, default=None)
    why = Varchar(length=8, null=False, required=True, default=None)
    known_from = Timestamptz(null=False, required=True, default=None)
    known_until = Timestamptz(null=True, default=None)
    slot_runs_forward = Check("until > since")
    known_why = Check("why in ('own', 'panel')")


class Evidence(Table, schema="experts", tablename="evidence", db=TRADING):
    """A file that an expert's application rests on."""

    id = UUID(primary_key=True, default=None, null=False)
    expert = ForeignKey(Expert, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    label = Varchar(length=160, null=False, required=True, default=None)
    media = Varchar(length=100, null=False, required=True, default=None)
    size = Integer(null=False, required=True, default=None)
    sha256 = Varchar(length=64, null=False, required=True, default=None)
    at = Timestamptz(null=False, required=True, default=None)


class Panel(Table, schema="experts", tablename="panel", db=TRADING):
    """One panel of one lot. `fixed_at`: the instant as of which its list was made; `share` as in 2/3."""

    id = UUID(primary_key=True, default=None, null=False)
    lot = UUID(null=False, required=True, default=None, index=True)
    n = SmallInt(null=False, required=True, default=None)
    code = Varchar(length=40, null=False, required=True, default=None)
    title = Varchar(length=240, null=False, required=True, default=None)
    procedure = Varchar(length=48, null=False, required=True, default=None)
    category = Varchar(length=3, null=False, required=True, default=None)
    region = Varchar(length=6, null=False, required=True, default=None, index=True)
    department = Varchar(length=200, null=False, required=True, default=None)
    purchaser = UUID(null=False, required=True, default=None, index=True)
    agent = UUID(null=True, default=None, index=True)
    project = UUID(null=False, required=True, default=None)
    stage = Varchar(length=10, null=False, required=True, default=None, index=True)
    size = SmallInt(null=False, required=True, default=None)
    owners = SmallInt(null=False, required=True, default=None)
    least = SmallInt(null=False, required=True, default=None)
    share = Varchar(length=8, null=False, required=True, default=None)
    employer_cap = SmallInt(null=False, required=True, default=None)
    owner_may_chair = Boolean(null=False, required=True, default=None)
    scope = Varchar(length=6, null=False, required=True, default=None)
    evaluation_at = Timestamptz(null=False, required=True, default=None, index=True)
    evaluation_until = Timestamptz(null=False, required=True, default=None)
    place = Varchar(length=200, null=False, required=True, default=None)
    trade = Varchar(length=80, null=False, required=True, default=None)
    reply_minutes = SmallInt(null=False, required=True, default=None)
    law = Text(null=False, required=True, default=None)
    toss = UUID(null=True, default=None, unique=True)
    attended = Boolean(null=False, default=False)
    requested_at = Timestamptz(null=False, required=True, default=None)
    fixed_at = Timestamptz(null=True, default=None)
    pool_root = Varchar(length=64, null=False, default="")
    counts = JSONB(null=True, default=None)
    bidders_at = Timestamptz(null=True, default=None)
    names_asked_at = Timestamptz(null=True, default=None)
    names_at = Timestamptz(null=True, default=None)
    audit_asked_at = Timestamptz(null=True, default=None)
    same_employer = SmallInt(null=True, default=None)
    not_avoided = SmallInt(null=True, default=None)
    why = Varchar(length=400, null=False, default="")
    numbered_panel = Unique(["lot", "n"])
    panel_runs_forward = Check("evaluation_until > evaluation_at")


class Stratum(Table, schema="experts", tablename="stratum", db=TRADING):
    """How many of one profession a panel asks for, in the order asked; spares are called as well and wait."""

    id = UUID(primary_key=True, default=None, null=False)
    panel = ForeignKey(Panel, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    place = SmallInt(null=False, required=True, default=None)
    profession = Varchar(length=8, null=False, required=True, default=None)
    quota = SmallInt(null=False, required=True, default=None)
    spares = SmallInt(null=False, required=True, default=None)
    profession_once = Unique(["panel", "profession"])
    some_quota = Check("quota > 0 and spares >= 0")


class PanelParty(Table, schema="experts", tablename="party", db=TRADING):
    """Whom the panel's members must not be close to, and from when that was known; `controllers`: credit codes."""

    id = UUID(primary_key=True, default=None, null=False)
    panel = ForeignKey(Panel, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    role = Varchar(length=12, null=False, required=True, default=None)
    code = Varchar(length=40, null=False, default="")
    name = Varchar(length=200, null=False, required=True, default=None)
    controllers = JSONB(null=False, default=None)
    known_at = Timestamptz(null=False, required=True, default=None)


class Seat(Table, schema="experts", tablename="seat", db=TRADING):
    """A seat: of the draw (a leaf and a slip's hash, nobody's name) or of the owner (a person)."""

    id = UUID(primary_key=True, default=None, null=False)
    panel = ForeignKey(Panel, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    number = SmallInt(null=False, required=True, default=None)
    kind = Varchar(length=6, null=False, required=True, default=None)
    profession = Varchar(length=8, null=False, default="")
    toss_seat = SmallInt(null=True, default=None)
    slip_sha256 = Varchar(length=64, null=True, default=None, unique=True)
    person = UUID(null=True, default=None, index=True)
    spare = Boolean(null=False, default=False)
    taken_at = Timestamptz(null=False, required=True, default=None)
    signed_in_at = Timestamptz(null=True, default=None)
    left_at = Timestamptz(null=True, default=None)
    why = Varchar(length=400, null=False, default="")
    replaced_by = UUID(null=True, default=None)
    chair = Boolean(null=False, default=False)
    name = Varchar(length=80, null=False, default="")
    record = JSONB(null=True, default=None)
    numbered_seat = Unique(["panel", "number"])
    seat_of_somebody = Check(
        "(kind = 'expert' and slip_sha256 is not null and person is null)"
        " or (kind = 'owner' and person is not null and slip_sha256 is null)"
    )


class Vote(Table, schema="experts", tablename="vote", db=TRADING):
    """Whom a member wants as chair; his last word counts."""

    seat = ForeignKey(Seat, primary_key=True, null=False, required=True, default=None, on_delete=OnDelete.restrict)
    panel = ForeignKey(Panel, null=False, required=True, default=None, index=True, on_delete=OnDelete.restrict)
    elects = ForeignKey(Seat, null=False, required=True, default=None, on_delete=OnDelete.restrict)
    at = Timestamptz(null=False, required=True, default=None)
