"""What every fault is done to: a durable server, a county on it, and its trading site in a process of its own."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from conftest import TestClock
from durable_house import Forker, RunningSite, Server, county_on, durable_server, free_port
from house_faces import Faces


@pytest.fixture(scope="package")
async def durable(faces: Faces) -> AsyncIterator[Server]:
    await faces.close()  # whichever house this process had open before: migrating needs the engine
    # A short path: the name of the server's socket must fit in 107 bytes.
    with tempfile.TemporaryDirectory(prefix="yg-") as folder:
        async with durable_server(Path(folder) / "pg") as server:
            yield server


@pytest.fixture(scope="package")
def forker() -> Iterator[Forker]:
    forker = Forker()
    yield forker
    forker.close()


@pytest.fixture
async def site(durable: Server, forker: Forker, faces: Faces, tmp_path: Path) -> AsyncIterator[RunningSite]:
    """The site, running; the engines of the test process are open on the durable server meanwhile."""
    await faces.close()
    await durable.start()  # a test that failed may have left it down
    county = await county_on(durable, tmp_path)
    site = RunningSite(forker, durable, county, free_port())
    await site.start()
    try:
        yield site
    finally:
        await site.stop()
        await durable.close_engines()


@pytest.fixture
def law_clock(durable: Server) -> TestClock:
    """The law's clock of the durable databases."""
    return TestClock(durable.databases)
