"""The stories of sealed bids: the deadline is 2026-04-20 09:30:00.000 by the platform's clock.

Numbered as the acceptance scenarios are.
"""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from conftest import TestClock
from house_databases import Databases
from road import Bidder, County, b64, form_of, upload
from story import at, close, refused, reveal, tries
from trading_site import Site

from bidding import records
from bidding.clockwork import turn
from bidding.detours.object import answer_objection, raise_objection
from bidding.schemas import AnswerObjection, LeaveContact, RaiseObjection, SubmitBid
from bidding.stages import Stage
from bidding.steps.record import conclude_opening
from bidding.steps.submit import submit_bid
from kernel import inbox
from kernel.box import records as box_records
from kernel.errors import BadInput, TooLate, WrongStage
from kernel.proofs import dsse
from kernel.proofs.bid import SealedFile, build_bid
from storage import uploads

THREE = ["38000000.00", "37500000.00", "39900000.00"]


async def ready(county: County, lot: UUID, n: int = 1) -> tuple[Bidder, SubmitBid]:
    """A bidder who has sent his files and has only to submit."""
    bidder = await county.bidder(n)
    await bidder.seal(await county.setup(lot), (await box_records.box(lot)).notice, "38000000.00")
    return bidder, await bidder.command(county.tools, lot)


def on_disk(county: County) -> set[Path]:
    return {path for path in (county.folder / "vault").rglob("*") if path.is_file()}


# 1 -------------------------------------------------------------------------------------------------------------


async def test_the_last_byte_at_09_29_59_999_is_in_time_and_gets_its_receipt(county: County, clock: TestClock) -> None:
    lot = await county.announced()
    bidder, command = await ready(county, lot)
    await clock.freeze(at("2026-04-20 09:29:59.999"))
    receipt = await submit_bid(county.tools, bidder.actor, lot, command)
    assert bidder.sealed is not None
    assert receipt.received == "2026-04-20T09:29:59.999+08:00"
    assert receipt.sha256 == hashlib.sha256(bidder.sealed.signed.payload).hexdigest()
    assert receipt.seq == 1
    assert receipt.size == sum(file.size for stage in bidder.sealed.bid.stages for file in stage.files) > 0
    sizes = {file.size for stage in bidder.sealed.bid.stages for file in stage.files}
    assert sizes == {path.stat().st_size for path in on_disk(county) if path.stat().st_size in sizes}


@pytest.mark.parametrize("moment", ["2026-04-20 09:30:00.000", "2026-04-20 09:30:01.000"])
async def test_at_09_30_and_after_it_is_refused_and_nothing_of_it_is_left(
    county: County, clock: TestClock, house: Databases, moment: str
) -> None:
    lot = await county.announced()
    before = on_disk(county)
    bidder, command = await ready(county, lot)
    await clock.freeze(at(moment))
    late = await refused(TooLate, submit_bid(county.tools, bidder.actor, lot, command))
    assert (late.problems[0].says, late.problems[0].article) == (
        "已过投标截止时间，拒收",
        "电子招标投标办法第二十七条",
    )
    assert on_disk(county) == before, "no file and no fragment"
    connection = await asyncpg.connect(house.admin)
    try:
        for table in ("box.bid", "box.bid_file", "box.chain"):
            assert await connection.fetchval(f"select count(*) from {table}") == 0  # noqa: S608
        owner = str(bidder.actor.organisation)
        assert await connection.fetchval("select count(*) from storage.upload where owner_key = $1", owner) == 0
    finally:
        await connection.close()


async def test_who_came_late_and_from_where_is_on_record_beside_the_case(site: Site, clock: TestClock) -> None:
    lot = await site.county.announced()
    bidder, command = await ready(site.county, lot)
    await clock.freeze(at("2026-04-20 09:30:00.000"))
    client = await site.of(bidder.actor)
    for _ in range(2):
        late = await client.post(f"/lots/{lot}/bids", json=command.model_dump(mode="json"))
        assert (late.status_code, late.json()["code"]) == (409, "late")
    (event,) = await tries(lot)
    assert (event["subject"], event["facts"]) == ("submit_bid", {"codes": ["late"], "status": 409})
    assert event["at"] == "2026-04-20T09:30:00.000+08:00"
    assert event["organisation"] == bidder.actor.organisation_code
    assert (event["who"]["person"], event["who"]["name"]) == (str(bidder.actor.person), bidder.actor.name)
    assert (event["who"]["address"], event["who"]["door"]) == ("127.0.0.1", "api")


