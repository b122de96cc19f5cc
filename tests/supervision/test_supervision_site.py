"""The supervision site: who comes in, what he may see, and what an order does to a trade."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from conftest import TestClock
from house_databases import Databases
from house_faces import Faces
from road import DEADLINE, DEPARTMENT, Bidder, County, as_admin, b64, countersign
from seeded_people import ORGANISATIONS, PASSWORD, PEOPLE
from supervision_site import ORIGIN, Watching, officer, supervision_site

from bidding import records
from bidding.clockwork import turn
from bidding.stages import Stage
from bidding.steps.accept import accept_project
from bidding.steps.submit import submit_bid
from kernel.accounts.seeding import seed
from kernel.box import records as box_records
from kernel.db import connected
from kernel.errors import Directed
from kernel.proofs.age import recipient_of
from kernel.proofs.canonical import from_base64
from kernel.proofs.possession import prove
from kernel.proofs.trustee import Officer, answer

HTML = {"accept": "text/html"}


@pytest.fixture
async def watching(house: Databases, clock: TestClock, faces: Faces, tmp_path: Path) -> AsyncIterator[Watching]:
    county = await County.make(tmp_path, house)
    async with supervision_site(county, house, faces, tmp_path / "supervision") as site:
        yield site


async def announced(watching: Watching) -> UUID:
    """A lot that takes bids; the engines stand at supervision again."""
    await watching.there()
    lot = await watching.county.announced()
    await watching.here()
    return lot


async def one_bid(watching: Watching, lot: UUID) -> Bidder:
    await watching.there()
    bidder = (await watching.county.sealed_in(lot, ["38000000.00"]))[0]
    await watching.here()
    return bidder


async def test_only_supervisors_can_sign_in(watching: Watching) -> None:
    await watching.faces.close()
    async with connected(watching.house.owner, watching.house.supervision_owner):
        for site in ("trading", "supervision"):  # a trader who somehow has a password here is turned away all the same
            await seed(PEOPLE, ORGANISATIONS, site, watching.app.state.gate.keys)
    await watching.here()
    body = {"password": PASSWORD, "totp": ""}
    for login, status in {"regulator": 201, "inspector": 201, "operator": 403, "bidder": 403, "expert": 403}.items():
        client = await watching.client()
        assert (await client.post("/api/v1/session", json={"login": login, **body})).status_code == status, login


async def test_nothing_is_shown_to_who_is_not_signed_in(watching: Watching) -> None:
    lot = await announced(watching)
    client = await watching.client()
    for path in ("/api/v1/cases", f"/api/v1/cases/{lot}", "/api/v1/witness/alarms", "/api/v1/box/waiting"):
        assert (await client.get(path)).status_code == 401, path
    for path in (
        "/workbench",
        "/hall",
        f"/cases/{lot}",
        "/cards",
        "/directives",
        "/drafts",
        "/alarms",
        "/reads",
        "/trustee",
    ):
        answered = await client.get(path, headers=HTML)
        assert answered.headers["location"].startswith("/signin"), path


async def test_a_purchaser_holding_a_token_is_nobody_here(watching: Watching) -> None:
    client = await watching.client(watching.county.purchaser)
    assert (await client.get("/api/v1/cases")).status_code == 401


async def test_a_regulator_sees_the_cases_of_his_region_and_department_only(watching: Watching) -> None:
    lot = await announced(watching)
    own = await watching.client(watching.officers()[0].actor)
    assert [item["id"] for item in (await own.get("/api/v1/cases")).json()["items"]] == [str(lot)]
    for actor, sees in (
        (await officer("regulator", "市住建局", region="330100", departments=(DEPARTMENT,)), True),
        (await officer("inspector", "区监察委"), True),
        (await officer("regulator", "区水利局", departments=("water",)), False),
        (await officer("regulator", "邻区住建局", region="330105", departments=(DEPARTMENT,)), False),
        (await officer("inspector", "邻市监察委", region="330200"), False),
    ):
        client = await watching.client(actor)
        listed = (await client.get("/api/v1/cases")).json()["items"]
        assert [item["id"] for item in listed] == ([str(lot)] if sees else []), actor.name
        assert (await client.get(f"/api/v1/cases/{lot}")).status_code == (200 if sees else 403), actor.name
        assert (await client.get(f"/cases/{lot}", headers=HTML)).status_code == (200 if sees else 403), actor.name


async def test_an_unknown_case_is_not_found_and_an_unknown_stage_is_bad_input(watching: Watching) -> None:
    client = await watching.client(watching.officers()[0].actor)
    assert (await client.get(f"/api/v1/cases/{uuid4()}")).status_code == 404
    assert (await client.get("/api/v1/cases?stage=anything")).status_code == 422


async def test_before_the_opening_no_page_and_no_answer_tells_who_bids_or_how_many(watching: Watching) -> None:
    lot = await announced(watching)
    client = await watching.client(watching.officers()[0].actor)
    places = ("/workbench", f"/cases/{lot}", "/directives", "/alarms", f"/api/v1/cases/{lot}", "/api/v1/cases")
    before = [_without_times((await client.get(place, headers=HTML)).text) for place in places]
    bidder = await one_bid(watching, lot)
    after = [_without_times((await client.get(place, headers=HTML)).text) for place in places]
    assert after == before, "a bid changes nothing that a supervisor can see"
    for name in (bidder.actor.organisation_name, bidder.actor.organisation_code, bidder.actor.name):
        assert not any(name in text for text in after)


async def test_after_the_opening_the_bidders_acts_are_seen_with_their_entries(
    watching: Watching, clock: TestClock
) -> None:
    lot = await announced(watching)
    await watching.there()
    bidders = await watching.county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    await clock.freeze(DEADLINE.replace(minute=35))
    await turn(watching.county.tools, lot)
    await turn(watching.county.tools, lot)
    await _countersigned_by_the_county(watching, lot)
    await watching.here()
    client = await watching.client(watching.officers()[0].actor)
    shown = (await client.get(f"/api/v1/cases/{lot}")).json()
    submitted = [event for event in shown["events"] if event["act"] == "递交投标文件"]
    assert len(submitted) == len(bidders)
    assert all(re.fullmatch("[0-9a-f]{64}", event["hash"]) for event in submitted)


async def ordered(watching: Watching, lot: UUID, order: dict[str, str]) -> str:
    """One officer drafts an order, the other confirms it; its number."""
    first, second = [await watching.client(holder.actor) for holder in watching.officers()]
    drafted = await first.post(f"/api/v1/cases/{lot}/directives", json=order)
    assert drafted.status_code == 201, drafted.text
    assert (await first.get(f"/api/v1/cases/{lot}")).json()["directives"] == [
        shown
        for shown in (await first.get(f"/api/v1/cases/{lot}")).json()["directives"]
        if shown["id"] != drafted.json()["id"]
    ], "a draft is no order yet"
    confirmed = await second.post(f"/api/v1/drafts/{drafted.json()['id']}/confirm")
    assert confirmed.status_code == 200, confirmed.text
    return str(drafted.json()["id"])


async def test_who_drafts_an_order_cannot_confirm_it_himself(watching: Watching) -> None:
    lot = await announced(watching)
    regulator = await watching.client(watching.officers()[0].actor)
    order = {"kind": "suspend", "says": "核查举报"}
    drafted = (await regulator.post(f"/api/v1/cases/{lot}/directives", json=order)).json()
    own = await regulator.post(f"/api/v1/drafts/{drafted['id']}/confirm")
    assert (own.status_code, own.json()["code"]) == (403, "drafted_yourself")
    neighbour = await watching.client(
        await officer("regulator", "邻区住建局", region="330105", departments=(DEPARTMENT,))
    )
    assert (await neighbour.post(f"/api/v1/drafts/{drafted['id']}/confirm")).status_code == 403
    assert (await neighbour.get("/api/v1/drafts")).json() == []
    inspector = await watching.client(await officer("inspector", "区监察委"))
    assert [draft["id"] for draft in (await inspector.get("/api/v1/drafts")).json()] == [drafted["id"]]
    assert (await inspector.post(f"/api/v1/drafts/{drafted['id']}/confirm")).status_code == 403
    assert (await regulator.get(f"/api/v1/cases/{lot}")).json()["directives"] == []


async def test_an_order_stops_the_trade_and_another_lets_it_go_on(watching: Watching) -> None:
    lot = await announced(watching)
    order = {"kind": "suspend", "says": "核查举报", "article": "招标投标法实施条例第六十二条"}
    given = await ordered(watching, lot, order)
    await watching.there()
    bidder = await watching.county.bidder(1)
    await bidder.seal(await watching.county.setup(lot), "0" * 64, "1.00")
    command = await bidder.command(watching.county.tools, lot)
    with pytest.raises(Directed, match="核查举报"):
        await submit_bid(watching.county.tools, bidder.actor, lot, command)
    await watching.here()
    await ordered(watching, lot, {"kind": "resume", "says": "核查完毕", "lifts": given})
    await watching.there()
    await turn(watching.county.tools, lot)
    again = await bidder.command(watching.county.tools, lot)
    assert (await submit_bid(watching.county.tools, bidder.actor, lot, again)).kind == "bid"


async def test_the_same_order_sent_twice_is_one_order(watching: Watching) -> None:
    lot = await announced(watching)
    regulator = await watching.client(watching.officers()[0].actor)
    key, order = {"idempotency-key": str(uuid4())}, {"kind": "correct", "says": "补充公告内容"}
    first = await regulator.post(f"/api/v1/cases/{lot}/directives", json=order, headers=key)
    again = await regulator.post(f"/api/v1/cases/{lot}/directives", json=order, headers=key)
    assert again.json() == first.json()
    second = await watching.client(watching.officers()[1].actor)
    confirming = f"/api/v1/drafts/{first.json()['id']}/confirm"
    done = await second.post(confirming, headers={"idempotency-key": str(uuid4())})
    assert done.json()["outcome"] == "confirmed", done.text
    twice = await second.post(confirming, headers={"idempotency-key": str(uuid4())})
    assert (twice.status_code, twice.json()["code"]) == (409, "draft_ended")
    assert len((await regulator.get(f"/api/v1/cases/{lot}")).json()["directives"]) == 1


@pytest.mark.parametrize(
    ("order", "status", "code"),
    [
        ({"kind": "suspend", "says": " "}, 422, "input_string_too_short"),
        ({"kind": "cancel", "says": "x"}, 422, "input_string_pattern_mismatch"),
        ({"kind": "suspend", "says": "x", "lifts": str(uuid4())}, 422, "lifts_misplaced"),
        ({"kind": "resume", "says": "x"}, 422, "lifts_misplaced"),
        ({"kind": "resume", "says": "x", "lifts": str(uuid4())}, 422, "nothing_to_lift"),
        ({"kind": "suspend", "says": "x", "until": "2026-03-01T00:00:00+08:00"}, 422, "until_passed"),
        ({"kind": "suspend", "says": "x", "until": "2026-03-01T00:00:00"}, 422, "input_timezone_aware"),
        ({"kind": "suspend", "says": "\x00"}, 422, ""),
        ({"kind": "suspend"}, 422, "input_missing"),
    ],
)
async def test_an_order_that_makes_no_sense_is_refused_and_leaves_no_trace(
    watching: Watching, order: dict[str, str], status: int, code: str
) -> None:
    lot = await announced(watching)
    regulator = await watching.client(watching.officers()[0].actor)
    refused = await regulator.post(f"/api/v1/cases/{lot}/directives", json=order)
    assert refused.status_code == status, refused.text
    assert not code or refused.json()["code"] == code
    inspector = await watching.client(await officer("inspector", "区监察委"))
    assert "发出监督指令" not in (await inspector.get("/reads", headers=HTML)).text


async def test_a_purchase_may_stand_suspended_for_thirty_days_at_most(watching: Watching, house: Databases) -> None:
    lot = await announced(watching)
    await _make_purchase(house, lot)
    regulator = await watching.client(watching.officers()[0].actor)
    order = {"kind": "suspend", "says": "处理投诉"}
    endless = await regulator.post(f"/api/v1/cases/{lot}/directives", json=order)
    assert endless.json()["code"] == "until_missing"
    long = await regulator.post(f"/api/v1/cases/{lot}/directives", json=order | {"until": "2026-04-02T09:00:00+08:00"})
    assert long.json()["code"] == "suspended_too_long"


async def test_an_inspector_gives_no_orders_and_a_token_does_only_what_it_names(watching: Watching) -> None:
    lot = await announced(watching)
    order = {"kind": "suspend", "says": "核查"}
    for client in (
        await watching.client(await officer("inspector", "区监察委")),
        await watching.client(watching.officers()[0].actor, "supervise_case"),
    ):
        assert (await client.post(f"/api/v1/cases/{lot}/directives", json=order)).status_code == 403


async def test_the_form_asks_once_more_before_an_order_goes_out(watching: Watching) -> None:
    lot = await announced(watching)
    regulator = await watching.client(watching.officers()[0].actor)
    sent = {"kind": "suspend", "says": "核查举报", "request_id": str(uuid4()), "until": "2026-05-01T09:00"}
    asked = await regulator.post(f"/cases/{lot}/directives", data=sent, headers=HTML)
    assert asked.status_code == 200
    assert "提交复核" in asked.text
    done = await regulator.post(f"/cases/{lot}/directives", data=sent | {"confirmed": "yes"}, headers=HTML)
    draft = done.headers["location"]
    assert draft.startswith("/drafts/"), done.text
    assert "没有发出过指令" in (await regulator.get(f"/cases/{lot}", headers=HTML)).text
    assert "起草人不能复核自己的草稿" in (await regulator.get(draft, headers=HTML)).text
    second = await watching.client(watching.officers()[1].actor)
    assert (
        "核查举报" in (await second.get("/workbench", headers=HTML)).text
        or draft in (await second.get("/drafts", headers=HTML)).text
    )
    agreed = {"decision": "confirm", "request_id": str(uuid4())}
    assert (await second.post(draft, data=agreed, headers=HTML)).headers["location"] == draft
    page = (await regulator.get(f"/cases/{lot}", headers=HTML)).text
    assert "监督指令生效中：核查举报" in page
    assert "核查举报" in (await regulator.get("/directives", headers=HTML)).text


async def test_a_wrong_form_comes_back_with_every_problem_and_what_was_typed(watching: Watching) -> None:
    lot = await announced(watching)
    regulator = await watching.client(watching.officers()[0].actor)
    sent = {"kind": "suspend", "says": "", "article": "某法第一条", "until": "yesterday", "request_id": str(uuid4())}
    back = await regulator.post(f"/cases/{lot}/directives", data=sent, headers=HTML)
    assert back.status_code == 422
    assert "共 2 项" in back.text
    assert "某法第一条" in back.text


async def test_what_a_regulators_holder_posts_is_taken_by_the_trading_side(watching: Watching) -> None:
    """The whole set-up with the regulator's share given over the site, by the very messages of its API."""
    await watching.there()
    county = watching.county
    lot = (await county.register("bidder"))[0]
    await accept_project(county.operator, lot.project)
    await _all_work(watching, lot.id)
    box = await box_records.box(lot.id)
    assert box.state == "ready"
    kinds = {(m.kind, m.role) for m in await box_records.messages(lot.id, "key", "setup")}
    assert {("key", "regulator"), ("setup", "regulator")} <= kinds


