"""The market walked through its pages alone, as browsers without scripts see them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from browsing import ORIGIN, Browser, Page, browser, signed_in
from conftest import START, TestClock
from house_databases import Databases
from litestar import Litestar
from market import SCAN, SURVEY, Market
from road import County, upload
from trading_site import SECRET, trading_site

from intermediaries.catalogue import FOUNDING
from intermediaries.records import agencies as records
from intermediaries.records.items import waiting_items
from intermediaries.stages import AgencyStage
from kernel.accounts.keys import Keys
from kernel.identity import Actor

ABOUT = {"legal_rep": "王明", "office": "文三路 1 号", "phone": "0571-88880000", "bank_account": "3301 0001"}
PAPER = {
    "kind": "survey",
    "grade": "乙级",
    "number": "乙测资字3310777",
    "issuer": "浙江省自然资源厅",
    "issued_on": "2024-03-01",
    "valid_through": "2029-03-01",
}


@dataclass
class Fair:
    """The site, its market, and everybody's browser."""

    app: Litestar
    market: Market
    keys: Keys
    browsers: dict[Any, Browser] = field(default_factory=dict)

    @property
    def public(self) -> Browser:
        return self.browsers.setdefault(None, browser(self.app))

    async def of(self, someone: Actor) -> Browser:
        if someone.person not in self.browsers:
            self.browsers[someone.person] = await signed_in(self.app, someone, self.keys)
        return self.browsers[someone.person]


@pytest.fixture
async def fair(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Fair]:
    await clock.freeze(START)
    county = await County.make(tmp_path, house)
    market = await Market.make(tmp_path, house)
    county.tools = market.tools
    async with trading_site(county) as site:
        found = Fair(site.app, market, Keys.derive(SECRET.encode(), light=True))
        yield found
        for one in found.browsers.values():
            await one.client.aclose()


async def certified(fair: Fair, someone: Actor, mine: Browser) -> Page:
    """What the script of the upload field would send."""
    scan = await upload(fair.market.tools, someone, "certificate", SCAN)
    page = await mine.get("/market/entry")
    hidden = {name: values[0] for name, values in page.form("/market/entry/certificates").fields.items() if values}
    sent = hidden | PAPER | {"upload": str(scan), "upload_label": "测绘资质.pdf"}
    headers = {"accept": "text/html", "origin": ORIGIN}
    return Page(await mine.client.post("/market/entry/certificates", data=sent, headers=headers))


async def test_an_agency_gets_in_by_pages_alone(fair: Fair) -> None:
    someone = await fair.market.person("intermediary", "精准测绘有限公司")
    mine = await fair.of(someone)
    assert (await mine.get("/workbench")).place == "/market/workbench"
    assert "登记入驻" in (await mine.get("/market/workbench")).words
    assert (await mine.fill("/market/entry", "/market/entry", ABOUT)).status == 303
    early = await mine.fill("/market/entry", "/market/entry/file", {"accepted": "yes"})
    assert (early.status, "还没有选择服务事项" in early.words) == (422, True)
    added = await certified(fair, someone, mine)
    assert added.status == 303, added.words
    promised = {"item": str(SURVEY), "price": "30000", "days": "7"}
    assert (await mine.fill("/market/entry", "/market/entry/promises", promised)).status == 303
    person = {"name": "陈测", "profession": "注册测绘师", "number": "ZC-0001"}
    assert (await mine.fill("/market/entry", "/market/entry/practitioners", person)).status == 303
    unsigned = await mine.fill("/market/entry", "/market/entry/file")
    assert unsigned.status == 422
    filed = await mine.fill("/market/entry", "/market/entry/file", {"accepted": "yes"})
    assert filed.status == 303, filed.words
    assert "2026年3月4日 18:00" in (await mine.get("/market/entry")).words
    agency = (await records.agency_of(someone.organisation)) or pytest.fail("not entered")
    await let_in(fair, str(agency.id))
    shown = await fair.public.get(f"/agencies/{agency.id}")
    assert all(
        word in shown.words for word in ("精准测绘有限公司", "建设工程竣工规划核实测绘", "¥30,000.00", "注册测绘师")
    )


async def let_in(fair: Fair, agency: str) -> None:
    """The centre finds the form among what waits, reads the scan, and passes it."""
    assert (await fair.public.get(f"/agencies/{agency}")).status == 404, "nobody knows of it yet"
    operator = await fair.of(fair.market.operator)
    assert "精准测绘有限公司" in (await operator.get("/market/checks")).words
    page = await operator.get(f"/market/checks/{agency}")
    assert "系统核对无误" in page.words
    paper = next(link for link in page.html.split('"') if link.startswith(f"/market/checks/{agency}/certificates/"))
    assert (await operator.client.get(paper)).content == SCAN
    empty = await operator.send(page, f"/market/checks/{agency}", {"decision": "return"})
    assert (empty.status, "不得退回" in empty.words) == (422, True)
    passed = await operator.send(page, f"/market/checks/{agency}", {"decision": "pass"})
    assert passed.place == "/market/checks"


