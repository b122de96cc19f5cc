"""公示中标候选人: at most three ranked candidates, with all that law wants told, for three full days at least."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bidding import award_rules, records, reports, results
from bidding.award_rules import lateness, period_of, publicity_ends, publicity_problems, suspended_days
from bidding.case import Tools, check_reader, check_stage, lot_act
from bidding.procedures import PROCEDURES
from bidding.records import LotRow
from bidding.reports import RankedBid
from bidding.schemas import PubliciseCandidates
from bidding.stages import Stage
from bidding.texts import write_notice
from kernel import inbox
from kernel.acts import answer, answered_before
from kernel.clock import CHINA, iso, now, when
from kernel.errors import Problem, WrongStage, refuse_all
from kernel.identity import Actor
from kernel.law import LawInForce

MOST = 3
"""实施条例 53: the panel recommends one to three, ranked."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a publicity that began now would be: its law, the candidates, when the report came and what is late."""

    law: LawInForce
    candidates: list[RankedBid]
    late: list[Problem]


async def publicise_candidates(
    tools: Tools, actor: Actor, lot: UUID, command: PubliciseCandidates, request: UUID | None = None
) -> dict[str, Any]:
    """Publish the candidates; {notice, sha256, until}. `LawRefuses` for too short a time or an unexplained delay."""
    asked = {"lot": str(lot), **command.model_dump(mode="json")}
    if (known := await answered_before("publicise_candidates", actor, request, asked)) is not None:
        return known
    async with lot_act("publicise_candidates", actor, lot) as case:
        ahead = await _ahead(case.lot, case.beat.at)
        refuse_all(_problems(ahead, command, case.beat.at))
        until = publicity_ends(command.last_day)
        title = f"{case.lot.project_name} {case.lot.name}中标候选人公示"
        content = _content(case.lot, ahead, command, case.beat.at, until)
        sha256 = await write_notice(case, "candidates", title, content, [])
        await case.move(Stage.PUBLICISED, publicity_from=case.beat.at, publicity_until=until)
        facts = {"until": iso(until), "late": [p.code for p in ahead.late]}
        await case.beat.record(case.lot.code, hashes={"notice": sha256}, facts=facts)
        for bid in await reports.ranking(lot):
            fields = {"project": case.lot.name, "code": case.lot.code, "until": when(until)}
            link = f"/lots/{lot}/candidates"
            await inbox.send(
                case.beat.connection, "candidates_shown", fields=fields, organisation=bid.organisation, link=link
            )
        given = {"notice": len(await records.notices(lot)), "sha256": sha256, "until": iso(until)}
        await answer(case.beat, request, asked, given)
    return given


async def check_publicity(actor: Actor, lot: UUID, command: PubliciseCandidates) -> None:
    """Refuse what publicising now would refuse, and write nothing."""
    row, at = await records.lot(lot), await now()
    await check_reader("publicise_candidates", actor, row)
    check_stage("publicise_candidates", row)
    refuse_all(_problems(await _ahead(row, at), command, at))


async def look_ahead(lot: LotRow) -> Ahead:
    """For the form: who the candidates are and whether the publicity would begin late."""
    return await _ahead(lot, await now())


async def candidates_of(lot: UUID) -> list[RankedBid]:
    """Those of the last closed report who are not rejected, the best first, three at most."""
    return [bid for bid in await reports.ranking(lot) if bid.rank > 0][:MOST]


async def _ahead(lot: LotRow, at: datetime) -> Ahead:
    if "publicise" not in PROCEDURES[lot.procedure].stages:
        raise WrongStage(Problem("no_publicity_here", "这种交易方式不公示候选人", "请直接定标，中标结果随即公告"))
    report = await reports.report(lot.id)
    candidates = await candidates_of(lot.id)
    if report is None or report.closed_at is None or not candidates:
        raise WrongStage(Problem("no_candidates", "评标报告没有推荐中标候选人", "请依法重新招标或者终止"))
    law = LawInForce.from_json(lot.law or "")
    received = report.closed_at.astimezone(CHINA)
    lost = suspended_days(await results.suspended(lot.id), received, at)
    return Ahead(law, candidates, lateness(law, received, at, ("report_received", "publicity_started"), lost))


def _problems(ahead: Ahead, command: PubliciseCandidates, at: datetime) -> list[Problem]:
    told = {one.bidder for one in command.details}
    found = publicity_problems(ahead.law, started=at, last_day=command.last_day, candidates=len(ahead.candidates))
    found = [award_rules.beside(problem, "last_day") for problem in found]
    if not command.late_reason:
        found += [award_rules.beside(problem, "late_reason") for problem in ahead.late]
    found += _untold([bid for bid in ahead.candidates if bid.bidder not in told])
    strange = sorted(told - {bid.bidder for bid in ahead.candidates})
    if strange:
        says = f"{strange[0]} 不是评标委员会推荐的中标候选人"
        found.append(Problem("not_recommended", says, "请核对", "招标投标法实施条例第五十三条", "details"))
    return found


def _untold(missing: Sequence[RankedBid]) -> list[Problem]:
    """公示办法 6: project manager and certificate, qualification and quality of every candidate."""
    remedy = "请填写质量、项目负责人、资格证书和响应资格要求的情况"
    article = "招标公告和公示信息发布管理办法第六条"
    return [Problem("details_missing", f"没有写明 {bid.name} 的情况", remedy, article, "details") for bid in missing]


def _content(lot: LotRow, ahead: Ahead, command: PubliciseCandidates, at: datetime, until: datetime) -> dict[str, Any]:
    told = {one.bidder: one.model_dump(exclude={"bidder"}) for one in command.details}
    candidates = [
        {
            "rank": bid.rank,
            "bidder": bid.bidder,
            "name": bid.name,
            "price": str(bid.price),
            "evaluated": str(bid.evaluated or ""),
            "total": bid.total,
            "period_days": period_of(bid.form),
            **told[bid.bidder],
        }
        for bid in ahead.candidates
    ]
    objection = {
        "until": iso(until),
        "channel": command.channel,
        "article": award_rules.article_of(ahead.law, ("result_objected", "result_answered")),
    }
    late = {"reason": command.late_reason, "problems": [p.says for p in ahead.late]} if ahead.late else {}
    return {
        "project": lot.project_name,
        "lot_name": lot.name,
        "purchaser": lot.purchaser_name,
        "agent": lot.agent_name,
        "supervisor": lot.department,
        "from": iso(at),
        "until": iso(until),
        "last_day": command.last_day.isoformat(),
        "candidates": candidates,
        "objection": objection,
        "late": late,
    }
