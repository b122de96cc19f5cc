"""政府采购: an open procurement from its notice to the archive, and what its own law (G10 to G18) finds late."""

import io
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from award_road import bidder_of, contract, publicity
from conftest import TestClock
from house_faces import Faces
from judging_road import hearing
from package_office import Office, package
from purchase_road import decided, purchase
from road import DEADLINE, REGION, County, as_admin
from story import at, close, refused, reveal

from bidding import award_desk, facts, observed, records, results
from bidding.clockwork import turn
from bidding.detours.fail import end_case
from bidding.detours.settle import refund_deposit
from bidding.schemas import (
    ConfirmContract,
    DecideAward,
    EndCase,
    RefundDeposit,
)
from bidding.score_check import CHECKS
from bidding.stages import Stage
from bidding.steps.award import decide_award
from bidding.steps.contract import confirm_contract, file_contract
from bidding.steps.publicise import candidates_of, publicise_candidates
from bidding.steps.record import conclude_opening
from kernel.clock import now
from kernel.errors import LawRefuses, WrongStage
from kernel.law import LawInForce
from kernel.proofs.verify import verify
from supervision.judging import judge
from supervision.points import points

DEPOSIT = Decimal(24_000)
"""Two percent of the budget."""
PRICES = ["950000.00", "1000000.00", "1100000.00", "990000.00"]
REPORTED = at("2026-04-20 16:00")
NEXT_DAY, SECOND_DAY = at("2026-04-21 10:00"), at("2026-04-22 10:00")


@pytest.fixture
async def office(county: County, tmp_path: Path) -> Office:
    office = Office(county, tmp_path)
    county.tools = replace(county.tools, anchors=office.anchors().data)
    return office


@pytest.fixture
async def lot(county: County, office: Office, clock: TestClock) -> UUID:
    """Four bids and a fifth withdrawn in time; the panel's report is signed and handed over on 2026-04-20."""
    lot = await purchase(county, deposit=DEPOSIT)
    bidders = await county.sealed_in(lot, [*PRICES, "970000.00"])
    await bidders.pop().withdraw(county.tools, lot, await county.setup(lot))
    await close(county, clock, lot)
    await reveal(county, lot, bidders)
    await conclude_opening(county.tools, county.purchaser, lot)
    await clock.freeze(REPORTED)
    panel = await hearing(county, lot)
    await panel.review(county.purchaser)
    await panel.review_all()
    await panel.score_all(await panel.marks(await panel.bidders()))
    await panel.sign_all()
    return lot


async def contracted(county: County, lot: UUID, winner: str, signed: date) -> None:
    """The contract of this day, filed and confirmed now."""
    terms = await contract(county, lot, bond=Decimal(90_000), signed_on=signed)
    given = await file_contract(county.tools, county.purchaser, lot, terms)
    await confirm_contract(await bidder_of(county, winner), lot, ConfirmContract(sha256=given["contract"]))


async def refunded(county: County, lot: UUID, paid: date, *, of: str = "") -> None:
    """Every deposit that waits goes back; of one bidder, or of all."""
    for bid in [*await results.unrefunded(lot), *await results.unrefunded_withdrawn(lot)]:
        if of in ("", bid.bidder):
            await refund_deposit(county.purchaser, lot, RefundDeposit(bidder=bid.bidder, paid_on=paid))


async def broken(lot: UUID) -> set[str]:
    """The limits of the lot's law that its facts do not keep."""
    law = LawInForce.from_json((await records.lot(lot)).law or "")
    known = {name: value for name, value in (await facts.facts([lot]))[lot].items() if not isinstance(value, str)}
    return {problem.code for problem in law.problems(known)}


