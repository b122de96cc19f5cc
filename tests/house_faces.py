"""The engines of the test process, turned to the trading site's logins or to the supervision site's."""

from typing import Any

import asyncpg
from house_databases import Databases

from kernel.db import HOME, TRADING, Engine

Wiring = tuple[dict[str, Any], asyncpg.Pool | None, Any]


class Faces:
    """Opens the engines for a site when it is first wanted and keeps them: to turn to it again changes names only.

    Stories go from one site to the other hundreds of times, and four new connections cost a tenth of a second.
    """

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self._bare = [_wiring(engine) for engine in (TRADING, HOME)]
        self._wired: dict[str, list[Wiring]] = {}
        self._face = ""

    async def turn(self, face: str) -> None:
        if face == self._face:
            return
        await self.close()
        if face not in self._wired:
            await self._open(face)
            self._wired[face] = [_wiring(engine) for engine in (TRADING, HOME)]
        self._wire(self._wired[face])
        self._face = face

    async def close(self) -> None:
        """The engines as if they had never been started, for who starts them himself."""
        self._wire(self._bare)
        self._face = ""

    async def end(self) -> None:
        """Close every connection that was opened."""
        await self.close()
        for pool in {id(pool): pool for wiring in self._wired.values() for _, pool, _ in wiring if pool}.values():
            await pool.close()
        self._wired.clear()

    async def _open(self, face: str) -> None:
        where = self._databases
        if face == "trading":
            await TRADING.start(where.trading)
            HOME.share(TRADING)
        else:
            await TRADING.start(where.supervision_trading)
            await HOME.start(where.supervision)

    def _wire(self, wirings: list[Wiring]) -> None:
        for engine, wiring in zip((TRADING, HOME), wirings, strict=True):
            engine.config, engine.pool, engine.current_transaction = wiring


def _wiring(engine: Engine) -> Wiring:
    return engine.config, engine.pool, engine.current_transaction