# 2: tests/faults/test_an_upload_lapses.py sends it over HTTP ------------------------------------------------------


async def test_an_upload_that_ends_after_the_deadline_was_never_a_bid(county: County, clock: TestClock) -> None:
    lot = await county.announced()
    await county.sealed_in(lot, THREE)
    await clock.freeze(at("2026-04-20 09:29:50.000"))
    slow = await county.bidder(4)
    begun = await uploads.register(str(slow.actor.organisation), f"sealed_bid:{lot}", 300 * 1024 * 1024)
    await clock.freeze(at("2026-04-20 09:30:05.000"))
    await turn(county.tools, lot)
    gone = await uploads.show(begun.id, str(slow.actor.organisation))
    assert gone.state == "erasing"
    assert len((await box_records.standing(lot))[0]) == 3, "the number of bidders is what it was"
    assert await told(slow) == {"upload_lapsed"}


# 3 -------------------------------------------------------------------------------------------------------------


async def test_a_plain_file_is_refused_and_may_come_again_properly_sealed(county: County, clock: TestClock) -> None:
    lot = await county.announced()
    await clock.freeze(at("2026-04-20 09:00:00.000"))
    bidder, command = await ready(county, lot)
    plain = await refused(BadInput, submit_bid(county.tools, bidder.actor, lot, await unsealed(county, lot, bidder)))
    assert plain.code == "not_sealed"
    assert "未按规定加密" in plain.problems[0].says
    receipt = await submit_bid(county.tools, bidder.actor, lot, command)
    assert receipt.received == "2026-04-20T09:00:00.000+08:00"


async def test_a_bid_sealed_for_another_lot_is_refused_as_not_sealed_as_required(
    county: County, clock: TestClock
) -> None:
    lot, other = await county.announced(), await county.announced()
    await clock.freeze(at("2026-04-20 09:00:00.000"))
    bidder, command = await ready(county, other)
    wrong = await refused(BadInput, submit_bid(county.tools, bidder.actor, lot, command))
    assert "未按规定加密或签名，拒收" in wrong.problems[0].says
    assert await box_records.standing(lot) == ([], [])


async def unsealed(county: County, lot: UUID, bidder: Bidder) -> SubmitBid:
    """The bidder's bid, properly signed, in which one file is sent in clear."""
    assert bidder.sealed is not None
    sealed, setup, plain = bidder.sealed.bid, await county.setup(lot), b"%PDF-1.7 in clear" * 100
    stage = sealed.stages[0]
    open_file = SealedFile(stage.files[0].n, len(plain), hashlib.sha256(plain).hexdigest())
    stages = [replace(stage, files=(open_file, *stage.files[1:])), *sealed.stages[1:]]
    data = build_bid(
        setup, bidder=sealed.bidder, bid_id=sealed.bid_id, seq=1, prev="", notice=sealed.notice,
        fallback=sealed.fallback, stages=stages,
    )  # fmt: skip
    sent = {open_file.sha256: await upload(county.tools, bidder.actor, f"sealed_bid:{lot}", plain)}
    for file in (file for s in stages for file in s.files if file is not open_file):
        content = (bidder.folder / file.n).read_bytes()
        sent[file.sha256] = await upload(county.tools, bidder.actor, f"sealed_bid:{lot}", content)
    envelope = dsse.sign(data, bidder.signer).to_bytes()
    return SubmitBid(envelope=b64(envelope), public_key=b64(bidder.signer.public), uploads=sent)


# 4 -------------------------------------------------------------------------------------------------------------


