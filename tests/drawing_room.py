"""A draw for tests of the ceremony: a case, both sides' processes, candidates whose rebuild says what a test wants."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from house_databases import Databases
from small_keeper import SmallKeeper, settle

from kernel.acts import acting
from kernel.db import TRADING, transaction
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.proofs.draw_role import Party
from kernel.proofs.signers import Ed25519Signer
from kernel.toss import intake, records, steps
from kernel.toss.hand import Hand
from kernel.toss.messages import rows_of, tell_story
from kernel.toss.news import news, take_news
from kernel.toss.schemas import CallTerms, Rebuilt, TossView

OPERATOR = Actor(role="operator", name="交易中心", door="api")
TERMS = CallTerms("2026年3月3日9时", "交易中心二楼", "房屋建筑工程", 30)


def people(count: int, *, employer: str = "") -> list[dict[str, str]]:
    """Candidates, each of an employer of his own unless all are of one."""
    return [
        {"id": str(uuid4()), "name": f"专家{i}", "employer": employer or f"单位{i}", "profession": "造价"}
        for i in range(count)
    ]


@dataclass
class Room:
    """One case with its draw. `pool` is what the trading side fixes, `truth` what the regulator's process finds."""

    house: Databases
    kind: str = "panel"
    case: UUID = field(default_factory=new_id)
    hand: Hand = field(default_factory=lambda: Hand("operator", Ed25519Signer.generate(), os.urandom(32)))
    regulator: Ed25519Signer = field(default_factory=Ed25519Signer.generate)
    purchaser: Party | None = None
    strata: list[tuple[str, int]] = field(default_factory=lambda: [("造价", 2), ("施工", 1)])
    pool: dict[str, list[dict[str, str]]] = field(default_factory=lambda: {"造价": people(6), "施工": people(4)})
    truth: Rebuilt | None = None
    avoids: dict[str, str] = field(default_factory=dict)
    avoided: list[tuple[dict[str, str], str]] = field(default_factory=list)
    cap: int = 0

    def keeper(self) -> SmallKeeper:
        return SmallKeeper(
            self.house.supervision_trading, self.regulator, self.hand.signer.public, kind=self.kind,
            rebuild=self._rebuild, screen=self._screen,
        )  # fmt: skip

    async def _rebuild(self, connection: Any, toss: TossView) -> Rebuilt:
        return self.truth or Rebuilt(self.pool, self.avoided)

    async def _screen(self, connection: Any, toss: TossView, record: Mapping[str, Any]) -> str:
        return self.avoids.get(record["id"], "")

    async def begin(self, **more: Any) -> UUID:
        purchaser = self.purchaser.signer.public if self.purchaser else None
        async with acting("begin", OPERATOR, self.case) as beat:
            return await steps.begin(
                beat, self.hand, kind=self.kind, regulator=self.regulator.public, purchaser=purchaser, **more
            )

    async def fix(self, toss: UUID, **more: Any) -> None:
        async with acting("fix_list", OPERATOR, self.case) as beat:
            await steps.fix_list(
                beat, self.hand, toss, strata=self.strata, candidates=self.pool, avoided=self.avoided,
                employer_cap=self.cap, call=TERMS if self.kind == "panel" else None, **more,
            )  # fmt: skip

    async def act(self, step: Any, toss: UUID, *values: Any, **more: Any) -> None:
        """One of the steps, in a beat of its own."""
        async with acting("draw", OPERATOR, self.case) as beat:
            await step(beat, self.hand, toss, *values, **more)

    async def attend(self, toss: UUID) -> str:
        """The third role says what is due of it; what it said."""
        assert self.purchaser is not None
        async with transaction(TRADING) as connection:
            ceremony = tell_story(await rows_of(connection, toss)).ceremony
        due = ceremony.due("purchaser")
        signed = self.purchaser.next(ceremony)
        if signed is not None:
            await self.post(toss, signed.to_bytes())
        return due

    async def post(self, toss: UUID, envelope: bytes) -> None:
        async with acting("attend_draw", OPERATOR, self.case) as beat:
            await intake.attend(beat, toss, envelope)

    async def view(self, toss: UUID) -> TossView:
        async with transaction(TRADING) as connection:
            return await records.toss_of(connection, toss)

    async def heard(self) -> list[tuple[str, Mapping[str, Any]]]:
        """The news of this kind of draw, taken as they are read."""
        async with transaction(TRADING) as connection:
            found = await news(connection, self.kind)
            for one in found:
                assert await take_news(connection, one.id)
        return [(one.what, one.facts) for one in found]

    async def drawn(self, keeper: SmallKeeper) -> UUID:
        """A whole unattended draw up to its order."""
        toss = await self.begin()
        await settle(self.hand, keeper)
        await self.fix(toss)
        await settle(self.hand, keeper)
        return toss

    async def answer_all(self, keeper: SmallKeeper, answer: str = "accept") -> None:
        """Everybody who is called gives the same answer, until nobody is called any more."""
        while keeper.waiting:
            await keeper.reply(keeper.waiting[0], answer)
            await settle(self.hand, keeper)


def third() -> Party:
    """A purchaser's hand."""
    return Party("purchaser", Ed25519Signer.generate(), os.urandom(32))
