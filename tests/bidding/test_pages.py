"""A tender walked through its pages alone, as browsers without scripts see them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from browsing import Browser, Page, browser, signed_in
from conftest import TestClock
from house_databases import Databases
from litestar import Litestar
from road import DEADLINE, DEPARTMENT, REGION, Bidder, County, actor, as_admin, countersign, give_order, upload
from trading_site import SECRET, trading_site

from bidding import records
from bidding.clockwork import turn
from bidding.sheets import receipt_data
from bidding.steps.accept import accept_project
from kernel.accounts.keys import Keys
from kernel.box import records as box_records
from kernel.identity import Actor
from kernel.proofs import dsse
from kernel.proofs.chain import build_withdrawal
from kernel.proofs.sealing import reveal_all

PROJECT = {
    "name": "文三路排水工程",
    "category": "A02",
    "procedure": "construction_open_tender",
    "region": REGION,
    "department": DEPARTMENT,
    "approval": "杭发改〔2026〕13号",
    "investment_code": "2602-330106-04-01-123456",
    "funding": "区财政资金",
    "scope": "雨污水管网",
    "lots-0-name": "一标段",
    "lots-0-estimate": "40000000.00",
    "lots-0-ceiling": "40000000.00",
    "lots-0-deposit": "500000.00",
}
PRICES = ["38000000.00", "37500000.00", "39900000.00"]


@dataclass
class Town:
    """The site, its county, and everybody's browser."""

    app: Litestar
    county: County
    clock: TestClock
    keys: Keys
    browsers: dict[Any, Browser] = field(default_factory=dict)

    @property
    def public(self) -> Browser:
        return self.browsers.setdefault(None, browser(self.app))

    async def of(self, someone: Actor) -> Browser:
        if someone.person not in self.browsers:
            self.browsers[someone.person] = await signed_in(self.app, someone, self.keys)
        return self.browsers[someone.person]

    async def notice(self, deadline: str = "2026-04-20T09:30", **more: str) -> dict[str, Any]:
        """What a purchaser types into the notice, his document already uploaded."""
        content = f"招标文件正文 {uuid4()}".encode() * 200
        document = await upload(self.county.tools, self.county.purchaser, "tender_document", content)
        return {
            "deadline": deadline,
            "documents_until": deadline,
            "period_days": "180",
            "requirements": "市政公用工程施工总承包三级及以上",
            "documents": [str(document)],
            "documents_label": ["招标文件.pdf"],
            **more,
        }

    async def close(self, lot: UUID) -> None:
        for moment in (DEADLINE, DEADLINE + timedelta(minutes=5)):
            await self.clock.freeze(moment)
            await turn(self.county.tools, lot)
        await countersign(lot)
        await turn(self.county.tools, lot)

    async def opened(self, lot: UUID) -> list[Bidder]:
        """Three bids sealed in, closed, revealed: the prices are shown."""
        bidders = await self.county.sealed_in(lot, PRICES)
        await self.close(lot)
        for bidder in bidders:
            await bidder.reveal(self.county.tools, lot)
        return bidders


@pytest.fixture
async def town(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Town]:
    county = await County.make(tmp_path, house)
    async with trading_site(county) as site:
        found = Town(site.app, county, clock, Keys.derive(SECRET.encode(), light=True))
        yield found
        for one in found.browsers.values():
            await one.client.aclose()


async def reveal_text(bidder: Bidder, lot: UUID) -> str:
    """What `yangguang reveal --offline` writes, one signed object a line."""
    assert bidder.sealed is not None
    close = (await box_records.box(lot)).close
    signed = reveal_all(bidder.sealed.bid, close, bidder.sealed.seeds, bidder.signer)
    return "\r\n".join(one.to_bytes().decode() for one in signed)


