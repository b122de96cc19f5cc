"""The second envelope opens on a report that outsiders have seen in the log, and nobody loses time till they have."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from check_case import check_case
from conftest import TestClock
from house_databases import Databases
from house_faces import Faces
from package_office import Office
from road import County, Holder
from story import reveal
from two_envelopes import first_judged

from bidding import records
from bidding.clockwork import turn
from bidding.steps.record import conclude_opening
from kernel.box import records as box_records
from kernel.clock import now
from kernel.proofs.anchors import Anchors
from kernel.proofs.caution import Trust, check_task
from kernel.proofs.errors import BadSignature


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> County:
    return await County.make(tmp_path, house)


@pytest.fixture
def office(county: County, tmp_path: Path) -> Office:
    return Office(county, tmp_path)


async def attests(holder: Holder, anchors: Anchors) -> None:
    """His machine finds what waits for him sound."""
    (task,) = await holder.waiting("attest")
    assert task["stage"] == "price"
    check_task(holder.officer, task, Trust(holder.actor.role, anchors, await now()))


async def test_holders_on_both_sites_attest_prices_once_a_witness_has_seen_the_report(
    county: County, office: Office, clock: TestClock, faces: Faces
) -> None:
    await first_judged(county, clock, "roles")
    ours = next(h for h in county.holders if h.actor.role == "operator")
    theirs = next(h for h in county.holders if h.actor.role == "regulator")
    for holder, face in ((ours, "trading"), (theirs, "supervision")):
        await faces.turn(face)
        with pytest.raises(BadSignature) as refused:
            await attests(holder, office.anchors())
        assert refused.value.code == "report_unwitnessed"
    await faces.turn("trading")
    await office.publish()
    for holder, face in ((ours, "trading"), (theirs, "supervision")):
        await faces.turn(face)
        await attests(holder, office.anchors())
    await faces.turn("trading")


async def test_while_no_witness_has_seen_the_report_nobody_loses_his_time_to_open(
    county: County, office: Office, clock: TestClock, house: Databases
) -> None:
    it = await first_judged(county, clock)
    county.tools = replace(county.tools, witnessed=True)
    begun = await now()
    for minutes in (9, 11, 70):
        await clock.freeze(begun + timedelta(minutes=minutes))
        await turn(county.tools, it.lot)
        assert (await box_records.box(it.lot)).state == "opening", "nobody is judged on what nobody outside has seen"
    await office.publish()
    await turn(county.tools, it.lot)
    box = await box_records.box(it.lot)
    assert (box.state, box.reveal_until) == ("opening", begun + timedelta(minutes=130))
    await reveal(county, it.lot, it.passed)
    await conclude_opening(county.tools, county.purchaser, it.lot)
    record = (await records.opening(it.lot) or ({}, ""))[0]
    assert [one["says"] for one in record["incidents"] if "见证方" in one["says"]] == [
        "评审报告签署后十分钟内没有见证方签名，后一阶段暂不开启，等待见证方",
        "见证方已为评审报告签名，解密时间相应顺延",
    ]
    assert json.dumps(record).count("revoked") == 0
    await check_case(house, it.lot, county.tools)