async def test_the_regulators_shares_open_for_a_bidder_who_could_not_and_for_no_other(
    watching: Watching, clock: TestClock
) -> None:
    """Supervision sees which bids are revealed already, never by what seed: its attestation names the others alone."""
    await watching.there()
    county = watching.county
    lot = await county.announced()
    bidders = await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    await clock.freeze(DEADLINE.replace(minute=35))
    await turn(county.tools, lot)
    await turn(county.tools, lot)
    await _countersigned_by_the_county(watching, lot)
    for bidder in bidders[:2]:
        await bidder.reveal(county.tools, lot)
    await clock.freeze(DEADLINE.replace(hour=10, minute=36))
    await _all_work(watching, lot)
    assert {verdict["outcome"] for verdict in await box_records.verdicts(lot)} == {"opened"}
    ways = [way for _, way in (await box_records.seeds(lot)).values()]
    assert (ways.count("reveal"), ways.count("release")) == (4, 2)


async def test_a_message_not_signed_by_a_key_of_ones_own_is_refused(watching: Watching) -> None:
    await watching.there()
    lot = (await watching.county.register("bidder"))[0]
    await accept_project(watching.county.operator, lot.project)
    await watching.here()
    first, second = watching.officers()
    client = await watching.client(first.actor)
    task = (await client.get("/api/v1/box/waiting")).json()["tasks"][0]
    signed = answer(second.officer, task).signed.to_bytes()
    refused = await client.post(f"/api/v1/box/{lot.id}/messages", json={"kind": "key", "envelope": b64(signed)})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_a_holder")
    for nonsense in ("", "AAAA", b64(b"{}")):
        body = {"kind": "key", "envelope": nonsense}
        assert (await client.post(f"/api/v1/box/{lot.id}/messages", json=body)).status_code == 422, nonsense


