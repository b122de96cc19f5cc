"""Behind the trading site: timers close lots, posted messages are taken, the tree grows, and all stops when told."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import TestClock
from house_databases import Databases
from road import DEADLINE, PROCESS, County, as_admin, countersign
from trading_site import settings

import bidding.clockwork
from app.migrate import DEMO_START
from app.rounds import Rounds, of_trading
from app.worker import knocks, loops
from bidding import records
from bidding.stages import Stage
from kernel.box import records as box_records
from kernel.box import waiting_records
from kernel.checkpoints import log_signer
from kernel.db import HOME, transaction
from kernel.jobs import Duty, run_one, schedule
from kernel.proofs.anchors import build_anchors
from kernel.publishing import Publisher


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> County:
    return await County.make(tmp_path, house)


async def rounds_of(county: County, folder: Path) -> Rounds:
    chosen = settings(folder)
    data = build_anchors(issuer="测试", issued=DEMO_START, officers=[], processes=[PROCESS.public])
    chosen.anchors.write_bytes(data)
    return await of_trading(chosen, county.tools.store)


def act_of(rounds: Rounds, what: Callable[..., Awaitable[object]]) -> Callable[[], Awaitable[object]]:
    """The round that does this."""
    return next(act for _, act in rounds.acts if getattr(act, "func", act) is what)


async def do_jobs(duties: Mapping[str, Duty]) -> None:
    while await run_one(HOME, duties):
        pass


async def test_a_lot_walks_from_deadline_to_opening_without_anybodys_act(
    county: County, clock: TestClock, tmp_path: Path
) -> None:
    lot, rounds = await county.announced(), await rounds_of(county, tmp_path)
    take_posted, sweep = act_of(rounds, bidding.clockwork.take_posted), act_of(rounds, bidding.clockwork.sweep)
    await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    await do_jobs(rounds.duties)
    assert (await box_records.box(lot)).state == "ready"
    await clock.freeze(DEADLINE)
    await do_jobs(rounds.duties)
    assert (await records.lot(lot)).stage == Stage.CLOSED
    await clock.freeze(DEADLINE + timedelta(minutes=5))
    await do_jobs(rounds.duties)
    assert (await box_records.box(lot)).state == "closed"
    assert await waiting_records.cases_with_untaken() == []
    await countersign(lot)
    assert await waiting_records.cases_with_untaken() == [lot]
    await take_posted()
    assert (await records.lot(lot)).stage == Stage.OPENING
    assert await waiting_records.cases_with_untaken() == []
    await clock.freeze(DEADLINE + timedelta(minutes=200))
    await sweep()
    assert (await box_records.box(lot)).state == "opened"


async def test_one_lots_trouble_keeps_no_other_lot_waiting(county: County, clock: TestClock, tmp_path: Path) -> None:
    broken, sound = await county.announced(), await county.announced()
    sweep = act_of(await rounds_of(county, tmp_path), bidding.clockwork.sweep)
    await as_admin('delete from box.box where "case" = $1', broken)
    await clock.freeze(DEADLINE)
    await sweep()
    assert (await records.lot(broken)).stage == Stage.ANNOUNCED
    assert (await records.lot(sound)).stage == Stage.CLOSED


async def until(condition: Callable[[], Awaitable[Any]]) -> None:
    """Look again until it holds; the loops under test wake by themselves."""
    async with asyncio.timeout(30):
        while not await condition():  # noqa: ASYNC110 - a database tells nobody
            await asyncio.sleep(0.05)


async def test_the_loops_do_what_is_due_publish_the_log_and_end_when_told(county: County, tmp_path: Path) -> None:
    done, stop, chosen = asyncio.Event(), asyncio.Event(), settings(tmp_path)
    lot = await county.announced()

    async def note(payload: Mapping[str, Any]) -> None:
        done.set()

    async with httpx.AsyncClient() as client:
        publisher = Publisher(HOME, log_signer(chosen.keys, chosen.log_origin), (), client)
        running = asyncio.gather(*loops(chosen, publisher, Rounds({"note": Duty(note)}), stop))
        async with transaction(HOME) as connection:
            await schedule(connection, "note", {})
        await done.wait()
        key = str(lot)
        await until(
            lambda: as_admin(
                "select count(*) from kernel.log_leaf l join kernel.log_event e on e.id = l.event"
                " where e.case_key = $1 and e.act = 'publish_notice'",
                key,
            )
        )
        await until(lambda: as_admin("select count(*) from kernel.log_checkpoint"))
        stop.set()
        async with asyncio.timeout(30):
            await running


@pytest.mark.parametrize(
    ("mode", "database", "times"), [("demo", "trades", 0), ("production", "", 0), ("production", "trades", 1)]
)
async def test_only_a_trading_site_in_production_knocks_at_its_own_public_address(
    tmp_path: Path, mode: str, database: str, times: int
) -> None:
    own = replace(settings(tmp_path), mode=mode, database_url=database)
    async with httpx.AsyncClient() as client:
        assert len(knocks(own, client)) == times
