"""A panel from the request to its full seats, over real databases and the regulator's own restricted login."""

from pathlib import Path

from conftest import TestClock
from expert_pool import Court, Row, put_in, unit
from house_databases import Databases

from experts import records


async def test_a_panel_is_drawn_seated_and_signed_in_without_a_name(
    house: Databases, clock: TestClock, tmp_path: Path
) -> None:
    court = await Court.make(house, tmp_path)
    await put_in(house.admin, [Row() for _ in range(12)])
    async with court.keeper() as keeper:
        panel = await court.seated(keeper, clock, owners=0, professions=[{"profession": "A080104", "quota": 5}])
        assert panel.stage == "seated"
        assert [seat.kind for seat in panel.seats] == ["expert"] * 5
        await clock.freeze(panel.evaluation_at)
        seats = await court.sign_in(keeper)
        assert all(seat.live for seat in seats)
        assert records.is_lawful(await court.panel()) == []
    assert unit(1)
