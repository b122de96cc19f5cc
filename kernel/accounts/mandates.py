"""Acting in another's place: an agency under a purchaser's mandate, an official for one on leave."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel import clock, regions
from kernel.accounts import records
from kernel.accounts.records import MembershipView, OrganisationView
from kernel.accounts.schemas import Delegate, GiveMandate
from kernel.accounts.tables import Delegation, Mandate
from kernel.accounts.toxic import Capacity, conflicts
from kernel.db import TRADING, transaction
from kernel.errors import BadInput, Forbidden, NotFound, Problem, refuse_all
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.permissions import ACTS, permission


@dataclass(frozen=True, slots=True)
class MandateView:
    """A mandate as its purchaser sees it; `document` is the SHA-256 (hex) of the signed contract."""

    id: UUID
    agent: str
    acts: tuple[str, ...]
    since: datetime
    until: datetime
    document: str
    revoked_at: datetime | None


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
    id = new_id()
    await Mandate(
        id=id,
        purchaser=actor.organisation,
        agent=command.agent,
        project=command.project,
        acts=sorted(set(command.acts)),
        since=command.since,
        until=command.until,
        document=bytes.fromhex(command.document),
        granted_by=actor.person,
        granted_at=await clock.wall(TRADING),
    ).save()
    return id


async def revoke_mandate(actor: Actor, id: UUID) -> None:
    """End a mandate at once; only the purchaser who gave it may."""
    async with transaction(TRADING) as connection:
        done = await connection.fetchval(
            "update accounts.mandate set revoked_at = coalesce(revoked_at, clock_timestamp())"
            " where id = $1 and purchaser = $2 returning true",
            id,
            actor.organisation if actor.role == "purchaser" else None,
        )
    if not done:
        raise NotFound(Problem("no_such_mandate", "没有这项委托", "请刷新后再选"))


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
    rows = await Mandate.raw(
        "select m.id, o.name as agent, m.acts, m.since, m.until, m.document, m.revoked_at"
        " from accounts.mandate m join accounts.organisation o on o.id = m.agent"
        " where m.purchaser = {} order by m.granted_at desc, m.id",
        purchaser,
    )
    return [MandateView(**{**row, "acts": tuple(row["acts"]), "document": row["document"].hex()}) for row in rows]


async def delegate(actor: Actor, command: Delegate) -> UUID:
    """Let an official stand in for another of the same unit and role while he is on leave.

    The substitute gains the absent one's departments, nothing else. Decided by the absent official or another
    of their side and region, never by who gains by it. Raises NotFound, Forbidden, BadInput.
    """
    absent = await records.membership(command.absent)
    substitute = await records.membership(command.substitute)
    if absent is None or substitute is None or {absent.state, substitute.state} != {"held"}:
        raise NotFound(Problem("no_such_membership", "没有这项有效的角色", "请刷新后再选"))
    refuse_all(_decider_problems(actor, absent, substitute), Forbidden)
    refuse_all(_delegation_problems(command, absent, substitute), BadInput)
    assert actor.person is not None
    id = new_id()
    await Delegation(
        id=id,
        absent=absent.id,
        substitute=substitute.id,
        since=command.since,
        until=command.until,
        reason=command.reason,
        decided_by=actor.person,
        decided_at=await clock.wall(TRADING),
    ).save()
    return id


async def revoke_delegation(actor: Actor, id: UUID) -> None:
    """End a substitution at once; by the absent official or who decided it."""
    async with transaction(TRADING) as connection:
        done = await connection.fetchval(
            "update accounts.delegation d set revoked_at = coalesce(revoked_at, clock_timestamp())"
            " where id = $1 and (decided_by = $2 or exists (select from accounts.membership m"
            " where m.id = d.absent and m.person = $2)) returning true",
            id,
            actor.person,
        )
    if not done:
        raise NotFound(Problem("no_such_delegation", "没有这项代理授权", "请刷新后再选"))


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
        if act not in ACTS or permission(act, "agent") != "own"
    ]
    if command.until <= command.since:
        found.append(Problem("period_backwards", "委托的结束时间应晚于开始时间", "请改正期限", field="until"))
    if command.agent == actor.organisation:
        found.append(Problem("agent_is_self", "不能委托本单位为代理机构", "自行组织的无需委托", field="agent"))
    return found


def _decider_problems(actor: Actor, absent: MembershipView, substitute: MembershipView) -> list[Problem]:
    if actor.person is None or actor.person == substitute.person:
        return [Problem("substitute_decides", "代理人不能为自己授权", "请由休假人员或其他同事办理")]
    if actor.person != absent.person and (actor.side != absent.side or not regions.within(absent.region, actor.region)):
        return [Problem("not_your_side", "您不能办理这一方的代理授权", "请由该方人员办理")]
    return []


def _delegation_problems(command: Delegate, absent: MembershipView, substitute: MembershipView) -> list[Problem]:
    found = []
    alike = (absent.side, absent.role, absent.organisation) == (
        substitute.side,
        substitute.role,
        substitute.organisation,
    )
    if not alike or absent.side not in ("operate", "supervise") or absent.person == substitute.person:
        says = "代理人应是同一单位、同一角色的另一位人员"
        found.append(Problem("substitute_unlike", says, "请另选代理人", field="substitute"))
    if command.until <= command.since:
        found.append(Problem("period_backwards", "结束时间应晚于开始时间", "请改正期限", field="until"))
    return found
