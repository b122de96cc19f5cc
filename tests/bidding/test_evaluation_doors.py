"""The evaluation through its doors: what a member, the purchaser and a bidder may do there, and what nobody is told."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from browsing import Browser, signed_in
from conftest import TestClock
from house_databases import Databases
from judging_road import Hearing, evaluated, hearing, opened
from road import County, actor
from trading_site import SECRET, Site, trading_site

from bidding import reports
from kernel.accounts.keys import Keys
from kernel.identity import Actor

PRICES = ["38000000.00", "37500000.00", "39900000.00"]
KEYS = Keys.derive(SECRET.encode(), light=True)


@pytest.fixture
async def site(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Site]:
    county = await County.make(tmp_path, house)
    async with trading_site(county) as site:
        yield site


@pytest.fixture
async def panel(site: Site, clock: TestClock) -> Hearing:
    """Five members, of whom the last is the purchaser's own and acts by his own account."""
    county = site.county
    lot = await opened(county, clock, await county.announced(), PRICES)
    member = await actor("purchaser", county.purchaser.organisation_code, county.purchaser.organisation_name)
    return await hearing(county, lot, owner=member)


async def sent(site: Site, someone: Actor, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    client = await site.of(someone)
    return await client.request(method, path, json=body, headers={"idempotency-key": str(uuid4())})


async def test_a_member_reads_reviews_asks_scores_and_signs_as_a_program(site: Site, panel: Hearing) -> None:
    member, place = panel.judges[-1], f"/lots/{panel.lot}/evaluation"
    desk = (await sent(site, member, "GET", place)).json()
    assert (desk["number"], desk["phase"], desk["report"]) == (5, "review", None)
    bidder = desk["bids"][0]["bidder"]
    file = desk["bids"][0]["files"][0]
    document = await sent(site, member, "GET", f"{place}/documents/{bidder}/{file['stage']}/{file['place']}")
    assert document.headers["content-disposition"].startswith("attachment")
    assert "的技术方案" in document.content.decode()
    part = await (await site.of(member)).get(f"{place}/documents/{bidder}/documents/1", headers={"range": "bytes=3-8"})
    assert (part.status_code, part.content) == (206, document.content[3:9])
    for bid in desk["bids"]:
        looked = [{"item": item["id"], "passed": True} for item in desk["items"]]
        done = await sent(site, member, "POST", f"{place}/reviews", {"bidder": bid["bidder"], "findings": looked})
        assert done.status_code == 201, done.text
    for judge in panel.judges[:-1]:
        await panel.review(judge)
    marks = await panel.marks(await panel.bidders())
    done = await sent(site, member, "POST", f"{place}/scores", {"scores": marks})
    assert done.status_code == 201, done.text
    for judge in panel.judges[:-1]:
        await panel.score(judge, marks)
    desk = (await sent(site, member, "GET", place)).json()
    assert desk["phase"] == "report"
    assert desk["report"]["ranking"][0]["rank"] == 1
    signed = await sent(site, member, "POST", f"{place}/signatures", {"decision": "dissent", "text": "技术分差距过大"})
    assert signed.json() == {"says": "dissent"}


async def test_the_purchaser_sees_numbers_until_all_have_signed_and_then_the_report(site: Site, panel: Hearing) -> None:
    purchaser, place = site.county.purchaser, f"/lots/{panel.lot}"
    await panel.review_all()
    far = (await sent(site, purchaser, "GET", f"{place}/evaluation/progress")).json()
    assert far == {
        "phase": "score", "phase_name": "评分", "members": 5, "reviewed": 5, "scored": 0, "signed": 0,
    }  # fmt: skip
    assert (await sent(site, purchaser, "GET", f"{place}/report")).status_code == 404
    await panel.score_all(await panel.marks(await panel.bidders()))
    await panel.sign_all()
    report = await sent(site, purchaser, "GET", f"{place}/report")
    found = await reports.report(panel.lot)
    assert found is not None
    assert report.content == found.body
    paper = await sent(site, purchaser, "GET", f"{place}/report.pdf")
    assert paper.content.startswith(b"%PDF")


async def test_nobody_but_a_member_comes_near_what_members_see(site: Site, panel: Hearing) -> None:
    county = site.county
    bidder = (await county.bidder(1)).actor
    code = (await panel.bidders())[0]
    stranger = await actor("purchaser", "12330106MB0000009X", "某镇人民政府")
    for nobody in (county.purchaser, county.operator, bidder, stranger):
        for path in ("", f"/documents/{code}/documents/1"):
            answer = await sent(site, nobody, "GET", f"/lots/{panel.lot}/evaluation{path}")
            assert answer.status_code in (403, 404), f"{nobody.role} {path}"
    for nobody in (county.operator, bidder, stranger):
        assert (await sent(site, nobody, "GET", f"/lots/{panel.lot}/report")).status_code in (403, 404)
    asked = {"bidder": code, "text": "我方补充说明"}
    assert (await sent(site, bidder, "POST", f"/lots/{panel.lot}/evaluation/clarifications", asked)).status_code == 403


async def test_a_closed_report_is_not_reopened_for_works(site: Site, clock: TestClock) -> None:
    county = site.county
    lot = await opened(county, clock, await county.announced(), PRICES)
    await evaluated(county, lot)
    answer = await sent(
        site, county.purchaser, "POST", f"/lots/{lot}/evaluation/reopening", {"ground": "sum_error", "says": "少计五分"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "report_closed")


async def test_a_member_walks_the_pages_without_scripts(site: Site, panel: Hearing) -> None:
    member = await signed_in(site.app, panel.judges[-1], KEYS)
    seat, bidders = f"/lots/{panel.lot}/seat", await panel.bidders()
    assert "去评标席" in (await member.get("/workbench")).words
    first = f"{seat}/bids/{bidders[0]}"
    empty = await member.fill(first, first)
    assert empty.status == 422
    assert "没有填写" in empty.problem_beside("signed")
    for bidder in bidders:
        path = f"{seat}/bids/{bidder}"
        page = await member.get(path)
        choices = {name: "yes" for name in page.form(path).names if name in ITEMS}
        done = await member.send(page, path, choices)
        assert (done.status, done.place) == (303, seat), done.words
    for judge in panel.judges[:-1]:
        await panel.review(judge)
    await wrong_then_right(member, f"{seat}/scores", bidders)
    for judge in panel.judges[:-1]:
        await panel.score(judge, await panel.marks(bidders))
    report = await member.get(f"{seat}/report")
    assert "综合评估比较表" in report.words
    assert (await member.get(f"{seat}/report.pdf")).answer.content.startswith(b"%PDF")
    unwritten = await member.send(report, f"{seat}/report", {"decision": "dissent"})
    assert "书面" in unwritten.problem_beside("text")
    signed = await member.fill(f"{seat}/report", f"{seat}/report", {"decision": "sign"})
    assert signed.place == f"{seat}/signed"
    assert "已经记录" in (await member.get(signed.place)).words


ITEMS = {"signed", "consortium", "qualified", "single", "responsive", "honest", "cost"}


async def wrong_then_right(member: Browser, path: str, bidders: list[str]) -> None:
    """A mark over the maximum and a missing one are told beside their fields; then the sheet is taken."""
    marks = {f"{bidder}-{item}": "5" for bidder in bidders for item in ("technical", "credit")}
    over, missing = f"{bidders[0]}-technical", f"{bidders[1]}-credit"
    refused = await member.fill(path, path, marks | {over: "30.5", missing: ""})
    assert "0 至 30 分" in refused.problem_beside(over)
    assert "没有评分" in refused.problem_beside(missing)
    assert (await member.fill(path, path, marks)).status == 303


async def test_a_bidder_answers_on_his_page_what_he_was_asked(site: Site, panel: Hearing) -> None:
    member = await signed_in(site.app, panel.judges[-1], KEYS)
    questioned, silent = [(await site.county.bidder(n)).actor for n in (1, 2)]
    page = f"/lots/{panel.lot}/seat/bids/{questioned.organisation_code}"
    action = f"{page}/questions"
    asked = await member.fill(page, action, {"kind": "clarify", "text": "工期是否包括雨季"})
    assert asked.place == page
    bidder = await signed_in(site.app, questioned, KEYS)
    assert "书面答复评标委员会" in (await bidder.get("/workbench")).words
    own = await bidder.get(f"/lots/{panel.lot}/clarifications")
    assert "工期是否包括雨季" in own.words
    number = UUID(own.html.partition(f"/lots/{panel.lot}/clarifications/")[2][:36])
    done = await bidder.send(own, f"/lots/{panel.lot}/clarifications/{number}", {"text": "包括"})
    assert done.status == 303
    assert "包括" in (await member.get(page)).words
    other = await signed_in(site.app, silent, KEYS)
    assert "没有要求贵单位澄清" in (await other.get(f"/lots/{panel.lot}/clarifications")).words