async def test_what_is_returned_says_once_all_that_is_to_be_mended(fair: Fair) -> None:
    someone, agency = await fair.market.filed()
    operator, mine = await fair.of(fair.market.operator), await fair.of(someone)
    page = await operator.get(f"/market/checks/{agency}")
    [refused] = [name for name in page.form(f"/market/checks/{agency}").names if name.startswith("refused-")]
    said = {"decision": "return", refused: "扫描件缺页", "remarks": "办公地址与证照不一致"}
    assert (await operator.send(page, f"/market/checks/{agency}", said)).status == 303
    told = (await mine.get("/market/entry")).words
    assert "须补正（2 项）" in told
    assert "扫描件缺页" in told
    assert "办公地址与证照不一致" in told
    assert (await fair.market.row(agency)).stage == AgencyStage.RETURNED


async def test_the_public_finds_agencies_by_words_and_facets_and_compares_them(fair: Fair) -> None:
    _, first = await fair.market.active("西湖测绘院有限公司")
    _, second = await fair.market.active("东海勘测设计有限公司")
    assert "找到 2 家" in (await fair.public.get("/market")).words
    found = await fair.public.get("/market?q=勘测")
    assert "东海勘测设计有限公司" in found.words
    assert "西湖测绘院有限公司" not in found.words
    chosen = await fair.public.get("/market?category=survey&item=SUR-02&region=330000&qualification=survey")
    assert "找到 2 家" in chosen.words
    assert "没有找到" in (await fair.public.get("/market?stars=4")).words
    beside = await fair.public.get(f"/market/compare?a={first}&a={second}&a={first}")
    assert all(name in beside.words for name in ("西湖测绘院有限公司", "东海勘测设计有限公司", "尚无评价"))
    assert "还没有选择机构" in (await fair.public.get("/market/compare")).words


async def test_the_guide_and_its_paper_are_written_from_the_row(fair: Fair) -> None:
    assert f"共 {len(FOUNDING.items)} 项" in (await fair.public.get("/items")).words
    guide = await fair.public.get("/items/SUR-02")
    wanted = ("测绘资质证书（乙级及以上）", "城乡规划法第四十五条", "7 个工作日", "建设工程竣工规划核实")
    assert all(word in guide.words for word in wanted)
    paper = await fair.public.client.get("/items/SUR-02/guide.pdf")
    assert (paper.status_code, paper.content[:5]) == (200, b"%PDF-")
    assert (await fair.public.get("/items/ZZZ-99")).status == 404


async def test_a_department_proposes_by_pages_and_anybody_else_is_told_who_may(fair: Fair) -> None:
    office = await fair.market.person("purchaser", "某区规划和自然资源局", kind="government")
    mine = await fair.of(office)
    page = await mine.get("/market/proposals?code=SUR-02")
    assert (await mine.send(page, "/market/proposals", {"days": "5", "says": "竣工联合测绘提速"})).status == 303
    assert "等待审批" in (await mine.get("/market/proposals")).words
    [waiting] = await waiting_items()
    standing = next(item for item in FOUNDING.items if item.id == SURVEY).row
    assert waiting.row == standing | {"limit": standing["limit"] | {"days": 5}}, "nothing else was touched"
    wrong = await mine.fill("/market/proposals?code=EIA-01", "/market/proposals", {"legal": "", "says": "x"})
    assert (wrong.status, "设定依据" in wrong.problem_beside("legal")) == (422, True)
    builder = await fair.market.person("purchaser", "某置业有限公司")
    theirs = await fair.of(builder)
    refused = await theirs.fill("/market/proposals?code=SUR-02", "/market/proposals", {"says": "提速"})
    assert (refused.status, "行业主管部门" in refused.words) == (403, True)


async def test_an_owner_enters_without_any_check(fair: Fair) -> None:
    owner = await fair.market.person("purchaser", "某置业有限公司")
    mine = await fair.of(owner)
    said = {"contact": "李四", "complaints_phone": "0571-12345", "accepted": "yes"}
    assert (await mine.fill("/market/entry", "/market/entry/owner", said)).status == 303
    known = await records.owner(owner.organisation)
    assert known is not None
    assert (known.name, known.kind, known.contact) == ("某置业有限公司", "enterprise", "李四")


async def test_nobody_reads_the_papers_of_another(fair: Fair) -> None:
    _, agency = await fair.market.filed()
    stranger = await fair.of(await fair.market.person("intermediary", "旁人咨询有限公司"))
    assert (await stranger.get(f"/market/checks/{agency}")).status == 403
    paper = (await records.certificates(agency))[0].id
    assert (await stranger.get(f"/market/entry/certificates/{paper}")).status == 404
    assert (await fair.public.get("/market/entry")).status in (303, 401)
