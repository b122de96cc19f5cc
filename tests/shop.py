"""Requests for tests: an owner, agencies that apply or quote sealed, the workers of both sites going round."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import kept_county
import road
from house_databases import Databases
from market import SURVEY, Market
from road import PROCESS, Bidder, b64, countersign, upload
from small_keeper import SmallKeeper, settle

from intermediaries import records as market_records
from intermediaries.records import requests as records
from intermediaries.records.requests import RequestRow
from intermediaries.request_clockwork import take_posted, turn
from intermediaries.request_look import own_shortlist
from intermediaries.schemas.requests import (
    AcceptResult,
    AnswerSelection,
    ApplyRequest,
    ChooseAgency,
    ConfirmContract,
    DeliverResult,
    FileContract,
    PublishRequest,
    ResultFile,
    RevealQuote,
    SubmitQuote,
)
from intermediaries.steps.apply import apply_request
from intermediaries.steps.confirm import answer_selection
from intermediaries.steps.contract import confirm_contract, file_contract
from intermediaries.steps.deliver import deliver_result
from intermediaries.steps.quote import reveal_quote, submit_quote
from intermediaries.steps.receive import accept_result
from intermediaries.steps.request import publish_request
from intermediaries.steps.select import choose_agency
from kernel.box import records as box_records
from kernel.clock import CHINA
from kernel.identity import Actor
from kernel.proofs.sealing import Content, reveal_all, seal_bid

CLOSES = datetime(2026, 3, 5, 17, 0, tzinfo=CHINA)
"""The deadline of every request here, a Thursday."""


@dataclass
class Agent:
    """An agency at its own machine: who acts for it, its number in the market, and its sealed quote."""

    actor: Actor
    agency: UUID
    bidder: Bidder

    @property
    def name(self) -> str:
        return self.actor.organisation_name


@dataclass
class Shop:
    """A market with an owner, agencies in good standing, and the regulator's process."""

    market: Market
    owner: Actor
    keeper: SmallKeeper
    clock: Any
    folder: Path
    agents: list[Agent] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path, house: Databases, clock: Any, agencies: int = 0) -> AsyncIterator["Shop"]:
        road.ADMIN = house.admin
        step = ("shop", agencies)
        made, owner, entered = await kept_county.begun(house, folder, step, lambda: _entered(folder, house, agencies))
        market = made.over(await road.vault(folder / "vault"))
        tools = market.tools
        url, operator = house.supervision_trading, tools.hand.signer.public
        async with SmallKeeper(url, PROCESS, operator, kind="agency", rebuild=market_records.rebuild) as keeper:
            shop = cls(market, owner, keeper, clock, folder)
            for actor, agency in entered:
                shop._know(actor, agency)
            yield shop

    async def agent(self, name: str, **how: Any) -> Agent:
        """One more agency in good standing, serving the survey."""
        return self._know(*await self.market.active(name, **how))

    def _know(self, actor: Actor, agency: UUID) -> Agent:
        made = Agent(actor, agency, Bidder(actor, self.folder / actor.organisation_code))
        self.agents.append(made)
        return made

    async def publish(self, mode: str, *, owner: Actor | None = None, **changes: Any) -> UUID:
        """A request for the survey, 30,000 yuan, 7 working days; the workers have begun its draw."""
        said: dict[str, Any] = {"amount": Decimal(30_000), "service_days": 7, "apply_until": CLOSES}
        if mode in ("lowest", "best_price", "mean_price"):
            said["highest"] = Decimal(200_000)
        someone = owner or self.owner
        command = PublishRequest(
            **{"item": SURVEY, "name": "厂房竣工测绘", "region": "330106", "mode": mode, **said, **changes}
        )
        given = await publish_request(self.market.tools, someone, command)
        await self.settle()
        return UUID(given["request"])

    async def settle(self) -> None:
        """Both sites' workers go round until nothing moves any more."""
        await settle(self.market.tools.hand, self.keeper)
        await take_posted(self.market.tools)

    async def turn(self, case: UUID) -> None:
        """The clockwork looks at this request, and the draw goes on as far as it can."""
        for _ in range(4):
            await turn(self.market.tools, case)
            await self.settle()

    async def apply(self, case: UUID, *agents: Agent) -> None:
        for agent in agents:
            await apply_request(agent.actor, case, ApplyRequest(says="愿意承接"))

    async def quote(self, case: UUID, agent: Agent, price: str) -> None:
        """Seal a quote at home and send it."""
        box = await box_records.box(case)
        setup = await box_records.setup(box)
        agent.bidder.folder.mkdir(exist_ok=True)
        agent.bidder.sealed = seal_bid(
            setup, {"price": Content(form={"price": price})}, bidder=agent.actor.organisation_code, notice=box.notice,
            fallback=False, signer=agent.bidder.signer, folder=agent.bidder.folder,
        )  # fmt: skip
        sent = await agent.bidder.command(self.market.tools, case)
        command = SubmitQuote(envelope=sent.envelope, public_key=sent.public_key, uploads=sent.uploads)
        await submit_quote(self.market.tools, agent.actor, case, command)

    async def reveal(self, case: UUID, agent: Agent) -> None:
        """Open one's own quote in the window."""
        assert agent.bidder.sealed is not None
        close = (await box_records.box(case)).close
        signed = reveal_all(agent.bidder.sealed.bid, close, agent.bidder.sealed.seeds, agent.bidder.signer)
        command = RevealQuote(envelopes=[b64(one.to_bytes()) for one in signed])
        await reveal_quote(self.market.tools, agent.actor, case, command)

    async def close(self, case: UUID, *revealing: Agent) -> None:
        """The deadline comes; sealed quotes are listed, countersigned and opened by those named; the draw is made."""
        await self.clock.freeze(CLOSES)
        await self.turn(case)
        row = await self.row(case)
        if row.mode_row["quotes"]:
            await self.clock.freeze(CLOSES + timedelta(minutes=5))
            await self.turn(case)
            if (await box_records.box(case)).state == "closed":
                await countersign(case)
                await self.turn(case)
                for agent in revealing:
                    await self.reveal(case, agent)
                await self.clock.freeze(CLOSES + timedelta(minutes=70))
        await self.turn(case)

    async def answer(self, case: UUID, agent: Agent, answer: str, reason: str = "") -> None:
        command = AnswerSelection(answer=answer, reason=reason)  # type: ignore[arg-type]
        await answer_selection(self.market.tools, agent.actor, case, command)

    async def served(self, case: UUID, agent: Agent, signed_on: date, price: str = "30000") -> None:
        """The contract filed by the owner and confirmed by the agency: the service clock runs."""
        command = FileContract(price=Decimal(price), service_days=7, signed_on=signed_on)
        await file_contract(self.market.tools, self.owner, case, command)
        await confirm_contract(agent.actor, case, ConfirmContract(answer="confirm"))

    async def deliver(self, case: UUID, agent: Agent) -> None:
        sent = await upload(self.market.tools, agent.actor, "service_result", b"%PDF the result of the survey")
        command = DeliverResult(says="竣工测绘报告", files=[ResultFile(label="报告.pdf", upload=sent)])
        await deliver_result(self.market.tools, agent.actor, case, command)

    async def finished(self, case: UUID, agent: Agent, signed_on: date, price: str = "30000") -> None:
        """All the way from the selection to the accepted result."""
        await self.answer(case, agent, "accept")
        await self.served(case, agent, signed_on, price)
        await self.deliver(case, agent)
        await accept_result(self.market.tools, self.owner, case, AcceptResult(answer="accept"))

    async def choose(self, case: UUID, agent: Agent, reason: str = "评价好，时限短") -> str:
        """The owner picks from the list he is shown; its SHA-256."""
        listed = await own_shortlist(self.owner, case)
        await choose_agency(self.owner, case, ChooseAgency(agency=agent.agency, reason=reason, seen=listed.sha256))
        return listed.sha256

    async def row(self, case: UUID) -> RequestRow:
        return await records.request(case)

    async def selected(self, case: UUID) -> Agent:
        """The agency that is asked now."""
        asked = await records.last_selection(case)
        assert asked is not None
        return next(agent for agent in self.agents if agent.agency == asked.agency)


async def _entered(folder: Path, house: Databases, agencies: int) -> tuple[Market, Actor, list[tuple[Actor, UUID]]]:
    """A market, an owner, and agencies in good standing, each serving the survey."""
    market = await Market.make(folder, house)
    owner = await market.person("purchaser", "杭州某某科技有限公司")
    return market, owner, [await market.active(f"第{n}测绘有限公司") for n in range(1, agencies + 1)]
