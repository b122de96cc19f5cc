"""Commands about experts and panels, and what is shown of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from experts.rules import Party

Code = Annotated[str, StringConstraints(pattern=r"^[ABC][0-9]{6}$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Unit = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
CreditCode = Annotated[str, StringConstraints(pattern=r"^([0-9A-Z]{18})?$")]
Region = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Phone = Annotated[str, StringConstraints(pattern=r"^1[3-9][0-9]{9}$")]
Says = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
Kind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,23}$")]
Slip = Annotated[str, StringConstraints(strip_whitespace=True, min_length=8, max_length=40)]


class Command(BaseModel):
    """Something one asks for; unknown members are refused, so that a typing error is never silently dropped."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Paper(Command):
    """An uploaded file that an application rests on."""

    upload: UUID
    label: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=160)]
    media: Annotated[str, StringConstraints(max_length=100)] = "application/octet-stream"


class SaidTie(Command):
    """A tie as the expert says it: to whom, of which kind, from when to when."""

    kind: Kind
    name: Unit
    code: CreditCode = ""
    since: date | None = None
    until: date | None = None


class ApplyExpert(Command):
    """An application to the pool; the identity number comes from his account."""

    phone: Phone
    born: date
    region: Region
    title_level: Annotated[str, StringConstraints(pattern=r"^(senior|intermediate)$")]
    title: Name
    years: Annotated[int, Field(ge=0, le=70)]
    employer_name: Unit
    employer_code: CreditCode = ""
    employed_since: date | None = None
    professions: Annotated[list[Code], Field(max_length=20)]
    ties: Annotated[list[SaidTie], Field(max_length=50)] = []
    evidence: Annotated[list[Paper], Field(max_length=20)] = []
    committed: bool = False


class EndTie(Command):
    """A tie that is over, and since when."""

    tie: UUID
    ended: date


class TakeTime(Command):
    """A time in which he can not be called."""

    begins: AwareDatetime
    ends: AwareDatetime


class GiveTime(Command):
    """The same time again free."""

    slot: UUID


class Quota(Command):
    """How many of a profession, and how many spares are called as well."""

    profession: Code
    quota: Annotated[int, Field(ge=1, le=20)]
    spares: Annotated[int, Field(ge=0, le=5)] = 0


class AvoidedUnit(Command):
    """A unit whose people are not drawn (回避单位)."""

    name: Unit
    code: CreditCode = ""


def _once_each(quotas: list[Quota]) -> list[Quota]:
    if len({quota.profession for quota in quotas}) != len(quotas):
        raise ValueError("同一专业只填一次")
    return quotas


class RequestPanel(Command):
    """What a purchaser asks for; `purchaser_key` (hex Ed25519) makes the draw an attended one."""

    size: Annotated[int, Field(ge=1, le=99)]
    owners: Annotated[int, Field(ge=0, le=33)] = 0
    professions: Annotated[list[Quota], Field(min_length=1, max_length=10), AfterValidator(_once_each)]
    scope: Region | None = None
    evaluation_at: AwareDatetime
    hours: Annotated[int, Field(ge=1, le=120)] = 8
    place: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    reply_minutes: Annotated[int, Field(ge=1, le=240)] = 15
    avoided: Annotated[list[AvoidedUnit], Field(max_length=50)] = []
    representatives: Annotated[list[UUID], Field(max_length=33)] = []
    purchaser_key: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")] = ""
    beacon_rule: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""


class Attend(Command):
    """A signed message of the third role, or the beacon's public value."""

    envelope: Annotated[str, StringConstraints(max_length=200_000)] = ""
    beacon: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""


class SignInDesk(Command):
    """评标签到码, as typed at the desk."""

    slip: Slip


class DeclareAvoidance(Command):
    """A ground of avoidance.toml that holds for him, in his own words."""

    ground: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{1,23}$")]
    says: Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)] = ""


class LeaveSeat(Command):
    """Why he cannot go on."""

    reason: Says


class ReplaceMember(Command):
    """A seat that stays empty, and why; `instead` names the owner's other representative."""

    seat: UUID
    reason: Says
    instead: UUID | None = None


class NameOwner(Command):
    """Whom the purchaser sends as his own member."""

    person: UUID


class ElectChair(Command):
    """Whom he wants as chair."""

    seat: UUID


class DissolvePanel(Command):
    """Why a panel that cannot sit is given up."""

    says: Says


@dataclass(frozen=True, slots=True)
class LotFacts:
    """What a duty that has lots says of one: all that experts need and may not look for themselves.

    `budget`-dependent numbers are given as they follow for this lot. `bidders` is None until they are known;
    `result`: the names may be shown; `over`: the case has ended. `attended`: whether a draw is, by the
    procedure: never, asked (where the purchaser brings a key), always.
    """

    lot: UUID
    code: str
    title: str
    trade: str
    procedure: str
    category: str
    region: str
    department: str
    purchaser: UUID
    agent: UUID | None
    project: UUID
    law_day: date | None
    least: int
    share: Fraction
    owner_may_chair: bool
    open_for_panel: bool
    parties: tuple[Party, ...]
    bidders: tuple[Party, ...] | None = None
    result: bool = False
    over: bool = False
    attended: str = "asked"


@dataclass(frozen=True, slots=True)
class Seat:
    """One seat. `kind` is expert or owner; `spare` waits until somebody leaves; nobody's name."""

    id: UUID
    number: int
    kind: str
    profession: str
    signed_in_at: datetime | None
    left_at: datetime | None
    replaced_by: UUID | None
    chair: bool
    spare: bool = False
    why: str = ""
    toss_seat: int | None = None
    person: UUID | None = None

    @property
    def live(self) -> bool:
        """Whether its member sits now."""
        return self.signed_in_at is not None and self.left_at is None and not self.spare


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel with its seats. `quota`: profession → members."""

    id: UUID
    lot: UUID
    stage: str
    size: int
    quota: Mapping[str, int]
    seats: tuple[Seat, ...]
    owners: int
    least: int
    share: Fraction
    owner_may_chair: bool
    evaluation_at: datetime
    category: str
    n: int = 1


@dataclass(frozen=True, slots=True)
class Judge:
    """A member as he is shown once the names are opened."""

    number: int
    kind: str
    name: str
    profession: str
    title: str
    employer: str
    chair: bool


@dataclass(frozen=True, slots=True)
class ExpertView:
    """An expert as he sees himself, and as his owner decides on him."""

    id: UUID
    person: UUID
    stage: str
    stage_name: str
    name: str
    phone: str
    born: date
    region: str
    title_level: str
    title: str
    years: int
    employer_name: str
    employer_code: str
    expires_on: date | None
    says: str
    applied_at: datetime
    professions: tuple[str, ...]
    ties: tuple[Mapping[str, Any], ...] = ()
    slots: tuple[Mapping[str, Any], ...] = ()
    evidence: tuple[Mapping[str, Any], ...] = ()
