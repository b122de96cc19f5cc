"""The jobs of storage, run by the real worker: a commit is enough for bytes to reach the vault."""

import os

import pytest
from storage_acts import OWNER, claimed, digest_of, finished

from kernel import jobs
from kernel.db import HOME, transaction
from storage import records, uploads
from storage.clockwork import SWEEP, duties, schedule_sweep
from storage.vault import Store

pytestmark = pytest.mark.usefixtures("house")


async def states() -> dict[str, str]:
    async with transaction(HOME) as connection:
        return {row["kind"]: row["state"] for row in await connection.fetch("select * from kernel.job")}


async def test_an_act_that_commits_has_its_bytes_promoted_by_the_worker(store: Store) -> None:
    body = os.urandom(300)
    upload_id = await claimed(store, body)
    assert await jobs.run_one(HOME, duties(store))
    assert await records.blob(digest_of(body)) is not None
    assert (await uploads.show(upload_id, OWNER)).state == "kept"
    assert await states() == {uploads.PROMOTE: "done"}
    assert not await jobs.run_one(HOME, duties(store))


async def test_the_sweep_is_scheduled_once_for_an_hour_whoever_asks() -> None:
    await schedule_sweep()
    await schedule_sweep()
    async with transaction(HOME) as connection:
        assert await connection.fetchval("select count(*) from kernel.job where kind = $1", SWEEP) == 1


async def test_the_sweep_erases_promotes_what_was_lost_and_calls_itself_again(store: Store) -> None:
    body = os.urandom(300)
    await claimed(store, body)
    forgotten = await finished(store, b"forgotten")
    async with transaction(HOME) as connection:
        await connection.execute("delete from kernel.job")
        await connection.execute("update storage.upload set created_at = now() - interval '2 hours'")
        await connection.execute(
            "update storage.upload set expires_at = now() - interval '1 hour' where id = $1", forgotten
        )
        await jobs.schedule(connection, SWEEP, {}, law_time=False, dedup="now")
    assert await jobs.run_one(HOME, duties(store))
    assert await records.blob(digest_of(body)) is not None
    assert forgotten not in await store.incoming.uploads()
    async with transaction(HOME) as connection:
        found = await connection.fetch("select state from kernel.job where kind = $1 order by state", SWEEP)
    assert [row["state"] for row in found] == ["done", "ready"]
