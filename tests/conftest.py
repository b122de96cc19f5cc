"""What every test may ask for: the databases, the house with open engines, a clock to set; no silent skip."""

import gc
import os
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

import pytest
import sound_parts
from house_databases import ROOT, Databases, empty, let_go, made_databases, set_clock, started_server
from house_faces import Faces

from app.migrate import DEMO_START
from kernel.clock import CHINA

pytest.register_assert_rewrite("looking", "town_in_chromium")

if TYPE_CHECKING:
    from looking import Browsers


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """The addresses of this process's own two databases, for every login; the server is shared by all."""
    server = started_server()
    try:
        with made_databases(server) as addresses:
            yield addresses
    finally:
        server.stop()


@pytest.fixture(scope="session")
async def faces(databases: Databases) -> AsyncIterator[Faces]:
    """The engines of this process, turned to one site at a time."""
    faces = Faces(databases)
    yield faces
    await faces.end()
    await let_go()


@pytest.fixture
async def house(databases: Databases, faces: Faces) -> Databases:
    """Empty databases, the clock at its start, both engines open as in the trading site."""
    await empty(databases)
    await faces.turn("trading")
    return databases


@pytest.fixture
async def supervision_house(databases: Databases, faces: Faces) -> Databases:
    """The same, as in the supervision site: TRADING by the restricted login, HOME its own database."""
    await empty(databases)
    await faces.turn("supervision")
    return databases


@pytest.fixture(scope="session")
async def browsers() -> AsyncIterator["Browsers"]:
    """The browsers of this process, for all its tests: starting one costs seconds of a processor."""
    from looking import launching  # noqa: PLC0415 - only who looks at pages pays for loading what drives a browser

    async with launching() as browsers:
        yield browsers


class TestClock:
    """The law's clock of both test databases, set by the owner: forward or back, standing or running."""

    __test__ = False

    def __init__(self, databases: Databases) -> None:
        self._databases = databases

    async def freeze(self, moment: datetime) -> None:
        await set_clock(self._databases, moment)

    async def run_from(self, moment: datetime) -> None:
        await set_clock(self._databases, moment, frozen=False)


@pytest.fixture
def clock(house: Databases) -> TestClock:
    """The clock of a `house`; at the start of each test it stands at START."""
    return TestClock(house)


START = DEMO_START.astimezone(CHINA)


HEAVIEST = (
    "journeys/test_sealing_in_browser.py",
    "journeys/test_week_of_a_county.py",
    "test_launch.py",
    "app/test_demo.py",
    "app/test_submit_command.py",
    "web/test_award_in_chromium.py",
    "attacks/test_nobody_sees_too_early.py",
    "app/test_county.py",
)
"""The files that take longest, the longest first."""


def pytest_configure(config: pytest.Config) -> None:
    """A file in which the processes of this run tell each other what is sound (tests/web/sound_parts.py)."""
    if not hasattr(config, "workerinput"):
        file = NamedTemporaryFile(prefix="sound-parts-")  # noqa: SIM115 - it is closed at the end of the run
        os.environ[sound_parts.FILE] = file.name
        config.add_cleanup(file.close)


STORIES = (
    "app/test_county.py",
    "app/test_demo.py",
    "app/test_found_command.py",
    "app/test_quote_command.py",
    "app/test_submit_command.py",
    "architecture/test_without_supervision.py",
    "attacks/test_nobody_sees_too_early.py",
    "attacks/test_nothing_tells_who_applies.py",
    "attacks/test_nothing_tells_who_bids.py",
    "faults/",
    "journeys/test_week_of_a_county.py",
    "supervision/test_drawing.py",
    "test_embedded.py",
    "test_launch.py",
)
"""Where whole houses are started, killed or walked through: with every test that drives a browser, `make stories`."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stories are marked, and the heaviest files come first: one that began at the end would keep all processors but
    one waiting."""
    for item in items:
        name = item.path.relative_to(ROOT / "tests").as_posix()
        if name.startswith(STORIES) or "browsers" in getattr(item, "fixturenames", ()):
            item.add_marker("story")
    first = {ROOT / "tests" / name: n for n, name in enumerate(HEAVIEST)}
    items.sort(key=lambda item: first.get(item.path, len(first)))


def pytest_collection_finish() -> None:
    """What is loaded by now stays: whoever collects garbage need not look through all of it each time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """On the build machine nothing may be skipped: whatever is lacking there is a failure."""
    report = yield
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, and CI allows no skip: {report.longrepr}"
    return report