async def test_an_officer_registers_his_key_and_the_site_publishes_it(watching: Watching) -> None:
    actor = await officer("regulator", "区交通局", departments=("traffic",))
    client, holder = await watching.client(actor), watching.officers()[0].officer
    fresh = Officer(holder.signer.generate(), holder.master)
    body = {"public_key": b64(fresh.signer.public), "recipient": recipient_of(holder.master)}
    sealed = (await client.post("/api/v1/box/holders/challenge", json=body)).json()["sealed"]
    body |= {"proof": b64(prove(fresh, from_base64(sealed)).to_bytes())}
    assert (await client.post("/api/v1/box/holders", json=body)).status_code == 201
    published = (await (await watching.client()).get("/api/v1/anchors")).json()
    assert fresh.signer.public.hex() in [one["pk"] for one in published["officers"]]
    assert published["process"] == watching.app.state.own_keys.process.public.hex()
    assert published["witness"].startswith("localhost/witness+")


async def test_an_officer_takes_the_whole_package_of_his_case_and_it_goes_on_record(
    watching: Watching,
) -> None:
    lot = await announced(watching)
    regulator = await watching.client(watching.officers()[0].actor)
    assert (await regulator.get(f"/api/v1/cases/{lot}/archive.zip")).json()["code"] == "no_archive"
    await _archived(watching, lot, b"a package")
    taken = await regulator.get(f"/api/v1/cases/{lot}/archive.zip")
    assert taken.content == b"a package"
    part = await regulator.get(f"/api/v1/cases/{lot}/archive.zip", headers={"range": "bytes=2-4"})
    assert (part.status_code, part.content) == (206, b"pac")
    stranger = await watching.client(await officer("regulator", "区水利局", departments=("water",)))
    assert (await stranger.get(f"/api/v1/cases/{lot}/archive.zip")).status_code == 403
    inspector = await watching.client(await officer("inspector", "区监察委"))
    assert "下载证据包" in (await inspector.get("/reads", headers=HTML)).text


