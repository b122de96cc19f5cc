"""Stories of the evaluation: scenarios 34 to 37, 39 and 40, what the panel alone may read, and what nobody may ask."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from conftest import TestClock
from house_databases import Databases
from house_faces import Faces
from judging_road import announced, evaluated, hearing, opened
from purchase_road import decided
from road import DEPARTMENT, Bidder, County
from seated_panel import leave, replaced
from story import at, close, refused, reveal
from supervision_site import officer, supervision_site

from bidding import judging, observed, records, reports, results
from bidding.panel_schemas import AnswerClarification, AskClarification, EvaluationPlan, ReopenEvaluation, SignReport
from bidding.scoring import replay
from bidding.stages import Stage
from bidding.steps.evaluation.clarify import answer_clarification, ask_clarification
from bidding.steps.evaluation.documents import documents_of, open_document
from bidding.steps.record import conclude_opening
from bidding.steps.report import reopen_evaluation, sign_report
from kernel import log
from kernel.box import records as box_records
from kernel.db import TRADING, transaction
from kernel.errors import BadInput, Forbidden, LawRefuses, NotFound, TooLate, WrongStage
from kernel.identity import Actor
from kernel.watched import ENDED

THREE_PERCENT = EvaluationPlan.model_validate({"delta": {"low": "0.03", "high": "0.03", "step": "0.01"}})
"""The benchmark of scenario 36: the range of what is drawn holds one step."""


def code(n: int) -> str:
    """The n-th bidder's code."""
    return f"9133010600000{n:03}XX"


async def acts(lot: UUID, act: str) -> list[dict[str, Any]]:
    async with transaction(TRADING) as connection:
        return [json.loads(e.body) for e in await log.events_of(connection, str(lot)) if e.act == act]


async def test_34_a_member_who_leaves_stops_everything_until_replaced_and_his_marks_are_void(
    county: County, clock: TestClock
) -> None:
    """Scenario 34."""
    lot = await opened(county, clock, await announced(county), ["38000000.00", "37500000.00", "39000000.00"])
    panel = await hearing(county, lot)
    await panel.review_all()
    marks = await panel.marks(await panel.bidders())
    for judge in panel.judges[:3]:
        await panel.score(judge, marks)
    gone = panel.judges[2]
    await leave(lot, gone)
    locked = await refused(WrongStage, panel.score(panel.judges[3], marks))
    assert locked.problems[0].article, "four are even, and too few"
    await refused(Forbidden, panel.score(gone, marks))
    await panel.turn()
    (void,) = await acts(lot, "void_scores")
    (told,) = await judging.voids(lot)
    given: dict[UUID | None, str] = {sheet.seat: sheet.sha256 for sheet in await judging.sheets(lot, 1)}
    assert void["facts"]["sheets"] == told["sheets"] == [given[gone.person]]
    new = await replaced(lot, gone)
    panel.judges[2] = new
    for judge in panel.judges[3:]:
        await refused(WrongStage, panel.score(judge, marks))
    await panel.review(new)
    for judge in panel.judges[2:]:
        await panel.score(judge, marks)
    await panel.sign_all()
    report = await reports.report(lot)
    assert report is not None
    assert (await records.lot(lot)).stage == Stage.EVALUATED
    assert given[gone.person] not in report.content["sheets"].values()
    assert report.content["void"] == [{"seat": 3, "sheets": [given[gone.person]]}]


