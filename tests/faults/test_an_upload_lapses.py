"""A large file that is still on its way when the deadline comes (电子招标投标办法 27): it never was a bid."""

from datetime import timedelta
from uuid import UUID

from check_case import check_case
from conftest import TestClock
from durable_house import RunningSite
from road import DEADLINE

from bidding.clockwork import turn
from kernel import inbox, jobs
from kernel.box import records as box_records
from kernel.db import HOME
from storage.clockwork import duties
from storage.limits import MIB, PART_SIZE


async def test_300_mb_begun_ten_seconds_before_the_deadline_are_erased_at_it(
    site: RunningSite, law_clock: TestClock
) -> None:
    lot = await site.county.announced()
    bidder = await site.county.bidder(1)
    await bidder.seal(await site.county.setup(lot), (await box_records.box(lot)).notice, "38000000.00")
    sender = await site.sender(bidder)
    small = await sender.command(lot)
    await law_clock.freeze(DEADLINE - timedelta(seconds=10))
    upload = await sender.announce(f"sealed_bid:{lot}", 300 * MIB)
    for n in (1, 2):
        assert (await sender.part(upload, n, bytes(PART_SIZE))).status_code == 200
    await law_clock.freeze(DEADLINE)
    await turn(site.county.tools, lot)
    while await jobs.run_one(HOME, duties(site.county.tools.store)):
        pass
    await law_clock.freeze(DEADLINE + timedelta(seconds=5))
    late = await sender.part(upload, 3, bytes(PART_SIZE))
    assert (late.status_code, late.json()["code"]) == (404, "upload_missing")
    assert list((site.county.folder / "vault" / "incoming").iterdir()) == []
    refused = await sender.submit(lot, small)
    assert (refused.status_code, refused.json()["code"]) == (409, "late")
    assert "已过投标截止时间，拒收" in refused.json()["detail"]
    assert await box_records.standing(lot) == ([], [])
    told = [m for m in await inbox.unread(None, bidder.actor.organisation) if m.template == "upload_lapsed"]
    assert len(told) == 1, "one word of it, however many files were on their way"
    assert "视为撤回" in told[0].text
    others = await inbox.unread(None, site.county.purchaser.organisation)
    assert "upload_lapsed" not in {m.template for m in others}, "nobody else is told: it would count"
    await check_case(site.server.databases, lot, site.county.tools)


async def test_a_part_that_arrives_while_the_box_closes_does_not_stay(site: RunningSite, law_clock: TestClock) -> None:
    """The deadline has come, nobody has turned the lot yet: the part is taken, and goes with the rest."""
    lot = await site.county.announced()
    bidder = await site.county.bidder(1)
    sender = await site.sender(bidder)
    upload = await sender.announce(f"sealed_bid:{lot}", 2 * PART_SIZE)
    await law_clock.freeze(DEADLINE)
    assert (await sender.part(upload, 1, bytes(PART_SIZE))).status_code in (200, 404, 409)
    await turn(site.county.tools, lot)
    while await jobs.run_one(HOME, duties(site.county.tools.store)):
        pass
    assert list((site.county.folder / "vault" / "incoming").iterdir()) == []
    assert (await sender.ask("GET", f"/uploads/{UUID(upload)}")).status_code == 404