async def test_the_road_is_walked_by_pages_alone(town: Town) -> None:
    county = town.county
    purchaser, operator = await town.of(county.purchaser), await town.of(county.operator)
    registered = await purchaser.fill("/projects/new", "/projects", PROJECT)
    assert registered.status == 303, registered.words
    project = registered.place
    lot = (await records.lots_of(UUID(project.rpartition("/")[2])))[0].id
    assert (await town.public.get(f"/lots/{lot}")).status == 404
    waiting = await operator.get("/workbench")
    assert "文三路排水工程" in waiting.words
    accepted = await operator.fill(f"{project}/accept", f"{project}/accept", {"decision": "accept"})
    assert accepted.place == "/workbench"
    await county.work()
    asked = await purchaser.fill(f"/lots/{lot}/publish", f"/lots/{lot}/publish", await town.notice())
    assert "不能再修改或删除" in asked.words
    assert (await records.lot(lot)).stage == "accepted"
    published = await purchaser.send(asked, f"/lots/{lot}/publish")
    assert published.place == f"/lots/{lot}"
    await county.work()
    notice = await town.public.get(f"/lots/{lot}")
    assert "2026年4月20日 09:30:00（北京时间）" in notice.words
    assert "招标文件.pdf" in notice.words
    await conclude_by_pages(town, lot)


async def conclude_by_pages(town: Town, lot: UUID) -> None:
    """Reveal, object, answer and conclude by pages; the record is there for everybody."""
    bidders = await town.county.sealed_in(lot, PRICES)
    await town.close(lot)
    for bidder in bidders:
        there = await town.of(bidder.actor)
        fields = {"envelopes": await reveal_text(bidder, lot)}
        revealed = await there.fill(f"/lots/{lot}/reveal", f"/lots/{lot}/reveal", fields)
        assert revealed.place == f"/lots/{lot}/hall", revealed.words
    hall = await town.public.get(f"/lots/{lot}/hall")
    assert "¥37,500,000.00" in hall.words
    objector, purchaser = await town.of(bidders[0].actor), await town.of(town.county.purchaser)
    path = f"/lots/{lot}/objections"
    assert (await objector.fill(path, path, {"text": "对唱标工期有异议"})).status == 303
    refused = await purchaser.fill(f"/lots/{lot}/conclude", f"/lots/{lot}/conclude")
    assert "1 项异议尚未答复" in refused.words
    objection = (await records.objections(lot))[0]
    path = f"{path}/{objection.id}/answer"
    assert (await purchaser.fill(path, path, {"answer": "经核对无误"})).status == 303
    done = await purchaser.fill(f"/lots/{lot}/conclude", f"/lots/{lot}/conclude")
    assert done.place == f"/lots/{lot}/record", done.words
    record = await town.public.get(f"/lots/{lot}/record")
    assert "浙江第2建设有限公司" in record.words
    assert "经核对无误" in record.words


async def test_a_registration_says_all_that_is_wrong_beside_its_fields(town: Town) -> None:
    purchaser = await town.of(town.county.purchaser)
    wrong = {**PROJECT, "name": "", "lots-0-estimate": "很多"}
    again = await purchaser.fill("/projects/new", "/projects", wrong)
    assert again.status == 422
    assert "必须填写" in again.problem_beside("name")
    assert again.problem_beside("lots-0-estimate")
    assert again.form("/projects").fields["approval"] == [PROJECT["approval"]]


async def test_one_more_lot_keeps_what_was_typed(town: Town) -> None:
    purchaser = await town.of(town.county.purchaser)
    more = await purchaser.fill("/projects/new", "/projects", {**PROJECT, "more": "1"})
    form = more.form("/projects")
    assert form.fields["lots-0-name"] == ["一标段"]
    second = {f"lots-1-{name}": PROJECT[f"lots-0-{name}"] for name in ("name", "estimate", "deposit")}
    done = await purchaser.send(more, "/projects", second)
    assert len(await records.lots_of(UUID(done.place.rpartition("/")[2]))) == 2


async def test_a_returned_project_is_put_right_by_its_page(town: Town) -> None:
    purchaser, operator = await town.of(town.county.purchaser), await town.of(town.county.operator)
    project = (await purchaser.fill("/projects/new", "/projects", {**PROJECT, "approval": "", "funding": ""})).place
    path = f"{project}/accept"
    undecided = await operator.fill(path, path)
    assert undecided.problem_beside("decision")
    refused = await operator.fill(path, path, {"decision": "accept"})
    assert refused.status == 422
    assert "缺少项目审批、核准或备案文号" in refused.words
    back = await operator.fill(path, path, {"decision": "return", "remarks": "请附图纸"})
    assert back.status == 303
    page = await purchaser.get(project)
    assert "请附图纸" in page.words
    facts = {name: PROJECT[name] for name in ("approval", "investment_code", "funding", "scope")}
    assert (await purchaser.send(page, f"{project}/answer", facts)).place == project
    assert "已登记" in (await purchaser.get(project)).words


