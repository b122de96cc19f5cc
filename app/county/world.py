"""The county's one machine while its weeks are played: both sites in one process by turns, and a clock that is set.

Nothing here inserts a row: what happens, happens through the steps that pages and workers take, each side by its own
database logins.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from uuid import UUID

import bidding.clockwork
import experts.clockwork
from app.county import logs, people
from app.county.faces import Faces, faces, writes
from app.county.player import Player
from app.demo_keys import make_keys
from app.migrate import DEMO_START
from app.panel_facts import judging_tools
from app.rounds import Rounds, of_supervision, of_trading
from app.safe_start import vault_settings
from app.tools import equip, keys_of
from bidding.schemas import SignedObject
from bidding.steps.open import hold_share
from experts.case import Tools as JudgingTools
from kernel import clock, outbox
from kernel.box import desk
from kernel.db import HOME
from kernel.identity import Actor
from kernel.jobs import run_one
from kernel.proofs.dsse import Signer
from kernel.proofs.trustee import Answer, answer
from kernel.publishing import PUBLISH, Publisher
from kernel.settings import Settings
from kernel.signing_keys import site_signer
from storage.vault import open_store

AT_ONCE = 1.0
"""Rounds that come this often or oftener, in seconds, belong to every moment of the play."""
EVENING = 60.0
"""And these to every evening: the sweeps, and the patrol over every case."""
TURNS = 12
"""How often, at most, the sides go round by turns at one moment: a draw moves that often."""


@dataclass
class World:
    """Both sites; `settings` of the trading site, `watching` of the supervision site."""

    settings: Settings
    watching: Settings
    people: dict[str, Actor]
    player: Player
    judging: JudgingTools
    rounds: Mapping[str, Rounds]
    publishers: Mapping[str, Publisher]
    process: Signer
    faces: Faces

    def turn(self, face: str) -> None:
        """Stand at this site: its logins, its database at home."""
        self.faces.turn(face)

    @contextmanager
    def at(self, face: str) -> Iterator[None]:
        """Stand at this site for a while; at the trading site afterwards."""
        self.turn(face)
        try:
            yield
        finally:
            self.turn("trading")

    async def go_round(self) -> None:
        """Both sides' workers, by turns, until neither finds anything to do now; trading stands afterwards."""
        for _ in range(TURNS):
            before = await writes()
            for face in ("trading", "supervision"):
                await self._work(face, until=AT_ONCE)
            if await writes() == before:
                break
        self.turn("trading")

    async def look_at(self, lot: UUID) -> None:
        """The sweep that comes every half minute, for one lot: its panel, its evaluation, its box."""
        self.turn("trading")
        await experts.clockwork.run(self.judging, {"lot": str(lot)})
        await bidding.clockwork.run(self.player.tools, {"lot": str(lot)})

    async def evening(self) -> None:
        """What goes on behind both sites in the quiet: every case looked at, the logs published, the post carried."""
        await self.go_round()
        for face in ("trading", "supervision"):
            await self._work(face, until=EVENING)
        await self.go_round()
        for face in ("supervision", "trading"):
            self.turn(face)
            await logs.duty(self.publishers[face]).run({})
            at = self.settings if face == "trading" else self.watching
            gateways = {name: outbox.FileGateway(at.var / "outbox" / name) for name in ("sms", "voice", "mail")}
            while await outbox.deliver_due(HOME, gateways):
                continue

    async def unlock(self) -> None:
        """Every holder does all that waits for him, on his own side, until nothing waits for anybody."""
        post = import_module("supervision.hold_share").post
        busy = True
        while busy:
            busy = False
            for actor, case, given in await self._answers("trading"):
                command = SignedObject(envelope=_b64(given.signed.to_bytes()), wrap=_b64(given.wrap))
                await hold_share(self.player.tools, actor, case, given.kind, given.stage, command)
                busy = True
            for actor, case, given in await self._answers("supervision"):
                await post(actor, case, given.kind, given.stage, given.signed.to_bytes(), given.wrap)
                busy = True
            self.turn("trading")
            await bidding.clockwork.take_posted(self.player.tools)

    async def _answers(self, face: str) -> list[tuple[Actor, UUID, Answer]]:
        """What the holders of one side have to sign now; that side stands."""
        self.turn(face)
        found = []
        for login, holder in self.player.holders.items():
            actor = self.people[login]
            if (actor.role == "regulator") == (face == "supervision") and actor.person is not None:
                for task in await desk.waiting(await desk.holders_of(actor.person)):
                    found.append((actor, UUID(task["case"]), answer(holder.officer, task)))
        return found

    async def forward(self, moment: datetime) -> None:
        """Set both clocks, standing."""
        self.turn("supervision")
        await clock.set_forward(moment, frozen=True, db=HOME)
        self.turn("trading")
        await clock.set_forward(moment, frozen=True)

    async def wake(self) -> None:
        """Let both clocks run on."""
        self.turn("supervision")
        await clock.set_forward(await clock.now(HOME), frozen=False, db=HOME)
        self.turn("trading")
        await clock.set_forward(await clock.now(), frozen=False)

    async def _work(self, face: str, *, until: float) -> None:
        self.turn(face)
        rounds = self.rounds[face]
        duties = {PUBLISH: logs.duty(self.publishers[face]), **rounds.duties}
        while await run_one(HOME, duties):
            continue
        for seconds, act in rounds.acts:
            if seconds <= until:
                await act()


@asynccontextmanager
async def world(settings: Settings, folder: Path) -> AsyncIterator[World]:
    """The county's machine on freshly migrated databases: keys made, people in; `folder` holds what bidders keep."""
    trading, watching = people.of_site(settings, "trading"), people.of_site(settings, "supervision")
    holders = await asyncio.to_thread(make_keys, trading, watching.keys, DEMO_START)
    everybody = await people.move_in(settings)
    store = await open_store(vault_settings(trading))
    try:
        async with faces(settings) as sites:
            sites.turn("trading")
            tools = (await equip(trading, store)).tools
            yield World(
                trading, watching, everybody, Player(tools, holders, everybody, folder),
                judging_tools(tools, keys_of(trading)),
                {"trading": await of_trading(trading, store), "supervision": of_supervision(watching, store)},
                logs.publishers(sites, trading, watching, DEMO_START), site_signer(watching.keys, "process"), sites,
            )  # fmt: skip
    finally:
        await store.close()


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()
