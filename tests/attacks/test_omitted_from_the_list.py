"""An operator leaves a received bid off the list: its bidder has five minutes, and the record says so."""

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from both_verifiers import verified
from cheats import Opening, opening
from conftest import TestClock
from house_databases import Databases
from package_office import Office, package
from road import DEADLINE, County, b64, countersign
from story import refused, reveal

from bidding import records
from bidding.case import lot_act
from bidding.clockwork import ACTOR, turn
from bidding.schemas import SignedObject
from bidding.stages import Stage
from bidding.steps.close import restore_bid
from kernel.box import messages
from kernel.box import records as box_records
from kernel.box.close import current_list, fixed
from kernel.box.tables import Box
from kernel.errors import Forbidden, TooLate, WrongStage
from kernel.proofs import dsse
from kernel.proofs.canonical import decode, from_base64
from kernel.proofs.close import build_close
from kernel.proofs.package import Package


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> County:
    return await County.make(tmp_path, house)


async def omitting(it: Opening) -> None:
    """What a dishonest platform would publish at the deadline: a list without the last bidder."""
    assert it.cheat.sealed is not None
    await it.clock.freeze(DEADLINE)
    box = await box_records.box(it.lot)
    standing = [bid.sha256 for bid in (await box_records.standing(it.lot))[0]]
    bids = [sha256 for sha256 in standing if sha256 != it.cheat.sealed.bid.sha256]
    async with lot_act("advance_box", ACTOR, it.lot) as case:
        false = build_close(
            tender=box.tender, lot=box.lot, setup=box.setup, deadline=box.deadline, at=case.beat.at, bids=bids,
            withdrawn=[],
        )  # fmt: skip
        await messages.put(case.beat, "list", "platform", dsse.sign(false))
        await Box.update({Box.state: "listed"}).where(Box.case == it.lot)


async def receipt_of(it: Opening) -> SignedObject:
    (view,) = await box_records.chain(it.lot, it.cheat.actor.organisation_code)
    return SignedObject(envelope=b64(view.receipt))


async def test_an_omitted_bid_is_restored_on_its_receipt_and_opened_with_the_others(
    county: County, clock: TestClock
) -> None:
    it = await opening(county, clock)
    receipt = await receipt_of(it)
    await omitting(it)
    assert it.cheat.sealed is not None
    assert it.cheat.sealed.bid.sha256 not in (await current_list(await box_records.box(it.lot))).bids
    await clock.freeze(DEADLINE + timedelta(minutes=4, seconds=59))
    await restore_bid(county.tools, it.cheat.actor, it.lot, receipt)
    assert it.cheat.sealed.bid.sha256 in (await current_list(await box_records.box(it.lot))).bids
    again = await refused(WrongStage, restore_bid(county.tools, it.cheat.actor, it.lot, receipt))
    assert again.code == "listed_already"
    await it.at(DEADLINE + timedelta(minutes=5))
    assert it.cheat.sealed.bid.sha256 in (await fixed(await box_records.box(it.lot))).bids
    await countersign(it.lot)
    await turn(county.tools, it.lot)
    await reveal(county, it.lot, [*it.honest, it.cheat])
    assert (await it.line())["outcome"] == "opened"
    (says,) = await it.said()
    assert says == f"{it.cheat.actor.organisation_name}在名单公布后五分钟内凭回执补入，截标名单草稿漏列，责任在平台"


async def test_a_bid_left_off_and_restored_at_one_instant_is_back_on_the_list_and_on_record(
    county: County, clock: TestClock
) -> None:
    it = await opening(county, clock)
    assert it.cheat.sealed is not None
    receipt = await receipt_of(it)
    await it.at(DEADLINE)
    whole = await current_list(await box_records.box(it.lot))
    await omitting(it)
    await restore_bid(county.tools, it.cheat.actor, it.lot, receipt)
    again = await current_list(await box_records.box(it.lot))
    assert (again.bids, again.at) == (whole.bids, DEADLINE + timedelta(milliseconds=1))
    await it.at(DEADLINE + timedelta(minutes=5))
    await countersign(it.lot)
    await turn(county.tools, it.lot)
    await reveal(county, it.lot, [*it.honest, it.cheat])
    (says,) = await it.said()
    assert "凭回执补入" in says


async def test_of_a_lot_that_fails_after_a_restoration_the_public_package_verifies_and_names_nobody(
    county: County, clock: TestClock, tmp_path: Path
) -> None:
    """A third bid was taken back: too few stand. Its receipt restores nothing, and blames nobody."""
    office = Office(county, tmp_path)
    county.tools = replace(county.tools, anchors=office.anchors().data)
    it = await opening(county, clock)
    gone = await receipt_of(it)
    await it.cheat.withdraw(county.tools, it.lot, await county.setup(it.lot))
    it.cheat, it.honest = it.honest[1], [it.cheat, it.honest[0]]
    await omitting(it)
    withdrawn = await refused(WrongStage, restore_bid(county.tools, it.honest[0].actor, it.lot, gone))
    assert withdrawn.code == "not_standing"
    await restore_bid(county.tools, it.cheat.actor, it.lot, await receipt_of(it))
    await it.at(DEADLINE + timedelta(minutes=5))
    assert (await records.lot(it.lot)).stage == Stage.FAILED
    for _ in range(2):
        await turn(county.tools, it.lot)
        await office.publish()
    await turn(county.tools, it.lot)
    for kind, drafts in (("public", 1), ("archive", 2)):
        data = await package(county, it.lot, kind)
        report = verified(data, office.anchors())
        assert report.good, report.text()
        shown = Package.open(io.BytesIO(data))
        assert len([name for name in shown.names if name.startswith("list/")]) == drafts
        events = [decode(shown.read(name)) for name in shown.names if name.startswith("events/")]
        named = {decode(from_base64(event["body"]))["organisation"] for event in events if "body" in event}
        assert (it.cheat.actor.organisation_code in named) == (kind == "archive")


async def test_after_five_minutes_and_with_anybody_elses_receipt_nothing_is_restored(
    county: County, clock: TestClock
) -> None:
    it = await opening(county, clock)
    receipt = await receipt_of(it)
    await omitting(it)
    await refused(Forbidden, restore_bid(county.tools, it.honest[0].actor, it.lot, receipt))
    await clock.freeze(DEADLINE + timedelta(minutes=5))
    late = await refused(TooLate, restore_bid(county.tools, it.cheat.actor, it.lot, receipt))
    assert late.code == "list_fixed"