async def cards(lot: UUID) -> dict[str, str]:
    """Supervision point → its level now, of those that have one."""
    row, moment = await records.lot(lot), await now()
    known = (await facts.facts([lot]))[lot] | (await observed.facts([lot]))[lot]
    law = LawInForce.from_json(row.law or "")
    found = [judge(p, row.procedure, REGION, law, known, moment) for p in points() if p.duty == "bidding"]
    return {one.point.id: one.level for one in found if one is not None and one.level}


async def test_a_purchase_goes_in_time_from_its_notice_to_an_archive_that_verifies(
    county: County, office: Office, clock: TestClock, lot: UUID
) -> None:
    await clock.freeze(NEXT_DAY)
    winner = await decided(county, lot)
    await refunded(county, lot, NEXT_DAY.date(), of=(await results.unrefunded_withdrawn(lot))[0].bidder)
    await clock.freeze(SECOND_DAY)
    await contracted(county, lot, winner, SECOND_DAY.date())
    await refunded(county, lot, SECOND_DAY.date())
    assert await broken(lot) == set()
    assert await cards(lot) == {}
    await the_agency_hands_the_report_over(lot)
    for _ in range(2):
        await turn(county.tools, lot)
        await office.publish()
    await turn(county.tools, lot)
    assert (await records.lot(lot)).stage == Stage.ARCHIVED, "no written report is asked of a purchase"
    for kind in ("public", "archive"):
        report = verify(io.BytesIO(await package(county, lot, kind)), office.anchors(), CHECKS)
        assert report.failure is None, report.text()


async def the_agency_hands_the_report_over(lot: UUID) -> None:
    """G09 binds an agency alone: where there is one, its two working days run from the report's drawing up."""
    known = (await facts.facts([lot]))[lot]
    assert "evaluation_concluded" not in known
    await as_admin("update bidding.project set agent = purchaser")
    handed = (await facts.facts([lot]))[lot]
    assert handed.keys() - known.keys() == {"evaluation_concluded", "report_delivered"}
    assert (handed["evaluation_concluded"], handed["report_delivered"]) == (REPORTED, REPORTED)
    (point,) = [point for point in points() if point.id == "P410"]
    law = LawInForce.from_json((await records.lot(lot)).law or "")
    for day, level in ((22, None), (23, "red")):
        late = handed | {"report_delivered": REPORTED.replace(day=day)}
        found = judge(point, "procurement_open_tender", REGION, law, late, await now())
        assert found is not None
        assert found.level == level


async def test_no_candidates_are_publicised_and_rank_order_rests_on_the_law_of_procurement(
    county: County, clock: TestClock, lot: UUID
) -> None:
    second = (await candidates_of(lot))[1].bidder
    plain = await refused(LawRefuses, decide_award(county.tools, county.purchaser, lot, DecideAward(bidder=second)))
    assert {problem.article for problem in plain.problems} == {"政府采购法实施条例第四十三条"}
    day = (await now()).date() + timedelta(days=3)
    await refused(WrongStage, publicise_candidates(county.tools, county.purchaser, lot, await publicity(lot, day)))
    assert (await records.lot(lot)).publicity_until is None


async def test_what_is_late_is_found_by_the_limits_of_procurement(county: County, clock: TestClock, lot: UUID) -> None:
    """G10: 5 working days; G12: 30 days; G13: 2; G14: 7; G16: 5 and 5; G17: 5."""
    await clock.freeze(at("2026-04-28 10:00"))  # 04-27 was the fifth working day
    assert (await cards(lot))["P407"] == "red"
    winner = await decided(county, lot)
    signed = date(2026, 5, 29)  # the thirty-first day
    await clock.freeze(at("2026-06-10 10:00"))  # the eighth working day after it
    seen = await cards(lot)
    assert {seen[point] for point in ("P502", "P512", "P513")} == {"red"}
    await contracted(county, lot, winner, signed)
    await refunded(county, lot, (await now()).date())
    late = {"law_g10", "law_g12", "law_g13", "law_g14", "law_g16a", "law_g16b", "law_g17"}
    assert await broken(lot) == late
    assert {"P407", "P502", "P507", "P509", "P511", "P512", "P513"} <= (await cards(lot)).keys()