async def test_35_a_small_firm_is_compared_ten_percent_lower_and_its_contract_price_stays(
    county: County, clock: TestClock
) -> None:
    """Scenario 35."""
    lot = await announced(county, "procurement_open_tender", "D01", 1_200_000)
    setup = await county.setup(lot)
    bidders = []
    for n, (price, small) in enumerate((("950000.00", False), ("1000000.00", True), ("1100000.00", False)), 1):
        bidders.append(await sealed(county, lot, setup, n, {"price": price, "period_days": 30, "small": small}))
    await walk_to_record(county, clock, lot, bidders)
    panel = await hearing(county, lot)
    await panel.review(county.purchaser)
    await panel.review_all()
    await panel.score_all(await panel.marks(await panel.bidders()))
    await panel.sign_all()
    ranked = {bid.bidder: bid for bid in await reports.ranking(lot)}
    assert {b: r.price_score for b, r in ranked.items()} == {code(1): "28.42", code(2): "30.00", code(3): "24.55"}
    assert (ranked[code(2)].price, ranked[code(2)].evaluated) == (Decimal("1000000.00"), Decimal("900000.00"))
    assert ranked[code(2)].rank == 1
    report = await reports.report(lot)
    assert report is not None
    judged = [{**bid, "small": False} for bid in report.content["judged"]]
    plain = replay(report.content["evaluation"], judged, report.content["scores"])
    assert {row["bidder"]: row["price_score"] for row in plain} == {
        code(1): "30.00", code(2): "28.50", code(3): "25.91",
    }, "nobody is small"  # fmt: skip
    await decided(county, lot)
    award = await results.paper(lot, "award")
    assert award is not None
    assert award.content["price"] == "1000000.00", "the contract is at the price that was bid"


async def test_36_the_benchmark_of_five_bids_gives_the_worked_figures(county: County, clock: TestClock) -> None:
    """Scenario 36."""
    prices = ["3800000.00", "3950000.00", "4020000.00", "4100000.00", "4550000.00"]
    lot = await opened(county, clock, await announced(county, ceiling=5_000_000, plan=THREE_PERCENT), prices)
    record = (await records.opening(lot) or ({}, ""))[0]
    assert record["delta"] == "0.03", "drawn at the opening"
    await evaluated(county, lot)
    ranking = await reports.ranking(lot)
    assert {bid.bidder: bid.price_score for bid in ranking} == {
        code(1): "58.69",
        code(2): "58.79",
        code(3): "56.99",
        code(4): "54.94",
        code(5): "43.41",
    }
    assert [bid.bidder for bid in ranking] == [code(2), code(1), code(3), code(4), code(5)]
    report = await reports.report(lot)
    assert report is not None
    content = report.content
    assert content["candidates"] == [code(2), code(1), code(3)]
    assert replay(content["evaluation"], content["judged"], content["scores"]) == content["ranking"]


async def test_37_a_bid_over_the_ceiling_is_rejected_by_itself_and_one_at_the_ceiling_is_valid(
    county: County, clock: TestClock
) -> None:
    """Scenario 37."""
    lot = await announced(county, ceiling=4_100_000)
    await opened(county, clock, lot, ["4200000.00", "4100000.00", "4000000.00"])
    panel = await hearing(county, lot)
    await refused(BadInput, panel.review(panel.judges[0], [code(1)]))
    await panel.review_all([code(2), code(3)])
    await panel.score_all(await panel.marks([code(2), code(3)]))
    await panel.sign_all()
    ranked = {bid.bidder: bid for bid in await reports.ranking(lot)}
    assert [(r.rank, [p["code"] for p in r.rejected]) for r in map(ranked.get, (code(1), code(2))) if r] == [
        (0, ["over_ceiling"]),
        (ranked[code(2)].rank, []),
    ]
    assert ranked[code(2)].rank > 0
    assert ranked[code(1)].rejected[0]["article"] == "招标投标法实施条例第五十一条"


