"""Watches the clocks of the machine and of the databases against a steady counter: whoever sets one is found out.

Whether a bid is in time is the database's clock to say, so nobody may set it unseen (电子招标投标办法 8: a trusted
time). A counter that only counts cannot be set; a clock that gains or loses more than a second on it, or that stands
more than a second off the machine's, raises an alarm: the loudest log line, a figure of /metrics, an event in the
site's own log, a message to those who answer for the site.
"""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from kernel import log
from kernel.accounts.throttle import times_within
from kernel.alarms import tell
from kernel.clock import CHINA, when
from kernel.db import HOME, TRADING, Engine, reading, transaction
from kernel.identity import clockwork

LIMIT = 1.0
"""Seconds that a clock may be off before it alarms."""
SLOW = 0.5
"""Seconds after which a database's answer about the time is too old to be judged."""
EVERY = 2.0
"""Seconds between two looks."""
ACT, CASE, MACHINE = "clock_alarm", "clocks", "machine"
NAMES = {MACHINE: "本机时钟", "trading": "交易数据库时钟", "supervision": "监督数据库时钟"}

# The law's clock of a demo or test database may be set; a real one looks at nothing but the server's, or was tampered
# with.
_ASK = """
select extract(epoch from case mode when 'production' then kernel.law_now() else clock_timestamp() end)::float8
from kernel.mark
"""
_log = logging.getLogger("yangguang.clock")
Source = Callable[[], float]
Ask = Callable[[Engine], Awaitable[float]]


@dataclass(frozen=True, slots=True)
class Drift:
    """A clock that is not where it should be: `seconds` it jumped, or stands off the machine's (`apart`)."""

    clock: str
    seconds: float
    apart: bool = False

    @property
    def says(self) -> str:
        name, way = NAMES.get(self.clock, self.clock), "快" if self.seconds > 0 else "慢"
        off = f"{abs(self.seconds):.1f} 秒"
        return f"{name}比本机时钟{way} {off}" if self.apart else f"{name}被拨{way} {off}"


class Judge:
    """Remembers where every clock stood against the steady counter; pure, says each change once."""

    def __init__(self) -> None:
        self._base: dict[str, float] = {}
        self._apart: set[str] = set()

    def drifts(self, offsets: Mapping[str, float]) -> list[Drift]:
        """What has changed since the clocks were last right; `offsets` is clock → its seconds ahead of the counter."""
        moved = [d for name, offset in offsets.items() if abs((d := self._moved(name, offset)).seconds) > LIMIT]
        for drift in moved:
            self._base[drift.clock] = offsets[drift.clock]
        found = [Drift(name, o - offsets[MACHINE], apart=True) for name, o in offsets.items() if name != MACHINE]
        apart = [drift for drift in found if abs(drift.seconds) > LIMIT]
        news = [drift for drift in apart if drift.clock not in self._apart]
        self._apart = (self._apart - set(offsets)) | {drift.clock for drift in apart}
        return moved or news

    def _moved(self, name: str, offset: float) -> Drift:
        return Drift(name, offset - self._base.setdefault(name, offset))


def steady() -> float:
    """Seconds on a counter that nobody can set and that goes on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


async def ask(db: Engine) -> float:
    """The database's instant, in seconds since 1970."""
    async with reading(db) as connection:
        return float(await connection.fetchval(_ASK))


class ClockWatch:
    """The watch of one worker; `roles` are told. The sources are named so that a test can be another clock."""

    def __init__(
        self, roles: Sequence[str], *, counter: Source = steady, machine: Source = time.time, database: Ask = ask
    ) -> None:
        self._roles, self._judge = tuple(roles), Judge()
        self._counter, self._machine, self._database = counter, machine, database

    async def look(self) -> list[Drift]:
        """Compare all clocks once; every drift found is alarmed before this returns."""
        found = self._judge.drifts(await self._offsets())
        for drift in found:
            _log.critical("the clock %s is off by %+.3f s: %s", drift.clock, drift.seconds, drift.says)
            await self._alarm(drift)
        return found

    async def _offsets(self) -> dict[str, float]:
        found = {MACHINE: self._machine() - self._counter()}
        for name, db in _databases().items():
            before = self._counter()
            said = await self._database(db)
            after = self._counter()
            if after - before <= SLOW:
                found[name] = said - (before + after) / 2
        return found

    async def _alarm(self, drift: Drift) -> None:
        """On record and to everybody's inbox, once a minute and clock however many workers see it."""
        if await times_within(f"clock:{drift.clock}", 60) > 1:
            return
        async with transaction(HOME) as home:
            at = (await home.fetchval("select kernel.law_now()")).astimezone(CHINA)
            await tell(home, self._roles, "clock_moved", {"says": drift.says, "at": when(at)})
            facts = {"milliseconds": round(drift.seconds * 1000), "says": drift.says, "apart": drift.apart}
            actor = clockwork("clocks")
            await log.record(home, case_key=CASE, act=ACT, actor=actor, subject=drift.clock, at=at, facts=facts)


def _databases() -> dict[str, Engine]:
    """The clocks this process goes by: in the supervision site its own database's and the trading one's."""
    own = {"supervision": HOME} if HOME.pool is not TRADING.pool else {}
    return {"trading": TRADING, **own}