async def test_a_deadline_the_law_forbids_is_refused_beside_its_field(town: Town) -> None:
    lot = await accepted(town)
    purchaser = await town.of(town.county.purchaser)
    form = await purchaser.get(f"/lots/{lot}/publish")
    assert "最早可定 2026年3月22日" in form.words
    again = await purchaser.send(form, f"/lots/{lot}/publish", await town.notice("2026-03-21T09:30", period_days=""))
    assert again.status == 422
    assert again.problem_beside("period_days")
    again = await purchaser.send(form, f"/lots/{lot}/publish", await town.notice("2026-03-21T09:30"))
    assert "招标投标法第二十四条" in again.problem_beside("deadline")
    kept = again.form(f"/lots/{lot}/publish").fields
    assert kept["documents_label"] == ["招标文件.pdf"]
    assert (await records.lot(lot)).stage == "accepted"


async def accepted(town: Town) -> UUID:
    lot = (await town.county.register())[0]
    await accept_project(town.county.operator, lot.project)
    await town.county.work()
    return lot.id


async def test_from_the_last_question_one_goes_back_to_all_that_was_typed(town: Town) -> None:
    lot = await accepted(town)
    purchaser, path = await town.of(town.county.purchaser), f"/lots/{lot}/publish"
    asked = await purchaser.fill(path, path, await town.notice())
    back = await purchaser.send(asked, path, {"back": "yes"})
    form = back.form(path).fields
    assert form["deadline"] == ["2026-04-20T09:30"]
    assert len(form["documents"]) == 1


async def test_the_same_confirmation_twice_publishes_once(town: Town) -> None:
    lot = await accepted(town)
    purchaser, path = await town.of(town.county.purchaser), f"/lots/{lot}/publish"
    asked = await purchaser.fill(path, path, await town.notice())
    first, second = await purchaser.send(asked, path), await purchaser.send(asked, path)
    assert (first.place, second.place) == (f"/lots/{lot}", f"/lots/{lot}")
    assert len(await records.notices(lot)) == 1


async def test_a_change_is_a_further_text_and_the_first_stays_as_it_was(town: Town) -> None:
    lot = await town.county.announced()
    purchaser, path = await town.of(town.county.purchaser), f"/lots/{lot}/amend"
    fields = {"text": "截止时间推后三天。", "affects_bids": "yes", "deadline": "2026-04-23T09:30"}
    asked = await purchaser.fill(path, path, fields)
    assert "2026年4月23日" in asked.words
    assert (await purchaser.send(asked, path)).place == f"/lots/{lot}"
    assert "截止时间推后三天。" in (await town.public.get(f"/lots/{lot}")).words
    first = await town.public.get(f"/lots/{lot}?text=1")
    assert "这不是最新的文本" in first.words
    assert "2026年4月20日 09:30:00" in first.words


async def test_a_change_that_moves_the_deadline_nearer_is_refused_beside_its_field(town: Town) -> None:
    lot = await town.county.announced()
    purchaser, path = await town.of(town.county.purchaser), f"/lots/{lot}/amend"
    again = await purchaser.fill(path, path, {"text": "提前", "affects_bids": "no", "deadline": "2026-04-10T09:30"})
    assert again.status == 422
    assert "只能延后" in again.problem_beside("deadline")


async def test_strangers_do_not_see_a_case_that_is_not_theirs(town: Town) -> None:
    lot = (await town.county.register())[0]
    stranger = await town.of(await actor("purchaser", "12330106MB0000009X", "别的单位"))
    bidder = await town.of((await town.county.bidder(7)).actor)
    for path in (f"/projects/{lot.project}", f"/lots/{lot.id}/publish", f"/projects/{uuid4()}"):
        assert (await stranger.get(path)).status == 404
    assert (await bidder.get(f"/projects/{lot.project}")).status == 403
    assert (await bidder.get(f"/lots/{lot.id}/submit")).status == 404
    signed_out = await town.public.get(f"/projects/{lot.project}")
    assert signed_out.place == f"/signin?next=/projects/{lot.project}"


