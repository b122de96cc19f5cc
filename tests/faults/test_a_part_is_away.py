"""The database or the store is gone for a moment, or full: a refusal that says so, and nothing is kept of it."""

import resource
import sys
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from check_case import check_case
from durable_house import RunningSite, Sender

from kernel.box import records as box_records


async def sealed_sender(site: RunningSite, lot: UUID, n: int = 1) -> Sender:
    bidder = await site.county.bidder(n)
    await bidder.seal(await site.county.setup(lot), (await box_records.box(lot)).notice, "38000000.00")
    return await site.sender(bidder)


async def rows(site: RunningSite) -> dict[str, int]:
    """How many of everything that a submission writes."""
    connection = await site.server.admin()
    tables = ("box.bid", "box.bid_file", "box.chain", "kernel.log_event", "kernel.request", "storage.upload_part")
    try:
        return {table: await connection.fetchval(f"select count(*) from {table}") for table in tables}  # noqa: S608
    finally:
        await connection.close()


@pytest.mark.parametrize("end", ["killed", "stopped"])
async def test_while_the_database_is_away_a_bid_is_put_off_and_nothing_is_stored(site: RunningSite, end: str) -> None:
    """kill -9 or an orderly stop, fsync on: what was confirmed before is there, the rest comes when it is back."""
    lot = await site.county.announced()
    first, second = await sealed_sender(site, lot, 1), await sealed_sender(site, lot, 2)
    receipt = (await first.send_bid(lot)).json()
    command, key = await second.command(lot), uuid4()
    before = await rows(site)
    await (site.server.kill() if end == "killed" else site.server.stop())
    for _ in range(3):
        away = await second.submit(lot, command, key)
        assert (away.status_code, away.json()["code"]) == (503, "unavailable")
        assert int(away.headers["retry-after"]) >= 1
    await site.server.start()
    assert await rows(site) == before
    again = await second.submit(lot, command, key)
    assert again.status_code == 201, "the site finds its database by itself"
    assert [kept["receipt"] for kept in await first.receipts(lot)] == [receipt["receipt"]]
    await site.server.open_engines()
    await check_case(site.server.databases, lot, site.county.tools)


async def test_connections_cut_in_the_middle_are_taken_up_again(site: RunningSite) -> None:
    """A failover looks like this: every connection is cut, the server is there again at once."""
    lot = await site.county.announced()
    sender = await sealed_sender(site, lot)
    command, key = await sender.command(lot), uuid4()
    admin = await site.server.admin()
    try:
        await admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'trading'")
    finally:
        await admin.close()
    answers = [await sender.submit(lot, command, key) for _ in range(12)]
    assert {answer.status_code for answer in answers} <= {201, 503}
    assert answers[-1].status_code == 201
    assert len({answer.json()["sha256"] for answer in answers if answer.status_code == 201}) == 1
    await site.server.open_engines()
    await check_case(site.server.databases, lot, site.county.tools)


@pytest.mark.skipif(sys.platform != "linux", reason="sets a limit of another process")
async def test_a_full_disk_refuses_the_part_and_keeps_none_of_it(site: RunningSite) -> None:
    """A file may not grow past the limit: to the writer that is a disk without room."""
    lot = await site.county.announced()
    sender = await sealed_sender(site, lot)
    before, lying, unlimited = await rows(site), parts_of(site), resource.prlimit(site.pid, resource.RLIMIT_FSIZE)
    upload = await sender.announce(f"sealed_bid:{lot}", 100_000)
    resource.prlimit(site.pid, resource.RLIMIT_FSIZE, (4096, unlimited[1]))
    full = await sender.part(upload, 1, bytes(100_000))
    assert (full.status_code, full.json()["code"]) == (503, "store_full")
    assert "retry-after" in full.headers
    assert await rows(site) == before
    assert parts_of(site) == lying
    resource.prlimit(site.pid, resource.RLIMIT_FSIZE, unlimited)
    assert (await sender.part(upload, 1, bytes(100_000))).status_code == 200
    assert (await sender.send_bid(lot)).status_code == 201
    await check_case(site.server.databases, lot, site.county.tools)


@pytest.mark.parametrize("folder", ["tmp", "incoming"])
async def test_a_store_that_cannot_be_written_refuses_and_keeps_nothing(site: RunningSite, folder: str) -> None:
    """What a lost mount looks like: the folder is no folder any more."""
    lot = await site.county.announced()
    sender = await sealed_sender(site, lot)
    upload = await sender.announce(f"sealed_bid:{lot}", 1000)
    before, lying = await rows(site), parts_of(site)
    place = site.county.folder / "vault" / folder
    aside = place.with_name(f"{folder}.aside")
    place.rename(aside)
    place.write_bytes(b"")
    away = await sender.part(upload, 1, bytes(1000))
    assert (away.status_code, away.json()["code"]) == (503, "store_away")
    assert "retry-after" in away.headers
    assert await rows(site) == before
    place.unlink()
    aside.rename(place)
    assert parts_of(site) == lying
    assert (await sender.send_bid(lot)).status_code == 201


async def test_a_bid_whose_bytes_went_lost_before_the_act_is_refused_whole(site: RunningSite) -> None:
    lot = await site.county.announced()
    sender = await sealed_sender(site, lot)
    lying = parts_of(site)
    command = await sender.command(lot)
    for part in set(parts_of(site)) - set(lying):
        part.unlink()
    before = await rows(site)
    answer = await sender.submit(lot, command)
    assert (answer.status_code, answer.json()["code"]) == (404, "blob_missing")
    after = await rows(site)
    left = {"storage.upload_part", "kernel.log_event"}
    assert {name: after[name] for name in after if name not in left} == {
        name: before[name] for name in before if name not in left
    }
    assert after["kernel.log_event"] == before["kernel.log_event"] + 1, "that it was refused, and nothing else"
    await check_case(site.server.databases, lot, site.county.tools)


def parts_of(site: RunningSite) -> list[Path]:
    """Every file that lies in the store on its way in, temporary ones included; the county's documents are there."""
    vault = site.county.folder / "vault"
    return [path for name in ("incoming", "tmp") for path in (vault / name).rglob("*") if path.is_file()]
