"""评标报告: signed by every member, a dissent in writing, silence taken as consent; afterwards closed to any change.

Only on a ground the law names, and only before the same panel, is a signed report taken up again; a changed result
is reported to the department in charge (87 号令 64).
"""

from uuid import UUID

from bidding import judging, reports
from bidding.case import LotCase, lot_act
from bidding.deliberation import lawful_panel, settle, sign
from bidding.panel_schemas import ReopenEvaluation, SignReport
from bidding.sitting import begin_round, own_seat, under_way
from kernel.acts import answer, answered_before
from kernel.errors import BadInput, LawRefuses, Problem, WrongStage
from kernel.identity import Actor

SAYS = {"sign": "signed", "dissent": "dissent", "refuse": "deemed"}
GROUNDS = {
    "sum_error": "分值汇总计算错误",
    "out_of_range": "分项评分超出评分标准范围",
    "objective_mismatch": "客观评审因素评分不一致",
    "abnormal_score": "评分畸高、畸低",
}


async def sign_report(actor: Actor, lot: UUID, command: SignReport, request: UUID | None = None) -> dict[str, str]:
    """One member signs, dissents, or refuses; who refuses and writes nothing is taken to agree. {says}"""
    asked = {"lot": str(lot), **command.model_dump(mode="json")}
    if (known := await answered_before("sign_report", actor, request, asked)) is not None:
        return known
    says = SAYS[command.decision] if command.decision != "refuse" or not command.text else "dissent"
    if says == "dissent" and not command.text:
        raise BadInput(
            Problem(
                "dissent_unwritten",
                "不同意见须以书面说明理由",
                "请写明意见和理由",
                "招标投标法实施条例第五十三条",
                "text",
            )
        )
    async with lot_act("sign_report", actor, lot) as case:
        seat = await own_seat(case)
        found, _ = await under_way(case)
        drawn = await reports.drafted(lot)
        if drawn is None or drawn.round != found.round:
            raise WrongStage(Problem("no_report", "评标报告尚未形成", "全体成员评分后即形成报告"))
        if seat.id in {signature.seat for signature in await reports.signatures(drawn.id)}:
            raise WrongStage(Problem("signed_already", "您已经签署", "报告签署后不能再改"))
        await sign(case, drawn, seat, says, command.text if says == "dissent" else "")
        await settle(case)
        await answer(case.beat, request, asked, {"says": says})
    return {"says": says}


async def reopen_evaluation(
    actor: Actor, lot: UUID, command: ReopenEvaluation, request: UUID | None = None
) -> dict[str, str]:
    """The purchaser finds what the law lets be put right: the original panel, and no other, sits again. {ground}"""
    asked = {"lot": str(lot), **command.model_dump(mode="json")}
    if (known := await answered_before("reopen_evaluation", actor, request, asked)) is not None:
        return known
    async with lot_act("reopen_evaluation", actor, lot) as case:
        rule = case.procedure.evaluation
        if command.ground not in rule.reopens:
            allowed = "、".join(GROUNDS[ground] for ground in rule.reopens)
            remedy = f"仅限：{allowed}" if allowed else "认为评标活动违法的，请提出异议或者投诉"
            raise LawRefuses(
                Problem("report_closed", "评标报告已经签署，不得修改", remedy, rule.reopen_article, "ground")
            )
        await _check_panel(case)
        await begin_round(case, ground=command.ground, says=command.says)
        await answer(case.beat, request, asked, {"ground": command.ground})
    return {"ground": command.ground}


async def _check_panel(case: LotCase) -> None:
    """The panel that sits is the one that signed: same panel, same live seats."""
    seats = await lawful_panel(case)
    last, closed = await judging.last_round(case.lot.id), await reports.report(case.lot.id)
    panel = await judging.panel_of(case.lot.id)
    assert last is not None, "a report comes of a sitting"
    assert closed is not None, "the stage says so"
    signed = {signature.seat for signature in await reports.signatures(closed.id)}
    if panel is None or panel.id != last.panel or {seat.id for seat in seats} != signed:
        remedy = "请通知原评标委员会全体成员到场签到"
        article = case.procedure.evaluation.reopen_article
        raise WrongStage(Problem("not_the_panel", "只能由原评标委员会重新评审", remedy, article))
