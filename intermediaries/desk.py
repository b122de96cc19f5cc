"""What waits for whom in the market, with its deadline and the article behind it."""

from datetime import datetime
from typing import Any

from intermediaries.credit import APPEALING
from intermediaries.looking import open_appeals, waiting, with_new_papers
from intermediaries.records import agencies
from intermediaries.records.agency_rows import AgencyRow, ChargeView
from intermediaries.rules.agencies import WARNING
from intermediaries.stages import AgencyStage
from kernel.identity import Actor
from kernel.law import LawInForce
from kernel.web.waiting import todo

Todo = dict[str, Any]


async def todos(actor: Actor, now: datetime) -> list[Todo]:
    """Everything of agencies and the catalogue that waits for this actor."""
    found: list[Todo] = []
    if actor.role == "intermediary":
        found = await _of_agency(actor, now)
    if actor.role == "operator":
        found = await _of_centre(actor, now)
    return found


async def _of_agency(actor: Actor, now: datetime) -> list[Todo]:
    row = await agencies.agency_of(actor.organisation)
    if row is None:
        return [todo("登记入驻", actor.organisation_name, None, "", "/market/entry", "填写")]
    found = []
    if row.stage in (AgencyStage.APPLIED, AgencyStage.RETURNED):
        title = "补正入驻材料" if row.stage == AgencyStage.RETURNED else "完成并提交入驻申请"
        found.append(todo(title, row.name, None, "", "/market/entry", "办理"))
    for paper in await agencies.certificates(row.id):
        if paper.expires_at is not None and now < paper.expires_at <= now + WARNING:
            ends = f"证书 {paper.number} 即将到期"
            found.append(todo(ends, row.name, paper.expires_at, "", "/market/entry", "换证"))
    return found


async def _of_centre(actor: Actor, now: datetime) -> list[Todo]:
    found = [_check(row, now) for row in await waiting(actor)]
    found += [_appeal(row, charge) for row, charge in await open_appeals(actor)]
    papers = await with_new_papers(actor)
    return found + [todo("核验新证书", row.name, None, "", f"/market/checks/{row.id}", "核验") for row in papers]


def _check(row: AgencyRow, now: datetime) -> Todo:
    law = LawInForce.from_json(row.law) if row.law else None
    article = law["M01"].citation if law and "M01" in law else ""
    late = row.check_due is not None and row.check_due <= now
    return todo("入驻形式核验", row.name, row.check_due, article, f"/market/checks/{row.id}", "核验", late)


def _appeal(row: AgencyRow, charge: ChargeView) -> Todo:
    """Due when the deduction begins to count: until then it can still be taken back in time."""
    place = f"{row.name}　{charge.event_name}（{charge.points} 分）"
    href = f"/agencies/{row.id}/charges/{charge.id}/settle"
    return todo("处理信用申诉", place, charge.at, APPEALING, href, "处理")
