"""A sealed file that the platform has lost stands among the alarms of the case's own regulator, and of nobody else."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cheats import damage, opening
from conftest import TestClock
from house_databases import Databases
from house_faces import Faces
from road import DEPARTMENT, County
from story import reveal
from supervision_site import Watching, officer, supervision_site

from kernel.identity import Actor


@pytest.fixture
async def watching(house: Databases, clock: TestClock, faces: Faces, tmp_path: Path) -> AsyncIterator[Watching]:
    county = await County.make(tmp_path, house)
    async with supervision_site(county, house, faces, tmp_path / "supervision") as site:
        await site.there()
        yield site


async def alarms(watching: Watching, someone: Actor) -> list[dict[str, str]]:
    """What the site's alarms say to this officer."""
    await watching.here()
    client = await watching.client(someone)
    answer = await client.get("/api/v1/witness/alarms")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    await watching.there()
    return [alarm for alarm in found if alarm["title"] == "存储的投标文件已损坏"]


async def test_a_lost_file_is_an_alarm_of_its_own_regulator_and_of_no_other(
    watching: Watching, clock: TestClock
) -> None:
    it = await opening(watching.county, clock)
    await it.shut()
    damage(it, "documents", lost=True, n=1)
    await reveal(watching.county, it.lot, [*it.honest, it.cheat])
    own = await officer("regulator", "某区住建局", departments=(DEPARTMENT,))
    other = await officer("regulator", "拱墅区住房和城乡建设局", region="330105", departments=(DEPARTMENT,))
    (alarm,) = await alarms(watching, own)
    assert alarm["says"].startswith("documents-1.age 在平台存储中已丢失；递交时的 SHA-256 为 ")
    assert alarm["says"].endswith("责任在交易中心")
    assert alarm["case"] == str(it.lot)
    assert await alarms(watching, other) == []
