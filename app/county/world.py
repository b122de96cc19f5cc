"""The county's one machine while its weeks are played: both sites in one process by turns, and a clock that is set.

Nothing here inserts a row: what happens, happens through the steps that pages and workers take, each side by its own
database logins.
"""

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from uuid import UUID

from app.county.player import Player
from app.demo_keys import make_keys
from app.demo_people import CODE_OF, DEPARTMENTS_OF, NAME_OF, ORGANISATIONS, PEOPLE, ROLE_OF
from app.launch import site_secrets
from app.migrate import DEMO_START
from app.panel_facts import judging_tools
from app.rounds import Rounds, of_supervision, of_trading
from app.safe_start import vault_settings
from app.tools import equip, keys_of
from bidding.clockwork import take_posted
from bidding.schemas import SignedObject
from bidding.steps.open import hold_share
from experts.case import Tools as JudgingTools
from kernel import clock
from kernel.accounts import records as known
from kernel.accounts.keys import Keys
from kernel.accounts.seeding import seed
from kernel.box import desk
from kernel.db import HOME, connected
from kernel.identity import Actor
from kernel.jobs import run_one
from kernel.proofs.dsse import Signer
from kernel.proofs.trustee import Answer, answer
from kernel.settings import Settings
from kernel.signing_keys import site_signer
from storage.vault import open_store

OFTEN = 60
"""Rounds that come this often or oftener, in seconds, belong to every moment of the play."""
ALTERNATIONS = 4
"""How often the sides go round in turn at one moment: a draw needs as many until nothing moves."""


@dataclass
class World:
    """Both sites; `settings` of the trading site, `watching` of the supervision site."""

    settings: Settings
    watching: Settings
    people: dict[str, Actor]
    player: Player
    judging: JudgingTools
    rounds: Mapping[str, Rounds]
    process: Signer
    face: str = ""
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def turn(self, face: str) -> None:
        """Stand at this site: its logins, its database at home."""
        if face == self.face:
            return
        await self._open.aclose()
        where = self.settings
        if face == "trading":
            await self._open.enter_async_context(connected(where.database_url, size=4))
        else:
            urls = where.supervision_trading_url, where.supervision_database_url
            await self._open.enter_async_context(connected(*urls, size=4))
        self.face = face

    async def close(self) -> None:
        self.face = ""
        await self._open.aclose()

    async def go_round(self) -> None:
        """Both sides' workers, in turn, until what is due at this moment is done; trading stands open afterwards."""
        for _ in range(ALTERNATIONS):
            for face in ("trading", "supervision"):
                await self.turn(face)
                await self._work(self.rounds[face])
        await self.turn("trading")
        await self._work(self.rounds["trading"])

    async def unlock(self) -> None:
        """Every holder does all that waits for him, on his own side, until nothing waits for anybody."""
        post = import_module("supervision.hold_share").post
        busy = 1
        while busy:
            busy = 0
            for actor, case, given in await self._answers("trading"):
                command = SignedObject(envelope=_b64(given.signed.to_bytes()), wrap=_b64(given.wrap))
                await hold_share(self.player.tools, actor, case, given.kind, given.stage, command)
                busy += 1
            for actor, case, given in await self._answers("supervision"):
                await post(actor, case, given.kind, given.stage, given.signed.to_bytes(), given.wrap)
                busy += 1
            await self.turn("trading")
            await take_posted(self.player.tools)

    async def _answers(self, face: str) -> list[tuple[Actor, UUID, Answer]]:
        """What the holders of one side have to sign now; that side stands open."""
        await self.turn(face)
        found = []
        for login, holder in self.player.holders.items():
            actor = self.people[login]
            if (actor.role == "regulator") == (face == "supervision") and actor.person is not None:
                for task in await desk.waiting(await desk.holders_of(actor.person)):
                    found.append((actor, UUID(task["case"]), answer(holder.officer, task)))
        return found

    async def forward(self, moment: datetime) -> None:
        """Set both clocks."""
        await self.turn("supervision")
        await clock.set_forward(moment, frozen=True, db=HOME)
        await self.turn("trading")
        await clock.set_forward(moment, frozen=True)

    async def wake(self) -> None:
        """Let both clocks run on."""
        await self.turn("supervision")
        await clock.set_forward(await clock.now(HOME), frozen=False, db=HOME)
        await self.turn("trading")
        await clock.set_forward(await clock.now(), frozen=False)

    async def _work(self, rounds: Rounds) -> None:
        while await run_one(HOME, rounds.duties):
            continue
        for seconds, act in rounds.acts:
            if seconds <= OFTEN:
                await act()


@asynccontextmanager
async def world(settings: Settings, folder: Path) -> AsyncIterator[World]:
    """The county's machine on freshly migrated databases: keys made, people in; `folder` holds what bidders keep."""
    own = site_secrets(settings.var)
    trading = _of_site(settings, own.trading, own.identity)
    watching = replace(_of_site(settings, own.supervision, own.identity), var=settings.var / "supervision")
    holders = await asyncio.to_thread(make_keys, trading, watching.keys, DEMO_START)
    people = await _people(settings, own.trading, own.supervision, own.identity)
    store = await open_store(vault_settings(trading))
    async with connected(settings.database_url):
        tools = (await equip(trading, store)).tools
        rounds = {"trading": await of_trading(trading, store), "supervision": of_supervision(watching, store)}
    player = Player(tools, holders, people, watching.keys, folder)
    made = World(
        trading, watching, people, player, judging_tools(tools, keys_of(trading)), rounds,
        site_signer(watching.keys, "process"),
    )  # fmt: skip
    try:
        yield made
    finally:
        await made.close()
        await store.close()


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


async def people_alone(settings: Settings) -> None:
    """A county on its first morning: keys and people, and nothing that has happened yet; again, it changes nothing."""
    own = site_secrets(settings.var)
    trading = _of_site(settings, own.trading, own.identity)
    await asyncio.to_thread(make_keys, trading, settings.var / "supervision" / "keys", DEMO_START)
    await _people(settings, own.trading, own.supervision, own.identity)


def _of_site(settings: Settings, secret: str, identity: str) -> Settings:
    return replace(settings, secret=secret, identity_secret=identity)


async def _people(settings: Settings, trading: str, supervision: str, identity: str) -> dict[str, Actor]:
    persons: dict[str, UUID] = {}
    actors: dict[str, Actor] = {}
    for site, secret, urls in (
        ("trading", trading, (settings.owner_database_url,)),
        ("supervision", supervision, (settings.owner_database_url, settings.supervision_owner_database_url)),
    ):
        async with connected(*urls):
            keys = Keys.derive(secret.encode(), identity_secret=identity.encode())
            persons |= await seed(PEOPLE, ORGANISATIONS, site, keys)
            actors = {login: await _actor(login, person) for login, person in persons.items()}
    return actors


async def _actor(login: str, person: UUID) -> Actor:
    unit = await known.organisation_by_code(CODE_OF[login])
    assert unit is not None, "seeded just now"
    return Actor(
        role=ROLE_OF[login], person=person, name=NAME_OF[login], organisation=unit.id, organisation_code=unit.code,
        organisation_name=unit.name, region=unit.region, departments=tuple(DEPARTMENTS_OF.get(login, ())),
        door="command",
    )  # fmt: skip