async def test_the_page_for_sealing_gives_all_that_the_command_needs(town: Town) -> None:
    lot = await town.county.announced()
    someone = await town.county.bidder(1)
    there = await town.of(someone.actor)
    page = await there.get(f"/lots/{lot}/submit")
    assert "已递交过" not in page.words
    assert someone.actor.organisation_code in page.words
    assert (await box_records.box(lot)).setup in page.words
    fetched = await there.client.get(f"/lots/{lot}/sealing.json", follow_redirects=True)
    assert fetched.json()["ready"]
    await someone.seal(await town.county.setup(lot), (await box_records.box(lot)).notice, "38000000.00")
    await someone.submit(town.county.tools, lot)
    assert "已递交过第 1 次" in (await there.get(f"/lots/{lot}/submit")).words


async def test_a_receipt_is_its_bidders_own_on_screen_as_a_file_and_on_paper(town: Town) -> None:
    lot = await town.county.announced()
    [someone] = await town.county.sealed_in(lot, ["38000000.00"])
    there = await town.of(someone.actor)
    assert someone.sealed is not None
    page = await there.get(f"/lots/{lot}/receipt/1")
    assert someone.sealed.bid.sha256 in page.words
    size = sum(file.size for stage in someone.sealed.bid.stages for file in stage.files)
    assert f"{size:,} 字节" in page.words
    row, view = await records.lot(lot), (await box_records.chain(lot, someone.actor.organisation_code))[0]
    assert ["密封文件大小", f"{size:,} 字节"] in receipt_data(row, view, "某公司")["facts"]
    signed = dsse.read((await there.client.get(f"/lots/{lot}/receipt/1/receipt.dsse.json")).content)
    assert dsse.verify(signed, [town.county.tools.receipts.public])
    paper = await there.client.get(f"/lots/{lot}/receipt/1/receipt.pdf")
    assert paper.content.startswith(b"%PDF-")
    rival = await town.of((await town.county.bidder(2)).actor)
    for path in ("/receipt/1", "/receipt/1/receipt.dsse.json", "/receipt/1/receipt.pdf"):
        assert (await rival.get(f"/lots/{lot}{path}")).status == 404


async def test_a_bid_is_withdrawn_by_its_page_with_the_bidders_own_signature(town: Town) -> None:
    lot = await town.county.announced()
    [someone] = await town.county.sealed_in(lot, ["38000000.00"])
    there, path = await town.of(someone.actor), f"/lots/{lot}/withdraw"
    nonsense = await there.fill(path, path, {"envelope": "{}"})
    assert nonsense.status == 422
    assert (await box_records.chain(lot, someone.actor.organisation_code))[-1].kind == "bid"
    done = await there.fill(path, path, {"envelope": await withdrawal(town, someone, lot)})
    assert done.place == f"/lots/{lot}/receipt/2", done.words
    assert "撤回回执" in (await there.get(done.place)).words
    assert "以最后一次为准" in (await there.get(f"/lots/{lot}/receipt/1")).words
    assert (await there.get(path)).status == 409


async def withdrawal(town: Town, someone: Bidder, lot: UUID) -> str:
    assert someone.sealed is not None
    bid, setup = someone.sealed.bid, await town.county.setup(lot)
    data = build_withdrawal(setup, bidder=bid.bidder, bid_id=bid.bid_id, seq=bid.seq + 1, prev=bid.sha256)
    return f" {dsse.sign(data, someone.signer).to_bytes().decode()}\r\n"


async def test_the_reveal_page_says_when_and_refuses_another_bidders_seeds(town: Town) -> None:
    lot = await town.county.announced()
    bidders = await town.county.sealed_in(lot, PRICES)
    first, path = await town.of(bidders[0].actor), f"/lots/{lot}/reveal"
    assert (await first.get(path)).status == 409
    await town.close(lot)
    foreign = await first.fill(path, path, {"envelopes": await reveal_text(bidders[1], lot)})
    assert foreign.status in (403, 409, 422)
    assert not await box_records.seeds(lot)
    done = await first.fill(path, path, {"envelopes": await reveal_text(bidders[0], lot)})
    assert done.status == 303
    assert "已经解密" in (await first.get(path)).words
    outsider = await town.of(await actor("bidder", "91330106000099XX", "没有投标的公司"))
    assert (await outsider.get(path)).status == 409


