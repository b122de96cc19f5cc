"""好差评: one rating for each finished service by its real user; bad ones are followed up; the agency may answer."""

from typing import Any
from uuid import UUID

from intermediaries.case import Tools
from intermediaries.charges import Cost, charge
from intermediaries.grading import Grade, write_rating
from intermediaries.ratings import unrated
from intermediaries.records import requests as records
from intermediaries.records import services
from intermediaries.records.services import RatingView
from intermediaries.request_case import RequestCase, Unmoved, request_act
from intermediaries.request_news import tell, tell_owner
from intermediaries.request_sides import current
from intermediaries.rules.requests import ITEMS
from intermediaries.schemas.requests import AnswerRating, FollowUpRating, RateService
from intermediaries.stages import Stage
from intermediaries.tables.services import FollowUp, RatingAnswer
from kernel import decisions
from kernel.db import TRADING, transaction
from kernel.decisions import Decision
from kernel.errors import NotFound, Problem, Refusal, TooLate, WrongStage
from kernel.identity import Actor
from kernel.ids import new_id


async def rate_service(actor: Actor, case: UUID, command: RateService) -> str:
    """The owner's one rating, within its time after the result was accepted; its SHA-256."""
    async with request_act("rate_service", actor, case) as found:
        row = found.request
        assert row.finished_at is not None, "a completed request has its moment"
        if any(rating.rater == "owner" and rating.by_default for rating in await services.ratings(case)):
            raise TooLate(Problem("rated_by_default", "已过评价时间，按规则记了默认评价", "如有意见可以投诉"))
        items = {name: getattr(command, name) for name in ITEMS}
        return await write_rating(found, Grade("owner", command.stars, items, command.says))


async def rate_by_default(actor: Actor, case: UUID) -> None:
    """The time to rate is over: the rule's grade, marked as such. `Unmoved` while there is time, or a rating."""
    async with request_act("rate_by_default", actor, case) as found:
        row = found.request
        if row.stage != Stage.COMPLETED or row.finished_at is None:
            raise Unmoved
        rated = any(rating.rater == "owner" for rating in await services.ratings(case))
        if rated or found.beat.at < row.limits["S06"].deadline(row.finished_at):
            raise Unmoved
        rule = unrated(row.region)
        await write_rating(found, Grade("owner", rule.stars, {}, rule.source, by_default=True, counts=rule.counts))


async def rate_by_department(tools: Tools, actor: Actor, decision: Decision) -> None:
    """Take the approving department's rating of the result it used (双评价). What cannot be taken is said why."""
    try:
        async with request_act("rate_result", actor, decision.subject) as found:
            if not await decisions.take(found.beat.connection, decision.id):
                raise Unmoved
            await write_rating(found, _department_grade(found, decision))
    except Refusal as refused:
        async with transaction(TRADING) as connection:
            await decisions.take(connection, decision.id, str(refused))


async def answer_rating(actor: Actor, case: UUID, rater: str, command: AnswerRating) -> None:
    """What the agency says to a rating, once, beside it."""
    async with request_act("answer_rating", actor, case) as found:
        await current(found, actor)
        rating = await _rating(case, rater)
        if rating.answered_at is not None:
            raise WrongStage(Problem("rating_answered", "这条评价已经回应", "回应不能修改"))
        await RatingAnswer.insert(RatingAnswer(id=new_id(), rating=rating.id, says=command.says, at=found.beat.at))
        await found.record(facts={"rater": rater, "says": command.says})


async def follow_up_rating(tools: Tools, actor: Actor, case: UUID, rater: str, command: FollowUpRating) -> None:
    """The return visit after a bad rating: what was found, and whether it was put right; both stay on record."""
    async with request_act("follow_up_rating", actor, case) as found:
        rating = await _rating(case, rater)
        if rating.due_at is None or rating.done_at is not None:
            raise WrongStage(Problem("no_visit_due", "这条评价没有待办的回访", "请从工作台进入"))
        await FollowUp.update(
            {
                FollowUp.visited_at: found.beat.at,
                FollowUp.visit: command.visit,
                FollowUp.rectified: command.rectified,
                FollowUp.done_at: found.beat.at,
            }
        ).where(FollowUp.rating == rating.id)
        asked = (await records.selections(case))[-1]
        event = "poor_rating" if command.rectified else "unmended_rating"
        says = f"评价为差评，回访查实：{found.request.name}"
        await charge(tools, found.beat, asked.agency, Cost(event, case, says))
        await found.record(facts={"rater": rater, "visit": command.visit, "rectified": command.rectified})
        await tell(found, asked.organisation, "rating_followed", visit=command.visit[:200])
        await tell_owner(found, "rating_followed", visit=command.visit[:200])


async def _rating(case: UUID, rater: str) -> RatingView:
    for rating in await services.ratings(case):
        if rating.rater == rater:
            return rating
    raise NotFound(Problem("no_rating", "没有这条评价", "请从项目页面进入"))


def _department_grade(case: RequestCase, decision: Decision) -> Grade:
    stars: Any = decision.facts.get("stars")
    if not isinstance(stars, int) or isinstance(stars, bool) or not 1 <= stars <= 5:
        raise WrongStage(Problem("stars_wrong", "评价应为一至五星", "请重新作出"))
    if case.request.stage != Stage.COMPLETED:
        raise WrongStage(Problem("not_finished", "服务尚未完成，不能评价", "成果验收后再评价"))
    return Grade("department", stars, {}, str(decision.facts.get("says", decision.says))[:4000])