async def test_39_silence_is_taken_as_consent_and_a_written_dissent_stands_in_the_report(
    county: County, clock: TestClock, house: Databases, faces: Faces, tmp_path: Path
) -> None:
    """Scenario 39."""
    await clock.freeze(at("2026-03-02 09:00:00"))
    lot = await opened(county, clock, await announced(county), ["38000000.00", "37500000.00", "39000000.00"])
    panel = await hearing(county, lot)
    await panel.review_all()
    await panel.score_all(await panel.marks(await panel.bidders()))
    one, two, three, *silent = panel.judges
    await sign_report(one, lot, SignReport(decision="sign"))
    unwritten = await refused(BadInput, sign_report(two, lot, SignReport(decision="dissent")))
    assert unwritten.problems[0].article == "招标投标法实施条例第五十三条"
    await sign_report(two, lot, SignReport(decision="dissent", text="技术分的差距没有依据"))
    await sign_report(three, lot, SignReport(decision="refuse"))
    drawn = await reports.drafted(lot)
    assert drawn is not None
    await panel.turn()
    assert (await records.lot(lot)).stage == Stage.EVALUATING, "two may still write"
    await clock.freeze(drawn.sign_until)
    await panel.turn()
    report = await reports.report(lot)
    assert report is not None
    assert (await records.lot(lot)).stage == Stage.EVALUATED
    assert [line["says"] for line in report.signatures] == ["signed", "dissent", "deemed", "deemed", "deemed"]
    assert report.signatures[1]["text"] == "技术分的差距没有依据"
    await refused(WrongStage, sign_report(silent[0], lot, SignReport(decision="dissent", text="太迟了")))
    async with supervision_site(county, house, faces, tmp_path / "supervision") as watching:
        client = await watching.client(await officer("regulator", "某区住建局", departments=(DEPARTMENT,)))
        told = (await client.get(f"/api/v1/cases/{lot}")).json()["report"]
        assert [(line["number"], line["says"], line["text"]) for line in told["signatures"]] == [
            (line["number"], line["says"], line["text"]) for line in report.signatures
        ]
        page = (await client.get(f"/cases/{lot}", headers={"accept": "text/html"})).text
        assert "技术分的差距没有依据" in page
        assert page.count("视为同意</span>") == 3


async def test_40_a_signed_report_is_closed_and_only_its_own_panel_puts_a_sum_right(
    county: County, clock: TestClock, house: Databases
) -> None:
    """Scenario 40."""
    lot = await announced(county, "procurement_open_tender", "D01", 1_200_000)
    await opened(county, clock, lot, ["950000.00", "1000000.00", "1100000.00"])
    panel = await hearing(county, lot)
    await panel.review(county.purchaser)
    await panel.review_all()
    marks = await panel.marks(await panel.bidders(), technical="20")
    await panel.score_all(marks)
    await panel.sign_all()
    first = await reports.report(lot)
    assert first is not None
    await refused(WrongStage, panel.score(panel.judges[0], marks))
    await nothing_changes(house, lot)
    wrong = ReopenEvaluation(ground="second_thoughts", says="想再看看")
    assert (await refused(LawRefuses, reopen_evaluation(county.purchaser, lot, wrong))).problems[0].article
    right = ReopenEvaluation(ground="sum_error", says="3 号席位的汇总少计 5 分")
    await leave(lot, panel.judges[4])
    stranger = await replaced(lot, panel.judges[4])
    await refused(WrongStage, reopen_evaluation(county.purchaser, lot, right))
    assert stranger.person != panel.judges[4].person


async def test_40_the_original_panel_changes_the_result_and_finance_is_told(county: County, clock: TestClock) -> None:
    """Scenario 40."""
    lot = await announced(county, "procurement_open_tender", "D01", 1_200_000)
    await opened(county, clock, lot, ["950000.00", "1000000.00", "1100000.00"])
    panel = await hearing(county, lot)
    await panel.review(county.purchaser)
    await panel.review_all()
    await panel.score_all(await panel.marks(await panel.bidders(), technical="20"))
    await panel.sign_all()
    right = ReopenEvaluation(ground="sum_error", says="2 号投标的汇总少计 5 分")
    await reopen_evaluation(county.purchaser, lot, right)
    marks = await panel.marks(await panel.bidders(), technical="20")
    marks[code(2)]["technical"] = "25"
    await panel.score_all(marks)
    await panel.sign_all()
    again = await reports.report(lot)
    assert again is not None
    assert (again.round, again.changed, again.content["ground"]) == (2, True, "sum_error")
    assert next(bid.bidder for bid in await reports.ranking(lot)) == code(2)
    (told,) = await acts(lot, "report_changed_result")
    assert told["facts"]["to"] == "housing"


async def test_works_reports_are_never_taken_up_again(county: County, clock: TestClock) -> None:
    lot = await opened(county, clock, await announced(county), ["38000000.00", "37500000.00", "39000000.00"])
    await evaluated(county, lot)
    right = ReopenEvaluation(ground="sum_error", says="汇总少计")
    closed = await refused(LawRefuses, reopen_evaluation(county.purchaser, lot, right))
    assert closed.problems[0].article == "招标投标法第四十四条"


