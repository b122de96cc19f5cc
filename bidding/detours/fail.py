"""终止或流标: the purchaser ends a case on a ground of the law, says why to everybody, and it is archived."""

from typing import Any
from uuid import UUID

from bidding import records
from bidding.award_rules import GROUNDS, end_problems
from bidding.case import lot_act
from bidding.schemas import EndCase
from bidding.stages import Stage
from bidding.texts import write_notice
from kernel import inbox
from kernel.acts import answer, answered_before
from kernel.box import records as box_records
from kernel.clock import when
from kernel.errors import BadInput, Problem, WrongStage, refuse_all
from kernel.identity import Actor


async def end_case(actor: Actor, lot: UUID, command: EndCase, request: UUID | None = None) -> dict[str, Any]:
    """End the case after its opening; {notice, sha256}. What is still sealed for the panel is never opened."""
    asked = {"lot": str(lot), **command.model_dump(mode="json")}
    if (known := await answered_before("end_case", actor, request, asked)) is not None:
        return known
    async with lot_act("end_case", actor, lot) as case:
        if await records.opening(lot) is None:
            says, remedy = "开标记录公布之前不能在此终止", "请待开标结束，或者通过变更公告处理"
            raise WrongStage(Problem("not_recorded", says, remedy, "招标投标法实施条例第三十一条"))
        refuse_all(end_problems(command.ground, case.lot.category), BadInput)
        ground = GROUNDS[command.ground]
        article = ground.articles[case.lot.category[:1]]
        content = {"ground": ground.says, "article": article, "reason": command.reason}
        title = f"{case.lot.project_name} {case.lot.name}终止公告"
        sha256 = await write_notice(case, "failure", title, content, [])
        reason = f"{ground.says}（{article}）：{command.reason}"
        await case.move(Stage.FAILED, failure=reason[:400])
        facts = {"ground": command.ground, "article": article, "reason": command.reason}
        await case.beat.record(case.lot.code, hashes={"notice": sha256}, facts=facts)
        fields = {"project": case.lot.name, "code": case.lot.code, "at": when(case.beat.at), "reason": reason[:200]}
        for bid in (await box_records.standing(lot))[0]:
            await inbox.send(
                case.beat.connection, "case_ended", fields=fields, organisation=bid.organisation, link=f"/lots/{lot}"
            )
        await case.wake(case.beat.at)
        given = {"notice": len(await records.notices(lot)), "sha256": sha256}
        await answer(case.beat, request, asked, given)
    return given
