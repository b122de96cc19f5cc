"""A request walked through its pages alone, as browsers without scripts see them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from browsing import ORIGIN, Browser, Page, browser, signed_in
from conftest import START, TestClock
from house_databases import Databases
from litestar import Litestar
from road import County, countersign, publish_empty_list, upload
from shop import Agent, Shop
from trading_site import SECRET, trading_site

from intermediaries.records import requests as records
from kernel.accounts.keys import Keys
from kernel.box import records as box_records
from kernel.box.close import current_list
from kernel.identity import Actor

ASKED = {
    "item": "SUR-02",
    "name": "老厂房竣工测绘",
    "region": "330106",
    "service_days": "7",
    "fiscal_percent": "0",
    "amount": "30000",
}


@dataclass
class Street:
    """The site, its shop, and everybody's browser."""

    app: Litestar
    shop: Shop
    keys: Keys
    browsers: dict[Any, Browser] = field(default_factory=dict)

    @property
    def public(self) -> Browser:
        return self.browsers.setdefault(None, browser(self.app))

    async def of(self, someone: Actor) -> Browser:
        if someone.person not in self.browsers:
            self.browsers[someone.person] = await signed_in(self.app, someone, self.keys)
        return self.browsers[someone.person]

    async def published(self, **typed: str) -> tuple[Page, UUID]:
        """What the owner types on one page; the answer, and the newest request."""
        mine = await self.of(self.shop.owner)
        answer = await mine.fill("/requests/new", "/requests", ASKED | typed)
        rows = await records.requests_where(owner=self.shop.owner.organisation)
        return answer, rows[0].id if rows else UUID(int=0)

    async def does(self, someone: Actor, case: UUID, path: str, **typed: Any) -> Page:
        """The form of this path on the page of the request, filled in and sent."""
        mine = await self.of(someone)
        return await mine.fill(f"/requests/{case}", f"/requests/{case}{path}", typed)


@pytest.fixture
async def street(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Street]:
    await clock.freeze(START)
    county = await County.make(tmp_path, house)
    async with Shop.open(tmp_path, house, clock, agencies=3) as shop:
        county.tools = shop.market.tools
        async with trading_site(county) as site:
            found = Street(site.app, shop, Keys.derive(SECRET.encode(), light=True))
            yield found
            for one in found.browsers.values():
                await one.client.aclose()


async def handed_over(street: Street, agent: Agent, case: UUID) -> Page:
    """What the script of the upload field would send."""
    sent = await upload(street.shop.market.tools, agent.actor, "service_result", b"%PDF the result")
    mine = await street.of(agent.actor)
    page = await mine.get(f"/requests/{case}")
    hidden = {name: values[0] for name, values in page.form(f"/requests/{case}/result").fields.items() if values}
    asked = hidden | {"files": str(sent), "files_label": "报告.pdf"}
    headers = {"accept": "text/html", "origin": ORIGIN}
    return Page(await mine.client.post(f"/requests/{case}/result", data=asked, headers=headers))


async def test_an_owner_has_an_agency_in_three_pages_and_the_service_runs_to_its_rating(street: Street) -> None:
    answer, case = await street.published(mode="direct")
    assert answer.place == f"/requests/{case}"
    agent, owner = street.shop.agents[1], street.shop.owner
    mine = await street.of(owner)
    assert "选取机构（3 家）" in (await mine.get(f"/requests/{case}")).words
    chosen = await street.does(owner, case, "/choice", agency=str(agent.agency), reason="评价好")
    assert chosen.place == f"/requests/{case}"
    theirs = await street.of(agent.actor)
    assert "确认中选" in (await theirs.get("/market/workbench")).words
    await street.does(agent.actor, case, "/answer", answer="accept")
    terms = {"price": "30000", "service_days": "7", "signed_on": "2026-03-02"}
    await street.does(owner, case, "/contract", **terms)
    await street.does(agent.actor, case, "/contract/answer", answer="confirm")
    await handed_over(street, agent, case)
    assert "验收成果" in (await mine.get("/market/workbench")).words
    await street.does(owner, case, "/result/answer", answer="accept")
    await street.does(owner, case, "/rating", stars="5", items=["on_time", "quality"], says="又快又好")
    shown = await street.public.get(f"/requests/{case}")
    assert "非常满意" in shown.words
    assert "没有另外收费 ：否" in shown.words or "没有另外收费：否" in shown.words
    for paper in ("notice.pdf", "selection.pdf"):
        sheet = await street.public.client.get(f"/requests/{case}/{paper}")
        assert sheet.content.startswith(b"%PDF")
    assert "老厂房竣工测绘" in (await street.public.get(f"/agencies/{agent.agency}")).words


