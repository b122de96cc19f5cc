"""The engines of the test process, turned to the trading site's logins or to the supervision site's."""

from contextlib import AsyncExitStack

from house_databases import Databases

from kernel.db import connected


class Faces:
    """Opens the engines for one site at a time and keeps them open until another is wanted."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self._open = AsyncExitStack()
        self._face = ""

    async def turn(self, face: str) -> None:
        if face == self._face:
            return
        await self.close()
        where = self._databases
        if face == "trading":
            await self._open.enter_async_context(connected(where.trading))
        else:
            await self._open.enter_async_context(connected(where.supervision_trading, where.supervision))
        self._face = face

    async def close(self) -> None:
        self._face = ""
        await self._open.aclose()
