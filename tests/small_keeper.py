"""A small keeper of draws that lives in memory: the regulator's process, as far as the trading side can tell."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from kernel.clock import now
from kernel.db import HOME, Engine
from kernel.proofs.canonical import encode
from kernel.proofs.dsse import Signer
from kernel.toss import clockwork
from kernel.toss.book import Call, Contact, Meanwhile, Rebuild, Recheck, Screen
from kernel.toss.hand import Hand
from kernel.toss.keeper import Keeper
from kernel.toss.schemas import CallTerms, Record, TossView


@dataclass
class MemoryBook:
    """What the keeper keeps, in memory; `sent` are the calls with the addresses they went to."""

    lists: dict[UUID, tuple[UUID, str, bytes, bytes]] = field(default_factory=dict)
    asked: dict[UUID, Call] = field(default_factory=dict)
    sent: list[tuple[Call, Mapping[str, str], CallTerms]] = field(default_factory=list)
    locks: dict[UUID, asyncio.Lock] = field(default_factory=dict)

    @asynccontextmanager
    async def locked(self, toss: UUID) -> AsyncIterator[None]:
        async with self.locks.setdefault(toss, asyncio.Lock()):
            yield

    async def keep(self, toss: UUID, case: UUID, digest: str, body: bytes, salt_key: bytes) -> None:
        self.lists.setdefault(toss, (case, digest, body, salt_key))

    async def kept(self, toss: UUID) -> tuple[bytes, bytes] | None:
        return self.lists[toss][2:] if toss in self.lists else None

    async def same_lists(self, case: UUID, digest: str) -> list[UUID]:
        return [toss for toss, kept in self.lists.items() if kept[:2] == (case, digest)]

    async def calls(self, toss: UUID) -> list[Call]:
        return [call for call in self.asked.values() if call.toss == toss]

    async def ring(self, call: Call, addresses: Mapping[str, str], terms: CallTerms) -> None:
        self.asked[call.id] = call
        self.sent.append((call, addresses, terms))

    async def evidence(self, call: Call) -> bytes:
        return encode({"call": str(call.id), "reply": call.reply})

    async def settle(self, call: Call, envelope: bytes, seat: int, slip: str) -> None:
        self.asked[call.id] = replace(self.asked[call.id], envelope=envelope, seat=seat, slip=slip)


async def _nobody(connection: Any, toss: TossView, record: Record) -> str:
    return ""


async def _by_telephone(connection: Any, toss: TossView, record: Record) -> Mapping[str, str]:
    return {"sms": "13800000000"}


class SmallKeeper:
    """The real keeper with a memory of its own, at the supervision side's own login on the trading database.

    `rebuild` finds the list by itself; give a duty's records function, or one that says what the test wants.
    """

    def __init__(
        self,
        url: str,
        signer: Signer,
        operator: bytes,
        *,
        kind: str,
        rebuild: Rebuild,
        screen: Screen = _nobody,
        contact: Contact = _by_telephone,
        recheck: Recheck | None = None,
        meanwhile: Meanwhile | None = None,
    ) -> None:
        self._url, self._operator = url, operator
        self.book = MemoryBook()
        self.db = Engine("keeper")
        self.keeper = Keeper(
            hand=Hand("regulator", signer, os.urandom(32)),
            operators=self._operators,
            book=self.book,
            rebuild={kind: rebuild},
            screen={kind: screen},
            contact={kind: contact},
            recheck={kind: recheck} if recheck else {},
            meanwhile={kind: meanwhile} if meanwhile else {},
            db=self.db,
        )

    async def _operators(self) -> list[bytes]:
        return [self._operator]

    async def __aenter__(self) -> "SmallKeeper":
        await self.db.start(self._url, size=3)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.db.stop()

    async def round(self) -> int:
        return await self.keeper.round()

    @property
    def waiting(self) -> list[Call]:
        """Who was called and has not answered."""
        return [call for call in self.book.asked.values() if not call.reply and not call.envelope]

    async def reply(self, call: Call, answer: str) -> Call:
        """He taps `accept` or `decline` in time; the call as it stands after the keeper has looked at it."""
        assert await now(HOME) < call.until
        self.book.asked[call.id] = replace(self.book.asked[call.id], reply=answer)
        await self.keeper.look(call.toss)
        return self.book.asked[call.id]


async def settle(hand: Hand, *keepers: SmallKeeper, rounds: int = 60) -> None:
    """Both sides' workers go round until nothing moves any more."""
    for _ in range(rounds):
        moved = await clockwork.turn(hand)
        for keeper in keepers:
            moved += await keeper.round()
        if not moved:
            return
    raise AssertionError("the draw never comes to rest")