async def test_only_the_second_version_opens_and_the_first_keeps_its_receipt(county: County, clock: TestClock) -> None:
    lot = await county.announced()
    others = await county.sealed_in(lot, THREE[1:])
    setup, notice = await county.setup(lot), (await box_records.box(lot)).notice
    bidder = await county.bidder(3)
    await clock.freeze(at("2026-04-20 08:00:00.000"))
    await bidder.seal(setup, notice, "38000000.00")
    first = await bidder.submit(county.tools, lot)
    await clock.freeze(at("2026-04-20 09:00:00.000"))
    await bidder.seal(setup, notice, "36900000.00")
    second = await bidder.submit(county.tools, lot)
    await close(county, clock, lot)
    await reveal(county, lot, [*others, bidder])
    opened = {v["bid"]: v["index"]["form"]["price"] for v in await box_records.verdicts(lot) if v["index"]}
    assert opened[second.sha256] == "36900000.00"
    assert first.sha256 not in opened
    assert first.sha256 not in {bid for bid, _ in await box_records.seeds(lot)}, "nothing of the first is unlocked"
    kept = await box_records.chain(lot, bidder.actor.organisation_code)
    assert [(b64(message.receipt), message.seq) for message in kept] == [(first.receipt, 1), (second.receipt, 2)]


async def test_a_withdrawal_at_09_29_59_is_taken_and_at_09_30_refused(county: County, clock: TestClock) -> None:
    lot = await county.announced()
    setup = await county.setup(lot)
    one, two = await county.sealed_in(lot, THREE[:2])
    await clock.freeze(at("2026-04-20 09:29:59.000"))
    assert (await one.withdraw(county.tools, lot, setup)).kind == "withdraw"
    await clock.freeze(at("2026-04-20 09:30:00.000"))
    await refused(TooLate, two.withdraw(county.tools, lot, setup))
    assert [bid.bidder for bid in (await box_records.standing(lot))[0]] == [two.actor.organisation_code]


# 5 -------------------------------------------------------------------------------------------------------------


async def test_at_09_00_neither_office_nor_buyer_nor_administrator_reads_a_bid(
    site: Site, clock: TestClock, house: Databases
) -> None:
    lot = await site.county.announced()
    await site.county.sealed_in(lot, ["38123456.78"])
    await clock.freeze(at("2026-04-20 09:00:00.000"))
    for someone in (site.county.operator, site.county.purchaser):
        client = await site.of(someone)
        for path in ("receipts", "opening", "archive.zip"):
            assert (await client.get(f"/lots/{lot}/{path}")).status_code in (403, 404), path
    told = [(event["role"], event["subject"], event["facts"]) for event in await tries(lot)]
    forbidden = {"codes": ["not_your_act"], "status": 403}
    assert told == [("operator", "read_receipt", forbidden), ("purchaser", "read_receipt", forbidden)]
    assert {event["who"]["address"] for event in await tries(lot)} == {"127.0.0.1"}
    regulator = next(holder.actor for holder in site.county.holders if holder.actor.role == "regulator")
    assert (await (await site.of(regulator)).get(f"/lots/{lot}/receipts")).status_code == 401, "not known here at all"
    dump = await everything(house.admin)
    assert len(dump) > 10_000
    assert b"38123456" not in dump


async def everything(url: str) -> bytes:
    """What the administrator of the database can copy."""
    connection = await asyncpg.connect(url)
    try:
        named = "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname !~ '^(pg_|information_)'"
        tables = [row[0] for row in await connection.fetch(named)]
        rows = [row for table in tables for row in await connection.fetch(f"select * from {table}")]  # noqa: S608
    finally:
        await connection.close()
    return b"\n".join(v if isinstance(v, bytes) else str(v).encode() for row in rows for v in row.values())


# 6 -------------------------------------------------------------------------------------------------------------


async def test_two_bidders_at_09_30_are_too_few_and_their_bids_stay_sealed(county: County, clock: TestClock) -> None:
    lot = await county.announced()
    bidders = await county.sealed_in(lot, THREE[:2])
    for moment in ("2026-04-20 09:30:00.000", "2026-04-20 09:35:00.000"):
        await clock.freeze(at(moment))
        await turn(county.tools, lot)
    row = await records.lot(lot)
    assert (row.stage, row.stage_name) == (Stage.FAILED, "已流标")
    assert "招标投标法实施条例第四十四条" in row.failure
    assert await box_records.seeds(lot) == {}
    for bidder in bidders:
        await refused(WrongStage, bidder.reveal(county.tools, lot))
        assert "opening_failed" in await told(bidder)


