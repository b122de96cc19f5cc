"""How a role is asked for, granted, refused and ended: by two people, neither of whom made the account.

Whatever may not be together is judged under two locks, the person's and the group's: of two grants at the same
instant that exclude each other, the second sees the first.
"""

from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

import asyncpg

from kernel import clock, inbox, regions
from kernel.accounts import records
from kernel.accounts.events import Pen, writing
from kernel.accounts.records import MembershipView, OrganisationView, PersonView
from kernel.accounts.rules import MAY_GRANT, MAY_MAKE, OFFICIAL, side_problem
from kernel.accounts.schemas import AskRole
from kernel.accounts.toxic import Capacity, conflicts
from kernel.db import lock_number
from kernel.errors import BadInput, Forbidden, LawRefuses, NotFound, Problem, Refusal, WrongStage, refuse_all
from kernel.identity import SIDES, Actor
from kernel.ids import new_id


async def ask_role(actor: Actor, command: AskRole) -> UUID:
    """Ask for a role for a person; nothing is granted yet. Returns the membership.

    A trader may ask for himself in any unit, or for colleagues in his own; an official for officials of his
    side and region. Raises NotFound, Forbidden, or LawRefuses with every combination that may not be.
    """
    person = await records.person(command.person)
    unit = await records.organisation(command.organisation)
    if person is None or unit is None:
        raise NotFound(Problem("no_such_person", "没有这个人员或单位", "请核对后再填"))
    for_himself = command.role not in OFFICIAL and actor.person == person.id
    if not for_himself:
        refuse_all(_authority(actor, command.role, unit, MAY_MAKE), Forbidden)
    if command.role in OFFICIAL:
        refuse_all(_creator_problems(actor, person), Forbidden)
    departments = [name for name in dict.fromkeys(command.departments) if name]
    refuse_all(_department_problems(command.role, departments), BadInput)
    refuse_all(await _toxic(person, command.role, unit), LawRefuses)
    return await _write_request(actor, person, unit, command.role, departments)


async def grant_role(actor: Actor, membership: UUID) -> None:
    """Put an asked role in force: not by who asked, nor who gets it, nor who made an official's account.

    Raises NotFound, WrongStage when it is not waiting, Forbidden, LawRefuses.
    """
    async with writing(actor) as pen:
        asked, person, unit = await _locked(pen.trading, membership, "asked")
        refuse_all(_authority(actor, asked.role, unit, MAY_GRANT), Forbidden)
        refuse_all(_granter_problems(actor, asked, person), Forbidden)
        await lock_groups(pen.trading, (unit.code, unit.controller))
        refuse_all(await _toxic(person, asked.role, unit, asked.id), LawRefuses)
        await pen.trading.execute(
            "update accounts.membership set granted_by = $2, since = clock_timestamp() where id = $1",
            membership,
            actor.person,
        )
        await _tell(pen, asked)
        await _record(pen, "role_granted", asked)


async def _tell(pen: Pen, asked: MembershipView) -> None:
    fields = {"name": asked.person_name, "organisation": asked.organisation_name, "granted_by": pen.actor.name}
    fields["at"] = clock.when(await clock.wall())
    await inbox.send(pen.home, "role_granted", fields=fields, person=asked.person, link="/account")


async def refuse_role(actor: Actor, membership: UUID) -> None:
    """Turn an asked role down, or take the own request back."""
    await _end(actor, membership, "asked", "role_refused")


async def revoke_role(actor: Actor, membership: UUID) -> None:
    """End a role at once; the next request of whoever holds it already comes without it."""
    await _end(actor, membership, "held", "role_revoked")


async def lock_groups(connection: asyncpg.Connection, codes: Iterable[str]) -> None:
    """Until the transaction ends nobody else is granted a role in a unit of these codes or controlled by them.

    In the order of their numbers, so that no two who want the same groups wait for each other.
    """
    for number in sorted({_group_number(code) for code in codes}):
        await connection.execute("select pg_advisory_xact_lock($1)", number)


def _group_number(code: str) -> int:
    return int.from_bytes(sha256(b"accounts group " + code.encode()).digest()[:8], "big", signed=True)


async def _end(actor: Actor, membership: UUID, state: str, event: str) -> None:
    async with writing(actor) as pen:
        found, _, unit = await _locked(pen.trading, membership, state)
        if actor.person is None or actor.person not in (found.person, found.asked_by):
            refuse_all(_authority(actor, found.role, unit, MAY_GRANT), Forbidden)
        await pen.trading.execute(
            "update accounts.membership set until = clock_timestamp(), ended_by = $2 where id = $1",
            membership,
            actor.person,
        )
        await _record(pen, event, found)