async def test_nobody_sees_the_comparison_before_every_member_has_given_his_marks(
    county: County, clock: TestClock
) -> None:
    lot = await opened(county, clock, await announced(county), ["38000000.00", "37500000.00", "39000000.00"])
    panel = await hearing(county, lot)
    early = await refused(WrongStage, panel.score(panel.judges[0], await panel.marks(await panel.bidders())))
    assert early.code == "review_not_over"
    await panel.review_all()
    for judge in panel.judges[:4]:
        await panel.score(judge, await panel.marks(await panel.bidders()))
        assert await reports.drafted(lot) is None
    await refused(WrongStage, sign_report(panel.judges[0], lot, SignReport(decision="sign")))
    await panel.score(panel.judges[0], await panel.marks(await panel.bidders(), technical="9"))
    await panel.score(panel.judges[4], await panel.marks(await panel.bidders()))
    late = await refused(WrongStage, panel.score(panel.judges[0], await panel.marks(await panel.bidders())))
    assert late.code == "scores_closed"
    drawn = await reports.drafted(lot)
    assert drawn is not None
    assert drawn.content["scores"]["1"][code(1)]["technical"] == "9"


async def test_objective_marks_that_differ_keep_the_comparison_shut(county: County, clock: TestClock) -> None:
    lot = await opened(county, clock, await announced(county), ["38000000.00", "37500000.00", "39000000.00"])
    panel = await hearing(county, lot)
    await panel.review_all()
    for judge in panel.judges[:4]:
        await panel.score(judge, await panel.marks(await panel.bidders()))
    await panel.score(panel.judges[4], await panel.marks(await panel.bidders(), credit="6"))
    assert await reports.drafted(lot) is None
    await panel.score(panel.judges[4], await panel.marks(await panel.bidders()))
    assert await reports.drafted(lot) is not None


async def test_what_the_panel_asks_is_answered_in_writing_once_and_what_it_does_not_ask_is_refused(
    county: County, clock: TestClock
) -> None:
    await clock.freeze(at("2026-03-02 09:00:00"))
    lot = await opened(county, clock, await announced(county), ["38000000.00", "37500000.00", "39000000.00"])
    panel = await hearing(county, lot)
    bidder = (await county.bidder(2)).actor
    other = (await county.bidder(1)).actor
    unasked = AnswerClarification(clarification=UUID(int=7), text="我方主动说明")
    assert (await refused(Forbidden, answer_clarification(bidder, lot, unasked))).problems[0].article == (
        "招标投标法实施条例第五十二条"
    )
    question = AskClarification(bidder=code(2), text="工期 180 天是否包括雨季")
    asked = UUID((await ask_clarification(panel.judges[0], lot, question))["clarification"])
    await refused(Forbidden, answer_clarification(other, lot, AnswerClarification(clarification=asked, text="我来答")))
    await panel.review_all()
    waiting = await refused(WrongStage, panel.score(panel.judges[0], await panel.marks(await panel.bidders())))
    assert waiting.code == "review_not_over"
    await answer_clarification(bidder, lot, AnswerClarification(clarification=asked, text="包括"))
    await refused(
        WrongStage, answer_clarification(bidder, lot, AnswerClarification(clarification=asked, text="不包括"))
    )
    late = UUID((await ask_clarification(panel.judges[0], lot, question))["clarification"])
    (found,) = [q for q in await judging.questions(lot) if q.id == late]
    await clock.freeze(found.until)
    await refused(TooLate, answer_clarification(bidder, lot, AnswerClarification(clarification=late, text="包括")))
    await panel.score_all(await panel.marks(await panel.bidders()))
    drawn = await reports.drafted(lot)
    assert drawn is not None
    assert [q["state"] for q in drawn.content["clarifications"]] == ["answered", "unanswered"]


