"""Standing in: an official on leave lends his departments to a colleague of the same unit and role."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel import clock, regions
from kernel.accounts import records
from kernel.accounts.events import writing
from kernel.accounts.records import MembershipView
from kernel.accounts.schemas import Delegate
from kernel.accounts.tables import Delegation
from kernel.clock import CHINA, iso
from kernel.db import TRADING
from kernel.errors import BadInput, Forbidden, NotFound, Problem, refuse_all
from kernel.identity import Actor
from kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class DelegationView:
    """Who stands in for whom; `may_revoke` for whoever asked."""

    id: UUID
    absent: str
    substitute: str
    organisation: str
    departments: tuple[str, ...]
    since: datetime
    until: datetime
    reason: str
    revoked_at: datetime | None
    may_revoke: bool


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
    row = Delegation(
        id=new_id(),
        absent=absent.id,
        substitute=substitute.id,
        since=command.since,
        until=command.until,
        reason=command.reason,
        decided_by=actor.person,
        decided_at=await clock.wall(TRADING),
    )
    async with writing(actor) as pen:
        await row.save()
        facts = {"absent": str(absent.id), "substitute": str(substitute.id)}
        period = {"since": iso(command.since), "until": iso(command.until)}
        await pen.record("delegation_decided", row.id, facts | period, {"reason": command.reason})
    return UUID(str(row.id))


async def revoke_delegation(actor: Actor, id: UUID) -> None:
    """End a substitution at once; by the absent official or who decided it."""
    async with writing(actor) as pen:
        done = await pen.trading.fetchval(
            "update accounts.delegation d set revoked_at = clock_timestamp()"
            " where id = $1 and revoked_at is null and (decided_by = $2 or exists (select from accounts.membership m"
            " where m.id = d.absent and m.person = $2)) returning true",
            id,
            actor.person,
        )
        if not done:
            raise NotFound(Problem("no_such_delegation", "没有这项有效的代理授权", "请刷新后再选"))
        await pen.record("delegation_revoked", id)


async def delegations_seen_by(actor: Actor) -> list[DelegationView]:
    """Those of the actor's side in his region and below, the latest first; none for who is no official."""
    if actor.side not in ("operate", "supervise"):
        return []
    rows = await Delegation.raw(_SEEN, actor.person, actor.side)
    return [_view(row) for row in rows if regions.within(row["region"], actor.region)]


# The name of the absent first, then of the substitute; both have one organisation.
_SEEN = """
select d.id, ap.name as absent, sp.name as substitute, o.name as organisation, o.region, a.departments,
  d.since, d.until, d.reason, d.revoked_at, {} in (d.decided_by, a.person) as may_revoke
from accounts.delegation d
join accounts.membership a on a.id = d.absent join accounts.person ap on ap.id = a.person
join accounts.membership s on s.id = d.substitute join accounts.person sp on sp.id = s.person
join accounts.organisation o on o.id = a.organisation
where a.side = {} order by d.decided_at desc, d.id limit 200
"""


def _view(row: Mapping[str, Any]) -> DelegationView:
    told = {name: row[name] for name in ("id", "absent", "substitute", "organisation", "reason", "revoked_at")}
    return DelegationView(
        **told,
        departments=tuple(row["departments"]),
        since=row["since"].astimezone(CHINA),
        until=row["until"].astimezone(CHINA),
        may_revoke=bool(row["may_revoke"]),
    )


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
