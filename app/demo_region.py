"""A demo county that has worked for three weeks: played through the real steps in a set clock, never inserted."""

import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from app.demo_keys import make_keys
from app.demo_people import (
    BUILDERS,
    CODE_OF,
    DEPARTMENT,
    HOLDERS,
    NAME_OF,
    ORGANISATIONS,
    PEOPLE,
    REGION,
    ROLE_OF,
)
from app.demo_play import Player
from app.migrate import DEMO_START
from app.officer.home import Home
from app.safe_start import vault_settings
from app.tools import equip
from bidding.schemas import LotPlan, RegisterProject
from bidding.steps.accept import accept_project, return_project
from bidding.steps.register import register_project
from kernel import clock
from kernel.accounts import records as known
from kernel.accounts.keys import Keys
from kernel.accounts.seeding import seed
from kernel.box import desk
from kernel.clock import CHINA
from kernel.db import HOME, TRADING, connected
from kernel.identity import Actor
from kernel.proofs import age
from kernel.settings import Settings
from storage.vault import open_store

FIRST_DEADLINE = datetime(2026, 3, 23, 9, 30, tzinfo=CHINA)
NEXT_DEADLINE = datetime(2026, 4, 20, 9, 30, tzinfo=CHINA)
TODAY = datetime(2026, 3, 25, 9, 0, tzinfo=CHINA)
PRICES = ("38260000.00", "37980000.00", "39120000.00")


async def load(settings: Settings, *, supervision_secret: str) -> None:
    """Load people, keys and cases into an empty demo database; a loaded one is left alone."""
    supervision_keys = settings.var / "supervision" / "keys"
    async with connected(settings.owner_database_url, settings.supervision_owner_database_url):
        holders = make_keys(settings, supervision_keys, DEMO_START)
        if await known.organisation_by_code(BUILDERS[0]) is not None:
            return
        people = await _people(settings, supervision_secret)
        store = await open_store(vault_settings(settings))
        try:
            tools = (await equip(settings, store)).tools
            with tempfile.TemporaryDirectory() as folder:
                region = _Region(people, Player(tools, holders, people, supervision_keys, Path(folder)))
                await region.live()
        finally:
            await store.close()


async def _people(settings: Settings, supervision_secret: str) -> dict[str, Actor]:
    trading = Keys.derive(settings.secret.encode(), identity_secret=settings.identity_secret.encode())
    watching = Keys.derive(supervision_secret.encode(), identity_secret=settings.identity_secret.encode())
    HOME_WAS = HOME.pool, HOME.current_transaction
    HOME.share(TRADING)
    persons = await seed(PEOPLE, ORGANISATIONS, "trading", trading)
    HOME.pool, HOME.current_transaction = HOME_WAS
    persons |= await seed(PEOPLE, ORGANISATIONS, "supervision", watching)
    return {login: await _actor(login, persons[login]) for login in persons}


async def _actor(login: str, person: UUID) -> Actor:
    unit = await known.organisation_by_code(CODE_OF[login])
    assert unit is not None, "seeded just now"
    return Actor(
        role=ROLE_OF[login],
        person=person,
        name=NAME_OF[login],
        organisation=unit.id,
        organisation_code=unit.code,
        organisation_name=unit.name,
        region=unit.region,
        departments=(DEPARTMENT,) if ROLE_OF[login] == "regulator" else (),
        door="command",
    )


@dataclass(frozen=True, slots=True)
class _Region:
    """The county's weeks, in order."""

    people: dict[str, Actor]
    player: Player

    async def live(self) -> None:
        for login in HOLDERS:
            await _register(self.people[login], self.player.holders[login])
        first = await self._accepted("purchaser1", "文二路道路及雨污水管网改造工程", ("bidder",))
        await self.player.publish(self.people["purchaser1"], first[0], FIRST_DEADLINE)
        await self.player.work()
        bidders = [self.people[f"bidder{n}"] for n in (1, 2, 3)]
        sealed = await self.player.bids(first[0], bidders, PRICES)
        await self._forward(FIRST_DEADLINE)
        await self.player.turn(first[0])
        await self._forward(FIRST_DEADLINE + timedelta(minutes=5))
        await self.player.turn(first[0])
        await self.player.countersign(first[0])
        await self.player.reveal(first[0], sealed)
        await self._forward(FIRST_DEADLINE + timedelta(minutes=30))
        await self.player.turn(first[0])
        await self._forward(TODAY)
        await self._today()
        await clock.set_forward(await clock.now(), frozen=False)
        await clock.set_forward(await clock.now(HOME), frozen=False, db=HOME)

    async def _today(self) -> None:
        lots = await self._accepted("purchaser1", "蒋村单元小学新建工程", ("bidder", "roles"))
        for lot in lots:
            await self.player.publish(self.people["purchaser1"], lot, NEXT_DEADLINE)
        await self.player.work()
        await self._accepted("water1", "五常港河道综合整治工程", ("bidder",))
        await self._registered("purchaser2", "留下街道社区服务中心装修工程", ("bidder-only",))
        short = await self._registered("water1", "闲林水厂取水口改造工程", ("bidder",), complete=False)
        await return_project(self.people["operator1"], short)

    async def _forward(self, moment: datetime) -> None:
        await clock.set_forward(moment, frozen=True)
        await clock.set_forward(moment, frozen=True, db=HOME)

    async def _registered(self, login: str, name: str, modes: tuple[str, ...], *, complete: bool = True) -> UUID:
        command = RegisterProject(
            name=name,
            region=REGION,
            department=DEPARTMENT,
            category="A02",
            approval="西发改〔2026〕18号" if complete else "",
            investment_code="2602-330106-04-01-123456" if complete else "",
            funding="区财政资金，已落实",
            scope="施工图范围内的全部施工内容，委托招标",
            lots=[
                LotPlan(
                    name=f"第{number}标段",
                    estimate=Decimal(40_000_000),
                    ceiling=Decimal(40_000_000),
                    deposit=Decimal(500_000),
                    mode=mode,
                )
                for number, mode in zip("一二三", modes, strict=False)
            ],
        )
        return await register_project(self.people[login], command)

    async def _accepted(self, login: str, name: str, modes: tuple[str, ...]) -> list[UUID]:
        project = await self._registered(login, name, modes)
        await accept_project(self.people["operator1"], project)
        await self.player.work()
        return await self.player.lots(project)


async def _register(actor: Actor, holder: Home) -> None:
    await desk.register(actor, holder.card.public_key, age.recipient_of(holder.officer.master))
