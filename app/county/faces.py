"""Both sites' databases, open side by side in one process; the engines are the one site's or the other's by turns."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from kernel.db import HOME, TRADING, Engine, reading
from kernel.settings import Settings

SIZE = 4
"""Connections of a pool: a draw holds one for its lock and one for its transaction."""


@dataclass
class Faces:
    """Each site's pair of engines, TRADING and HOME; which of them stands."""

    trading: Engine
    """The trading site's own login, TRADING and HOME in one."""
    watching: Engine
    """Supervision's restricted login on the trading database."""
    own: Engine
    """Supervision's own database."""
    standing: str = ""

    def turn(self, face: str) -> None:
        """Stand at this site: its logins, its database at home."""
        if face != self.standing:
            TRADING.share(self.trading if face == "trading" else self.watching)
            HOME.share(self.trading if face == "trading" else self.own)
            self.standing = face


@asynccontextmanager
async def faces(settings: Settings) -> AsyncIterator[Faces]:
    """Open all three; the engines, which nobody may have in use, are closed again afterwards."""
    made = Faces(Engine("trading"), Engine("watching"), Engine("own"))
    before = [(engine, engine.config, engine.current_transaction) for engine in (TRADING, HOME)]
    async with AsyncExitStack() as opened:
        for engine, url in (
            (made.trading, settings.database_url),
            (made.watching, settings.supervision_trading_url),
            (made.own, settings.supervision_database_url),
        ):
            await engine.start(url, size=SIZE)
            opened.push_async_callback(engine.stop)
        try:
            yield made
        finally:
            for engine, config, running in before:
                engine.pool, engine.config, engine.current_transaction = None, config, running


async def writes() -> int:
    """A number that grows with every transaction that wrote something, in either database of this server."""
    async with reading(TRADING) as connection:
        return int(await connection.fetchval("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint"))
