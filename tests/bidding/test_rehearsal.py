"""开标演练: the whole opening the day before, by the same people; nothing of it is in the log or near a real bid."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from conftest import TestClock
from house_databases import Databases
from rehearsal_road import begun, played_through
from road import County, as_admin
from story import refused

from bidding.detours.rehearse import rehearse_opening
from kernel import inbox
from kernel.box import records as box_records
from kernel.box.tables import Rehearsed
from kernel.clock import now
from kernel.errors import BadInput, Forbidden, WrongStage
from kernel.proofs.checkpoints import open_checkpoint
from kernel.proofs.merkle import entry_hash, root_of
from kernel.proofs.note_keys import VerifierKey


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> County:
    return await County.make(tmp_path, house)


@pytest.mark.parametrize("mode", ["bidder", "roles"])
async def test_a_rehearsal_opens_and_its_report_says_who_did_what(county: County, clock: TestClock, mode: str) -> None:
    lot = await county.announced(mode)
    log = await as_admin("select count(*) from kernel.log_event")
    case = await begun(county, lot)
    view = await played_through(county, clock, case)
    assert view.report is not None
    report = json.loads(view.report)
    assert report["good"] is True
    assert [(bid["sealed"] == bid["opened"], bid["way"]) for bid in report["bids"]] == (
        [(True, "reveal"), (True, "reveal"), (True, "release")] if mode == "bidder" else [(True, "release")] * 3
    )
    assert {h["role"] for h in report["holders"] if h["key"] and h["setup"]} == {"operator", "regulator", "purchaser"}
    assert {h["role"] for h in report["holders"] if h["release"]} == {"operator", "regulator", "purchaser"}
    assert await as_admin("select count(*) from kernel.log_event") == log + 1, "that it was asked for, and nothing else"
    assert (await box_records.setup(await box_records.box(case))).rehearsal
    assert (await box_records.box(lot)).state == "ready"


async def test_its_log_has_an_origin_and_a_key_of_its_own(county: County, clock: TestClock) -> None:
    lot = await county.announced("roles")
    view = await played_through(county, clock, await begun(county, lot))
    assert view.report is not None
    named = json.loads(view.report)["log"]
    assert named["origin"].endswith(f"/rehearsal/{view.case}")
    opened = open_checkpoint(view.checkpoint.encode(), [VerifierKey.parse(named["vkey"])])
    rows = (
        await Rehearsed.select(Rehearsed.salt, Rehearsed.body).where(Rehearsed.case == view.case).order_by(Rehearsed.n)
    )
    assert opened.checkpoint.size == len(rows) > 20
    assert opened.checkpoint.root == root_of([entry_hash(row["salt"], row["body"]) for row in rows])


async def test_holders_are_asked_and_the_keys_are_not_those_of_the_tender(county: County, clock: TestClock) -> None:
    lot = await county.announced()
    case = await begun(county, lot)
    asked = {message.template for message in await inbox.unread(county.holders[0].actor.person)}
    assert "rehearsal_wanted" in asked
    await county.work()
    real, own = [
        {key.pk for role in (await box_records.setup(await box_records.box(one))).roles for key in role.keys}
        for one in (lot, case)
    ]
    assert not real & own
    assert (await box_records.box(case)).tender.endswith("-YL1")


async def test_who_may_not_and_when_it_is_too_soon(county: County, clock: TestClock) -> None:
    lot = await county.announced()
    at = await now()
    error = await refused(BadInput, rehearse_opening(county.operator, lot, at + timedelta(minutes=4)))
    assert error.code == "bad_moment"
    await refused(Forbidden, rehearse_opening((await county.bidder(1)).actor, lot, at + timedelta(minutes=15)))
    only = await county.announced("bidder-only")
    error = await refused(BadInput, rehearse_opening(county.operator, only, at + timedelta(minutes=15)))
    assert error.code == "nothing_to_rehearse"
    new = (await county.register())[0]
    await refused(WrongStage, rehearse_opening(county.operator, new.id, at + timedelta(minutes=15)))