async def test_a_listed_bid_needs_no_restoring(town: Town) -> None:
    lot = await town.county.announced()
    bidders = await town.county.sealed_in(lot, PRICES)
    await town.clock.freeze(DEADLINE)
    await turn(town.county.tools, lot)
    there, path = await town.of(bidders[0].actor), f"/lots/{lot}/restore"
    view = (await box_records.chain(lot, bidders[0].actor.organisation_code))[-1]
    assert "名单里有您的标书，无需办理" in (await there.get(path)).words
    refused = await there.fill(path, path, {"envelope": view.receipt.decode()})
    assert "已在名单中" in refused.words
    assert refused.status == 409


async def test_before_the_opening_no_page_tells_who_bids_or_how_many(town: Town) -> None:
    lot = await town.county.announced()
    owner = await town.of(town.county.purchaser)
    paths = [f"/lots/{lot}", f"/lots/{lot}/hall", "/", "/search", "/openings?month=2026-04"]
    own = [f"/projects/{(await records.lot(lot)).project}", "/workbench"]
    before = [await words_of(town.public, paths), await words_of(owner, [*paths, *own])]
    bidders = await town.county.sealed_in(lot, PRICES)
    assert [await words_of(town.public, paths), await words_of(owner, [*paths, *own])] == before
    assert bidders[0].sealed is not None
    digest = bidders[0].sealed.bid.sha256
    assert "没有公布过" in (await town.public.get(f"/check?sha256={digest}")).words


async def words_of(someone: Browser, paths: list[str]) -> list[str]:
    pages = [await someone.get(path) for path in paths]
    assert {page.status for page in pages} == {200}
    return [page.words for page in pages]


async def test_the_live_hall_sends_pieces_of_the_page_and_takes_up_a_cut_line(town: Town) -> None:
    lot = await town.county.announced()
    bidders = await town.opened(lot)
    purchaser = await town.of(town.county.purchaser)
    assert (await purchaser.fill(f"/lots/{lot}/conclude", f"/lots/{lot}/conclude")).status == 303
    events = await stream(town.public, f"/lots/{lot}/hall/stream")
    assert [event["event"] for event in events] == ["stage", "sign_in", "progress", "prices", "objection", "end"]
    pieces = {event["event"]: event["data"] for event in events}
    assert "¥38,000,000.00" in pieces["prices"]
    assert bidders[0].actor.organisation_name in pieces["sign_in"]
    known = f"/lots/{lot}/hall/stream?last_event_id={events[0]['id']}"
    assert [event["event"] for event in await stream(town.public, known)] == ["end"]
    page = await town.public.get(f"/lots/{lot}/hall")
    assert "¥38,000,000.00" in page.words


async def stream(someone: Browser, path: str) -> list[dict[str, str]]:
    """The events of a stream that ends."""
    answer = await someone.client.get(path)
    assert answer.headers["content-type"].startswith("text/event-stream")
    return [_event(block) for block in answer.text.replace("\r\n", "\n").split("\n\n") if block.strip()]


