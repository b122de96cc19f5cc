"""Read-only looks at people, organisations and roles: no identity numbers, no telephones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.accounts.tables import Membership, Organisation, Person, Token
from kernel.accounts.toxic import Capacity
from kernel.clock import CHINA


@dataclass(frozen=True, slots=True)
class PersonView:
    """What both sites may read: neither identity number nor telephone, which the supervision login cannot select."""

    id: UUID
    name: str
    side: str
    created_by: UUID | None


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """`controller` is the credit code of whoever controls it, its own when nobody else does."""

    id: UUID
    code: str
    name: str
    region: str
    kind: str
    controller: str


@dataclass(frozen=True, slots=True)
class MembershipView:
    """`state` is asked, held or ended; `created_by` made the person's account."""

    id: UUID
    person: UUID
    person_name: str
    organisation: UUID
    organisation_code: str
    organisation_name: str
    region: str
    side: str
    role: str
    departments: tuple[str, ...]
    created_by: UUID | None
    asked_by: UUID | None
    asked_at: datetime
    granted_by: UUID | None
    since: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class TokenView:
    id: UUID
    name: str
    acts: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used: datetime | None
    revoked_at: datetime | None


async def person(id: UUID) -> PersonView | None:
    row = await Person.select(*_PERSON).where(Person.id == id).first()
    return _person(row) if row else None


async def person_by_hash(id_hash: bytes) -> PersonView | None:
    row = await Person.select(*_PERSON).where(Person.id_hash == id_hash).first()
    return _person(row) if row else None


async def organisation(id: UUID) -> OrganisationView | None:
    row = await Organisation.select().where(Organisation.id == id).first()
    return _organisation(row) if row else None


async def organisation_by_code(code: str) -> OrganisationView | None:
    row = await Organisation.select().where(Organisation.code == code).first()
    return _organisation(row) if row else None


async def membership(id: UUID) -> MembershipView | None:
    rows = await Membership.raw(f"{_MEMBERSHIPS} where m.id = {{}}", id)
    return _membership(rows[0]) if rows else None


async def memberships_of(person: UUID) -> list[MembershipView]:
    """Every role ever asked for or held, oldest first."""
    rows = await Membership.raw(f"{_MEMBERSHIPS} where m.person = {{}} order by m.asked_at, m.id", person)
    return [_membership(row) for row in rows]


async def members_of(organisation: UUID) -> list[MembershipView]:
    """Everybody who asked for, holds or held a role in the organisation, oldest first."""
    rows = await Membership.raw(f"{_MEMBERSHIPS} where m.organisation = {{}} order by m.asked_at, m.id", organisation)
    return [_membership(row) for row in rows]


async def memberships_in(
    state: str, sides: Sequence[str], organisation: UUID | None = None, region: str = "", limit: int = 500
) -> list[MembershipView]:
    """Roles of these sides in this state, oldest first: of one unit, or of the units whose region code begins so.

    An expert belongs to no region of those who let him in.
    """
    rows = await Membership.raw(
        f"select * from ({_MEMBERSHIPS}) found where state = {{}} and side = any({{}})"  # noqa: S608 - our own text
        " and ({}::uuid is null or organisation = {}) and (side = 'judge' or starts_with(region, {}))"
        " order by asked_at, id limit {}",
        state,
        list(sides),
        organisation,
        organisation,
        region,
        limit,
    )
    return [_membership(row) for row in rows]


async def in_role(*roles: str) -> list[UUID]:
    """The people who hold one of these roles now, wherever, each once."""
    rows = await Membership.raw(
        "select distinct m.person from accounts.membership m where m.role = any({})"
        " and m.since <= clock_timestamp() and (m.until is null or m.until > clock_timestamp())",
        list(roles),
    )
    return sorted(row["person"] for row in rows)


async def group_of(code: str) -> frozenset[str]:
    """The credit codes of a unit's controller and of all whom it or its controller controls, its own left out."""
    rows = await Organisation.raw(
        "select o.code, o.controller_code from accounts.organisation o where o.controller_code = {} or o.code = {}"
        " or o.controller_code = (select controller_code from accounts.organisation where code = {})",
        code, code, code,
    )  # fmt: skip
    found = {value for row in rows for value in (row["code"], row["controller_code"]) if value}
    return frozenset(found - {code})


async def held_in_group(controller: str, except_person: UUID | None = None) -> list[Capacity]:
    """What anybody is, by a role in force, in any organisation that `controller` controls or is."""
    rows = await Membership.raw(
        "select distinct m.role from accounts.membership m"
        " join accounts.organisation o on o.id = m.organisation"
        " where {} in (o.code, o.controller_code) and m.person is distinct from {}"
        " and m.since <= clock_timestamp() and (m.until is null or m.until > clock_timestamp())",
        controller,
        except_person,
    )
    return [Capacity(row["role"], controller=controller) for row in rows]


async def tokens_of(person: UUID) -> list[TokenView]:
    rows = await Token.select().where(Token.person == person).order_by(Token.created_at)
    return [
        TokenView(
            row["id"],
            row["name"],
            tuple(row["acts"]),
            row["created_at"].astimezone(CHINA),
            row["expires_at"].astimezone(CHINA),
            row["last_used"],
            row["revoked_at"],
        )
        for row in rows
    ]


_PERSON = (Person.id, Person.name, Person.side, Person.created_by)

_MEMBERSHIPS = """
select m.*, p.name as person_name, p.created_by, o.code, o.name as organisation_name, o.region,
  case when m.until <= clock_timestamp() then 'ended'
       when m.since is null or m.since > clock_timestamp() then 'asked' else 'held' end as state
from accounts.membership m join accounts.person p on p.id = m.person
join accounts.organisation o on o.id = m.organisation
"""


def _person(row: Mapping[str, Any]) -> PersonView:
    return PersonView(row["id"], row["name"], row["side"], row["created_by"])


def _organisation(row: Mapping[str, Any]) -> OrganisationView:
    controller = row["controller_code"] or row["code"]
    return OrganisationView(row["id"], row["code"], row["name"], row["region"], row["kind"], controller)


def _membership(row: Mapping[str, Any]) -> MembershipView:
    return MembershipView(
        id=row["id"],
        person=row["person"],
        person_name=row["person_name"],
        organisation=row["organisation"],
        organisation_code=row["code"],
        organisation_name=row["organisation_name"],
        region=row["region"],
        side=row["side"],
        role=row["role"],
        departments=tuple(row["departments"]),
        created_by=row["created_by"],
        asked_by=row["asked_by"],
        asked_at=row["asked_at"].astimezone(CHINA),
        granted_by=row["granted_by"],
        since=row["since"],
        state=row["state"],
    )