async def test_who_looked_at_which_case_is_seen_by_inspectors_alone(watching: Watching) -> None:
    lot = await announced(watching)
    regulator = await watching.client(watching.officers()[0].actor)
    await regulator.get(f"/cases/{lot}", headers=HTML)
    inspector = await watching.client(await officer("inspector", "区监察委"))
    page = await inspector.get("/reads", headers=HTML)
    assert watching.officers()[0].actor.name in page.text
    assert (await regulator.get("/reads", headers=HTML)).status_code == 403


async def test_the_workbench_counts_by_stage_and_shows_what_waits(watching: Watching) -> None:
    await watching.there()
    lot = (await watching.county.register("bidder"))[0]
    await accept_project(watching.county.operator, lot.project)
    await watching.here()
    client = await watching.client(watching.officers()[0].actor)
    page = (await client.get("/workbench", headers=HTML)).text
    assert "提供本标段的密钥" in page
    assert lot.project_name in page
    none = (await client.get(f"/workbench?stage={Stage.OPENED}", headers=HTML)).text
    assert "辖区内没有项目" in none
    trustee = (await client.get("/trustee", headers=HTML)).text
    assert f"--site {ORIGIN}" in trustee


async def test_health_readiness_and_metrics_answer_without_anybody_signed_in(watching: Watching) -> None:
    client = await watching.client()
    assert (await client.get("/health")).json() == {"status": "ok"}
    assert (await client.get("/ready")).json() == {"status": "ok", "database": "ok", "trading": "ok"}
    assert "yangguang_level" in (await client.get("/metrics")).text


