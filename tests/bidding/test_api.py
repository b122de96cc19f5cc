"""A tender through the JSON API: what each party may do, what it gets, and what nobody is told."""

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from conftest import START, TestClock
from house_databases import Databases
from road import DEADLINE, DEPARTMENT, REGION, Bidder, County, actor, as_admin, b64, countersign
from trading_site import Site, trading_site

from bidding.clockwork import turn
from kernel.box import records as box_records
from kernel.proofs import dsse
from kernel.proofs.canonical import from_base64
from kernel.proofs.close import read_receipt
from kernel.proofs.sealing import reveal_all
from kernel.proofs.setup import read_setup
from storage.limits import PART_SIZE

PROJECT = {
    "name": "文三路排水工程",
    "region": REGION,
    "department": DEPARTMENT,
    "approval": "杭发改〔2026〕13号",
    "investment_code": "2602-330106-04-01-123456",
    "funding": "区财政资金",
    "scope": "雨污水管网",
    "lots": [{"name": "1 标段", "estimate": "40000000.00", "deposit": "500000.00", "ceiling": "40000000.00"}],
}


@pytest.fixture
async def site(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Site]:
    county = await County.make(tmp_path, house)
    async with trading_site(county) as site:
        yield site


async def upload(client: httpx.AsyncClient, purpose: str, content: bytes) -> str:
    view = (await client.post("/uploads", json={"size": len(content), "purpose": purpose})).json()
    for n in view["missing"]:
        part = content[(n - 1) * PART_SIZE : n * PART_SIZE]
        headers = {"x-part-sha256": hashlib.sha256(part).hexdigest()}
        answer = await client.put(f"/uploads/{view['id']}/parts/{n}", content=part, headers=headers)
        assert answer.status_code == 200, answer.text
    return str(view["id"])


async def command_of(site: Site, bidder: Bidder, lot: UUID) -> dict[str, object]:
    """What a bidder's client posts: his sealed files sent, his envelope, his key."""
    client = await site.of(bidder.actor)
    assert bidder.sealed is not None
    bid, sent = bidder.sealed.bid, {}
    for stage in bid.stages:
        for file in stage.files:
            sent[file.sha256] = await upload(client, f"sealed_bid:{lot}", (bidder.folder / file.n).read_bytes())
    envelope = b64(bidder.sealed.signed.to_bytes())
    return {"envelope": envelope, "public_key": b64(bidder.signer.public), "uploads": sent}


async def sealed(site: Site, lot: UUID, n: int, price: str = "38000000.00") -> Bidder:
    """A bidder who has sealed with what the API alone told him."""
    bidder = await site.county.bidder(n)
    told = (await (await site.of(bidder.actor)).get(f"/lots/{lot}/sealing")).json()
    assert told["ready"]
    setup = read_setup(dsse.read(from_base64(told["setup"])).payload)
    await bidder.seal(setup, told["notice"], price)
    return bidder


async def submit(site: Site, lot: UUID, bidder: Bidder) -> httpx.Response:
    command = await command_of(site, bidder, lot)
    return await (await site.of(bidder.actor)).post(f"/lots/{lot}/bids", json=command)


async def close(site: Site, clock: TestClock, lot: UUID) -> None:
    await clock.freeze(DEADLINE)
    await turn(site.county.tools, lot)
    await clock.freeze(DEADLINE + timedelta(minutes=5))
    await turn(site.county.tools, lot)
    await countersign(lot)
    await turn(site.county.tools, lot)