async def told(bidder: Bidder) -> set[str]:
    """The messages that wait for this bidder's unit."""
    return {message.template for message in await inbox.unread(None, bidder.actor.organisation)}


# 8 -------------------------------------------------------------------------------------------------------------


async def test_all_three_prices_appear_together_on_the_public_site(site: Site, clock: TestClock) -> None:
    county, public = site.county, site.public()
    lot = await county.announced()
    bidders = await county.sealed_in(lot, THREE)
    assert await names_shown(site, lot) == set()
    await close(county, clock, lot)
    await reveal(county, lot, bidders[:2])
    assert await prices_shown(lot) == {}, "two of three: nothing yet"
    await reveal(county, lot, bidders[2:])
    await conclude_opening(county.tools, county.purchaser, lot)
    record = json.loads((await public.get(f"/lots/{lot}/opening")).content)
    shown = {(bid["name"], bid["form"]["price"], bid["form"]["period_days"]) for bid in record["bids"]}
    assert shown == {(f"浙江第{n}建设有限公司", price, 180) for n, price in enumerate(THREE, 1)}
    assert await names_shown(site, lot) == {bidder.actor.organisation_name for bidder in bidders}


async def names_shown(site: Site, lot: UUID) -> set[str]:
    """The bidders whose names stand on the lot's public pages."""
    client = site.public()
    bodies = [(await client.get(f"http://127.0.0.1:8000/lots/{lot}{page}")).text for page in ("", "/hall", "/record")]
    return {name for n in range(1, 4) if (name := f"浙江第{n}建设有限公司") in "".join(bodies)}


async def prices_shown(lot: UUID) -> dict[str, str]:
    found = await records.opening(lot)
    return form_of(found[0]) if found else {}


# 9 -------------------------------------------------------------------------------------------------------------


async def test_documents_are_free_to_take_and_nobody_can_list_who_took_them(site: Site) -> None:
    county = site.county
    lot = await county.announced()
    document = (await records.documents(lot))[0]
    taken = await site.public().get(f"/lots/{lot}/documents/{document.id}")
    assert (taken.status_code, hashlib.sha256(taken.content).hexdigest()) == (200, document.sha256)
    left = LeaveContact(channel="mail", address="someone@example.com")
    assert (await site.public().post(f"/lots/{lot}/contacts", json=left.model_dump())).status_code == 202
    operator = await site.of(county.operator)
    seen = [await operator.get(path) for path in (f"/lots/{lot}", f"/projects/{(await records.lot(lot)).project}")]
    assert all("someone@example.com" not in answer.text for answer in seen)
    assert (await operator.get(f"/lots/{lot}/contacts")).status_code in (404, 405)


# 10 ------------------------------------------------------------------------------------------------------------


async def test_the_session_cannot_end_while_an_objection_of_09_52_is_unanswered(
    county: County, clock: TestClock
) -> None:
    lot = await county.announced()
    bidders = await county.sealed_in(lot, THREE)
    await close(county, clock, lot)
    await reveal(county, lot, bidders)
    await clock.freeze(at("2026-04-20 09:52:00.000"))
    objection = await raise_objection(bidders[0].actor, lot, RaiseObjection(text="第 2 家的工期与投标函不一致"))
    open_still = await refused(WrongStage, conclude_opening(county.tools, county.purchaser, lot))
    assert (open_still.code, open_still.problems[0].article) == (
        "objection_unanswered",
        "招标投标法实施条例第四十四条",
    )
    await clock.freeze(at("2026-04-20 10:30:00.000"))
    await turn(county.tools, lot)
    assert (await records.lot(lot)).stage == Stage.OPENING, "nor does the clock end it"
    await answer_objection(county.purchaser, lot, AnswerObjection(objection=objection, answer="经核对一致，见第 3 页"))
    await turn(county.tools, lot)
    record, _ = await records.opening(lot) or ({}, "")
    assert [(o["by"], o["answer"]) for o in record["objections"]] == [("浙江第1建设有限公司", "经核对一致，见第 3 页")]
