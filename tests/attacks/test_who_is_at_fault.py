"""Who is at fault when an opening goes wrong: every row of the table acted out by somebody who cheats (etb/1 §7)."""

from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cheats import (
    FALLBACK_OVER,
    PRICES,
    WINDOW_OVER,
    Opening,
    audited,
    opening,
    post,
    prove,
    secret_of,
    slandered,
    slandering,
    tasks,
    with_bad_envelopes,
)
from check_case import check_case
from conftest import TestClock
from house_databases import Databases
from road import DEADLINE, County, b64, give_order
from story import refused, reveal
from trading_site import Site, trading_site

from bidding.clockwork import turn
from bidding.hall import hall
from bidding.schemas import RevealBid
from bidding.steps.open import reveal_bid
from kernel import inbox
from kernel.box import records as box_records
from kernel.errors import BadInput, Directed, TooLate
from kernel.proofs import dsse
from kernel.proofs.canonical import decode, encode, to_base64
from kernel.proofs.opening import build_reveal
from kernel.proofs.stage import prove_envelope
from kernel.proofs.trustee import answer


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> County:
    return await County.make(tmp_path, house)


@pytest.fixture
async def site(county: County) -> AsyncIterator[Site]:
    async with trading_site(county) as site:
        yield site


async def test_who_does_not_reveal_and_would_not_be_helped_is_taken_to_have_revoked(
    county: County, clock: TestClock, house: Databases
) -> None:
    it = await opening(county, clock, "bidder-only")
    await it.shut()
    await reveal(county, it.lot, it.honest)
    await it.at(WINDOW_OVER)
    line = await it.line()
    assert (line["outcome"], line["culprit"]) == ("revoked", "bidder")
    assert line["says"] == "投标人未在规定时间内解密，视为撤销投标文件"
    await check_case(house, it.lot, county.tools)


async def test_who_does_not_reveal_is_opened_by_the_three_roles_if_he_agreed(county: County, clock: TestClock) -> None:
    it = await opening(county, clock)
    await it.shut()
    await reveal(county, it.lot, it.honest)
    await it.at(WINDOW_OVER)
    await county.work()
    line = await it.line()
    assert (line["outcome"], line["form"]["price"]) == ("opened", PRICES[2])


async def test_a_seed_that_does_not_meet_its_commitment_is_refused_and_in_the_end_the_bidders_fault(
    county: County, clock: TestClock
) -> None:
    it = await opening(county, clock, "bidder-only")
    await it.shut()
    await reveal(county, it.lot, it.honest)
    assert it.cheat.sealed is not None
    bid, box = it.cheat.sealed.bid, await box_records.box(it.lot)
    false = build_reveal(close=box.close, stage="price", bidder=bid.bidder, bid=bid.sha256, seed=bytes(32))
    command = RevealBid(envelopes=[b64(dsse.sign(false, it.cheat.signer).to_bytes())])
    wrong = await refused(BadInput, reveal_bid(county.tools, it.cheat.actor, it.lot, command))
    assert wrong.code == "seed_not_committed"
    await it.at(WINDOW_OVER)
    line = await it.line()
    assert (line["outcome"], line["culprit"]) == ("revoked", "bidder")


@pytest.mark.parametrize("role", ["operator", "regulator"])
async def test_a_share_that_was_not_committed_is_that_officers_fault_and_his_colleague_steps_in(
    county: County, clock: TestClock, house: Databases, role: str
) -> None:
    it = await opening(county, clock, "roles")
    await it.shut()
    await release_until(it, role)
    liar, colleague = (h for h in county.holders if h.actor.role == role)
    task = (await tasks(liar, "release"))[0]
    good = answer(liar.officer, task)
    value = decode(good.signed.payload)
    value["shares"][0]["y"] = to_base64(bytes(32))
    false = replace(good, signed=dsse.sign(encode(value), liar.officer.signer))
    if role == "regulator":
        await post(county, liar, it.lot, false)
    else:
        assert (await refused(BadInput, post(county, liar, it.lot, false))).code == "share_not_committed"
    assert await box_records.seeds(it.lot) == {}, "nothing is opened by it"
    await colleague.work(county.tools)
    await county.work()
    assert (await it.line())["outcome"] == "opened"
    (says,) = await it.said()
    assert "份额与投标文件中的承诺不符" in says
    assert liar.actor.name in says
    await check_case(house, it.lot, county.tools)


