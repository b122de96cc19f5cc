"""The commands of accounts, and what they answer."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

# No control characters: PostgreSQL refuses NUL in a text, and the others only serve to deceive a reader.
_PLAIN = r"^[^\x00-\x1f\x7f]*$"
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_PLAIN)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=_PLAIN)]
Maybe = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40, pattern=_PLAIN)]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Command(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class NewPerson(Command):
    """A natural person and how he will sign in."""

    person_name: Short
    identity_number: Short
    phone: Short
    login: Short
    password: Secret = Field(repr=False)


class RegisterOrganisation(NewPerson):
    """Free registration (电子招标投标办法第九条): one person for one unit in one trading role.

    A unit that is already registered gets a request instead, which one of its own people grants. A natural person who
    owns a project stands for himself: `kind` person, without credit code and unit's name.
    """

    credit_code: Maybe = ""
    organisation_name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=_PLAIN)] = ""
    region: Short
    kind: Literal["enterprise", "institution", "government", "society", "individual", "person"] = "enterprise"
    role: Literal["purchaser", "agent", "bidder", "intermediary"]
    controller_code: Maybe = ""
    legal_rep_identity: Maybe = ""


class CreateOfficial(NewPerson):
    """An account without a role: roles are asked for by one person and granted by another."""

    side: Literal["judge", "operate", "supervise"]


class AskRole(Command):
    person: UUID
    organisation: UUID
    role: Literal["purchaser", "agent", "bidder", "intermediary", "expert", "operator", "regulator", "inspector"]
    departments: tuple[Maybe, ...] = Field(default=(), max_length=40)


class AskRoleForSelf(Command):
    """A trading role for oneself; the unit by its credit code."""

    organisation_code: Short
    role: Literal["purchaser", "agent", "bidder", "intermediary"]


class SignIn(Command):
    login: Short
    password: Secret = Field(repr=False)
    totp: Maybe = Field(default="", repr=False)


class ChangePassword(Command):
    old: Secret = Field(repr=False)
    new: Secret = Field(repr=False)


class ConfirmFactor(Command):
    """`enrolment` as it was given with the key; `code` of the new authenticator, `current` of the one bound so far."""

    enrolment: str = Field(min_length=1, max_length=400, repr=False)
    password: Secret = Field(repr=False)
    code: Maybe = Field(repr=False)
    current: Maybe = Field(default="", repr=False)


class AddUnit(Command):
    """A unit of officials, before its first person has an account."""

    code: Short
    name: Line
    region: Short
    kind: Literal["institution", "government"]


class MakeToken(Command):
    """A program's key for `acts` only, ending after `days`."""

    name: Short
    acts: tuple[Maybe, ...] = Field(min_length=1, max_length=60)
    days: int = Field(default=90, ge=1, le=366)


class GiveMandate(Command):
    """`document` is the hexadecimal SHA-256 of the signed 委托代理合同."""

    agent: UUID
    project: UUID | None = None
    acts: tuple[Maybe, ...] = Field(min_length=1, max_length=60)
    since: AwareDatetime
    until: AwareDatetime
    document: str = Field(pattern=r"^[0-9a-f]{64}$")


class Delegate(Command):
    """`absent` and `substitute` are memberships."""

    absent: UUID
    substitute: UUID
    since: AwareDatetime
    until: AwareDatetime
    reason: Line


@dataclass(frozen=True, slots=True)
class Registered:
    """`pending` when the unit was already there and one of its people must grant the role."""

    person: UUID
    organisation: UUID
    membership: UUID
    pending: bool


@dataclass(frozen=True, slots=True)
class CreatedOfficial:
    """`totp_uri` (otpauth://) is shown once, to be put into an authenticator; empty for an expert."""

    person: UUID
    totp_uri: str


@dataclass(frozen=True, slots=True)
class NewSession:
    """`token` is shown to the browser once; only its digest is stored."""

    token: str = field(repr=False)
    csrf: str = field(repr=False)
    person: UUID
    membership: UUID | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Signed:
    """By what a connection is signed in; `acts` bound a token, `csrf` a session; of a seat `person` is its id."""

    id: UUID
    kind: Literal["session", "token", "seat"]
    person: UUID
    membership: UUID | None
    csrf: str
    acts: frozenset[str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class MadeToken:
    """`token` is shown once."""

    id: UUID
    token: str = field(repr=False)
    expires_at: datetime
