"""Whoever sets a clock while the site runs is found out at the next look; the clocks here are counters of the test."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
import road
from house_databases import Databases
from road import actor
from trading_site import token_of

from kernel import inbox, log_records
from kernel.clockwatch import ACT, LIMIT, MACHINE, SLOW, ClockWatch, Drift, Judge, ask, steady
from kernel.db import HOME, TRADING, Engine
from kernel.identity import Actor
from kernel.logcheck import read_back


@dataclass
class Clocks:
    """A counter that goes on by itself, and clocks that stand so many seconds ahead of it."""

    counted: float = 1000.0
    ahead: dict[str, float] = field(default_factory=lambda: {MACHINE: 5e8, "trading": 5e8})
    answer: float = 0.0

    def count(self) -> float:
        return self.counted

    def machine(self) -> float:
        return self.counted + self.ahead[MACHINE]

    async def database(self, db: Engine) -> float:
        """It takes `answer` seconds, and says what it was in the middle of them."""
        self.counted += self.answer
        return self.counted - self.answer / 2 + self.ahead["trading"]

    def watch(self, *roles: str) -> ClockWatch:
        return ClockWatch(roles, counter=self.count, machine=self.machine, database=self.database)


@pytest.fixture
async def operator(house: Databases) -> Actor:
    """An operator whose role is in force."""
    road.ADMIN = house.admin
    someone = await actor("operator", "12330106MB0000002X", "某区公共资源交易中心")
    await token_of(someone)
    return someone


async def alarms() -> list[log_records.Said]:
    return await log_records.newest(ACT)


async def test_clocks_that_only_go_on_alarm_nobody(operator: Actor) -> None:
    clocks = Clocks(answer=0.2)
    watch = clocks.watch("operator")
    for _ in range(50):
        clocks.counted += 86_400
        assert await watch.look() == []
    assert await alarms() == []


async def test_a_database_clock_set_back_is_on_record_in_the_log_and_told_at_the_next_look(
    operator: Actor, caplog: pytest.LogCaptureFixture
) -> None:
    clocks = Clocks()
    watch = clocks.watch("operator")
    await watch.look()
    clocks.ahead["trading"] -= 1800
    clocks.counted += 2
    with caplog.at_level(logging.CRITICAL, "yangguang.clock"):
        assert await watch.look() == [Drift("trading", -1800)]
    assert [record.levelname for record in caplog.records] == ["CRITICAL"]
    (event,) = await alarms()
    assert (event.subject, event.role) == ("trading", "clockwork")
    assert event.facts == {"milliseconds": -1_800_000, "says": "交易数据库时钟被拨慢 1800.0 秒", "apart": False}
    (message,) = await inbox.unread(operator.person)
    assert "交易数据库时钟被拨慢 1800.0 秒" in message.text
    assert await read_back(HOME) == []
    assert await watch.look() == [], "a change is told once"


async def test_the_machines_clock_set_forward_is_told_too_and_set_right_again_as_well(operator: Actor) -> None:
    clocks = Clocks()
    watch = clocks.watch("operator")
    await watch.look()
    clocks.ahead[MACHINE] += 1.5
    assert await watch.look() == [Drift(MACHINE, 1.5)]
    clocks.ahead[MACHINE] -= 1.5
    assert await watch.look() == [Drift(MACHINE, -1.5)]
    assert len(await alarms()) == 1, "the same clock is written down once a minute"


async def test_many_small_steps_add_up_to_an_alarm(operator: Actor) -> None:
    clocks = Clocks()
    watch = clocks.watch()
    await watch.look()
    found = []
    for _ in range(4):
        clocks.ahead["trading"] -= 0.3
        found += await watch.look()
    assert [drift.clock for drift in found] == ["trading"]


async def test_a_clock_that_was_wrong_before_the_watch_began_stands_off_the_machines(operator: Actor) -> None:
    clocks = Clocks()
    clocks.ahead["trading"] += 60
    watch = clocks.watch()
    assert await watch.look() == [Drift("trading", 60, apart=True)]
    assert await watch.look() == []


async def test_two_workers_write_one_event(operator: Actor) -> None:
    clocks = Clocks()
    watches = [clocks.watch("operator"), clocks.watch("operator")]
    for watch in watches:
        await watch.look()
    clocks.ahead["trading"] += 10
    assert [len(await watch.look()) for watch in watches] == [1, 1]
    assert len(await alarms()) == 1
    assert await inbox.count_unread(operator.person) == 1


async def test_a_database_that_answers_late_is_not_judged(operator: Actor) -> None:
    clocks = Clocks(answer=SLOW + 0.1)
    clocks.ahead["trading"] += 60
    assert await clocks.watch().look() == []


@pytest.mark.parametrize(("seconds", "told"), [(LIMIT, 0), (LIMIT + 0.001, 1), (-LIMIT - 0.001, 1)])
def test_a_second_is_the_limit(seconds: float, told: int) -> None:
    judge = Judge()
    still: Mapping[str, float] = {MACHINE: 0.0}
    assert judge.drifts(still) == []
    assert len(judge.drifts({MACHINE: seconds})) == told


async def test_the_real_sources_agree_with_each_other(house: Databases) -> None:
    """On one machine the database's clock and ours are the same, whatever the law's clock of a test database says."""
    watch = ClockWatch(())
    assert [await watch.look(), await watch.look()] == [[], []]
    assert steady() <= steady()
    assert await ask(TRADING) > 1_700_000_000