async def test_every_answer_of_the_api_is_in_its_document(watching: Watching) -> None:
    client = await watching.client()
    paths = (await client.get("/api/v1/openapi.json")).json()["paths"]
    assert {"/api/v1/cases", "/api/v1/cases/{lot}/directives", "/api/v1/box/waiting", "/api/v1/anchors"} <= set(paths)


def _without_times(text: str) -> str:
    """A page without what differs every time: its moment, its tokens, its form ids."""
    text = re.sub(r"\d{4}年\d+月\d+日 [\d:]+（北京时间）|\d{4}-\d\d-\d\dT[\d:.+]+|\d{4}-\d\d-\d\d \d\d:\d\d", "T", text)
    return re.sub(r'data-(now|countdown|clock)="[^"]*"|content="[^"]*"|value="[^"]*"', "V", text)


async def _unlock(watching: Watching, holder: Any) -> int:
    """One officer's machine: do everything that waits, over the API."""
    client: httpx.AsyncClient = await watching.client(holder.actor, "hold_key")
    tasks = (await client.get("/api/v1/box/waiting")).json()["tasks"]
    for task in tasks:
        answered = answer(holder.officer, task)
        posted = await client.post(f"/api/v1/box/{task['case']}/messages", json=answered.message())
        assert posted.status_code == 201
    return len(tasks)


