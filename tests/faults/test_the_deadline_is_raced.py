"""Two hundred bidders at the last second, and an order posted into the middle of a rush: a clean line both times."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from check_case import check_case
from conftest import TestClock
from durable_house import RunningSite, Sender
from road import DEADLINE, PROCESS

from bidding.clockwork import turn
from kernel import directives
from kernel.box import close as box_close
from kernel.box import records as box_records
from kernel.db import Engine
from kernel.ids import new_id
from kernel.order import build_order
from kernel.proofs import dsse

BIDDERS = 200
AT_ONCE = 16
"""Of the preparations; the race itself is all at once."""


async def test_two_hundred_submissions_at_the_deadline_divide_cleanly(site: RunningSite, law_clock: TestClock) -> None:
    lot = await site.county.announced()
    senders, commands = await prepared(site, lot, BIDDERS)
    await law_clock.run_from(DEADLINE - timedelta(seconds=2))
    answers = await asyncio.gather(
        *(sender.submit(lot, command) for sender, command in zip(senders, commands, strict=True))
    )
    accepted = {answer.json()["sha256"] for answer in answers if answer.status_code == 201}
    refused = [answer.json()["code"] for answer in answers if answer.status_code == 409]
    assert set(refused) <= {"late"}
    assert len(accepted) + len(refused) == BIDDERS, {answer.status_code for answer in answers}
    assert all(moment(answer) < DEADLINE for answer in answers if answer.status_code == 201)
    assert await closed(site, law_clock, lot) == accepted
    await check_case(site.server.databases, lot, site.county.tools)
    await nothing_kept_of(site, [s for s, a in zip(senders, answers, strict=True) if a.status_code == 409])


async def test_the_next_submission_after_an_order_is_refused(site: RunningSite) -> None:
    """The order comes in while bids come in: whoever sends after it stands gets nothing in, whoever has a receipt had
    it from before."""
    lot = await site.county.announced()
    senders, commands = await prepared(site, lot, 24)
    before = [asyncio.create_task(s.submit(lot, c)) for s, c in zip(senders[:16], commands[:16], strict=True)]
    await before[0]
    posted_at = await order_suspension(site, lot)
    after = await asyncio.gather(*(s.submit(lot, c) for s, c in zip(senders[16:], commands[16:], strict=True)))
    assert [(answer.status_code, answer.json()["code"]) for answer in after] == [(423, "case_suspended")] * 8
    rushed = await asyncio.gather(*before)
    assert {answer.status_code for answer in rushed} <= {201, 423}
    assert all(moment(answer) <= posted_at for answer in rushed if answer.status_code == 201)
    standing, _ = await box_records.standing(lot)
    assert {bid.sha256 for bid in standing} == {a.json()["sha256"] for a in rushed if a.status_code == 201}
    await check_case(site.server.databases, lot, site.county.tools)


async def prepared(site: RunningSite, lot: UUID, count: int) -> tuple[list[Sender], list[dict[str, Any]]]:
    """So many bidders with their sealed files sent: only the submission is left."""
    setup, notice = await site.county.setup(lot), (await box_records.box(lot)).notice
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(n: int) -> tuple[Sender, dict[str, Any]]:
        async with gate:
            bidder = await site.county.bidder(n)
            await bidder.seal(setup, notice, "38000000.00")
            sender = await site.sender(bidder)
            return sender, await sender.command(lot)

    made = await asyncio.gather(*(one(n) for n in range(1, count + 1)))
    return [sender for sender, _ in made], [command for _, command in made]


def moment(answer: httpx.Response) -> datetime:
    """When it was received, as the receipt says."""
    return datetime.fromisoformat(answer.json()["received"])


async def closed(site: RunningSite, law_clock: TestClock, lot: UUID) -> set[str]:
    """The bids on the fixed list."""
    for at in (DEADLINE, DEADLINE + timedelta(minutes=5)):
        await law_clock.freeze(at)
        await turn(site.county.tools, lot)
    return set((await box_close.fixed(await box_records.box(lot))).bids)


async def nothing_kept_of(site: RunningSite, senders: list[Sender]) -> None:
    """A refused bidder's uploads are gone at once: neither row nor bytes."""
    owners = {str(sender.bidder.actor.organisation) for sender in senders}
    connection = await site.server.admin()
    try:
        left = await connection.fetch("select id, state from storage.upload where owner_key = any($1)", list(owners))
        kept = {row["id"] for row in await connection.fetch("select id from storage.upload")}
    finally:
        await connection.close()
    assert left == []
    folders = {UUID(path.name) for path in (site.county.folder / "vault" / "incoming").iterdir()}
    assert folders == kept


async def order_suspension(site: RunningSite, lot: UUID) -> datetime:
    """The supervision site's own way: its login, the lot's lock, a signed order; when it was posted."""
    order = build_order(id=new_id(), case=lot, kind="suspend", says="核查举报", issued_by="某区住房和城乡建设局")
    watching = Engine("watching")
    await watching.start(site.server.databases.supervision_trading, size=1)
    try:
        signed = dsse.sign(order, PROCESS).to_bytes()
        return (await directives.post(signed, keys=[PROCESS.public], db=watching)).posted_at
    finally:
        await watching.stop()