async def test_nobody_is_found_below_cost_before_he_was_asked_to_explain(county: County, clock: TestClock) -> None:
    lot = await opened(county, clock, await announced(county), ["18000000.00", "37500000.00", "39000000.00"])
    panel = await hearing(county, lot)
    unasked = await refused(BadInput, panel.review(panel.judges[0], [code(1)]))
    assert [p.code for p in unasked.problems] == ["not_explained"]
    question = AskClarification(bidder=code(1), kind="low_price", text="报价明显低于其他投标，请说明并附证明材料")
    asked = UUID((await ask_clarification(panel.judges[0], lot, question))["clarification"])
    bidder = (await county.bidder(1)).actor
    await answer_clarification(bidder, lot, AnswerClarification(clarification=asked, text="没有证明材料"))
    await panel.review_all(lacks={code(1): {"cost": "不能合理说明，也没有证明材料"}})
    await panel.score_all(await panel.marks([code(2), code(3)]))
    drawn = await reports.drafted(lot)
    assert drawn is not None
    lines = {row["bidder"]: row for row in drawn.content["ranking"]}
    assert lines[code(1)]["rejected"][0]["article"] == "评标委员会和评标方法暂行规定第二十一条"


async def test_every_no_without_a_reason_is_told_at_once(county: County, clock: TestClock) -> None:
    lot = await opened(county, clock, await announced(county), ["38000000.00", "37500000.00", "39000000.00"])
    panel = await hearing(county, lot)
    bad = await refused(BadInput, panel.review(panel.judges[0], [code(1)], {code(1): {"signed": "", "honest": ""}}))
    assert {(p.code, p.field) for p in bad.problems} == {
        ("review_reason_missing", "signed"),
        ("review_reason_missing", "honest"),
    }


async def test_fewer_than_three_qualified_suppliers_end_a_procurement(county: County, clock: TestClock) -> None:
    lot = await announced(county, "procurement_open_tender", "D01", 1_200_000)
    await opened(county, clock, lot, ["950000.00", "1000000.00", "1100000.00"])
    panel = await hearing(county, lot)
    await panel.review(county.purchaser, lacks={code(3): {"qualified": "没有所需的许可证"}})
    await panel.review_all()
    row = await records.lot(lot)
    assert row.stage == Stage.FAILED
    assert "不足 3 家" in row.failure
    assert ENDED in (await observed.facts([lot]))[lot], "nothing of its road is waited for from now on"


async def test_a_corrected_price_that_the_supplier_does_not_confirm_invalidates_the_bid(
    county: County, clock: TestClock
) -> None:
    lot = await announced(county, "procurement_open_tender", "D01", 1_200_000)
    setup = await county.setup(lot)
    forms: list[dict[str, Any]] = [
        {"price": p, "period_days": 30} for p in ("950000.00", "1000000.00", "1100000.00", "900000.00")
    ]
    forms[3]["price_words"] = "玖拾伍万元整"
    bidders = [await sealed(county, lot, setup, n, form) for n, form in enumerate(forms, 1)]
    await walk_to_record(county, clock, lot, bidders)
    panel = await hearing(county, lot)
    await panel.review(county.purchaser)
    await panel.review_all()
    await refused(WrongStage, panel.score(panel.judges[0], await panel.marks(await panel.bidders())))
    question = AskClarification(bidder=code(4), kind="confirm", text="修正后的报价为 950000 元，请确认")
    asked = UUID((await ask_clarification(panel.judges[0], lot, question))["clarification"])
    no = AnswerClarification(clarification=asked, text="不予确认", confirms=False)
    await answer_clarification(bidders[3].actor, lot, no)
    await panel.score_all(await panel.marks([code(1), code(2), code(3)]))
    drawn = await reports.drafted(lot)
    assert drawn is not None
    last = drawn.content["ranking"][-1]
    assert (last["bidder"], last["price"]) == (code(4), "950000.00")
    assert [reason["code"] for reason in last["rejected"]] == ["correction_unconfirmed"]


async def test_the_lowest_evaluated_price_needs_no_marks(county: County, clock: TestClock) -> None:
    plan = EvaluationPlan(method="lowest_evaluated")
    lot = await opened(county, clock, await announced(county, plan=plan), ["38000000.00", "37500000.00", "39000000.00"])
    panel = await hearing(county, lot)
    await panel.review_all()
    await panel.sign_all()
    assert [(bid.bidder, bid.rank) for bid in await reports.ranking(lot)] == [(code(2), 1), (code(1), 2), (code(3), 3)]


