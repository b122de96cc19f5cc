"""Where the stories happen: one county of Hangzhou from 2026-03-02 on, and its trading site."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from check_case import check_cases
from conftest import TestClock
from house_databases import Databases
from house_faces import Faces
from road import County
from trading_site import Site, trading_site

if TYPE_CHECKING:
    from looking import Program


@pytest.fixture
def program() -> "Program":
    """People sit at a whole browser."""
    from looking import DESK  # noqa: PLC0415 - only who sits at a browser pays for loading what drives it

    return DESK


@pytest.fixture
async def county(house: Databases, clock: TestClock, faces: Faces, tmp_path: Path) -> AsyncIterator[County]:
    """However a story ends, every lot of it is what its own log implies."""
    county = await County.make(tmp_path, house)
    yield county
    await faces.turn("trading")
    await check_cases(house, county.tools)


@pytest.fixture
async def site(county: County) -> AsyncIterator[Site]:
    async with trading_site(county) as site:
        yield site