async def test_a_bond_above_ten_percent_and_other_terms_are_refused_by_the_law_of_procurement(
    county: County, clock: TestClock, lot: UUID
) -> None:
    """G18."""
    await decided(county, lot)
    dear = await contract(county, lot, bond=Decimal("110000.01"), quality="优良")
    found = await refused(LawRefuses, file_contract(county.tools, county.purchaser, lot, dear))
    assert {problem.code: problem.article for problem in found.problems} == {
        "contract_quality_differs": "政府采购货物和服务招标投标管理办法第七十一条",
        "law_g18": "政府采购法实施条例第四十八条",
    }


async def test_a_deposit_above_two_percent_of_the_budget_is_refused(county: County) -> None:
    """G15."""
    found = await refused(LawRefuses, purchase(county, deposit=DEPOSIT + Decimal("0.01")))
    assert [(problem.code, problem.article) for problem in found.problems] == [
        ("law_g15", "政府采购法实施条例第三十三条")
    ]


async def test_who_withdrew_gets_his_deposit_back_once_and_nobody_learns_of_him_before_the_opening(
    county: County, clock: TestClock, lot: UUID
) -> None:
    known = (await facts.facts([lot]))[lot]
    assert isinstance(known["withdrawal_received"], datetime)
    assert known["withdrawal_received"] >= DEADLINE, "it counts from the opening, which first tells of it"
    await decided(county, lot)
    gone = (await results.unrefunded_withdrawn(lot))[0].bidder
    await refunded(county, lot, (await now()).date(), of=gone)
    again = RefundDeposit(bidder=gone, paid_on=(await now()).date())
    nothing = await refused(WrongStage, refund_deposit(county.purchaser, lot, again))
    assert nothing.problems[0].article == "政府采购法实施条例第三十三条"
    assert "withdrawal_refunded" in (await facts.facts([lot]))[lot]


async def test_deposits_of_an_ended_purchase_go_back_within_five_working_days(
    county: County, clock: TestClock, faces: Faces
) -> None:
    """G17B, 87 号令 29; the last day paid counts, whichever refund is noted last."""
    ended = EndCase(ground="terminated", reason="采购任务取消")
    empty, lot = await purchase(county, deposit=DEPOSIT), await purchase(county, deposit=DEPOSIT)
    bidders = await county.sealed_in(lot, PRICES[:2])
    await bidders[1].withdraw(county.tools, lot, await county.setup(lot))
    await clock.freeze(at("2026-04-15 10:00"))
    for case in (empty, lot):
        await end_case(county.tools, county.purchaser, case, ended)
    assert "tender_ended" not in (await facts.facts([empty]))[empty], "nobody paid anything"
    (todo,) = await award_desk.purchaser_todos(await records.lot(lot), await now())
    assert (todo["due"], todo["article"]) == (at("2026-04-23 00:00"), "政府采购货物和服务招标投标管理办法第二十九条")
    await clock.freeze(at("2026-04-22 10:00"))  # the fifth working day
    await faces.turn("supervision")
    assert (await cards(lot), await cards(empty)) == ({"P516": "yellow"}, {})
    await clock.freeze(at("2026-04-23 10:00"))
    assert await cards(lot) == {"P516": "red"}
    [seen] = [case for case in await facts.watched(None, 10) if case.id == lot]
    assert (seen.stage, seen.stage_name) == ("ended", "已终止")
    await faces.turn("trading")
    for bidder, paid in zip(bidders, (date(2026, 4, 23), date(2026, 4, 16)), strict=True):
        assert "ended_refunded" not in (await facts.facts([lot]))[lot]
        await refunded(county, lot, paid, of=bidder.actor.organisation_code or "")
    assert await broken(lot) == {"law_g17b"}
    assert await cards(lot) == {"P516": "red"}