async def _record(pen: Pen, event: str, about: MembershipView) -> None:
    facts = {"role": about.role, "organisation": about.organisation_code, "departments": list(about.departments)}
    await pen.record(event, about.id, facts, {"whose": str(about.person), "whose_name": about.person_name})


async def _locked(
    connection: asyncpg.Connection, id: UUID, state: str
) -> tuple[MembershipView, PersonView, OrganisationView]:
    """The membership in this state, its person and unit; all grants of a person wait for each other."""
    found = await records.membership(id)
    if found is None:
        raise NotFound(Problem("no_such_request", "没有这项角色申请", "请刷新后再选"))
    await connection.execute("select pg_advisory_xact_lock($1)", lock_number(found.person))
    found = await records.membership(id)
    assert found is not None
    if found.state != state:
        says = "这项申请已经处理" if state == "asked" else "这项角色不在有效期内"
        raise WrongStage(Problem("membership_not_" + state, says, "请刷新后查看最新状态"))
    person, unit = await records.person(found.person), await records.organisation(found.organisation)
    assert person is not None
    assert unit is not None
    return found, person, unit


def _authority(actor: Actor, role: str, unit: OrganisationView, sides: dict[str, frozenset[str]]) -> list[Problem]:
    side = SIDES[role]
    if actor.person is None or actor.side not in sides[side]:
        return [Problem("not_your_side", "您所在的一方不能办理这类角色", "请由该方人员办理", field="role")]
    if side == "trade" and actor.organisation != unit.id:
        return [Problem("not_your_organisation", "只能办理本单位人员的角色", "请由该单位人员办理")]
    if side in ("operate", "supervise") and not regions.within(unit.region, actor.region):
        return [Problem("not_your_region", "该单位不在您的辖区内", "请由其所在地或上级的人员办理")]
    return []


def _creator_problems(actor: Actor, person: PersonView) -> list[Problem]:
    """Row 19 of the toxic combinations: who makes an account has no hand in its roles."""
    if actor.person is None or actor.person != person.created_by:
        return []
    account = str(person.id)
    return conflicts([Capacity("account_creator", account)], Capacity("role_granter", account))


def _granter_problems(actor: Actor, asked: MembershipView, person: PersonView) -> list[Problem]:
    found = _creator_problems(actor, person) if asked.role in OFFICIAL else []
    if actor.person == asked.asked_by:
        found.append(Problem("granter_asked", "申请人不能批准自己提出的申请", "请由另一位有权人员批准"))
    if actor.person == asked.person:
        found.append(Problem("granter_is_holder", "不能为自己批准角色", "请由另一位有权人员批准"))
    return found


def _department_problems(role: str, departments: list[str]) -> list[Problem]:
    if role == "regulator" and not departments:
        says = "监督人员应至少对应一个监督部门"
        return [Problem("department_missing", says, "请选择其负责的监督部门", field="departments")]
    return []


async def _toxic(person: PersonView, role: str, unit: OrganisationView, itself: UUID | None = None) -> list[Problem]:
    """Everything that speaks against this person in this role for this unit."""
    problem = side_problem(person.side, role)
    held = [
        Capacity(view.role)
        for view in await records.memberships_of(person.id)
        if view.state != "ended" and view.id != itself
    ]
    found = {p.code: p for p in conflicts(held, Capacity(role))}
    for controller in {unit.code, unit.controller}:
        group = await records.held_in_group(controller, person.id)
        found |= {p.code: p for p in conflicts((), Capacity(role, controller=controller), group)}
    return ([problem] if problem else []) + list(found.values())


async def _write_request(
    actor: Actor, person: PersonView, unit: OrganisationView, role: str, departments: list[str]
) -> UUID:
    id = new_id()
    try:
        async with writing(actor) as pen:
            await pen.trading.execute(
                "insert into accounts.membership"
                " (id, person, side, organisation, role, departments, asked_by, asked_at)"
                " values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp())",
                id,
                person.id,
                person.side,
                unit.id,
                role,
                departments,
                actor.person,
            )
            facts = {"role": role, "organisation": unit.code, "departments": departments}
            await pen.record("role_asked", id, facts, {"whose": str(person.id), "whose_name": person.name})
    except asyncpg.UniqueViolationError as error:
        known = Problem("role_known", "此人在该单位已有或已申请这一角色", "无需重复申请", field="role")
        raise Refusal(known) from error
    return id
