"""The story of two envelopes: the prices stay sealed until the report on the first envelope is signed."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from both_verifiers import verified
from check_case import check_case
from conftest import TestClock
from house_databases import Databases
from judging_road import hearing
from package_office import Office, package
from road import County, b64
from story import close, refused, reveal
from two_envelopes import PRICES, announced, first_judged, first_opened

from bidding import judging, records, reports, results
from bidding.clockwork import turn
from bidding.schemas import RevealBid
from bidding.sheets import opening_data
from bidding.stages import Stage
from bidding.steps.open import reveal_bid
from bidding.steps.record import conclude_opening
from kernel.box import records as box_records
from kernel.clock import now
from kernel.errors import BadInput
from kernel.proofs.sealing import reveal_all


@pytest.fixture
def office(county: County, tmp_path: Path) -> Office:
    office = Office(county, tmp_path)
    county.tools = replace(county.tools, anchors=office.anchors().data)
    return office


@pytest.mark.parametrize("mode", ["bidder", "roles"])
async def test_the_first_opening_shows_no_price_and_nobody_has_a_seed_of_one(
    county: County, clock: TestClock, mode: str
) -> None:
    lot, _ = await first_opened(county, clock, mode)
    assert {stage for _, stage in await box_records.seeds(lot)} == {"documents"}
    record = (await records.opening(lot) or ({}, ""))[0]
    assert [bid["form"] for bid in record["bids"]] == [{}] * 4
    assert {bid["outcome"] for bid in record["bids"]} == {"opened"}
    assert not any(price in str(record) for price in PRICES)
    assert opening_data(record, "", "")["title"] == "第一信封开标记录"


async def test_a_price_cannot_be_opened_before_the_report_even_by_its_own_bidder(
    county: County, clock: TestClock
) -> None:
    lot = await announced(county)
    bidders = await county.sealed_in(lot, PRICES)
    await close(county, clock, lot)
    box, sealed = await box_records.box(lot), bidders[0].sealed
    assert sealed is not None
    early = reveal_all(sealed.bid, box.close, sealed.seeds, bidders[0].signer, due=["price"])
    command = RevealBid(envelopes=[b64(early[0].to_bytes())])
    assert (await refused(BadInput, reveal_bid(county.tools, bidders[0].actor, lot, command))).code == "other_report"


@pytest.mark.parametrize("mode", ["bidder", "roles"])
async def test_the_prices_of_those_who_passed_are_opened_after_the_signed_report_and_ranked(
    county: County, clock: TestClock, house: Databases, mode: str
) -> None:
    it = await first_judged(county, clock, mode)
    assert (await records.lot(it.lot)).stage == Stage.OPENING
    box = await box_records.box(it.lot)
    known = (await reports.facts([it.lot])).get(it.lot, {})
    assert known == {}, "the report on the first envelope alone is not the one after which candidates are publicised"
    signed = await reports.report(it.lot)
    assert signed is not None
    assert (box.turn, box.report, box.due) == (2, signed.signed_sha256, ["price"])
    if mode == "bidder":
        await refused(BadInput, it.bidders[3].reveal(county.tools, it.lot))
        await reveal(county, it.lot, it.passed)
    await county.work()
    await conclude_opening(county.tools, county.purchaser, it.lot)
    record = (await records.opening(it.lot) or ({}, ""))[0]
    outcomes = {bid["bidder"]: (bid["outcome"], bid["form"].get("price", "")) for bid in record["bids"]}
    expected = {b.actor.organisation_code: ("opened", p) for b, p in zip(it.passed, PRICES, strict=False)}
    assert opening_data(record, "", "")["title"] == "开标记录"
    assert outcomes == expected | {it.bidders[3].actor.organisation_code: ("kept_shut", "")}
    await turn(county.tools, it.lot)
    assert (await records.lot(it.lot)).stage == Stage.EVALUATING
    found = await judging.last_round(it.lot)
    assert found is not None
    assert (found.round, found.basis["marks_of"], len(found.basis["bids"])) == (2, 1, 3)
    await it.panel.sign_all()
    assert (await records.lot(it.lot)).stage == Stage.EVALUATED
    ranked = await reports.ranking(it.lot)
    assert {str(row.price) for row in ranked} == set(PRICES[:3])
    assert all(float(row.price_score) > 0 for row in ranked)
    await check_case(house, it.lot, county.tools)


async def test_who_passed_and_does_not_open_his_price_is_opened_by_the_three_roles(
    county: County, clock: TestClock
) -> None:
    it = await first_judged(county, clock)
    await reveal(county, it.lot, it.passed[:2])
    await clock.freeze((await now()) + timedelta(minutes=61))
    await turn(county.tools, it.lot)
    await county.work()
    ways = {way for (_, stage), way in (await box_records.seeded(it.lot)).items() if stage == "price"}
    assert ways == {"reveal", "release"}
    assert (await records.lot(it.lot)).opened_at is not None


async def archived(county: County, office: Office, lot: UUID) -> None:
    for _ in range(3):
        await turn(county.tools, lot)
        await office.publish()
    await turn(county.tools, lot)
    assert (await records.lot(lot)).stage == Stage.ARCHIVED


async def test_both_packages_of_two_envelopes_verify_with_both_records(
    county: County, office: Office, clock: TestClock
) -> None:
    it = await first_judged(county, clock)
    await office.publish()
    await turn(county.tools, it.lot)
    assert await results.paper(it.lot, "package") is None, "nothing is published of half an opening"
    await reveal(county, it.lot, it.passed)
    await conclude_opening(county.tools, county.purchaser, it.lot)
    await turn(county.tools, it.lot)
    await it.panel.sign_all()
    await county.end(it.lot)
    await archived(county, office, it.lot)
    for kind in ("public", "archive"):
        report = verified(await package(county, it.lot, kind), office.anchors())
        assert report.good, report.text()
        assert any(passed.name == "先后开启" for passed in report.passed)


async def test_a_lot_whose_first_envelopes_all_fail_is_archived_with_every_price_sealed(
    county: County, office: Office, clock: TestClock
) -> None:
    lot, bidders = await first_opened(county, clock)
    panel = await hearing(county, lot)
    item = (await panel.items())[0]
    await panel.review_all(lacks={b.actor.organisation_code: {item: "没有盖章"} for b in bidders})
    assert (await records.lot(lot)).stage == Stage.FAILED
    await archived(county, office, lot)
    assert {stage for _, stage in await box_records.seeds(lot)} == {"documents"}
    for kind in ("public", "archive"):
        report = verified(await package(county, lot, kind), office.anchors())
        assert report.good, report.text()
