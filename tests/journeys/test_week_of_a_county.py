"""A week of a county: 40 openings, eight operators of whom three are away, and nobody unlocks more than twice a day."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from conftest import TestClock
from house_databases import Databases
from road import Bidder, County, Holder, as_admin, countersign
from story import at

from bidding.clockwork import turn
from bidding.steps.accept import accept_project
from kernel.box import desk, readiness
from kernel.box import records as box_records
from kernel.box.duty import set_away
from kernel.clock import now
from kernel.identity import SIDES

DAYS = [at(f"2026-04-{day:02} 00:00:00.000") for day in range(20, 25)]
HOURS = (9, 9.5, 10, 10.5, 14, 14.5, 15, 15.5)
"""When the eight openings of a day are."""
UNLOCKS = (11.5, 16.5)
"""When officers unlock: once before noon, once before they go home."""
CENTRE = ("12330106MB0000002X", "某区公共资源交易中心")
MODES = {hour: "roles" if hour == 10 else "bidder" for hour in HOURS}
PRICES = ("38000000.00", "37500000.00", "39900000.00")
FAILING = {9.5, 14.5}
"""Openings at which the last bidder does not reveal and the three roles open for him."""


def hour_of(day: datetime, hour: float) -> datetime:
    return day + timedelta(hours=hour)


@dataclass
class Week:
    """The county's lots by their deadline, and how often each officer unlocked on each day."""

    county: County
    clock: TestClock
    away: list[Holder]
    lots: dict[datetime, UUID] = field(default_factory=dict)
    bidders: dict[UUID, list[Bidder]] = field(default_factory=dict)
    unlocks: Counter[tuple[UUID, str]] = field(default_factory=Counter)

    @property
    def present(self) -> list[Holder]:
        return [holder for holder in self.county.holders if holder not in self.away]

    async def unlock(self) -> None:
        """Whoever is there and has something waiting unlocks once; his page stays open until nobody has anything."""
        day, worked = str((await now()).date()), set[UUID]()
        while True:
            busy = [holder for holder in self.present if await self._does(holder)]
            worked |= {holder.actor.person for holder in busy if holder.actor.person}
            if not busy:
                break
        self.unlocks.update((person, day) for person in worked)

    async def _does(self, holder: Holder) -> bool:
        return bool(await holder.round(self.county.tools))

    async def set_up(self) -> None:
        """Forty lots, eight for each day, published in the weeks before."""
        for mode in ("bidder", "roles"):
            deadlines = [hour_of(day, hour) for day in DAYS for hour in HOURS if MODES[hour] == mode]
            lots = await self.county.register(mode, lots=len(deadlines))
            await accept_project(self.county.operator, lots[0].project)
            self.lots |= {deadline: lot.id for deadline, lot in zip(deadlines, lots, strict=True)}
        await self.unlock()
        for deadline, case in self.lots.items():
            await self.county.publish(case, deadline)
        await self.unlock()
        people = [(await self.county.bidder(n)).actor for n in (1, 2, 3)]
        for case in self.lots.values():
            setup, notice = await self.county.setup(case), (await box_records.box(case)).notice
            self.bidders[case] = [Bidder(one, self.county.folder / f"{case}-{one.person}") for one in people]
            for bidder, price in zip(self.bidders[case], PRICES, strict=True):
                await bidder.seal(setup, notice, price)
                await bidder.submit(self.county.tools, case)

    async def live(self) -> None:
        """Every hour of the week that matters, in its order."""
        moments: dict[datetime, list[str]] = {}
        for deadline in self.lots:
            moments.setdefault(deadline - readiness.DAY, []).append("tests")
            moments.setdefault(deadline, []).append("close")
            moments.setdefault(deadline + timedelta(minutes=5), []).append("fix")
            moments.setdefault(deadline + timedelta(minutes=70), []).append("window")
        for day in [DAYS[0] - timedelta(days=1), *DAYS]:
            for hour in UNLOCKS:
                moments.setdefault(hour_of(day, hour), []).append("unlock")
        for moment in sorted(moments):
            await self.clock.freeze(moment)
            await self._at(moment, moments[moment])

    async def _at(self, moment: datetime, what: list[str]) -> None:
        offsets: Mapping[str, timedelta] = {
            "tests": readiness.DAY,
            "close": timedelta(0),
            "fix": timedelta(minutes=-5),
            "window": timedelta(minutes=-70),
        }
        for one in what:
            if one == "unlock":
                await self.unlock()
                continue
            case = self.lots[moment + offsets[one]]
            await turn(self.county.tools, case)
            if one == "fix":
                await countersign(case)
                await turn(self.county.tools, case)
                await self._reveal(case, moment + offsets[one])

    async def _reveal(self, case: UUID, deadline: datetime) -> None:
        hour = deadline.hour + deadline.minute / 60
        if MODES[hour] == "roles":
            return
        for bidder in self.bidders[case][: 2 if hour in FAILING else 3]:
            await bidder.reveal(self.county.tools, case)
        await turn(self.county.tools, case)


async def test_forty_openings_in_a_week(county: County, clock: TestClock, house: Databases) -> None:
    operators = [holder for holder in county.holders if holder.actor.role == "operator"]
    operators += [await Holder.make("operator", *CENTRE) for _ in range(6)]
    county.holders = [*operators, *(holder for holder in county.holders if holder.actor.role != "operator")]
    week = Week(county, clock, away=operators[:3])
    for holder in week.away:
        own = (await desk.holders_of(holder.actor.person))[0]
        await set_away(operators[-1].actor, own.id, DAYS[-1] + timedelta(days=1))
    await week.set_up()
    await week.live()
    boxes = [await box_records.box(case) for case in week.lots.values()]
    assert Counter(box.state for box in boxes) == {"opened": 40}
    found = [await box_records.verdicts(box.case) for box in boxes]
    outcomes = Counter(one["outcome"] for verdicts in found for one in verdicts)
    assert outcomes == {"opened": 40 * 3 * 2}
    assert max(week.unlocks.values()) <= 2
    assert not {holder.actor.person for holder in week.away} & {person for person, _ in week.unlocks}
    for box in boxes:
        ready = await readiness.standing(box)
        assert readiness.lacking(ready) == []
        assert all(one.tested_at is not None for one in ready)
        assert {role.role: len(role.keys) for role in (await box_records.setup(box)).roles} == {
            "operator": 3, "regulator": 2, "purchaser": 2,
        }  # fmt: skip
    used = {(person, SIDES[h.actor.role]) for h in county.holders if (person := h.actor.person)}
    assert len(used) == len({person for person, _ in used})
    assert await as_admin(
        "select count(*) from box.holder a join box.holder b on a.person = b.person and a.role <> b.role"
    ) == 0  # fmt: skip
