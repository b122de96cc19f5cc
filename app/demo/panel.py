"""The panel of a demonstration: the experts who were called, each on his own telephone, and those who sit."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from app.client import Client
from app.demo.browser import Browser
from app.demo.steps import until
from app.demo.story import Story, run

_SLIP = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")


@dataclass
class Judge:
    """A drawn expert: the link he was sent, the slip he got, and his seat once he has signed in."""

    link: str
    slip: str = ""
    seat: str = ""
    client: Client | None = None

    def reply(self, answer: str) -> None:
        """One tap on the link, on his own telephone."""
        site, _, token = self.link.rpartition("/call/")
        Browser(site).send(f"/call/{token}", answer=answer)

    def read_slip(self) -> bool:
        """Look at the link again until it shows the code for the desk; whether it does."""
        site, _, token = self.link.rpartition("/call/")
        found = _SLIP.search(Browser(site).read(f"/call/{token}"))
        self.slip = found.group() if found else ""
        return bool(found)

    def sit(self, site: str) -> None:
        """At the desk: the slip, and no name."""
        self.client = Client(site)
        self.seat = str(self.client.take_seat(self.slip)["seat"])


@dataclass
class Panel:
    """The panel of the first lot: everybody who was called, who accepted, and who sits."""

    story: Story
    lot: str
    begins: datetime
    called: list[Judge] = field(default_factory=list)
    coming: list[Judge] = field(default_factory=list)
    sitting: list[Judge] = field(default_factory=list)

    async def rung(self, count: int) -> list[Judge]:
        """So many have been called since; they."""

        async def enough() -> bool:
            return len(self._links()) >= len(self.called) + count

        await until(f"通知 {count} 位专家", enough)
        known = {judge.link for judge in self.called}
        fresh = [Judge(link) for link in self._links() if link not in known]
        self.called += fresh
        return fresh

    async def accept(self, *judges: Judge) -> None:
        """They come; each reads his code on his own link."""
        for judge in judges:
            await run(judge.reply, "accept")
        for judge in judges:
            await until("评标签到码", partial(run, judge.read_slip))
        self.coming += judges

    async def sit(self, *judges: Judge) -> None:
        """The trading site has heard of their seats; they sign in at its desk."""
        await until("席位", self._all_seated)
        for judge in judges:
            await run(judge.sit, self.story.house.settings.trading_origin)
        self.sitting += judges

    async def next(self) -> Judge:
        """The next of the same order is called, accepts and signs in."""
        (judge,) = await self.rung(1)
        await self.accept(judge)
        await self.sit(judge)
        return judge

    async def shown(self) -> dict[str, Any]:
        """The panel as the purchaser sees it."""
        return await run(self.story.purchaser.get, f"/lots/{self.lot}/panel")

    async def _all_seated(self) -> bool:
        return len((await self.shown())["seats"]) >= len(self.coming)

    def _links(self) -> list[str]:
        return [letter["link"] for letter in self.story.house.letters() if "/call/" in letter["link"]]