async def release_until(it: Opening, role: str) -> None:
    """All attest; the roles before this one release."""
    order = ["operator", "regulator", "purchaser"]
    for holder in it.county.holders[::2]:
        for task in await tasks(holder, "attest"):
            await post(it.county, holder, it.lot, answer(holder.officer, task))
    for before in order[: order.index(role)]:
        holder = next(h for h in it.county.holders if h.actor.role == before)
        for task in await tasks(holder, "release"):
            await post(it.county, holder, it.lot, answer(holder.officer, task))


@pytest.mark.parametrize(("role", "name"), [("purchaser", "招标人"), ("operator", "交易中心")])
async def test_who_attests_and_does_not_release_is_named_and_the_bidder_is_taken_to_have_withdrawn(
    county: County, clock: TestClock, house: Databases, role: str, name: str
) -> None:
    """He alone is named: whose turn comes after his could do nothing."""
    it = await opening(county, clock)
    await it.shut()
    await reveal(county, it.lot, it.honest)
    await it.at(WINDOW_OVER)
    await release_until(it, role)
    await it.at(FALLBACK_OVER)
    line = await it.line()
    assert (line["outcome"], line["culprit"]) == ("withdrawn", role)
    assert line["says"] == f"{name}未在规定时间内办完补救方案，责任在{name}，非投标人原因，视为撤回投标文件"
    await check_case(house, it.lot, county.tools)


async def test_an_officer_who_refuses_where_the_roles_open_does_not_keep_the_box_shut_for_ever(
    county: County, clock: TestClock, house: Databases
) -> None:
    it = await opening(county, clock, "roles")
    await it.shut()
    await release_until(it, "regulator")
    await it.at(FALLBACK_OVER - timedelta(seconds=1))
    assert (await box_records.box(it.lot)).state == "opening", "his colleague may still step in"
    assert (await hall(it.lot)).officers_until == FALLBACK_OVER
    await it.at(FALLBACK_OVER)
    lines = (await it.record())["bids"]
    assert {(line["outcome"], line["culprit"]) for line in lines} == {("withdrawn", "regulator")}
    says = "监督部门未在规定时间内办完共同解密，责任在监督部门，非投标人原因，视为撤回投标文件"
    assert {line["says"] for line in lines} == {says}
    assert await box_records.seeds(it.lot) == {}
    await check_case(house, it.lot, county.tools)


async def test_a_suspension_takes_no_minute_from_who_has_to_prove_his_envelope(
    county: County, clock: TestClock
) -> None:
    it = await opening(county, clock, "roles")
    await it.shut()
    await slandered(it, "operator")
    before = await box_records.box(it.lot)
    assert before.cure_until is not None
    assert before.fallback_until is not None
    stopped = before.cure_until - timedelta(minutes=10)
    await clock.freeze(stopped)
    await give_order(it.lot, "suspend", "核查举报", until=stopped + timedelta(hours=2))
    with suppress(Directed):
        await turn(county.tools, it.lot)
    await it.at(stopped + timedelta(hours=2))
    after = await box_records.box(it.lot)
    assert after.cure_until == before.cure_until + timedelta(hours=2)
    assert after.fallback_until == before.fallback_until + timedelta(hours=2)
    await prove(it, "operator")
    await county.work()
    assert (await it.line())["outcome"] == "opened"


@pytest.mark.parametrize(("mode", "role"), [("bidder", "operator"), ("roles", "regulator"), ("roles", "purchaser")])
async def test_an_officer_who_slanders_an_envelope_is_refuted_by_the_bidders_proof(
    county: County, clock: TestClock, house: Databases, mode: str, role: str
) -> None:
    it = await opening(county, clock, mode)
    await it.shut()
    if mode == "bidder":
        await reveal(county, it.lot, it.honest)
        await it.at(WINDOW_OVER)
    await slandered(it, role)
    await county.work()
    assert await box_records.messages(it.lot, "release") == [], "nobody releases while a bidder may still answer"
    assert await prove(it, role) == 4
    await county.work()
    line = await it.line()
    assert (line["outcome"], line["form"]["price"]) == ("opened", PRICES[2])
    assert any("责任在" in says and "证明了" in says for says in await it.said())
    await check_case(house, it.lot, county.tools)