def _event(block: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in block.splitlines():
        name, _, value = line.partition(": ")
        found[name] = f"{found[name]}\n{value}" if name in found else value
    return found


async def test_a_suspension_stands_on_every_page_of_its_lot_and_stops_the_acts(town: Town) -> None:
    lot = await town.county.announced()
    await give_order(lot, "suspend", "暂停开标")
    purchaser = await town.of(town.county.purchaser)
    project = (await records.lot(lot)).project
    for path in (f"/lots/{lot}", f"/lots/{lot}/hall", f"/projects/{project}", f"/lots/{lot}/amend"):
        assert "监督指令生效中：暂停开标" in (await purchaser.get(path)).words
    path = f"/lots/{lot}/amend"
    fields = {"text": "推后", "affects_bids": "no", "deadline": "2026-04-23T09:30"}
    refused = await purchaser.send(await purchaser.fill(path, path, fields), path)
    assert refused.status == 423
    assert len(await records.notices(lot)) == 1


async def test_a_correction_is_shown_and_does_not_claim_to_stop_anything(town: Town) -> None:
    lot = await town.county.announced()
    await give_order(lot, "correct", "更正资格条件")
    page = await town.public.get(f"/lots/{lot}")
    assert "责令改正：更正资格条件" in page.words
    assert "暂停办理" not in page.words


async def test_a_mandate_is_given_by_the_page_and_lets_the_agency_register(town: Town) -> None:
    purchaser = await town.of(town.county.purchaser)
    agency = await actor("agent", "91330106MA0000777X", "公正招标代理有限公司")
    there = await town.of(agency)
    fields = {"agent": agency.organisation_code, "since": "2026-03-01", "until": "2026-12-31", "document": "ab" * 32}
    unknown = await purchaser.fill("/mandates", "/mandates", fields | {"agent": "1"})
    assert "没有这家代理机构" in unknown.problem_beside("agent")
    assert (await purchaser.fill("/mandates", "/mandates", fields)).place == "/mandates"
    owner = str(town.county.purchaser.organisation)
    done = await there.fill("/projects/new", "/projects", {**PROJECT, "purchaser": owner})
    assert done.status == 303, done.words
    assert town.county.purchaser.organisation_name in (await there.get(done.place)).words
    listed = await purchaser.get("/mandates")
    mandate = await as_admin("select id from accounts.mandate")
    assert (await purchaser.send(listed, f"/mandates/{mandate}/revoke")).status == 303
    assert "收回" in (await there.get("/mandates")).words


async def test_messages_lead_to_their_cases_and_can_be_put_away(town: Town) -> None:
    lot = await town.county.announced()
    purchaser = await town.of(town.county.purchaser)
    page = await purchaser.get("/messages")
    assert "项目已受理" in page.words
    message = await as_admin("select id from kernel.message where template = 'project_accepted'")
    assert f"/projects/{(await records.lot(lot)).project}" in page.html
    assert (await purchaser.send(page, f"/messages/{message}/read")).status == 303
    assert "项目已受理" not in (await purchaser.get("/messages")).words


async def test_a_holder_sees_what_waits_and_the_command_that_does_it(town: Town) -> None:
    lot = (await town.county.register())[0]
    await accept_project(town.county.operator, lot.project)
    holder = await town.of(next(h for h in town.county.holders if h.actor.role == "operator").actor)
    page = await holder.get("/trustee")
    assert "提供本标段的密钥" in page.words
    assert "yangguang trustee work" in page.words


async def test_every_role_has_a_workbench(town: Town) -> None:
    lot = await town.county.announced()
    [someone] = await town.county.sealed_in(lot, ["38000000.00"])
    assert "已递交" in (await (await town.of(someone.actor)).get("/workbench")).words
    assert "公告中" in (await (await town.of(town.county.purchaser)).get("/workbench")).words
    assert "等待受理" in (await (await town.of(town.county.operator)).get("/workbench")).words


def _is_page(page: Page) -> bool:
    return page.answer.headers["content-type"].startswith("text/html")


async def test_forms_of_another_site_and_old_pages_are_refused(town: Town) -> None:
    lot = await town.county.announced()
    purchaser = await town.of(town.county.purchaser)
    answer = await purchaser.client.post(f"/lots/{lot}/amend", data={"text": "改"}, headers={"accept": "text/html"})
    assert answer.status_code == 403
    assert _is_page(Page(answer))


async def test_the_list_of_problems_names_each_field_as_the_form_does(town: Town) -> None:
    lot = await accepted(town)
    purchaser, path = await town.of(town.county.purchaser), f"/lots/{lot}/publish"
    wrong = await purchaser.fill(path, path, {"requirements": "<b>slot-0-deadline</b>"})
    summary = wrong.html[wrong.html.index('class="summary"') : wrong.html.index("</section>")]
    assert "投标截止时间（即开标时间）：这一项必须填写" in summary
    assert "工期：这一项必须填写" in summary
    assert "slot-" not in wrong.html.replace("&lt;b&gt;slot-0-deadline&lt;/b&gt;", "")