async def _all_work(watching: Watching, lot: UUID) -> None:
    """Everybody's holders do what waits, the regulator's over the site, until nothing waits for anybody."""
    county, busy = watching.county, True
    while busy:
        done = [len(await h.work(county.tools)) for h in county.holders if h.actor.role != "regulator"]
        await watching.here()
        done += [await _unlock(watching, holder) for holder in watching.officers()]
        await watching.there()
        await turn(county.tools, lot)
        busy = any(done)


async def _countersigned_by_the_county(watching: Watching, lot: UUID) -> None:
    await countersign(lot)
    await turn(watching.county.tools, lot)
    assert (await records.lot(lot)).stage == Stage.OPENING


async def _archived(watching: Watching, lot: UUID, content: bytes) -> None:
    """The lot's evidence package as the trading side keeps it."""

    async def stream() -> AsyncIterator[bytes]:
        yield content

    vault = watching.county.tools.store.vault
    watching.app.state.vault = vault
    kept = await vault.put(stream(), limit=100)
    await as_admin(
        "insert into bidding.archive"
        " (id, lot, public_sha256, public_size, archive_sha256, archive_size, last_event, at)"
        " values ($1, $2, $3, $4, $3, $4, 1, kernel.law_now())",
        uuid4(), lot, kept.sha256, kept.size,
    )  # fmt: skip


async def _make_purchase(house: Databases, lot: UUID) -> None:
    await as_admin(
        "update bidding.project set category = 'D01' where id = (select project from bidding.lot where id = $1)", lot
    )