async def test_whoever_scans_the_code_on_a_printed_notice_finds_the_request(street: Street) -> None:
    _, case = await street.published(mode="direct")
    (text,) = await records.texts(case)
    assert "一致：这是本平台公布过的内容" in (await street.public.get(f"/check?sha256={text.sha256}")).words


async def test_everything_wrong_with_a_request_is_said_at_once_beside_its_field(street: Street) -> None:
    answer, _ = await street.published(mode="lowest", amount="", fiscal_percent="100", apply_until="2026-03-02T08:00")
    assert answer.status == 422
    assert answer.problem_beside("amount_says")
    assert answer.problem_beside("apply_until")
    assert answer.problem_beside("highest")
    assert "老厂房竣工测绘" in answer.html


async def test_an_application_shows_to_its_agency_alone_until_the_close(street: Street) -> None:
    _, case = await street.published(mode="draw", apply_until="2026-03-05T17:00")
    await street.shop.settle()
    first, second = street.shop.agents[0], street.shop.agents[1]
    await street.does(first.actor, case, "/application", says="愿意承接")
    assert "已于" in (await (await street.of(first.actor)).get(f"/requests/{case}")).words
    for someone in (second.actor, street.shop.owner, street.shop.market.operator):
        page = await (await street.of(someone)).get(f"/requests/{case}")
        assert first.name not in page.html
        assert first.actor.organisation_code not in page.html
    await street.does(first.actor, case, "/leaving")
    page = await (await street.of(first.actor)).get(f"/requests/{case}")
    assert "撤回报名" not in page.words


async def test_the_list_of_requests_is_found_by_words_and_stage(street: Street) -> None:
    _, case = await street.published(mode="direct")
    for query in ("q=老厂房", "stage=open", "mode=direct", "item=SUR-02"):
        assert str(case) in (await street.public.get(f"/market/requests?{query}")).html
    assert str(case) not in (await street.public.get("/market/requests?stage=failed")).html


async def test_the_owner_takes_a_request_back_with_its_reason(street: Street) -> None:
    _, case = await street.published(mode="direct")
    await street.does(street.shop.owner, case, "/withdrawal", withdraw_reason="规划调整")
    shown = await street.public.get(f"/requests/{case}")
    assert "已撤回" in shown.words
    assert "规划调整" in shown.words


async def test_an_agency_whose_quote_the_list_omits_puts_it_back_with_one_click_and_the_opening_record_says_so(
    street: Street, clock: TestClock
) -> None:
    shop, agent = street.shop, street.shop.agents[0]
    _, case = await street.published(mode="lowest", highest="200000", apply_until="2026-03-05T17:00")
    await shop.settle()
    for one in shop.agents:
        await shop.quote(case, one, "27000.00")
    await clock.freeze((await shop.row(case)).apply_until)
    await shop.turn(case)
    mine, here = await street.of(agent.actor), f"/requests/{case}"
    assert "名单草稿里没有您的报价" not in (await mine.get(f"{here}/reveal")).words
    await publish_empty_list(case)
    await clock.freeze((await shop.row(case)).apply_until + timedelta(minutes=1))
    assert "名单草稿里没有您的报价" in (await mine.get(f"{here}/reveal")).words
    assert (await mine.fill(f"{here}/reveal", f"{here}/restore")).place == f"{here}/reveal"
    box = await box_records.box(case)
    assert [bid.sha256 for bid in (await box_records.standing(case))[0]] == list((await current_list(box)).bids)
    assert "名单草稿里没有您的报价" not in (await mine.get(f"{here}/reveal")).words
    await clock.freeze((await shop.row(case)).apply_until + timedelta(minutes=5))
    await shop.turn(case)
    await countersign(case)
    await shop.turn(case)
    for one in shop.agents:
        await shop.reveal(case, one)
    await shop.turn(case)
    says = f"{agent.name}在名单公布后五分钟内凭回执补入，截标名单草稿漏列，责任在平台"
    (opening,) = [text.content["content"] for text in await records.texts(case) if text.kind == "opening"]
    assert [(one["code"], one["says"]) for one in opening["incidents"]] == [("restored", says)]
    assert says in (await street.public.get(here)).words