async def test_a_project_is_registered_accepted_and_published(site: Site) -> None:
    county = site.county
    purchaser, operator = await site.of(county.purchaser), await site.of(county.operator)
    made = await purchaser.post("/projects", json=PROJECT)
    assert made.status_code == 201, made.text
    project, lot = made.json()["project"], made.json()["lots"][0]["id"]
    assert (await site.public().get(f"/lots/{lot}")).status_code == 404
    assert (await operator.post(f"/projects/{project}/accept")).json()["lots"][0]["stage"] == "accepted"
    await county.work()
    document = await upload(purchaser, "tender_document", b"%PDF documents" * 900)
    notice = {
        "deadline": DEADLINE.isoformat(),
        "documents_until": DEADLINE.isoformat(),
        "requirements": "市政公用工程施工总承包三级及以上",
        "period_days": 180,
        "documents": [{"label": "招标文件.pdf", "upload": document}],
    }
    published = await purchaser.post(f"/lots/{lot}/notice", json=notice)
    assert published.status_code == 201, published.text
    exact = await site.public().get(f"/lots/{lot}/notices/1")
    assert hashlib.sha256(exact.content).hexdigest() == published.json()["sha256"]
    shown = (await site.public().get(f"/lots/{lot}")).json()
    assert [limit["id"] for limit in shown["law"] if limit["id"] == "T03"] == ["T03"]
    assert shown["documents"][0]["label"] == "招标文件.pdf"


async def test_a_returned_project_lists_all_that_is_missing_and_comes_back(site: Site) -> None:
    purchaser, operator = await site.of(site.county.purchaser), await site.of(site.county.operator)
    bare = {**PROJECT, "approval": "", "funding": ""}
    project = (await purchaser.post("/projects", json=bare)).json()["project"]
    refused = await operator.post(f"/projects/{project}/accept")
    assert refused.status_code == 422
    assert {p["code"] for p in refused.json()["problems"]} == {"approval_missing", "funding_missing"}
    back = await operator.post(f"/projects/{project}/return", json={"remarks": "请附图纸"})
    assert [item["code"] for item in back.json()["lots"][0]["returned"]][-1] == "remarks"
    facts = {name: PROJECT[name] for name in ("approval", "investment_code", "funding", "scope")}
    again = await purchaser.post(f"/projects/{project}/corrections", json=facts)
    assert again.json()["lots"][0]["stage"] == "registered"


async def test_limits_a_notice_breaks_are_all_named_with_their_articles_and_fields(site: Site) -> None:
    """T01, T03 and T22 at once: documents for four days, a deadline after nine, a deposit of a fen too much."""
    county = site.county
    purchaser, operator = await site.of(county.purchaser), await site.of(county.operator)
    (priced,) = PROJECT["lots"]
    made = await purchaser.post("/projects", json={**PROJECT, "lots": [{**priced, "deposit": "800000.01"}]})
    project, lot = made.json()["project"], made.json()["lots"][0]["id"]
    await operator.post(f"/projects/{project}/accept")
    await county.work()
    files = [{"label": "招标文件.pdf", "upload": await upload(purchaser, "tender_document", b"text" * 100)}]
    close, soon = (START + timedelta(days=4)).isoformat(), (START + timedelta(days=9)).isoformat()
    notice = {"deadline": soon, "documents_until": close, "requirements": "无", "period_days": 1}
    refused = await purchaser.post(f"/lots/{lot}/notice", json={**notice, "documents": files})
    assert refused.status_code == 422
    assert [(p["code"], p["article"], p["field"]) for p in refused.json()["problems"]] == [
        ("law_t01", "招标投标法实施条例第十六条", "documents_until"),
        ("law_t03", "招标投标法第二十四条", "deadline"),
        ("law_t22", "工程建设项目施工招标投标办法第三十七条", ""),
    ]
    assert (await operator.get(f"/projects/{project}")).json()["lots"][0]["stage"] == "accepted", "nothing of it stands"


