"""Where the stories happen: one county of Hangzhou from 2026-03-02 on, and its trading site."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from check_case import check_cases
from conftest import TestClock
from house_databases import Databases
from house_faces import Faces
from road import County
from trading_site import Site, trading_site


@pytest.fixture
async def county(house: Databases, clock: TestClock, faces: Faces, tmp_path: Path) -> AsyncIterator[County]:
    """However a story ends, every lot of it is what its own log implies."""
    county = await County.make(tmp_path, house)
    yield county
    await faces.turn("trading")
    await check_cases(house, county.tools)


@pytest.fixture
async def site(county: County, tmp_path: Path) -> AsyncIterator[Site]:
    async with trading_site(county, tmp_path) as site:
        yield site