@pytest.mark.parametrize("mode", ["bidder", "roles"])
async def test_envelopes_proved_bad_and_not_cured_shut_that_bid_alone(
    county: County, clock: TestClock, house: Databases, mode: str
) -> None:
    it = await opening(county, clock, mode, with_bad_envelopes("regulator"))
    await it.shut()
    at = DEADLINE + timedelta(minutes=5)
    if mode == "bidder":
        await reveal(county, it.lot, it.honest)
        await it.at(at := WINDOW_OVER)
    await county.work()
    await audited(it, "regulator")
    assert (await box_records.box(it.lot)).state == "opening", "the bidder has his time"
    await it.at(at + timedelta(minutes=30))
    await county.work()
    line = await it.line()
    assert (line["outcome"], line["culprit"]) == ("revoked", "bidder")
    assert line["says"].startswith("交给监督部门的密封件经核实不能打开")
    assert any("确实打不开" in says for says in await it.said())
    await check_case(house, it.lot, county.tools)


async def test_bad_that_nobody_proves_is_the_roles_fault(county: County, clock: TestClock, house: Databases) -> None:
    it = await opening(county, clock, "roles")
    await it.shut()
    await slandered(it, "purchaser")
    await county.work()
    await it.at(DEADLINE + timedelta(minutes=35))
    assert (await refused(TooLate, prove(it, "purchaser"))).code == "cure_late"
    await county.work()
    line = await it.line()
    assert (line["outcome"], line["culprit"]) == ("withdrawn", "purchaser")
    assert line["says"].startswith("招标人称密封件有误，但未能证明")
    await check_case(house, it.lot, county.tools)


async def test_a_false_proof_cures_nothing(county: County, clock: TestClock) -> None:
    it = await opening(county, clock, "roles", with_bad_envelopes("regulator"))
    await it.shut()
    await county.work()
    assert (await refused(BadInput, prove(it, "regulator"))).code == "cure_differs"
    await refused(BadInput, prove(it, "operator"))


async def test_a_colleague_who_opens_all_ends_the_contest(county: County, clock: TestClock) -> None:
    it = await opening(county, clock, "roles")
    await it.shut()
    liar, colleague = (h for h in county.holders if h.actor.role == "operator")
    assert it.cheat.sealed is not None
    for task in await tasks(liar, "attest"):
        await post(county, liar, it.lot, slandering(liar, task, it.cheat.sealed.bid.sha256))
    assert not await tasks(liar, "attest"), "once is enough"
    assert await colleague.work(county.tools) == ["attest", "attest"]
    await county.work()
    assert (await it.line())["outcome"] == "opened"


async def test_the_bidder_is_told_asked_and_heard_over_the_api(site: Site, clock: TestClock) -> None:
    it = await opening(site.county, clock, "roles")
    await it.shut()
    await slandered(it, "regulator")
    told = await inbox.unread(None, it.cheat.actor.organisation)
    assert "cure_asked" in {message.template for message in told}
    client, honest = await site.of(it.cheat.actor), await site.of(it.honest[0].actor)
    asked = (await client.get(f"/lots/{it.lot}/cures")).json()
    assert [(one["stage"], one["role"], len(one["kids"])) for one in asked["contested"]] == [
        ("price", "regulator", 2),
        ("documents", "regulator", 2),
    ]
    assert (await honest.get(f"/lots/{it.lot}/cures")).json()["contested"] == [], "nobody learns of another's"
    setup, sealed = await site.county.setup(it.lot), it.cheat.sealed
    assert sealed is not None
    bodies = [
        prove_envelope(setup, sealed.bid, asked["close"], secret_of(it.cheat, setup, one["stage"]), kid)
        for one in asked["contested"]
        for kid in one["kids"]
    ]
    envelopes = [b64(dsse.sign(body, it.cheat.signer).to_bytes()) for body in bodies]
    answer = await client.post(f"/lots/{it.lot}/cures", json={"envelopes": envelopes})
    assert (answer.status_code, answer.json()) == (200, {"proved": 4})
    assert (await client.get(f"/lots/{it.lot}/cures")).json()["contested"] == []
