"""Where the story of a demonstration stands: its people, its two lots, and what every part of it needs."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from app.bidder.lot import Lot
from app.client import Client, Refused
from app.demo.house import House
from app.demo.parties import Bidder, Holder
from app.demo.steps import DemoFailed, Steps, until
from app.demo_people import CODE_OF
from kernel.proofs.anchors import Anchors, read_anchors

_PAUSE = 2.0
"""Seconds between two hurries: the log has to be published and cosigned in between."""
P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class Story:
    """Everybody with his client, the lots, the request of the supermarket."""

    house: House
    steps: Steps
    folder: Path
    big: int
    anchors: Anchors = field(init=False)
    holders: dict[str, Holder] = field(default_factory=dict)
    bidders: dict[str, Bidder] = field(default_factory=dict)
    cases: list[str] = field(default_factory=list)
    lots: list[Lot] = field(default_factory=list)
    request: str = ""

    def __post_init__(self) -> None:
        self.anchors = read_anchors(self.house.settings.anchors.read_bytes())

    @property
    def purchaser(self) -> Client:
        """The purchaser's first clerk."""
        return self.holders["purchaser1"].client

    @property
    def operator(self) -> Client:
        """The centre's first clerk."""
        return self.holders["operator1"].client

    def bidder_of(self, code: str) -> Bidder:
        """The bidder with this credit code."""
        return next(bidder for login, bidder in self.bidders.items() if CODE_OF[login] == code)

    async def unlock_until(self, wanted: dict[str, int], *logins: str) -> int:
        """These people unlock in turn until so many of each act are done; how many unlocks it took."""
        done: dict[str, set[tuple[str, ...]]] = {act: set() for act in wanted}
        unlocks = 0

        async def round_of_unlocks() -> bool:
            nonlocal unlocks
            for login in logins:
                results = await run(self.holders[login].unlock, self.anchors)
                if refused := [f"{each.words}：{each.says}" for each in results if each.says]:
                    raise DemoFailed("；".join(refused))
                unlocks += bool(results)
                for each in results:
                    done.setdefault(each.task["do"], set()).add((each.task["case"], each.task.get("stage", ""), login))
            return all(len(done[act]) >= count for act, count in wanted.items())

        await until(f"持钥人办完 {wanted}", round_of_unlocks)
        return unlocks

    async def until_each(self, what: str, part: str, good: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        """Wait until this part of every lot is good."""
        client, found = self.bidders["bidder1"].client, list[dict[str, Any]]()

        async def all_good() -> bool:
            found.clear()
            for case in self.cases:
                try:
                    found.append(await run(client.get, f"/lots/{case}/{part}"))
                except Refused:
                    return False
            return all(good(each) for each in found)

        await until(what, all_good)
        return found

    async def lot(self, case: str) -> dict[str, Any]:
        return await run(self.bidders["bidder1"].client.get, f"/lots/{case}")

    async def opened(self, case: str) -> bool:
        return bool((await self.lot(case))["opened_at"])

    async def hurry(self) -> None:
        """Both lots, their panels, the request and the log are looked at now, as would happen within a minute."""
        await self.house.hurry(*map(UUID, self.cases), request=UUID(self.request))

    async def until_hurried(self, what: str, condition: Callable[[], Awaitable[bool]]) -> None:
        """`until`, for what takes more than one look: hurried again and again, but not without a pause."""
        hurrying = asyncio.create_task(self._hurry_on())
        try:
            await until(what, condition)
        finally:
            hurrying.cancel()

    async def _hurry_on(self) -> None:
        while True:
            await self.hurry()
            await asyncio.sleep(_PAUSE)


async def run(act: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """The tools are blocking programs: each runs in a thread, as on the party's own machine."""
    return await asyncio.to_thread(act, *arguments, **named)