async def test_a_bid_goes_in_and_its_bidder_alone_sees_it(site: Site) -> None:
    lot = await site.county.announced()
    bidder = await sealed(site, lot, 1)
    given = await submit(site, lot, bidder)
    assert given.status_code == 201, given.text
    signed = dsse.read(from_base64(given.json()["receipt"]))
    receipt = read_receipt(dsse.require(signed, [site.county.tools.receipts.public]))
    assert receipt.sha256 == given.json()["sha256"]
    mine = (await (await site.of(bidder.actor)).get(f"/lots/{lot}/receipts")).json()
    assert [r["sha256"] for r in mine["receipts"]] == [receipt.sha256]
    assert mine["receipts"][0]["final"] is False
    rival = await site.of((await site.county.bidder(2)).actor)
    assert (await rival.get(f"/lots/{lot}/receipts")).json()["receipts"] == []
    proof = f"/receipts/{given.json()['event']}/proof"
    assert (await (await site.of(bidder.actor)).get(proof)).status_code == 202
    assert (await rival.get(proof)).status_code == 404


async def test_nothing_public_differs_before_and_after_a_bid(site: Site) -> None:
    lot = await site.county.announced()
    bidder = await sealed(site, lot, 1)
    paths = [
        "/lots",
        f"/lots/{lot}",
        f"/lots/{lot}/sealing",
        f"/lots/{lot}/close",
        "/calendar?from=2026-04-01",
        "/feed",
    ]
    before = [(await site.public().get(path)).content for path in paths]
    assert (await submit(site, lot, bidder)).status_code == 201
    assert [(await site.public().get(path)).content for path in paths] == before


async def test_a_late_bid_is_told_so_and_leaves_nothing(site: Site, clock: TestClock) -> None:
    lot = await site.county.announced()
    bidder = await sealed(site, lot, 1)
    command = await command_of(site, bidder, lot)
    await clock.freeze(DEADLINE)
    refused = await (await site.of(bidder.actor)).post(f"/lots/{lot}/bids", json=command)
    assert (refused.status_code, refused.json()["code"]) == (409, "late")
    assert len(refused.json()["problems"]) == 1
    assert await box_records.chain(lot, bidder.actor.organisation_code) == []
    uploads = command["uploads"]
    assert isinstance(uploads, dict)
    for id in uploads.values():
        assert (await (await site.of(bidder.actor)).get(f"/uploads/{id}")).status_code == 404
    assert await as_admin("select count(*) from storage.upload where purpose like 'sealed_bid%'") == 0


