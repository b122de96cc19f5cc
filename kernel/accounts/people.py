"""Whom an actor may do something about: requests that wait, roles in force, people who have no role yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel import codes, regions
from kernel.accounts import records
from kernel.accounts.events import writing
from kernel.accounts.records import MembershipView
from kernel.accounts.rules import MAY_GRANT, MAY_MAKE
from kernel.accounts.schemas import AddUnit
from kernel.accounts.tables import Person
from kernel.clock import CHINA
from kernel.errors import BadInput, Forbidden, Problem, refuse_all
from kernel.identity import Actor
from kernel.ids import new_id

MOST = 500
"""Rows of a list; beyond that the region is too large for one page of people."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person of the actor's side for whom a role may be asked; `own` when the actor made the account."""

    id: UUID
    name: str
    side: str
    created_at: datetime
    own: bool


async def waiting_for(actor: Actor) -> list[MembershipView]:
    """Requests the actor's side grants, in his unit or region, the oldest first; his own among them."""
    return await _memberships(actor, MAY_GRANT, "asked")


async def in_force(actor: Actor) -> list[MembershipView]:
    """Roles that the actor's side may end, in his unit or region, by unit and person."""
    found = await _memberships(actor, MAY_GRANT, "held")
    return sorted(found, key=lambda view: (view.organisation_name, view.person_name))


async def without_role(actor: Actor) -> list[Candidate]:
    """People of the sides the actor asks for who have no role and no request, the newest first."""
    rows = await Person.raw(
        "select p.id, p.name, p.side, p.created_at, p.created_by from accounts.person p where p.side = any({})"
        " and not exists (select from accounts.membership m where m.person = p.id"
        " and (m.until is null or m.until > clock_timestamp())) order by p.created_at desc, p.id limit {}",
        _official(actor, MAY_MAKE),
        MOST,
    )
    return [
        Candidate(
            row["id"], row["name"], row["side"], row["created_at"].astimezone(CHINA), row["created_by"] == actor.person
        )
        for row in rows
    ]


async def colleagues(actor: Actor) -> list[MembershipView]:
    """Roles in force of the actor's own side in his region and below: who may stand in for whom."""
    if actor.side not in ("operate", "supervise"):
        return []
    return await records.memberships_in("held", [actor.side], region=_prefix(actor.region), limit=MOST)


async def add_unit(actor: Actor, command: AddUnit) -> UUID:
    """Enter a unit of officials of the actor's region, so that roles in it can be asked for.

    Raises Forbidden for who is no official, BadInput with all problems, also for one that is known already.
    """
    if actor.side not in ("operate", "supervise"):
        raise Forbidden(Problem("not_your_side", "您所在的一方不能登记这类单位", "请由交易中心或监督部门办理"))
    code = codes.tidy(command.code)
    found = [codes.check_credit_code(code, "code"), regions.check(command.region, "region")]
    if not any(found) and not regions.within(command.region, actor.region):
        found.append(Problem("not_your_region", "该单位不在您的辖区内", "请由其所在地或上级的人员办理", field="region"))
    refuse_all([problem for problem in found if problem], BadInput)
    async with writing(actor) as pen:
        made: UUID | None = await pen.trading.fetchval(
            "insert into accounts.organisation (id, code, name, region, kind, created_by, created_at)"
            " values ($1, $2, $3, $4, $5, $6, clock_timestamp()) on conflict (code) do nothing returning id",
            new_id(),
            code,
            command.name,
            command.region,
            command.kind,
            actor.person,
        )
        if made:
            await pen.record("unit_added", made, {"organisation": code, "region": command.region})
    if made is None:
        raise BadInput(Problem("unit_known", "这个单位已经登记", "可直接为其人员申请角色", field="code"))
    return made


async def _memberships(actor: Actor, sides: dict[str, frozenset[str]], state: str) -> list[MembershipView]:
    if actor.side == "trade" and actor.organisation:
        return await records.memberships_in(state, ["trade"], actor.organisation, limit=MOST)
    return await records.memberships_in(state, _official(actor, sides), region=_prefix(actor.region), limit=MOST)


def _prefix(region: str) -> str:
    """The digits that all codes of the region and below begin with (GB/T 2260)."""
    return region[: {"province": 2, "city": 4, "county": 6, "nation": 0}[regions.level(region)]]


def _official(actor: Actor, sides: dict[str, frozenset[str]]) -> Sequence[str]:
    return [side for side, may in sides.items() if side != "trade" and actor.side in may]
