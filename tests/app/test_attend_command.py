"""`yangguang attend`: the purchaser's own machine goes through an attended draw and takes part as nobody else."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from drawing_room import Room, people
from house_databases import Databases
from small_keeper import settle

from app.officer.attend import attend, party_of
from app.officer.home import create
from kernel.clock import now
from kernel.db import TRADING, transaction
from kernel.errors import Forbidden
from kernel.proofs.age import Passphrase
from kernel.proofs.anchors import Anchors, build_anchors, read_anchors
from kernel.proofs.canonical import from_base64, to_base64
from kernel.proofs.errors import Malformed
from kernel.toss import records

SECRET = Passphrase("a long enough passphrase", work=10)


class Line:
    """The line between the officer's machine and the draw: what the site's two routes do, asked from another thread."""

    def __init__(self, room: Room, toss: UUID) -> None:
        self.room, self.toss, self.loop = room, toss, asyncio.get_running_loop()

    def get(self, path: str) -> dict[str, Any]:
        return self._wait(self._get())

    def post(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        self._wait(self.room.post(self.toss, from_base64(body["envelope"])))
        return {}

    async def _get(self) -> dict[str, Any]:
        async with transaction(TRADING) as connection:
            said = await records.said(connection, self.toss)
        return {"stage": (await self.room.view(self.toss)).stage, "messages": [to_base64(one) for one in said]}

    def _wait(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)


async def anchors(room: Room, *, strange: bool = False) -> Anchors:
    keys = [room.hand.signer.public] if strange else [room.regulator.public]
    receipts = [] if strange else [room.hand.signer.public]
    return read_anchors(
        build_anchors(issuer="测试", issued=await now(), officers=[], receipts=receipts, processes=keys)
    )


async def begun(house: Databases, folder: Path) -> tuple[Room, UUID, Any]:
    home = create(folder / "officer", "purchaser", "王主任", SECRET, None)
    room = Room(house, strata=[("造价", 2)], pool={"造价": people(6)}, purchaser=party_of(home))
    toss = await room.begin(attended=True)
    await room.fix(toss)
    return room, toss, home


async def test_it_says_all_that_is_due_until_the_order_stands(house: Databases, tmp_path: Path) -> None:
    room, toss, home = await begun(house, tmp_path)
    told: list[str] = []
    async with room.keeper() as keeper:
        line: Any = Line(room, toss)
        known = await anchors(room)
        at_work = asyncio.create_task(
            asyncio.to_thread(attend, line, home, room.case, known, told.append, lambda seconds: None)
        )
        while not at_work.done():
            await settle(room.hand, keeper)
            await asyncio.sleep(0)
        assert await at_work == "ordered"
    assert "已提交：commit" in told
    assert "已提交：ready" in told


async def test_it_takes_no_part_beside_keys_that_the_anchors_do_not_know(house: Databases, tmp_path: Path) -> None:
    room, toss, home = await begun(house, tmp_path)
    line: Any = Line(room, toss)
    strange = await anchors(room, strange=True)
    with pytest.raises(Malformed, match="锚点"):
        await asyncio.to_thread(attend, line, home, room.case, strange, print, lambda seconds: None)


async def test_it_takes_no_part_under_a_key_that_is_not_its_own(house: Databases, tmp_path: Path) -> None:
    room, toss, _ = await begun(house, tmp_path)
    other = create(tmp_path / "other", "purchaser", "李主任", SECRET, None)
    line: Any = Line(room, toss)
    with pytest.raises(Forbidden):
        await asyncio.to_thread(attend, line, other, room.case, None, print, lambda seconds: None)