async def test_the_same_request_id_gets_the_same_answer_and_another_body_is_refused(site: Site) -> None:
    lot = await site.county.announced()
    bidder = await sealed(site, lot, 1)
    command, key = await command_of(site, bidder, lot), {"idempotency-key": str(uuid4())}
    client = await site.of(bidder.actor)
    first = await client.post(f"/lots/{lot}/bids", json=command, headers=key)
    second = await client.post(f"/lots/{lot}/bids", json=command, headers=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    other = await client.post(f"/lots/{lot}/bids", json={**command, "uploads": {}}, headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "request_id_reused")


async def test_a_step_without_answers_of_its_own_is_done_once_too(site: Site) -> None:
    project = (await site.county.register())[0].project
    operator, key = await site.of(site.county.operator), {"idempotency-key": str(uuid4())}
    assert (await operator.post(f"/projects/{project}/accept", headers=key)).status_code == 200
    assert (await operator.post(f"/projects/{project}/accept", headers=key)).status_code == 200
    assert (await operator.post(f"/projects/{project}/accept")).json()["code"] == "wrong_stage"


async def test_a_withdrawn_bid_is_answered_by_a_receipt(site: Site) -> None:
    lot = await site.county.announced()
    bidder = await sealed(site, lot, 1)
    assert (await submit(site, lot, bidder)).status_code == 201
    given = await bidder.withdraw(site.county.tools, lot, await site.county.setup(lot))
    mine = (await (await site.of(bidder.actor)).get(f"/lots/{lot}/receipts")).json()["receipts"]
    assert [(r["kind"], r["seq"]) for r in mine] == [("bid", 1), ("withdraw", 2)]
    assert mine[1]["sha256"] == given.sha256


async def test_bidders_reveal_an_objection_is_answered_and_the_record_is_published(
    site: Site, clock: TestClock
) -> None:
    lot = await site.county.announced()
    prices = ["38000000.00", "37500000.00", "39900000.00"]
    bidders = [await sealed(site, lot, n, price) for n, price in enumerate(prices, 1)]
    for bidder in bidders:
        assert (await submit(site, lot, bidder)).status_code == 201
    public = site.public()
    assert (await public.get(f"/lots/{lot}/close")).status_code == 404
    await close(site, clock, lot)
    listed = (await public.get(f"/lots/{lot}/close")).json()
    assert listed["fixed"]
    assert hashlib.sha256(from_base64(listed["body"])).hexdigest() == listed["sha256"]
    assert listed["bids"] == sorted(b.sealed.bid.sha256 for b in bidders if b.sealed)
    for bidder in bidders:
        assert bidder.sealed is not None
        signed = reveal_all(bidder.sealed.bid, listed["sha256"], bidder.sealed.seeds, bidder.signer)
        body = {"envelopes": [b64(one.to_bytes()) for one in signed]}
        shown = await (await site.of(bidder.actor)).post(f"/lots/{lot}/reveals", json=body)
        assert shown.json() == {"revealed": 2}, shown.text
    mine, purchaser = await site.of(bidders[0].actor), await site.of(site.county.purchaser)
    raised = await mine.post(f"/lots/{lot}/objections", json={"text": "请核对第二家的工期"})
    assert raised.status_code == 201, raised.text
    early = await purchaser.post(f"/lots/{lot}/conclusion")
    assert early.json()["code"] == "objection_unanswered"
    answered = await purchaser.post(
        f"/lots/{lot}/objections/{raised.json()['objection']}/answer", json={"answer": "已核对"}
    )
    assert answered.status_code == 200
    concluded = await purchaser.post(f"/lots/{lot}/conclusion")
    assert concluded.status_code == 201, concluded.text
    record = await public.get(f"/lots/{lot}/opening")
    assert hashlib.sha256(record.content).hexdigest() == concluded.json()["sha256"]
    assert sorted(bid["form"]["price"] for bid in record.json()["bids"]) == sorted(prices)
    sheet = await public.get(f"/lots/{lot}/opening.pdf")
    assert sheet.content.startswith(b"%PDF")
    again = await public.get(f"/lots/{lot}/opening.pdf", headers={"if-none-match": sheet.headers["etag"]})
    assert again.status_code == 304
    await the_hall_of_a_finished_opening_ends(site, lot)


async def the_hall_of_a_finished_opening_ends(site: Site, lot: UUID) -> None:
    """Shows all regions once and says that it has ended; who has seen them gets the end alone."""
    stream = await site.public().get(f"/lots/{lot}/hall")
    assert stream.headers["content-type"].startswith("text/event-stream")
    events = events_of(stream.text)
    assert [name for name, _, _ in events] == ["stage", "sign_in", "progress", "prices", "objection", "end"]
    stage, prices = json.loads(events[0][1]), json.loads(events[3][1])
    assert stage["phase"] == "concluded"
    assert {line["price"] for line in prices} == {"38000000.00", "37500000.00", "39900000.00"}
    resumed = await site.public().get(f"/lots/{lot}/hall", headers={"last-event-id": events[0][2]})
    assert [name for name, _, _ in events_of(resumed.text)] == ["end"]


def events_of(text: str) -> list[tuple[str, str, str]]:
    """(event, data, id) of every server-sent event."""
    found = []
    for block in text.replace("\r\n", "\n").strip().split("\n\n"):
        fields = dict(line.partition(": ")[::2] for line in block.split("\n"))
        found.append((fields.get("event", ""), fields.get("data", ""), fields.get("id", "")))
    return found


async def test_a_list_that_holds_the_bid_needs_no_restoring(site: Site, clock: TestClock) -> None:
    lot = await site.county.announced()
    bidder = await sealed(site, lot, 1)
    receipt = (await submit(site, lot, bidder)).json()["receipt"]
    await clock.freeze(DEADLINE)
    await turn(site.county.tools, lot)
    client = await site.of(bidder.actor)
    refused = await client.post(f"/lots/{lot}/restorations", json={"envelope": receipt})
    assert (refused.status_code, refused.json()["code"]) == (409, "listed_already")


async def test_documents_are_downloaded_whole_in_parts_and_not_again(site: Site) -> None:
    lot = await site.county.announced()
    public = site.public()
    shown = (await public.get(f"/lots/{lot}")).json()["documents"][0]
    path = shown["href"].removeprefix("/api/v1")
    whole = await public.get(path)
    assert hashlib.sha256(whole.content).hexdigest() == shown["sha256"]
    assert whole.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in whole.headers["content-security-policy"]
    part = await public.get(path, headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{shown['size']}"
    tail = await public.get(path, headers={"range": "bytes=-5", "if-range": whole.headers["etag"]})
    assert tail.content == whole.content[-5:]
    other = await public.get(path, headers={"range": "bytes=0-1", "if-range": '"other"'})
    assert (other.status_code, other.content) == (200, whole.content)
    outside = await public.get(path, headers={"range": f"bytes={shown['size']}-"})
    assert (outside.status_code, outside.headers["content-range"]) == (416, f"bytes */{shown['size']}")
    assert (await public.get(path, headers={"if-none-match": whole.headers["etag"]})).status_code == 304
    head = await public.head(path)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(shown["size"]))


async def test_search_and_calendar_find_what_is_published_and_nothing_else(site: Site) -> None:
    lot, hidden = await site.county.announced(), (await site.county.register())[0]
    public = site.public()
    found = (await public.get("/lots", params={"q": "文二路", "category": "A", "region": "330100"})).json()
    assert ([card["id"] for card in found["items"]], found["total"], found["pages"]) == ([str(lot)], 1, 1)
    assert (await public.get("/lots", params={"stage": "failed"})).json()["items"] == []
    month = (await public.get("/calendar", params={"from": "2026-04-01"})).json()
    assert [card["id"] for card in month["items"]] == [str(lot)]
    assert (month["from"], month["to"]) == ("2026-04-01", "2026-05-01")
    assert (await public.get("/calendar", params={"from": "2026-04-01", "to": "2026-12-01"})).status_code == 422
    assert (await public.get(f"/lots/{hidden.id}")).status_code == 404
    assert (await public.get(f"/lots/{hidden.id}/sealing")).status_code == 404


async def test_a_change_moves_the_deadline_and_followers_are_told(site: Site) -> None:
    lot = await site.county.announced()
    left = await site.public().post(f"/lots/{lot}/contacts", json={"channel": "sms", "address": "13800000000"})
    assert (left.status_code, left.json()) == (202, {"received": True})
    purchaser, later = await site.of(site.county.purchaser), DEADLINE + timedelta(days=7)
    change = {"text": "图纸更正", "deadline": later.isoformat()}
    answer = await purchaser.post(f"/lots/{lot}/amendments", json=change)
    assert (answer.status_code, answer.json()["notice"]) == (201, 2), answer.text
    shown = (await site.public().get(f"/lots/{lot}")).json()
    assert shown["deadline"] == later.isoformat()
    assert await as_admin("select count(*) from kernel.outbox where gateway = 'sms'") == 1


async def test_strangers_and_wrong_roles_are_kept_out(site: Site) -> None:
    lot = await site.county.announced()
    project = (await site.county.register())[0].project
    bidder, operator = await site.of((await site.county.bidder(1)).actor), await site.of(site.county.operator)
    other = await site.of(await actor("purchaser", "12330106MB0000009X", "另一家招标人"))
    assert (await site.public().post(f"/lots/{lot}/bids", json={})).status_code == 401
    wrong = await bidder.post(f"/projects/{project}/accept")
    assert (wrong.status_code, wrong.json()["code"]) == (403, "not_your_act")
    assert (await operator.post(f"/lots/{lot}/notice", json={})).status_code == 403
    assert (await other.get(f"/projects/{project}")).status_code == 404
    assert (await other.post(f"/lots/{lot}/amendments", json={"text": "改"})).status_code == 404
    assert (await bidder.get(f"/lots/{lot}/archive.zip")).status_code == 403
    few = await site.of(site.county.purchaser, ["read_case"])
    assert (await few.get(f"/projects/{project}")).status_code == 200
    scoped = await few.post(f"/lots/{lot}/amendments", json={"text": "改"})
    assert (scoped.status_code, scoped.json()["code"]) == (403, "token_scope")


async def test_unknown_things_are_not_found(site: Site) -> None:
    public, nobody = site.public(), uuid4()
    operator = await site.of(site.county.operator)
    purchaser = await site.of(site.county.purchaser)
    for path in (
        "",
        "/sealing",
        "/close",
        "/opening",
        "/opening.pdf",
        "/public.zip",
        "/hall",
        "/notices/1",
        f"/documents/{nobody}",
    ):
        answer = await public.get(f"/lots/{nobody}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "no_lot"), path
    facts = {"approval": "", "investment_code": "", "funding": "", "scope": ""}
    assert (await operator.post(f"/projects/{nobody}/accept")).status_code == 404
    assert (await purchaser.post(f"/projects/{nobody}/corrections", json=facts)).status_code == 404
    assert (await purchaser.get(f"/projects/{nobody}")).status_code == 404
    assert (await operator.get(f"/lots/{nobody}/archive.zip")).status_code == 404


BAD = [
    ("/projects", {"content": b"{"}, ""),
    ("/projects", {"json": {**PROJECT, "surprise": 1}}, "surprise"),
    ("/projects", {"json": {**PROJECT, "lots": []}}, "lots"),
    ("/projects", {"json": {**PROJECT, "region": "33"}}, "region"),
    ("/projects", {"json": {**PROJECT, "name": "\x00"}}, ""),
    ("/projects", {"content": b'{"name": "\\ud800"}'}, ""),
    ("/projects", {"json": [[[[]]]]}, ""),
    ("/projects", {"json": PROJECT, "headers": {"idempotency-key": "seven"}}, ""),
    ("/lots/{lot}/notice", {"json": {"deadline": "2026-04-20T09:30:00"}}, "deadline"),
    ("/lots/{lot}/amendments", {"json": {"text": "  "}}, "text"),
]


@pytest.mark.parametrize(("path", "sent", "field"), BAD)
async def test_bad_input_is_refused_with_a_code_and_its_field(
    site: Site, path: str, sent: dict[str, object], field: str
) -> None:
    lot = (await site.county.register())[0].id
    client = await site.of(site.county.purchaser)
    answer = await client.post(path.format(lot=lot), **sent)  # type: ignore[arg-type]
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problems = answer.json()["problems"]
    assert all(p["code"] and p["says"] and p["remedy"] for p in problems)
    assert field in {p["field"] for p in problems} or not field


FORGED = ["!!!", b64(b"{}"), b64(b'{"payload":"","payloadType":"x","signatures":[]}'), ""]


@pytest.mark.parametrize("envelope", FORGED)
async def test_what_is_no_signed_object_is_bad_input_at_every_door(site: Site, envelope: str) -> None:
    lot = await site.county.announced()
    bidder = await sealed(site, lot, 1)
    assert (await submit(site, lot, bidder)).status_code == 201
    client, operator = await site.of(bidder.actor), await site.of(site.county.holders[0].actor)
    key = b64(bidder.signer.public)
    answers = [
        await client.post(f"/lots/{lot}/bids", json={"envelope": envelope, "public_key": key}),
        await client.post(f"/lots/{lot}/withdrawals", json={"envelope": envelope}),
        await client.post(f"/lots/{lot}/restorations", json={"envelope": envelope}),
        await operator.post(f"/box/{lot}/messages", json={"kind": "attest", "envelope": envelope}),
    ]
    assert [answer.status_code for answer in answers] == [422] * 4, [answer.text for answer in answers]
