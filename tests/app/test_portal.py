"""The public face: found without an account, complete without scripts, and telling nothing before its time."""

from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from browsing import Browser, browser
from conftest import TestClock
from house_databases import Databases
from road import DEADLINE, County, as_admin, countersign
from seeded_people import identity
from trading_site import Site, trading_site

from bidding import records
from bidding.clockwork import turn
from bidding.steps.accept import accept_project
from bidding.steps.record import conclude_opening
from kernel.codes import make_credit_code


@pytest.fixture
async def site(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Site]:
    county = await County.make(tmp_path, house)
    async with trading_site(county) as site:
        yield site


@pytest.fixture
async def public(site: Site) -> AsyncIterator[Browser]:
    found = browser(site.app)
    yield found
    await found.client.aclose()


async def opened(site: Site, clock: TestClock) -> UUID:
    """A lot whose record is published."""
    lot = await site.county.announced()
    bidders = await site.county.sealed_in(lot, ["38000000.00", "37500000.00", "价格面议"])
    for moment in (DEADLINE, DEADLINE + timedelta(minutes=5)):
        await clock.freeze(moment)
        await turn(site.county.tools, lot)
    await countersign(lot)
    await turn(site.county.tools, lot)
    for bidder in bidders:
        await bidder.reveal(site.county.tools, lot)
    await conclude_opening(site.county.tools, site.county.purchaser, lot)
    return lot


async def test_the_first_page_shows_what_is_new_and_what_opens_next(
    site: Site, public: Browser, clock: TestClock
) -> None:
    empty = await public.get("/")
    assert "还没有公告" in empty.words
    lot = await site.county.announced()
    assert f'href="/lots/{lot}"' in (await public.get("/")).html
    assert "今明两天没有开标" in (await public.get("/")).words
    await clock.freeze(DEADLINE - timedelta(days=1))
    assert f'href="/lots/{lot}/hall"' in (await public.get("/")).html


async def test_search_narrows_by_every_facet_and_keeps_them_over_pages(site: Site, public: Browser) -> None:
    rows = await site.county.register(lots=21)
    await accept_project(site.county.operator, rows[0].project)
    await site.county.work()
    for row in rows:
        await site.county.publish(row.id)
    found = await public.get("/search?q=文二路&category=A&region=330100&stage=announced&from=2026-03-01&to=2026-03-31")
    assert "找到 21 条" in found.words
    assert "category=A&amp;region=330100&amp;stage=announced" in found.html
    second = await public.get("/search?q=文二路&page=2")
    assert len(second.html.split('class="result"')) - 1 == 1
    for query in ("q=没有的词", "category=D", "region=440000", "stage=opened", "from=2026-03-03", "to=2026-03-01"):
        assert "没有找到" in (await public.get(f"/search?{query}")).words, query
    assert (await public.get("/search?q=%25")).status == 200
    assert "没有找到" in (await public.get("/search?q=%25")).words


@pytest.mark.parametrize(
    "query", ["category=%27", "region=x", "stage=%00", "page=0", "from=tomorrow", "q=" + "x" * 101]
)
async def test_a_search_that_makes_no_sense_is_refused_in_plain_words(public: Browser, query: str) -> None:
    page = await public.get(f"/search?{query}")
    assert page.status == 422
    assert "填报有误" in page.words


async def test_an_unpublished_lot_does_not_exist_on_any_public_page(site: Site, public: Browser) -> None:
    lot = (await site.county.register())[0].id
    for path in ("", "/hall", "/hall/stream", "/record", "/sealing.json", f"/documents/{uuid4()}"):
        answer = await public.client.get(f"/lots/{lot}{path}", follow_redirects=True)
        assert answer.status_code == 404, path


async def test_a_document_comes_as_it_was_published_without_an_account(site: Site, public: Browser) -> None:
    lot = await site.county.announced()
    [document] = await records.documents(lot)
    page = await public.get(f"/lots/{lot}")
    assert f"/lots/{lot}/documents/{document.id}" in page.html
    file = await public.client.get(f"/lots/{lot}/documents/{document.id}", follow_redirects=True)
    assert sha256(file.content).hexdigest() == document.sha256
    assert file.headers["content-disposition"].startswith("attachment")


