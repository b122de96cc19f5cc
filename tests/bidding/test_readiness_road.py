"""A day before the opening every key is tried; who stays away is called, and somebody steps in for who is ill."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from check_case import check_case
from conftest import TestClock
from house_databases import Databases
from road import DEADLINE, County, Holder

from bidding.case import REMIND
from bidding.clockwork import run
from bidding.detours.remind import remind
from bidding.steps.accept import accept_project
from kernel import inbox
from kernel.box import desk, readiness
from kernel.box import records as box_records
from kernel.box.duty import set_away
from kernel.clock import now
from kernel.db import HOME
from kernel.jobs import Duty, run_one
from kernel.publishing import PUBLISH

DAY = DEADLINE - timedelta(hours=24)


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> County:
    return await County.make(tmp_path, house)


async def nothing(_: Mapping[str, object]) -> None:
    """What this file is not about."""


async def jobs(county: County) -> None:
    lot = Duty(partial(run, county.tools), lease=timedelta(minutes=2))
    rest = {kind: Duty(nothing) for kind in (PUBLISH, "storage.promote", "storage.sweep")}
    while await run_one(HOME, {REMIND: Duty(partial(remind, county.tools)), "lot": lot, **rest}):
        pass


async def waiting(holder: Holder) -> list[str]:
    return [task["do"] for task in await desk.waiting(await desk.holders_of(holder.actor.person))]


async def told(holder: Holder) -> set[str]:
    return {message.template for message in await inbox.unread(holder.actor.person)}


async def proved(lot: UUID) -> set[str]:
    found = await readiness.standing(await box_records.box(lot))
    return {one.role for one in found if one.tested_at is not None}


def of(county: County, role: str) -> list[Holder]:
    return [holder for holder in county.holders if holder.actor.role == role]


async def test_test_envelopes_go_out_a_day_ahead_and_one_unlock_opens_them(
    county: County, clock: TestClock, house: Databases
) -> None:
    lot = await county.announced()
    await clock.freeze(DAY - timedelta(seconds=1))
    await jobs(county)
    assert [await waiting(holder) for holder in county.holders] == [[]] * 6
    await clock.freeze(DAY)
    await jobs(county)
    assert [await waiting(holder) for holder in county.holders] == [["tested"]] * 6
    assert "key_test" in await told(of(county, "operator")[0])
    assert [await holder.work(county.tools) for holder in county.holders] == [["tested"]] * 6
    assert await proved(lot) == {"operator", "regulator", "purchaser"}
    await clock.freeze(DEADLINE - timedelta(hours=1))
    await jobs(county)
    assert "key_not_ready" not in await told(of(county, "operator")[0])
    await check_case(house, lot, county.tools)


async def test_an_hour_ahead_who_has_not_tried_his_key_is_called_and_the_parties_hear_of_a_missing_role(
    county: County, clock: TestClock
) -> None:
    lot = await county.announced()
    await clock.freeze(DAY)
    await jobs(county)
    first, second = of(county, "operator")
    await first.work(county.tools)
    await clock.freeze(DEADLINE - timedelta(hours=1))
    await jobs(county)
    assert "key_not_ready" not in await told(first)
    assert "key_not_ready" in await told(second)
    heard = [m.text for m in await inbox.unread(None, county.purchaser.organisation) if m.template == "role_not_ready"]
    assert len(heard) == 1
    assert "监督部门、招标人还没有一位" in heard[0]
    assert await proved(lot) == {"operator"}


async def test_a_colleague_steps_in_for_who_is_away_and_three_of_a_role_are_enough(
    county: County, clock: TestClock
) -> None:
    more = [await Holder.make("operator", "12330106MB0000002X", "某区公共资源交易中心") for _ in range(3)]
    county.holders[:0] = more
    operators = of(county, "operator")
    lot = (await county.register())[0]
    await accept_project(county.operator, lot.project)
    asked = [holder for holder in operators if await waiting(holder)]
    assert len(asked) == 3
    ill = (await desk.holders_of(asked[0].actor.person))[0]
    await set_away(asked[1].actor, ill.id, await now() + timedelta(days=3))
    instead = [holder for holder in operators if await waiting(holder)]
    assert len(instead) == 3
    assert asked[0] not in instead
    await county.work()
    assert len((await county.setup(lot.id)).role("operator").keys) == 3
    assert (await box_records.box(lot.id)).state == "ready"


async def test_who_goes_away_before_signing_stops_nothing(county: County, clock: TestClock, house: Databases) -> None:
    operators = [*of(county, "operator"), await Holder.make("operator", "12330106MB0000002X", "某区公共资源交易中心")]
    county.holders.append(operators[-1])
    lot = (await county.register())[0]
    await accept_project(county.operator, lot.project)
    for holder in county.holders:
        await once(county, holder, "key")
    assert (await box_records.box(lot.id)).setup
    ill = (await desk.holders_of(operators[0].actor.person))[0]
    await set_away(operators[1].actor, ill.id, await now() + timedelta(days=3))
    present = [holder for holder in county.holders if holder is not operators[0]]
    while any([await holder.work(county.tools) for holder in present]):
        pass
    assert (await box_records.box(lot.id)).state == "ready"
    assert len((await county.setup(lot.id)).role("operator").keys) == 2
    await check_case(house, lot.id, county.tools)


async def once(county: County, holder: Holder, do: str) -> None:
    """He does this one thing and goes."""
    done = await holder.work(county.tools, only=do)
    assert done == [do]
