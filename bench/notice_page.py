"""A notice as the public reads it, from the real site, beside a bare page that reads one row of the same database."""

from collections.abc import Awaitable, Callable

from road import PROCESS

from bench.bidders import county
from bench.house import House
from bench.load import Page
from bench.serving import served
from bench.table import Row, in_turn
from kernel.clock import now
from kernel.db import connected
from kernel.proofs.anchors import build_anchors

GOAL = 0.03
"""What part of the bare page's requests a second ours reaches: it reads eight times and renders a whole page."""


async def rows(house: House, *, quick: bool) -> list[Row]:
    """Requests a second for one notice."""
    seconds, rounds, connections = (1.0, 3, 8) if quick else (4.0, 7, 8)
    async with connected(house.databases.trading), county(house) as made:
        lot = await made.announced()
        anchors = house.folder / "anchors.json"
        issued = await now()
        anchors.write_bytes(build_anchors(issuer="bench", issued=issued, officers=[], processes=[PROCESS.public]))
    path = f"/lots/{lot}"
    async with served("app.asgi:create", house, path) as ours, served("bench.bare_page:create", house, path) as bare:
        measured = [_measured(page, connections, seconds) for page in (ours, bare)]
        mine, theirs = await in_turn(measured, rounds, name="notice page")
        sizes = [await page.length() / 1024 for page in (ours, bare)]
    return [
        Row.at_least(
            f"notice page ({sizes[0]:.0f} KiB), {connections} readers",
            mine.text("/s"),
            f"bare page of one row: {theirs.text('/s')}",
            mine.median / theirs.median,
            GOAL,
        )
    ]


def _measured(page: Page, connections: int, seconds: float) -> Callable[[], Awaitable[float]]:
    return lambda: page.per_second(connections=connections, seconds=seconds)
