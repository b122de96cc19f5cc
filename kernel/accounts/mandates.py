"""Acting in another's place: an agency under a purchaser's recorded mandate."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kernel import clock, inbox
from kernel.accounts import records
from kernel.accounts.events import writing
from kernel.accounts.records import OrganisationView
from kernel.accounts.rules import PERSONAL
from kernel.accounts.schemas import GiveMandate
from kernel.accounts.tables import Mandate
from kernel.accounts.toxic import Capacity, conflicts
from kernel.clock import iso
from kernel.db import HOME, TRADING, transaction
from kernel.errors import BadInput, Forbidden, NotFound, Problem, refuse_all
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.jobs import schedule
from kernel.permissions import ACTS, permission

MANDATABLE = tuple(
    act for act in ACTS if act not in {*PERSONAL, "read_workbench"} and permission(act, "agent") == "own"
)
"""The acts a purchaser may have an agency do, in the order of the table."""


EXPIRING = "mandate_expiring"
"""The job that tells both parties of a mandate's end."""
AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class MandateView:
    """A mandate as both its parties see it; `project` None for all; `document` the contract's SHA-256 (hex)."""

    id: UUID
    agent: str
    acts: tuple[str, ...]
    since: datetime
    until: datetime
    document: str
    revoked_at: datetime | None
    purchaser: str = ""
    project: UUID | None = None


async def give_mandate(actor: Actor, command: GiveMandate) -> UUID:
    """Record the purchaser's mandate to an agency (招标投标法 art. 12–15: the agency acts within it only).

    Raises Forbidden for anybody but a purchaser, NotFound for no agency, BadInput with all problems.
    """
    if actor.role != "purchaser" or actor.organisation is None or actor.person is None:
        raise Forbidden(Problem("purchaser_only", "只有项目业主可以出具委托", "请以业主身份登录后办理"))
    agent = await records.organisation(command.agent)
    if agent is None or not await _is_agency(command.agent):
        raise NotFound(Problem("no_such_agency", "没有这家代理机构", "请核对后再选", field="agent"))
    refuse_all(_mandate_problems(actor, command), BadInput)
    row = Mandate(
        id=new_id(),
        purchaser=actor.organisation,
        agent=command.agent,
        project=command.project,
        acts=sorted(set(command.acts)),
        since=command.since,
        until=command.until,
        document=bytes.fromhex(command.document),
        granted_by=actor.person,
        granted_at=await clock.wall(TRADING),
    )
    async with writing(actor) as pen:
        await row.save()
        facts = {"agent": agent.code, "project": str(command.project or ""), "acts": row.acts}
        period = {"since": iso(command.since), "until": iso(command.until), "document": command.document}
        if command.until - AHEAD > command.since:
            at = command.until - AHEAD
            await schedule(pen.home, EXPIRING, {"mandate": str(row.id)}, run_at=at, dedup=f"{EXPIRING}:{row.id}")
        await pen.record("mandate_given", row.id, facts | period)
    return UUID(str(row.id))


async def revoke_mandate(actor: Actor, id: UUID) -> None:
    """End a mandate at once; only the purchaser who gave it may."""
    async with writing(actor) as pen:
        done = await pen.trading.fetchval(
            "update accounts.mandate set revoked_at = clock_timestamp()"
            " where id = $1 and purchaser = $2 and revoked_at is null returning true",
            id,
            actor.organisation if actor.role == "purchaser" else None,
        )
        if not done:
            raise NotFound(Problem("no_such_mandate", "没有这项有效的委托", "请刷新后再选"))
        await pen.record("mandate_revoked", id)


async def tell_expiring(payload: Mapping[str, Any]) -> None:
    """The job `mandate_expiring`, once: both parties are told, unless the mandate was withdrawn meanwhile."""
    row = await Mandate.objects().where(Mandate.id == UUID(payload["mandate"])).first()
    if row is None or row.revoked_at is not None:
        return
    purchaser = await records.organisation(row.purchaser)
    fields = {"organisation": purchaser.name if purchaser else "", "until": clock.when(row.until)}
    async with transaction(HOME) as connection:
        for organisation in (row.purchaser, row.agent):
            await inbox.send(connection, "mandate_expiring", fields=fields, organisation=organisation, link="/mandates")


async def may_act_for(agent: UUID, purchaser: UUID, project: UUID | None, act: str, at: datetime) -> bool:
    """Whether a mandate covers this act, for this project or for all, at this instant of the law.

    A mandate ended on the machine's clock is ended for every instant: nobody acts under a withdrawn one.
    """
    return bool(
        await Mandate.exists().where(
            (Mandate.agent == agent)
            & (Mandate.purchaser == purchaser)
            & (Mandate.project.is_null() | (Mandate.project == project))
            & Mandate.acts.any(act)
            & (Mandate.since <= at)
            & (Mandate.until > at)
            & Mandate.revoked_at.is_null()
        )
    )


async def principals(agent: UUID | None, act: str, at: datetime) -> list[tuple[UUID, str]]:
    """(organisation, name) of everybody for whom this agency may take the act now, in any project."""
    rows = await Mandate.raw(
        "select distinct o.id, o.name from accounts.mandate m join accounts.organisation o on o.id = m.purchaser"
        " where m.agent = {} and m.project is null and {} = any(m.acts) and m.since <= {} and m.until > {}"
        " and m.revoked_at is null order by o.name",
        agent,
        act,
        at,
        at,
    )
    return [(row["id"], row["name"]) for row in rows]


async def given_by(purchaser: UUID) -> list[MandateView]:
    """Every mandate of a purchaser, the newest first."""
    return [_view(row) for row in await Mandate.raw(f"{_MANDATES} where m.purchaser = {{}} {_NEWEST}", purchaser)]


async def given_to(agent: UUID) -> list[MandateView]:
    """Every mandate an agency has been given, the newest first."""
    return [_view(row) for row in await Mandate.raw(f"{_MANDATES} where m.agent = {{}} {_NEWEST}", agent)]


_MANDATES = """
select m.id, a.name as agent, p.name as purchaser, m.project, m.acts, m.since, m.until, m.document, m.revoked_at
from accounts.mandate m
join accounts.organisation a on a.id = m.agent join accounts.organisation p on p.id = m.purchaser
"""
_NEWEST = "order by m.granted_at desc, m.id limit 200"


def _view(row: Mapping[str, Any]) -> MandateView:
    return MandateView(**{**row, "acts": tuple(row["acts"]), "document": row["document"].hex()})


def same_controller_problems(purchaser: OrganisationView, intermediary: OrganisationView, case: UUID) -> list[Problem]:
    """Row 17 of the toxic combinations: an owner may not choose an intermediary of his own group."""
    owner = Capacity("purchaser", str(case), purchaser.controller)
    return conflicts((), Capacity("intermediary", str(case), intermediary.controller), [owner])


async def _is_agency(organisation: UUID) -> bool:
    members = await records.members_of(organisation)
    return any(member.role == "agent" and member.state == "held" for member in members)


def _mandate_problems(actor: Actor, command: GiveMandate) -> list[Problem]:
    found = [
        Problem("act_not_mandatable", f"“{act}”不能委托代理机构办理", "请只选列出的事项", field="acts")
        for act in dict.fromkeys(command.acts)
        if act not in MANDATABLE
    ]
    if command.until <= command.since:
        found.append(Problem("period_backwards", "委托的结束时间应晚于开始时间", "请改正期限", field="until"))
    if command.agent == actor.organisation:
        found.append(Problem("agent_is_self", "不能委托本单位为代理机构", "自行组织的无需委托", field="agent"))
    return found