async def test_the_documents_are_opened_for_the_panel_alone_and_while_it_sits(county: County, clock: TestClock) -> None:
    lot = await opened(county, clock, await announced(county), ["38000000.00", "37500000.00", "39000000.00"])
    panel = await hearing(county, lot)
    listed = await documents_of(county.tools, panel.judges[0], lot)
    assert {bidder: [file.name for file in files] for bidder, files in listed.items()} == {
        code(n): ["技术方案.txt"] for n in (1, 2, 3)
    }
    file, steps = await open_document(county.tools, panel.judges[0], lot, code(2), "documents", 1)
    content = b"".join([step async for step in steps])
    assert "报价 37500000.00" in content.decode()
    assert len(content) == file.size
    stranger = Actor(role="expert", person=UUID(int=9))
    bidder = (await county.bidder(2)).actor
    for nobody in (stranger, bidder, county.operator, county.purchaser):
        with pytest.raises((Forbidden, NotFound)):
            await open_document(county.tools, nobody, lot, code(2), "documents", 1)
    await leave(lot, panel.judges[4])
    await refused(Forbidden, documents_of(county.tools, panel.judges[4], lot))


async def test_the_regulator_reads_the_signed_report_with_its_dissent_and_no_marks_before(
    county: County, clock: TestClock, house: Databases, faces: Faces
) -> None:
    lot = await opened(county, clock, await announced(county), ["38000000.00", "37500000.00", "39000000.00"])
    panel = await hearing(county, lot)
    await panel.review_all()
    await panel.score_all(await panel.marks(await panel.bidders()))
    for judge in panel.judges[1:]:
        await sign_report(judge, lot, SignReport(decision="sign"))
    await sign_report(panel.judges[0], lot, SignReport(decision="dissent", text="对排序第一有不同意见"))
    await faces.turn("supervision")
    report = await reports.report(lot)
    assert report is not None
    assert [line["text"] for line in report.signatures if line["says"] == "dissent"] == ["对排序第一有不同意见"]
    assert (await reports.facts([lot]))[lot].keys() == {"report_received"}
    assert len(await reports.ranking(lot)) == 3
    for secret in ("score_sheet", "review"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await judging.fetch(f"select * from bidding.{secret}")  # noqa: S608


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ({"price": "29", "items": [{"id": "a", "name": "技术", "maximum": "71"}]}, "law_g40"),
        ({"price": "40"}, "weights_not_full"),
        ({"formula": "benchmark_mean"}, "formula_unknown"),
        ({"method": "comprehensive"}, "method_unknown"),
        ({"discount": "0.21"}, "law_g42"),
    ],
)
async def test_a_notice_whose_weights_the_law_forbids_is_refused(
    county: County, clock: TestClock, plan: dict[str, Any], said: str
) -> None:
    chosen = EvaluationPlan.model_validate(plan)
    refusal = await refused(LawRefuses, announced(county, "procurement_open_tender", "D01", 1_200_000, chosen))
    assert said in [problem.code for problem in refusal.problems]


async def sealed(county: County, lot: UUID, setup: Any, n: int, form: dict[str, Any]) -> Bidder:
    """The n-th bidder with a bid of this price form, received."""
    bidder = await county.bidder(n)
    await bidder.seal(setup, (await box_records.box(lot)).notice, str(form["price"]), form=form)
    await bidder.submit(county.tools, lot)
    return bidder


async def walk_to_record(county: County, clock: TestClock, lot: UUID, bidders: list[Bidder]) -> None:
    await close(county, clock, lot)
    await reveal(county, lot, bidders)
    await conclude_opening(county.tools, county.purchaser, lot)


async def nothing_changes(house: Databases, lot: UUID) -> None:
    """The login of the trading site itself may neither alter nor take away what judges wrote."""
    connection = await asyncpg.connect(house.trading)
    try:
        for table in ("evaluation", "review", "score_sheet", "report", "signature", "signed_report"):
            for sql in (f"update bidding.{table} set at = at", f"delete from bidding.{table}"):  # noqa: S608
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.execute(sql)
    finally:
        await connection.close()
