"""Every page of the regulators in a browser, with a late purchaser's red card, an order and a letter behind them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from award_road import awarded, reported
from conftest import TestClock
from expert_pool import Row, put_in
from house_databases import Databases
from house_faces import Faces
from looking import eye_of, served
from patrolling import employ, patrolled
from playwright.async_api import Browser
from rehearsal_road import begun, played_through
from road import County
from supervision_site import Watching, officer, supervision_site

from kernel import letters
from kernel.clock import now
from kernel.identity import Actor
from supervision import card_records, drafts, issue
from supervision.confirm import confirm
from supervision.direct import GiveOrder, draft_order
from supervision.issue import IssueCard, Reason
from supervision.letters import WriteLetter, write_letter

pytest_plugins = ("looking",)


@dataclass
class Looking:
    """The served site, and what was found wrong with its pages."""

    watching: Watching
    origin: str
    chromium: Browser
    faults: dict[str, list[str]] = field(default_factory=dict)

    async def look(self, someone: Actor, *paths: str) -> None:
        """Each page at a telephone's and a desk's width; the officer comes by his token."""
        client = await self.watching.client(someone)
        eye = await eye_of(self.chromium)
        await eye.become(headers={"authorization": client.headers["authorization"]})
        for path in paths:
            picture = f"{someone.role}-{path.strip('/').replace('/', '_').replace('?', '_')[:60]}"
            self.faults |= await eye.judge(path, f"{self.origin}{path}", picture)


@pytest.fixture
async def looking(
    house: Databases, clock: TestClock, faces: Faces, tmp_path: Path, chromium: Browser, assets: object
) -> AsyncIterator[Looking]:
    county = await County.make(tmp_path, house)
    async with supervision_site(county, house, faces, tmp_path / "supervision") as watching:
        await watching.there()
        for holder in watching.officers():
            await employ(holder.actor)
        async with served(watching.app) as origin:
            yield Looking(watching, origin, chromium)
        await watching.there()


async def test_every_page_of_a_regulator_and_an_inspector(looking: Looking, clock: TestClock) -> None:
    watching = looking.watching
    county, process = watching.county, watching.app.state.own_keys.process
    first, second = [holder.actor for holder in watching.officers()]
    [expert] = await put_in(watching.house.admin, [Row(stage="applied")])
    lot = await reported(county, clock)
    await awarded(county, clock, lot)
    await clock.freeze(await now() + timedelta(days=40))
    await patrolled(watching, rounds=2)
    [letter] = [view for view in await letters.letters_to(county.purchaser) if "未订立" in view.paper.title]
    await letters.answer(county.purchaser, letter.paper.id, "合同文本正在法务审查，三日内签订")
    await watching.here()
    order = await draft_order(
        first, lot, GiveOrder(kind="correct", says="限期订立合同", until=await now() + timedelta(days=9))
    )
    await confirm(second, order, process)
    waiting = await draft_order(first, lot, GiveOrder(kind="suspend", says="核查举报", article="实施条例第六十二条"))
    asked = IssueCard(level="yellow", party="purchaser", title="未按要求报送资料", says="两次催报未报")
    hand = await issue.draft_card(first, lot, asked)
    await write_letter(
        first, lot, WriteLetter(party="purchaser", title="请说明情况", says="请说明未签约的原因"), process
    )
    await patrolled(watching)
    await watching.here()
    cards = {card.point: card for card in await card_records.cards_of(lot)}
    red = cards["P501"]
    lifting = await issue.draft_lift(second, cards["P505"].id, Reason(says="报告已线下报送"))
    case = f"/cases/{lot}"
    events = (await (await watching.client(first)).get(f"/api/v1{case}")).json()["events"]
    own = (
        "/workbench", "/hall", "/hall?state=late&q=道路", case, f"{case}/directives/new", f"{case}/cards/new",
        f"{case}/letters/new", "/cards", f"/cards/{red.id}", "/directives", "/drafts", f"/drafts/{waiting}",
        f"/drafts/{hand}", f"/drafts/{lifting}", "/decisions", f"/decisions/people/{expert}", "/alarms",
        f"/entries/{events[-1]['hash']}?case={lot}",
    )  # fmt: skip
    await looking.look(second, *own)
    inspector = await officer("inspector", "区监察委")
    await looking.look(inspector, "/workbench", "/hall", f"/cards/{red.id}", "/drafts", "/reads", "/decisions")
    assert [draft.id for draft in await drafts.waiting(inspector)] == [waiting, hand, lifting]
    assert looking.faults == {}


async def test_the_report_of_a_rehearsal_is_on_the_regulators_own_site(looking: Looking, clock: TestClock) -> None:
    watching, county = looking.watching, looking.watching.county
    lot, regulator = await county.announced("roles"), watching.officers()[0].actor
    await played_through(county, clock, await begun(county, lot))
    await begun(county, lot)
    await watching.here()
    client = await watching.client(regulator)
    assert f"/cases/{lot}/rehearsals" in (await client.get(f"/cases/{lot}")).text
    shown = (await client.get(f"/cases/{lot}/rehearsals")).text
    for words in ("YL1", "成功", "三方开启", "YL2", "等待持钥人提供密钥", *(one.actor.name for one in county.holders)):
        assert words in shown
    await looking.look(regulator, f"/cases/{lot}/rehearsals")
    stranger = await watching.client(await officer("regulator", "外地住建局", region="330300"))
    assert (await stranger.get(f"/cases/{lot}/rehearsals")).status_code == 403
    assert looking.faults == {}