async def test_a_contact_is_left_without_saying_who_one_is(site: Site, public: Browser) -> None:
    lot = await site.county.announced()
    wrong = await public.fill(f"/lots/{lot}", f"/lots/{lot}/contact", {"address": "1"})
    assert wrong.status == 422
    assert wrong.problem_beside("channel")
    assert wrong.problem_beside("address")
    left = await public.fill(f"/lots/{lot}", f"/lots/{lot}/contact", {"channel": "sms", "address": "13800001111"})
    assert left.place == f"/lots/{lot}?told=yes#contact"
    assert "已记下" in (await public.get(f"/lots/{lot}?told=yes")).words
    assert await as_admin("select count(*) from bidding.contact where lot = $1", lot) == 1


async def test_the_record_stands_for_everybody_with_whatever_was_written(
    site: Site, public: Browser, clock: TestClock
) -> None:
    lot = await opened(site, clock)
    page = await public.get(f"/lots/{lot}/record")
    assert "¥37,500,000.00" in page.words
    assert "价格面议" in page.words
    assert "下载证据包" not in page.words
    assert (await public.get(f"/lots/{lot}/record.pdf")).place == f"/api/v1/lots/{lot}/opening.pdf"
    paper = await public.client.get(f"/lots/{lot}/record.pdf", follow_redirects=True)
    assert paper.content.startswith(b"%PDF-")
    assert "查看开标记录" in (await public.get(f"/lots/{lot}")).words
    assert "价格面议" in (await public.get(f"/lots/{lot}/hall")).words


async def test_before_the_record_there_is_none(site: Site, public: Browser) -> None:
    lot = await site.county.announced()
    assert (await public.get(f"/lots/{lot}/record")).status == 404
    answer = await public.client.get(f"/lots/{lot}/evidence.zip", follow_redirects=True)
    assert answer.status_code == 404


async def test_every_published_fingerprint_is_known_by_name(site: Site, public: Browser, clock: TestClock) -> None:
    lot = await opened(site, clock)
    [notice], [document] = await records.notices(lot), await records.documents(lot)
    record = await records.opening(lot)
    assert record is not None
    bid = record[0]["bids"][0]
    for digest, kind in (
        (notice.sha256, "招标公告"),
        (document.sha256, "招标文件"),
        (record[1], "开标记录"),
        (bid["sha256"], bid["name"]),
    ):
        spoken = f" {digest[:32].upper()} {digest[32:]} "
        page = await public.get(f"/check?sha256={spoken}")
        assert "这是本平台公布过的内容" in page.words
        assert kind in page.words
    assert "没有公布过" in (await public.get(f"/check?sha256={'0' * 64}")).words
    assert "不是一个 SHA-256 指纹" in (await public.get("/check?sha256=招标文件")).words


async def test_the_calendar_shows_the_days_of_a_month(site: Site, public: Browser) -> None:
    await site.county.announced()
    assert "本月没有开标安排" in (await public.get("/openings")).words
    april = await public.get("/openings?month=2026-04")
    assert "文二路道路改造工程" in april.words
    assert "month=2026-03" in april.html
    assert "month=2026-05" in april.html
    assert (await public.get("/openings?month=2026-13")).status == 422


async def test_a_bidder_registers_signs_in_and_reaches_the_workbench(public: Browser, site: Site) -> None:
    fields = {
        "credit_code": make_credit_code("91", "330106", "00000777"),
        "organisation_name": "新来的建设公司",
        "kind": "enterprise",
        "region": "330106",
        "role": "bidder",
        "person_name": "新来的人",
        "identity_number": identity(77),
        "phone": "13912345678",
        "login": "newcomer",
        "password": "一句好记的话 for pages",
    }
    assert (await public.fill("/register", "/register", fields)).place == "/signin"
    entered = await public.fill("/signin", "/signin", {"login": "newcomer", "password": fields["password"]})
    assert entered.place == "/workbench", entered.words
    assert "还没有投标" in (await public.get("/workbench")).words
