"""Bytes after the act: promoted once, readable throughout, held ever longer, swept only when unclaimed."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
from house_databases import Databases
from storage_acts import OWNER, claimed, digest_of, finished, sent, stream

from kernel.db import transaction
from kernel.errors import NotFound, TooLarge, Unavailable, WrongStage
from storage import keeping, records, uploads
from storage.incoming import Part
from storage.limits import PART_SIZE
from storage.vault import Damaged, Store, VaultSettings, open_store

pytestmark = pytest.mark.usefixtures("house")


async def read(store: Store, sha256: str, start: int = 0, length: int | None = None) -> bytes:
    return b"".join([step async for step in keeping.read(store, sha256, start=start, length=length)])


async def in_sql(statement: str, *values: object) -> None:
    async with transaction() as connection:
        await connection.execute(statement, *values)


async def lies_in_incoming(store: Store, upload_id: UUID) -> bool:
    return upload_id in await store.incoming.uploads()


async def test_a_claimed_upload_is_promoted_locked_and_its_parts_are_gone(store: Store) -> None:
    body = os.urandom(500)
    upload_id = await claimed(store, body)
    stored = await keeping.promote(store, upload_id)
    blob = await records.blob(digest_of(body))
    assert blob is not None
    assert (stored.sha256, stored.size, stored.version) == (blob.sha256, 500, blob.version)
    assert blob.locked_until > datetime.now(UTC) + timedelta(days=3 * 365)
    status = await store.vault.stat(stored.sha256, stored.version)
    assert status.locked_until is not None
    assert status.locked_until >= blob.locked_until
    assert (await uploads.show(upload_id, OWNER)).state == "kept"
    assert not await lies_in_incoming(store, upload_id)
    assert await keeping.promote(store, upload_id) == stored


async def test_a_store_with_none_of_what_is_kept_is_another_and_refused_at_the_start(
    store: Store, tmp_path: Path
) -> None:
    await keeping.expect_what_is_kept(store)
    unmounted = await open_store(VaultSettings(folder=tmp_path / "unmounted"))
    for n in range(keeping.TOO_FEW):
        await keeping.expect_what_is_kept(unmounted)
        await keeping.promote(store, await claimed(store, bytes([n]) * 9))
    await keeping.expect_what_is_kept(store)
    with pytest.raises(Unavailable) as refused:
        await keeping.expect_what_is_kept(unmounted)
    assert refused.value.code == "store_is_another"
    await unmounted.vault.put(stream(bytes(9)), limit=100)
    await keeping.expect_what_is_kept(unmounted)


async def test_bytes_of_an_act_are_readable_before_and_after_their_promotion(store: Store) -> None:
    body = os.urandom(1000) * 9000
    upload_id = await claimed(store, body)
    slices = [(0, None), (0, 5), (PART_SIZE - 3, 6), (PART_SIZE, None), (len(body), None), (7, 0)]
    before = [await read(store, digest_of(body), *s) for s in slices]
    await keeping.promote(store, upload_id)
    after = [await read(store, digest_of(body), *s) for s in slices]
    assert await keeping.digest(store, digest_of(body)) == digest_of(body)
    assert await keeping.digest(store, digest_of(b"nowhere")) == ""
    expected = [body[start : None if length is None else start + length] for start, length in slices]
    assert before == expected
    assert after == expected


async def test_a_reader_under_whom_the_bytes_are_moved_gets_them_whole(store: Store) -> None:
    body = os.urandom(1000) * 20_000
    upload_id = await claimed(store, body)
    stream = keeping.read(store, digest_of(body))
    got = await anext(stream)
    await keeping.promote(store, upload_id)
    async for step in stream:
        got += step
    assert digest_of(got) == digest_of(body)


async def test_what_no_act_refers_to_is_not_readable(store: Store) -> None:
    body = os.urandom(500)
    await finished(store, body)
    with pytest.raises(NotFound):
        await read(store, digest_of(body))


async def test_a_promotion_that_died_before_its_row_is_done_again(store: Store) -> None:
    body = os.urandom(500)
    upload_id = await claimed(store, body)
    orphan = await store.vault.put(stream(body), limit=500)
    assert await read(store, digest_of(body)) == body
    assert await keeping.promote(store, upload_id) == orphan
    assert await read(store, digest_of(body)) == body


async def test_a_promotion_that_died_before_dropping_the_parts_is_tidied_by_the_sweep(store: Store) -> None:
    body = os.urandom(500)
    upload_id = await claimed(store, body)
    await keeping.promote(store, upload_id)
    part = Part(1, digest_of(body), 500)
    await store.incoming.receive(upload_id, part, stream(body))
    await in_sql(
        "insert into storage.upload_part (id, upload, n, sha256, size) values (gen_random_uuid(), $1, 1, $2, 500)",
        upload_id,
        part.sha256,
    )
    assert await keeping.sweep(store) == 1
    assert not await lies_in_incoming(store, upload_id)
    assert await keeping.sweep(store) == 0
    assert await read(store, digest_of(body)) == body


async def test_one_upload_promoted_by_several_at_once_is_kept_once(store: Store) -> None:
    body = os.urandom(500)
    upload_id = await claimed(store, body)
    answers = await asyncio.gather(*(keeping.promote(store, upload_id) for _ in range(4)))
    assert len(set(answers)) == 1
    assert await read(store, digest_of(body)) == body


async def test_the_same_bytes_of_two_acts_are_one_object_and_both_uploads_are_kept(store: Store) -> None:
    body = os.urandom(500)
    first, second = await claimed(store, body), await claimed(store, body)
    one, other = await asyncio.gather(keeping.promote(store, first), keeping.promote(store, second))
    assert one == other
    states = [(await uploads.show(id, OWNER)).state for id in (first, second)]
    assert states == ["kept", "kept"]


async def test_a_part_changed_after_the_claim_never_reaches_the_vault(store: Store) -> None:
    body, forged = os.urandom(500), os.urandom(500)
    upload_id = await claimed(store, body)
    await store.incoming.receive(upload_id, Part(1, digest_of(forged), 500), stream(forged))
    await in_sql("update storage.upload_part set sha256 = $1", digest_of(forged))
    with pytest.raises(Damaged):
        await keeping.promote(store, upload_id)
    with pytest.raises(Damaged):
        await read(store, digest_of(body))
    assert await keeping.digest(store, digest_of(body)) == digest_of(forged)
    for digest in (digest_of(body), digest_of(forged)):
        assert await records.blob(digest) is None


async def test_only_what_an_act_claimed_is_promoted(store: Store) -> None:
    for upload_id in (await finished(store, b"unclaimed"), uuid4()):
        with pytest.raises(WrongStage):
            await keeping.promote(store, upload_id)


async def test_waiting_uploads_are_promoted_even_when_their_jobs_are_lost(store: Store) -> None:
    bodies = [os.urandom(200) for _ in range(3)]
    for body in bodies:
        await claimed(store, body)
    await in_sql("delete from kernel.job")
    assert await keeping.promote_waiting(store, older_than=3600) == 0
    assert await keeping.promote_waiting(store) == 3
    for body in bodies:
        assert await records.blob(digest_of(body)) is not None


async def test_an_expired_upload_is_erased_and_one_an_act_refers_to_never_is(store: Store) -> None:
    ids = [await sent(store, b"sent"), await finished(store, b"finished"), await claimed(store, b"claimed")]
    fresh = await finished(store, b"fresh")
    await in_sql("update storage.upload set expires_at = now() - interval '1 second' where id <> $1", fresh)
    assert await keeping.sweep(store) == 2
    for upload_id in ids[:2]:
        assert not await lies_in_incoming(store, upload_id)
        with pytest.raises(NotFound):
            await uploads.show(upload_id, OWNER)
    assert await read(store, digest_of(b"claimed")) == b"claimed"
    assert (await uploads.show(fresh, OWNER)).state == "complete"


async def test_an_upload_given_up_by_its_sender_is_gone(store: Store) -> None:
    upload_id = await sent(store, b"second thoughts")
    await keeping.erase(store, upload_id, OWNER)
    assert not await lies_in_incoming(store, upload_id)
    with pytest.raises(NotFound):
        await keeping.erase(store, upload_id, OWNER)


async def test_an_erasure_cut_short_is_finished_by_the_sweep_and_cannot_be_claimed(store: Store) -> None:
    upload_id = await finished(store, b"half gone")
    await in_sql("update storage.upload set state = 'erasing' where id = $1", upload_id)
    with pytest.raises(WrongStage):
        async with transaction() as connection:
            await uploads.claim(connection, upload_id, OWNER, "bid_file")
    assert await keeping.sweep(store) == 1
    assert not await lies_in_incoming(store, upload_id)


async def test_an_erasure_and_a_claim_at_once_never_leave_a_hole(store: Store) -> None:
    for number in range(8):
        body = os.urandom(100)
        upload_id = await finished(store, body)

        async def act(upload_id: UUID = upload_id) -> None:
            async with transaction() as connection:
                await uploads.claim(connection, upload_id, OWNER, "bid_file")

        both = [act(), keeping.erase(store, upload_id, OWNER)]
        ends = await asyncio.gather(*(both if number % 2 else both[::-1]), return_exceptions=True)
        assert sum(end is None for end in ends) == 1
        claimed_it = await records.has_claimed(OWNER, digest_of(body))
        assert claimed_it == (ends[0 if number % 2 else 1] is None)
        if claimed_it:
            assert await read(store, digest_of(body)) == body


async def test_bytes_without_a_row_are_swept_only_once_they_are_old(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    orphan = uuid4()
    await store.incoming.receive(orphan, Part(1, digest_of(b"x"), 1), stream(b"x"))
    known = await sent(store, b"known")
    await keeping.sweep(store)
    assert await lies_in_incoming(store, orphan)
    monkeypatch.setattr(keeping, "ABANDONED", timedelta(days=-1))
    await keeping.sweep(store)
    assert not await lies_in_incoming(store, orphan)
    assert await lies_in_incoming(store, known)


async def test_our_own_documents_go_straight_into_the_vault(store: Store) -> None:
    body = os.urandom(500)
    until = datetime.now(UTC) + timedelta(days=9000)
    stored = await keeping.keep(store, stream(body), limit=500, until=until)
    blob = await records.blob(stored.sha256)
    assert blob is not None
    assert abs(blob.locked_until - until) < timedelta(seconds=1)
    assert await read(store, digest_of(body)) == body
    assert await keeping.keep(store, stream(body), limit=500) == stored
    with pytest.raises(TooLarge):
        await keeping.keep(store, stream(body), limit=499)


async def test_kept_bytes_are_held_longer_and_never_shorter(store: Store) -> None:
    body = os.urandom(500)
    await claimed(store, body)
    long = datetime.now(UTC) + timedelta(days=5500)
    assert await keeping.extend(store, digest_of(body), long) >= long
    await keeping.extend(store, digest_of(body), long - timedelta(days=1000))
    blob = await records.blob(digest_of(body))
    assert blob is not None
    assert abs(blob.locked_until - long) < timedelta(seconds=1)
    status = await store.vault.stat(digest_of(body), blob.version)
    assert status.locked_until is not None
    assert status.locked_until >= blob.locked_until


async def test_bytes_nobody_keeps_cannot_be_held(store: Store) -> None:
    with pytest.raises(NotFound):
        await keeping.extend(store, "0" * 64, datetime.now(UTC) + timedelta(days=1))


async def test_an_owner_need_not_send_again_what_his_act_already_refers_to(store: Store) -> None:
    body = os.urandom(100)
    assert not await records.has_claimed(OWNER, digest_of(body))
    upload_id = await claimed(store, body)
    assert await records.has_claimed(OWNER, digest_of(body))
    assert not await records.has_claimed("organisation-2", digest_of(body))
    await keeping.promote(store, upload_id)
    assert await records.has_claimed(OWNER, digest_of(body))


@pytest.mark.parametrize(
    "statement",
    [
        "delete from storage.blob",
        "truncate storage.blob",
        "update storage.blob set version = 'other'",
        "update storage.blob set size = size + 1",
        "update storage.blob set locked_until = locked_until - interval '1 second'",
        "delete from storage.upload",
        "update storage.upload set state = 'erasing'",
        "update storage.upload set owner_key = 'another'",
        "update storage.upload set sha256 = repeat('0', 64)",
    ],
)
async def test_not_even_the_owner_of_the_tables_makes_them_forget(
    store: Store, house: Databases, statement: str
) -> None:
    upload_id = await claimed(store, os.urandom(100))
    await keeping.promote(store, upload_id)
    connection = await asyncpg.connect(house.owner)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()
