"""kill -9 at any moment of a submission: a confirmed receipt is there afterwards, and nothing is there by half."""

import asyncio
import hashlib
import random
import time
from uuid import UUID

import httpx
from check_case import check_case
from durable_house import RunningSite, Sender

from kernel.box import records as box_records

KILLS = 20
BIDDERS = 3
SEED = 20260420


async def test_twenty_kills_lose_no_receipt_and_leave_no_half_bid(site: RunningSite) -> None:
    lot = await site.county.announced()
    senders = [await site.sender(await site.county.bidder(n)) for n in range(1, BIDDERS + 1)]
    whole = await undisturbed(site, senders, lot)
    chance, cut_short = random.Random(SEED), 0
    for _ in range(KILLS):
        await seal_next(site, senders, lot)
        sending = [asyncio.create_task(send(sender, lot)) for sender in senders]
        await asyncio.sleep(chance.uniform(0, whole))  # the moment of the fault
        await site.kill()
        cut_short += (await asyncio.gather(*sending)).count(None)
        await site.start()
        await check_case(site.server.databases, lot)
        await asyncio.gather(*(go_on(sender, lot) for sender in senders))
    assert cut_short > KILLS, "most kills hit somebody in the middle"
    assert [len(await sender.receipts(lot)) for sender in senders] == [KILLS + 1] * BIDDERS
    await check_case(site.server.databases, lot, site.county.tools)
    files_rehash(site)


async def undisturbed(site: RunningSite, senders: list[Sender], lot: UUID) -> float:
    """The first bids, sent in peace: how many seconds it takes."""
    await seal_next(site, senders, lot)
    began = time.monotonic()
    answers = await asyncio.gather(*(send(sender, lot) for sender in senders))
    assert [answer and answer.status_code for answer in answers] == [201] * len(senders)
    return time.monotonic() - began


async def seal_next(site: RunningSite, senders: list[Sender], lot: UUID) -> None:
    setup, notice = await site.county.setup(lot), (await box_records.box(lot)).notice
    for sender in senders:
        await sender.bidder.seal(setup, notice, "38000000.00")


async def send(sender: Sender, lot: UUID) -> httpx.Response | None:
    """The answer, or None when the line was cut before there was one."""
    try:
        return await sender.send_bid(lot)
    except (httpx.TransportError, httpx.HTTPStatusError):
        return None


async def go_on(sender: Sender, lot: UUID) -> None:
    """What was confirmed is there; what was not, the bidder looks up and sends again, as anybody would."""
    kept = {receipt["sha256"]: receipt for receipt in await sender.receipts(lot)}
    for confirmed in sender.confirmed:
        assert kept[confirmed["sha256"]]["receipt"] == confirmed["receipt"]
        assert kept[confirmed["sha256"]]["event"] == confirmed["event"]
    assert sender.bidder.sealed is not None
    if sender.bidder.sealed.bid.sha256 not in kept:
        assert (await sender.send_bid(lot)).status_code == 201


def files_rehash(site: RunningSite) -> None:
    """Every part that lies in the store is what its name says, and no name stands for less than all its bytes."""
    parts = [path for path in (site.county.folder / "vault" / "incoming").rglob("*") if path.is_file()]
    assert len(parts) > KILLS
    for path in parts:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name.partition("-")[2]
