"""A draw whose two sides take turns: the trading side's worker, and the supervision site with its own database."""

import os
from typing import Any
from uuid import UUID

from drawing_room import Room
from supervision_site import ORIGIN, Watching

from kernel.db import HOME, transaction
from kernel.toss import clockwork
from kernel.toss.hand import Hand
from kernel.toss.keeper import Keeper
from kernel.toss.schemas import Rebuilt, TossView
from supervision.drawing import Ledger


class Both:
    """A draw whose two sides take turns in this process, each with its own logins."""

    def __init__(self, site: Watching, room: Room) -> None:
        self.site, self.room = site, room
        self.keeper = Keeper(
            hand=Hand("regulator", room.regulator, os.urandom(32)),
            operators=self._operators,
            book=Ledger(ORIGIN),
            rebuild={"panel": self._rebuild},
            contact={"panel": self._contact},
        )
        site.app.state.keeper = self.keeper

    async def _operators(self) -> list[bytes]:
        return [self.room.hand.signer.public]

    async def _rebuild(self, connection: Any, toss: TossView) -> Rebuilt:
        return Rebuilt(self.room.pool)

    async def _contact(self, connection: Any, toss: TossView, record: Any) -> dict[str, str]:
        return {"sms": "13911112222"}

    async def settle(self) -> None:
        for _ in range(40):
            await self.site.there()
            moved = await clockwork.turn(self.room.hand)
            await self.site.here()
            if not moved + await self.keeper.round():
                return
        raise AssertionError("the draw never comes to rest")

    async def drawn(self) -> UUID:
        await self.site.there()
        toss = await self.room.begin()
        await self.settle()
        await self.site.there()
        await self.room.fix(toss)
        await self.settle()
        return toss


async def links() -> list[str]:
    """The links of the calls that were sent, oldest first; their paths."""
    async with transaction(HOME) as connection:
        rows = await connection.fetch("select link from kernel.message where template = 'draw_call' order by sent_at")
    return [row["link"].removeprefix(ORIGIN) for row in rows]
