"""The ports of the regulator's process: where it keeps lists, salts and calls, and whom it asks about a draw's kind."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

import asyncpg

from kernel.toss.schemas import CallTerms, Rebuilt, Record, TossView

Rebuild = Callable[[asyncpg.Connection, TossView], Awaitable[Rebuilt]]
"""The list as it follows from the trading side's own rows, read through this side's own login."""
Screen = Callable[[asyncpg.Connection, TossView, Record], Awaitable[str]]
"""The ground on which a candidate must stay away as things are now, or nothing."""
Contact = Callable[[asyncpg.Connection, TossView, Record], Awaitable[Mapping[str, str]]]
"""Gateway → address of a candidate."""
Recheck = Callable[[asyncpg.Connection], Awaitable[list[UUID]]]
"""The draws whose seated candidates are to be screened once more: more is known now than when they accepted."""
Meanwhile = Callable[[asyncpg.Connection, TossView], Awaitable[list[UUID]]]
"""The other draws of this kind whose sittings overlap this one's: nobody can sit in two at once."""
BUSY = "busy"
"""Why somebody is passed over who already accepted another sitting of that time; no ground of avoidance."""
ANSWERS = ("accept", "decline")


@dataclass(frozen=True, slots=True)
class Call:
    """A candidate who was asked: `reply` is empty until he answers, `envelope` until the outcome is signed."""

    id: UUID
    toss: UUID
    stratum: str
    n: int
    until: datetime
    reply: str = ""
    envelope: bytes = b""
    seat: int = 0
    slip: str = ""


class Book(Protocol):
    """Kept where the trading side cannot read. Every method is its own transaction, or part of `locked`'s."""

    def locked(self, toss: UUID) -> AbstractAsyncContextManager[None]:
        """One process at a time works on a draw."""

    async def keep(self, toss: UUID, case: UUID, digest: str, body: bytes, salt_key: bytes) -> None:
        """Keep a list and the key of its salts for good; again changes nothing."""

    async def kept(self, toss: UUID) -> tuple[bytes, bytes] | None:
        """(the list's bytes, the key of its salts)."""

    async def same_lists(self, case: UUID, digest: str) -> list[UUID]:
        """The draws of this case whose list held the same people."""

    async def calls(self, toss: UUID) -> list[Call]:
        """Everybody who was asked, in the order of asking."""

    async def ring(self, call: Call, addresses: Mapping[str, str], terms: CallTerms) -> None:
        """Keep a call and send it, both or neither."""

    async def evidence(self, call: Call) -> bytes:
        """What shows that he was asked and what he answered: the gateway's record and his reply."""

    async def settle(self, call: Call, envelope: bytes, seat: int, slip: str) -> None:
        """Keep the signed outcome of a call before it is posted, and tell a seated expert his code."""
