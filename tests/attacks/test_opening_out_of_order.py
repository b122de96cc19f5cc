"""Opening early, with fewer roles, under another stage's name, from a rehearsal, under an order: each refused."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from conftest import TestClock
from house_databases import Databases
from road import DEADLINE, PROCESS, County, b64, countersign, give_order, post_as_regulator

from bidding import records
from bidding.clockwork import turn
from bidding.schemas import SignedObject
from bidding.stages import Stage
from bidding.steps.open import hold_share
from bidding.steps.submit import submit_bid
from kernel.box import desk
from kernel.box import records as box_records
from kernel.errors import BadInput, Directed, Refusal, TooLate, WrongStage
from kernel.proofs import age, dsse
from kernel.proofs.bid import read_bid
from kernel.proofs.close import build_close
from kernel.proofs.errors import NoMatch
from kernel.proofs.opening import build_attest, build_release
from kernel.proofs.sealing import reveal_all
from kernel.proofs.setup import build_setup, read_setup
from kernel.proofs.stage import try_envelope
from kernel.proofs.trustee import answer


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> County:
    return await County.make(tmp_path, house)


async def closed(county: County, clock: TestClock, mode: str) -> UUID:
    lot = await county.announced(mode)
    await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    await clock.freeze(DEADLINE + timedelta(minutes=5))
    await turn(county.tools, lot)
    await turn(county.tools, lot)
    return lot


async def test_before_the_deadline_nobody_can_attest(county: County) -> None:
    lot = await county.announced("roles")
    await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    assert not any([await holder.work(county.tools) for holder in county.holders]), "nothing waits for anybody"
    body = build_attest(close="0" * 64, stage="price", role="operator", kid="0" * 16, verdicts={"0" * 64: True})
    await refused(county, lot, "attest", body, WrongStage)


async def test_an_early_close_is_not_countersigned_into_an_opening(county: County, clock: TestClock) -> None:
    lot = await county.announced("roles")
    await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    box = await box_records.box(lot)
    forged = build_close(
        tender=box.tender, lot=box.lot, setup=box.setup, deadline=box.deadline, at=DEADLINE, bids=[], withdrawn=[]
    )
    await post_as_regulator(lot, "countersign", "", dsse.sign(forged, PROCESS))
    await turn(county.tools, lot)
    assert (await box_records.box(lot)).state == "ready"


async def test_without_the_regulator_nothing_opens(county: County, clock: TestClock) -> None:
    lot = await closed(county, clock, "roles")
    await countersign(lot)
    await turn(county.tools, lot)
    for holder in county.holders:
        if holder.actor.role != "regulator":
            await holder.work(county.tools)
    await clock.freeze(DEADLINE + timedelta(days=3))
    await turn(county.tools, lot)
    assert await box_records.seeds(lot) == {}
    found = await box_records.verdicts(lot)
    assert {(one["outcome"], one["culprit"]) for one in found} == {("withdrawn", "regulator")}


async def test_a_release_under_another_stage_is_refused(county: County, clock: TestClock) -> None:
    lot = await closed(county, clock, "roles")
    await countersign(lot)
    await turn(county.tools, lot)
    holder, task = await one_task(county, "attest")
    assert task["stage"] == "price"
    signed = answer(holder.officer, task).signed
    with pytest.raises(BadInput):
        await hold_share(
            county.tools, holder.actor, lot, "attest", "documents", SignedObject(envelope=b64(signed.to_bytes()))
        )


async def test_a_release_with_a_wrong_share_is_refused_whole(county: County, clock: TestClock) -> None:
    lot = await closed(county, clock, "roles")
    await countersign(lot)
    await turn(county.tools, lot)
    await attest_all(county)
    box, setup = await box_records.box(lot), await county.setup(lot)
    bids = [read_bid(b.body, setup).sha256 for b in (await box_records.standing(lot))[0]]
    holder = county.holders[0]
    kid = setup.role("operator").keys[0].kid
    body = build_release(
        close=box.close, stage="price", role="operator", kid=kid, shares={bid: bytes(32) for bid in bids}
    )
    await refused(county, lot, "release", body, BadInput)
    assert holder.actor.role == "operator"
    assert await box_records.messages(lot, "release") == []


async def test_a_reveal_for_another_lot_does_not_count(county: County, clock: TestClock) -> None:
    lot = await closed(county, clock, "bidder")
    await countersign(lot)
    await turn(county.tools, lot)
    bidder = await county.bidder(1)
    bidder.sealed = await bidder.seal(await county.setup(lot), "0" * 64, "1.00")
    with pytest.raises(Refusal):
        await bidder.reveal(county.tools, lot)
    assert reveal_all(bidder.sealed.bid, "0" * 64, bidder.sealed.seeds, bidder.signer)


async def test_an_order_stops_submission_closing_and_opening_through_the_mailbox_alone(
    county: County, clock: TestClock
) -> None:
    lot = await county.announced()
    bidder = await county.bidder(1)
    await bidder.seal(await county.setup(lot), "0" * 64, "1.00")
    command = await bidder.command(county.tools, lot)
    await give_order(lot, "suspend", "核查举报")
    with pytest.raises(Directed):
        await submit_bid(county.tools, bidder.actor, lot, command)
    await clock.freeze(DEADLINE + timedelta(minutes=10))
    with pytest.raises(Directed):
        await turn(county.tools, lot)
    assert (await records.lot(lot)).stage == Stage.ANNOUNCED
    assert (await box_records.box(lot)).state == "ready"


async def test_submissions_racing_the_deadline_divide_cleanly(county: County, clock: TestClock) -> None:
    """Who got a receipt is in the list, who was refused is not, and nobody is in between."""
    lot = await county.announced()
    setup = await county.setup(lot)
    bidders = [await county.bidder(n) for n in range(1, 41)]
    commands = []
    for bidder in bidders:
        await bidder.seal(setup, "0" * 64, "1.00")
        commands.append(await bidder.command(county.tools, lot))
    await clock.run_from(DEADLINE - timedelta(milliseconds=400))
    answers = await asyncio.gather(
        *(submit_bid(county.tools, b.actor, lot, c) for b, c in zip(bidders, commands, strict=True)),
        return_exceptions=True,
    )
    received = {a.sha256 for a in answers if not isinstance(a, BaseException)}
    late = [a for a in answers if isinstance(a, TooLate)]
    assert len(received) + len(late) == len(bidders), [a for a in answers if isinstance(a, BaseException)][:3]
    assert {bid.sha256 for bid in (await box_records.standing(lot))[0]} == received
    assert all(a.received < "2026-04-20T09:30:00.000+08:00" for a in answers if not isinstance(a, BaseException))


async def one_task(county: County, do: str):  # type: ignore[no-untyped-def]

    for holder in county.holders:
        for task in await desk.waiting(await desk.holders_of(holder.actor.person)):
            if task["do"] == do and holder.actor.role != "regulator":
                return holder, task
    raise AssertionError(f"nobody has to {do}")


async def attest_all(county: County) -> None:
    """Every role attests, and nobody releases yet."""

    for holder in county.holders:
        for task in await desk.waiting(await desk.holders_of(holder.actor.person)):
            if task["do"] == "attest":
                answered = answer(holder.officer, task)
                lot = UUID(task["case"])
                if holder.actor.role == "regulator":
                    await post_as_regulator(lot, "attest", answered.stage, answered.signed)
                    await turn(county.tools, lot)
                else:
                    command = SignedObject(envelope=b64(answered.signed.to_bytes()))
                    await hold_share(county.tools, holder.actor, lot, "attest", answered.stage, command)


async def refused(county: County, lot: UUID, kind: str, body: bytes, error: type[Refusal]) -> None:
    holder = county.holders[0]
    envelope = b64(dsse.sign(body, holder.officer.signer).to_bytes())
    with pytest.raises(error):
        await hold_share(county.tools, holder.actor, lot, kind, "price", SignedObject(envelope=envelope))


async def test_a_bid_sealed_for_a_rehearsal_is_refused_by_the_real_box(county: County, clock: TestClock) -> None:
    lot = await county.announced()
    real = await county.setup(lot)
    rehearsal = read_setup(
        build_setup(
            mode=real.mode,
            tender=real.tender,
            lot=real.lot,
            keys={role.role: [key.pk for key in role.keys] for role in real.roles},
            stages=[(stage.id, stage.to) for stage in real.stages],
            rehearsal=True,
        )
    )
    bidder = await county.bidder(1)
    sealed = await bidder.seal(rehearsal, "0" * 64, "1.00")
    with pytest.raises(BadInput) as refused:
        await bidder.submit(county.tools, lot)
    assert refused.value.code == "other_context"
    wraps = await box_records.wraps(lot)
    for holder in county.holders:
        for wrapped in wraps.values():
            with suppress(NoMatch):
                private = age.unlock(wrapped, holder.officer.master)
                assert try_envelope(rehearsal, sealed.bid, "price", private) is not None
                assert try_envelope(real, replace(sealed.bid, setup=real.sha256), "price", private) is None
