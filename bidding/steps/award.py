"""定标: the purchaser decides; rank one wins unless law says otherwise; winner and losers are told at the same time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from bidding import records, reports
from bidding.award_rules import PASSED_OVER, article, award_problems, period_of
from bidding.case import LotCase, Tools, check_reader, check_stage, lot_act
from bidding.procedures import PROCEDURES
from bidding.records import LotRow
from bidding.reports import RankedBid
from bidding.schemas import DecideAward, PublishedFile
from bidding.stages import Stage
from bidding.texts import claim_paper, finish, write_notice, write_paper
from kernel import inbox
from kernel.acts import answer, answered_before
from kernel.clock import now, when
from kernel.errors import BadInput, Problem, WrongStage, refuse_all
from kernel.identity import Actor
from storage.incoming import Digest

MOST = 3
OBJECTIONS = "招标投标法实施条例第五十四条"


async def decide_award(
    tools: Tools, actor: Actor, lot: UUID, command: DecideAward, request: UUID | None = None
) -> dict[str, Any]:
    """Fix the winner and send the notices; {award, notice, bidder}: SHA-256 of 中标通知书 and of the result."""
    asked = {"lot": str(lot), **command.model_dump(mode="json")}
    if (known := await answered_before("decide_award", actor, request, asked)) is not None:
        return known
    digests = dict(zip([o.bidder for o in command.passed_over], await _evidence(tools, actor, command), strict=True))
    async with lot_act("decide_award", actor, lot) as case:
        ranked, details = await _checked(case.lot, command, case.beat.at)
        passed_over = [await _reason(case, one.bidder, command, digests) for one in command.passed_over]
        winner = next(bid for bid in ranked if bid.bidder == command.bidder)
        content = _content(winner, details, passed_over, actor)
        award = await write_paper(case, "award", content)
        notice = await _announce(case, content, passed_over)
        await case.move(Stage.AWARDED)
        facts = {"bidder": winner.bidder, "rank": winner.rank, "price": str(winner.price)}
        await case.beat.record(case.lot.code, hashes={"award": award, "notice": notice}, facts=facts)
        await _tell(case, winner)
        given = {"award": award, "notice": notice, "bidder": winner.bidder}
        await answer(case.beat, request, asked, given)
    return given


async def check_award(actor: Actor, lot: UUID, command: DecideAward) -> None:
    """Refuse what deciding now would refuse, and write nothing."""
    row = await records.lot(lot)
    await check_reader("decide_award", actor, row)
    check_stage("decide_award", row)
    await _checked(row, command, await now())


async def _evidence(tools: Tools, actor: Actor, command: DecideAward) -> list[tuple[PublishedFile, Digest]]:
    return await finish(tools, actor, [one.evidence for one in command.passed_over])


async def _checked(lot: LotRow, command: DecideAward, at: datetime) -> tuple[list[RankedBid], Mapping[str, Any]]:
    """(the candidates, what was told of the winner); refuses before the publicity is over and all is answered."""
    ranked = [bid for bid in await reports.ranking(lot.id) if bid.rank > 0][:MOST]
    waiting = [o for o in await records.objections(lot.id, "result") if o.answered_at is None]
    if waiting:
        says = f"有 {len(waiting)} 项对评标结果的异议尚未答复"
        remedy = "应当自收到异议之日起三日内答复；答复前应当暂停招标投标活动"
        raise WrongStage(Problem("result_objection_open", says, remedy, OBJECTIONS))
    _check_publicity(lot, at)
    reasons = {one.bidder: one.ground for one in command.passed_over}
    refuse_all(award_problems([bid.bidder for bid in ranked], command.bidder, reasons, lot.category))
    told = await _told(lot, command)
    return ranked, told


def _check_publicity(lot: LotRow, at: datetime) -> None:
    if lot.stage == Stage.EVALUATED and "publicise" in PROCEDURES[lot.procedure].stages:
        raise WrongStage(Problem("publicity_missing", "还没有公示中标候选人", "公示期满后再定标", OBJECTIONS))
    if lot.stage == Stage.PUBLICISED and lot.publicity_until is not None and at < lot.publicity_until:
        remedy = f"公示至 {when(lot.publicity_until)}，期满没有异议或者异议已答复后再定标"
        raise WrongStage(Problem("publicity_runs", "中标候选人公示期未满", remedy, OBJECTIONS))


async def _told(lot: LotRow, command: DecideAward) -> Mapping[str, Any]:
    """What the publicity told of the winner; where the procedure has none, what the decision says."""
    shown = [text for text in await records.notices(lot.id) if text.kind == "candidates"]
    if shown:
        rows = shown[-1].content["content"]["candidates"]
        return dict(next(row for row in rows if row["bidder"] == command.bidder))
    if command.details is None or command.details.bidder != command.bidder:
        says = "没有写明中标人的质量、项目负责人和资格情况"
        raise BadInput(Problem("winner_details_missing", says, "请填写", "", "details"))
    return command.details.model_dump()


async def _reason(
    case: LotCase, bidder: str, command: DecideAward, digests: Mapping[str, tuple[PublishedFile, Digest]]
) -> dict[str, Any]:
    one = next(each for each in command.passed_over if each.bidder == bidder)
    file, digest = digests[bidder]
    return {
        "bidder": bidder,
        "ground": one.ground,
        "says": PASSED_OVER[one.ground],
        "article": article("rank", case.lot.category),
        "explanation": one.explanation,
        "evidence": await claim_paper(case, file, digest),
    }


def _content(
    winner: RankedBid, told: Mapping[str, Any], passed_over: list[dict[str, Any]], actor: Actor
) -> dict[str, Any]:
    return {
        "bidder": winner.bidder,
        "name": winner.name,
        "rank": winner.rank,
        "price": str(winner.price),
        "period_days": period_of(winner.form),
        "quality": told["quality"],
        "manager": told["manager"],
        "certificate": told["certificate"],
        "passed_over": passed_over,
        "decided_by": actor.organisation_name,
    }


async def _announce(case: LotCase, content: dict[str, Any], passed_over: list[dict[str, Any]]) -> str:
    """中标结果公告: who won, and why a better ranked candidate did not."""
    shown = {k: content[k] for k in ("bidder", "name", "rank", "price", "period_days", "quality", "manager")}
    reasons = [{k: one[k] for k in ("bidder", "says", "article", "explanation")} for one in passed_over]
    head = {
        "project": case.lot.project_name,
        "lot_name": case.lot.name,
        "purchaser": case.lot.purchaser_name,
        "agent": case.lot.agent_name,
        "supervisor": case.lot.department,
    }
    title = f"{case.lot.project_name} {case.lot.name}中标结果公告"
    return await write_notice(case, "award", title, head | {"winner": shown, "passed_over": reasons}, [])


async def _tell(case: LotCase, winner: RankedBid) -> None:
    """招标投标法 45: the award notice to the winner, the result to all others, at the same time."""
    for bid in await reports.ranking(case.lot.id):
        template = "award_won" if bid.bidder == winner.bidder else "award_lost"
        fields = {"project": case.lot.name, "code": case.lot.code, "winner": winner.name, "at": when(case.beat.at)}
        link = f"/lots/{case.lot.id}/award"
        await inbox.send(case.beat.connection, template, fields=fields, organisation=bid.organisation, link=link)
