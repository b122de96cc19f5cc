"""Halls followed live: one look a second for all who sit in one, and a cut line is taken up where it broke."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from bidding.hall import hall
from bidding.news import News, Scene, scene_of
from kernel.db import LOST, spawn

_log = logging.getLogger("yangguang.hall")
PAUSE = 1.0
"""Seconds between two looks at a hall in which somebody sits."""
REMEMBERED = 64
"""States of a hall that are kept to tell somebody who comes back what he has missed, and nothing he has."""
EMPTY = 64
"""Halls that are remembered after everybody has left: a cut takes all who sit there at once."""
ENDS = ("concluded", "failed")


@dataclass(slots=True)
class _Room:
    """A hall in which somebody sits; its newest state stands last."""

    case: UUID
    scenes: deque[Scene]
    visitors: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    watch: asyncio.Task[None] | None = None

    @property
    def current(self) -> Scene:
        return self.scenes[-1]

    def known(self, number: str) -> Mapping[str, str]:
        """What somebody has who last saw the state of this number; nothing, where it is not remembered."""
        return next((scene.texts for scene in reversed(self.scenes) if scene.number == number), {})


class Halls:
    """The halls this process shows live; one look a second, however many sit there."""

    def __init__(self, pause: float = PAUSE) -> None:
        self._rooms: dict[UUID, _Room] = {}
        self._left: dict[UUID, deque[Scene]] = {}
        self._pause = pause

    @property
    def watched(self) -> frozenset[UUID]:
        """The halls in which somebody sits."""
        return frozenset(self._rooms)

    async def follow(self, case: UUID, last: str = "", *, silence: float = 15.0) -> AsyncGenerator[News | None, None]:
        """Every change of the hall until it has ended, first all that the state numbered `last` did not have.

        None after `silence` seconds without a change. `NotFound` for a lot nobody knows of.
        """
        room = await self._enter(case)
        shown: Scene | None = None
        known = room.known(last)
        try:
            while shown is None or shown.view.phase not in ENDS:
                latest = await _after(room, shown, silence)
                shown = latest or shown
                if latest is None:
                    yield None
                elif regions := latest.since(known):
                    yield News(latest, regions)
                known = latest.texts if latest else known
        finally:
            self._leave(room)

    async def _enter(self, case: UUID) -> _Room:
        room = self._rooms.get(case)
        if room is None:
            first = scene_of(await hall(case))
            room = self._rooms.setdefault(case, _Room(case, self._remembered(case, first)))
        room.visitors += 1
        room.watch = room.watch or spawn(self._watch(room))
        return room

    def _remembered(self, case: UUID, first: Scene) -> deque[Scene]:
        """The states this hall has shown before, if it was not long ago, and now this one."""
        scenes = self._left.pop(case, deque(maxlen=REMEMBERED))
        if not scenes or scenes[-1].number != first.number:
            scenes.append(first)
        return scenes

    def _leave(self, room: _Room) -> None:
        room.visitors -= 1
        if room.visitors == 0 and room.watch is not None:
            room.watch.cancel()
            del self._rooms[room.case]
            self._left[room.case] = room.scenes
            while len(self._left) > EMPTY:
                del self._left[next(iter(self._left))]

    async def _watch(self, room: _Room) -> None:
        while True:
            try:
                latest = await hall(room.case)
            except LOST:
                _log.warning("the hall could not be looked at")
            else:
                await _show(room, scene_of(latest))
            await asyncio.sleep(self._pause)


async def _show(room: _Room, latest: Scene) -> None:
    if latest.number != room.current.number:
        async with room.changed:
            room.scenes.append(latest)
            room.changed.notify_all()


async def _after(room: _Room, shown: Scene | None, silence: float) -> Scene | None:
    """What the room shows when it is no longer `shown`; None when it still is after that many seconds."""
    async with room.changed:
        try:
            await asyncio.wait_for(room.changed.wait_for(lambda: room.current is not shown), silence)
        except TimeoutError:
            return None
        return room.current
