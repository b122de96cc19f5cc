"""A file's way in: what is refused early, what survives a cut, what two senders at once cannot do."""

import asyncio
import os
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
from house_databases import Databases
from statement_counter import statements
from storage_acts import (
    OWNER,
    PURPOSE,
    STRANGER,
    claim,
    claimed,
    digest_of,
    finished,
    part_body,
    send_part,
    sent,
    stream,
)

from kernel.db import TRADING, transaction
from kernel.errors import BadInput, NotFound, Refusal, TooLarge, WrongStage
from storage import keeping, uploads
from storage.incoming import Part
from storage.limits import MAX_FILE, MAX_OPEN_BYTES, MAX_OPEN_UPLOADS, PART_SIZE
from storage.schemas import PartView
from storage.vault import Damaged, Store

pytestmark = pytest.mark.usefixtures("house")


async def cut(body: bytes) -> AsyncIterator[bytes]:
    yield body
    raise ConnectionResetError


async def unread() -> AsyncIterator[bytes]:
    raise AssertionError("the body was read")
    yield b""


async def act_that_fails(upload_id: UUID) -> None:
    async with transaction(TRADING) as connection:
        await uploads.claim(connection, upload_id, OWNER, PURPOSE)
        raise RuntimeError("the act fails")


async def jobs_waiting() -> list[str]:
    async with transaction() as connection:
        return [row["kind"] for row in await connection.fetch("select kind from kernel.job")]


async def test_a_file_cut_off_midway_goes_on_with_what_is_missing(store: Store) -> None:
    body = os.urandom(1000) * 25_000
    upload = await uploads.register(OWNER, PURPOSE, len(body), sha256=digest_of(body))
    assert (upload.parts, upload.part_size, upload.missing) == (3, PART_SIZE, (1, 2, 3))
    await send_part(store, upload.id, body, 2)
    piece = part_body(body, 1)
    with pytest.raises(ConnectionResetError):
        await uploads.receive(store, upload.id, OWNER, 1, cut(piece[:5000]), sha256=digest_of(piece))
    assert (await uploads.show(upload.id, OWNER)).missing == (1, 3)
    for n in (3, 1):
        await send_part(store, upload.id, body, n)
    whole = await uploads.finish(store, upload.id, OWNER)
    assert (whole.sha256, whole.size) == (digest_of(body), len(body))
    view = await uploads.show(upload.id, OWNER)
    assert (view.state, view.sha256, view.missing) == ("complete", digest_of(body), ())


@pytest.mark.parametrize(
    ("size", "sha256", "kind", "code"),
    [
        (0, None, BadInput, "file_empty"),
        (-5, None, BadInput, "file_empty"),
        (MAX_FILE + 1, None, TooLarge, "file_too_large"),
        (5, "abc", BadInput, "bad_digest"),
        (5, "A" * 64, BadInput, "bad_digest"),
    ],
)
async def test_what_cannot_be_taken_is_refused_before_a_byte_is_sent(
    size: int, sha256: str | None, kind: type[Refusal], code: str
) -> None:
    with pytest.raises(kind) as refusal:
        await uploads.register(OWNER, PURPOSE, size, sha256=sha256)
    assert refusal.value.code == code


async def test_everything_wrong_with_a_registration_is_said_at_once() -> None:
    with pytest.raises(TooLarge) as refusal:
        await uploads.register(OWNER, PURPOSE, MAX_FILE + 1, sha256="x")
    assert [p.code for p in refusal.value.problems] == ["file_too_large", "bad_digest"]


async def test_one_owner_cannot_fill_the_disk_with_unclaimed_uploads() -> None:
    for _ in range(MAX_OPEN_BYTES // MAX_FILE):
        await uploads.register(OWNER, PURPOSE, MAX_FILE)
    with pytest.raises(TooLarge) as refusal:
        await uploads.register(OWNER, PURPOSE, MAX_OPEN_BYTES % MAX_FILE + 1)
    assert refusal.value.code == "too_much_under_way"
    assert (await uploads.register(STRANGER, PURPOSE, MAX_FILE)).state == "open"


async def test_registrations_at_once_do_not_slip_past_the_limit() -> None:
    answers = await asyncio.gather(
        *(uploads.register(OWNER, PURPOSE, MAX_FILE) for _ in range(10)), return_exceptions=True
    )
    refused = [a for a in answers if isinstance(a, TooLarge)]
    assert len(refused) == 10 - MAX_OPEN_BYTES // MAX_FILE


async def test_the_number_of_unclaimed_uploads_is_limited_too() -> None:
    async with transaction() as connection:
        await connection.execute(
            "insert into storage.upload (id, owner_key, purpose, size, state, created_at, expires_at)"
            " select gen_random_uuid(), $1, 'x', 1, 'open', now(), now() + interval '1 day'"
            " from generate_series(1, $2)",
            OWNER,
            MAX_OPEN_UPLOADS,
        )
    with pytest.raises(TooLarge):
        await uploads.register(OWNER, PURPOSE, 1)


async def test_the_same_part_again_gets_the_same_answer_without_being_read(store: Store) -> None:
    body = os.urandom(500)
    upload_id = await sent(store, body)
    again = await uploads.receive(store, upload_id, OWNER, 1, unread(), sha256=digest_of(body))
    assert (again.n, again.sha256, again.size) == (1, digest_of(body), 500)
    await uploads.finish(store, upload_id, OWNER)
    assert again == await uploads.receive(store, upload_id, OWNER, 1, unread(), sha256=digest_of(body))


async def test_other_bytes_for_a_stored_part_are_refused_and_the_first_stay(store: Store) -> None:
    body, other = os.urandom(500), os.urandom(500)
    upload_id = await sent(store, body)
    with pytest.raises(WrongStage) as refusal:
        await uploads.receive(store, upload_id, OWNER, 1, stream(other), sha256=digest_of(other))
    assert refusal.value.code == "part_differs"
    assert (await uploads.finish(store, upload_id, OWNER)).sha256 == digest_of(body)


async def test_of_different_bytes_sent_at_once_for_one_part_exactly_one_counts(store: Store) -> None:
    bodies = [os.urandom(500) for _ in range(8)]
    upload = await uploads.register(OWNER, PURPOSE, 500)
    answers = await asyncio.gather(
        *(uploads.receive(store, upload.id, OWNER, 1, stream(b), sha256=digest_of(b)) for b in bodies),
        return_exceptions=True,
    )
    stored = [a for a in answers if isinstance(a, PartView)]
    assert len(stored) == 1
    assert all(isinstance(a, WrongStage) for a in answers if a not in stored)
    assert (await uploads.finish(store, upload.id, OWNER)).sha256 == stored[0].sha256
    for body in bodies:
        if digest_of(body) != stored[0].sha256:
            with pytest.raises(NotFound):
                await anext(store.incoming.read(upload.id, Part(1, digest_of(body), 500)))


async def test_the_same_bytes_sent_at_once_for_one_part_are_all_acknowledged(store: Store) -> None:
    body = os.urandom(500)
    upload = await uploads.register(OWNER, PURPOSE, 500)
    answers = await asyncio.gather(
        *(uploads.receive(store, upload.id, OWNER, 1, stream(body), sha256=digest_of(body)) for _ in range(8))
    )
    assert len({a.sha256 for a in answers}) == 1
    assert (await uploads.finish(store, upload.id, OWNER)).sha256 == digest_of(body)


@pytest.mark.parametrize("n", [0, -1, 2, 2**40])
async def test_a_part_the_file_does_not_have_is_refused(store: Store, n: int) -> None:
    upload = await uploads.register(OWNER, PURPOSE, 500)
    with pytest.raises(BadInput) as refusal:
        await uploads.receive(store, upload.id, OWNER, n, unread(), sha256="ZZ")
    assert [p.code for p in refusal.value.problems] == ["bad_digest", "no_such_part"]


async def test_a_part_longer_shorter_or_other_than_announced_is_refused_and_may_be_sent_again(
    store: Store,
) -> None:
    body = os.urandom(500)
    upload = await uploads.register(OWNER, PURPOSE, 500)
    for wrong in (body + b"x", body[:-1], b"", os.urandom(500)):
        with pytest.raises(BadInput):
            await uploads.receive(store, upload.id, OWNER, 1, stream(wrong), sha256=digest_of(body))
        assert (await uploads.show(upload.id, OWNER)).missing == (1,)
    await send_part(store, upload.id, body, 1)
    assert (await uploads.show(upload.id, OWNER)).missing == ()


async def test_an_unfinished_upload_names_the_parts_that_are_missing(store: Store) -> None:
    upload = await uploads.register(OWNER, PURPOSE, 3 * PART_SIZE)
    with pytest.raises(WrongStage) as refusal:
        await uploads.finish(store, upload.id, OWNER)
    assert refusal.value.code == "upload_incomplete"
    assert "第1、2、3片" in refusal.value.problems[0].says


async def test_a_file_other_than_registered_is_refused_at_the_end(store: Store) -> None:
    body = os.urandom(500)
    upload = await uploads.register(OWNER, PURPOSE, 500, sha256="0" * 64)
    await send_part(store, upload.id, body, 1)
    with pytest.raises(BadInput) as refusal:
        await uploads.finish(store, upload.id, OWNER)
    assert refusal.value.code == "upload_wrong_digest"
    with pytest.raises(WrongStage):
        await claim(upload.id)


async def test_to_anybody_else_an_upload_does_not_exist(store: Store) -> None:
    upload_id = await finished(store, b"mine")
    attempts = [
        uploads.show(upload_id, STRANGER),
        uploads.receive(store, upload_id, STRANGER, 1, unread(), sha256=digest_of(b"mine")),
        uploads.finish(store, upload_id, STRANGER),
        claim(upload_id, owner=STRANGER),
        keeping.erase(store, upload_id, STRANGER),
        uploads.show(uuid4(), OWNER),
    ]
    for attempt in attempts:
        with pytest.raises(NotFound) as refusal:
            await attempt
        assert refusal.value.code == "upload_missing"


async def test_finishing_again_hashes_again_and_finds_a_part_changed_in_between(store: Store) -> None:
    body = os.urandom(500)
    upload_id = await finished(store, body)
    assert (await uploads.finish(store, upload_id, OWNER)).sha256 == digest_of(body)
    async with transaction() as connection:
        await connection.execute("update storage.upload_part set sha256 = $1", digest_of(b"other"))
    await store.incoming.erase(upload_id)
    with pytest.raises((NotFound, Damaged)):
        await uploads.finish(store, upload_id, OWNER)


async def test_a_claim_belongs_to_its_act_and_goes_with_it(store: Store) -> None:
    body = os.urandom(500)
    upload_id = await finished(store, body)
    with pytest.raises(RuntimeError, match="the act fails"):
        await act_that_fails(upload_id)
    assert (await uploads.show(upload_id, OWNER)).state == "complete"
    assert await jobs_waiting() == []
    taken = await claim(upload_id)
    assert (taken.sha256, taken.size) == (digest_of(body), 500)
    assert (await uploads.show(upload_id, OWNER)).state == "claimed"
    assert await jobs_waiting() == [uploads.PROMOTE]


async def test_only_a_finished_upload_is_claimed_once_for_what_it_was_sent(store: Store) -> None:
    unfinished, other = await sent(store, b"unfinished"), await finished(store, b"other")
    used = await claimed(store, b"used")
    for upload_id, purpose, code in [
        (unfinished, PURPOSE, "upload_unfinished"),
        (other, "notice_file", "upload_other_purpose"),
        (used, PURPOSE, "upload_already_used"),
    ]:
        with pytest.raises(WrongStage) as refusal:
            await claim(upload_id, purpose=purpose)
        assert refusal.value.code == code


async def test_two_acts_at_once_cannot_both_claim_one_upload(store: Store) -> None:
    upload_id = await finished(store, os.urandom(100))
    answers = await asyncio.gather(*(claim(upload_id) for _ in range(6)), return_exceptions=True)
    assert sum(not isinstance(a, BaseException) for a in answers) == 1
    assert sum(isinstance(a, WrongStage) for a in answers) == 5


async def test_a_claimed_upload_can_be_neither_erased_nor_changed_by_anyone(store: Store, house: Databases) -> None:
    upload_id = await claimed(store, os.urandom(100))
    with pytest.raises(WrongStage):
        await keeping.erase(store, upload_id, OWNER)
    with pytest.raises(WrongStage):
        await uploads.receive(store, upload_id, OWNER, 1, unread(), sha256="0" * 64)
    assert (await uploads.show(upload_id, OWNER)).state == "claimed"


async def test_many_uploads_are_finished_and_claimed_with_as_many_statements_as_one(store: Store) -> None:
    counts = []
    for count in (1, 6):
        ids = [await sent(store, os.urandom(400)) for _ in range(count)]
        async with statements() as seen, transaction(TRADING) as connection:
            await uploads.finish_all(store, ids, OWNER, head=10)
            await uploads.claim_all(connection, ids, OWNER, PURPOSE)
        counts.append(len([text for text in seen if "insert into kernel.job" not in text]))
    assert counts[0] == counts[1]
    assert (await jobs_waiting()).count(uploads.PROMOTE) == 7


async def test_each_of_many_finished_uploads_gives_its_own_digest_and_first_bytes(store: Store) -> None:
    bodies = [os.urandom(400), b"abc"]
    ids = [await sent(store, body) for body in bodies]
    found = await uploads.finish_all(store, ids, OWNER, head=10)
    assert [found[id][0].sha256 for id in ids] == [digest_of(body) for body in bodies]
    assert [found[id][1] for id in ids] == [bodies[0][:10], b"abc"]


async def test_one_upload_of_another_among_many_refuses_them_all(store: Store) -> None:
    own, others = await sent(store, os.urandom(400)), (await uploads.register(STRANGER, PURPOSE, 5)).id
    with pytest.raises(NotFound):
        await uploads.finish_all(store, [own, others], OWNER)
    with pytest.raises(NotFound):
        async with transaction(TRADING) as connection:
            await uploads.claim_all(connection, [await finished(store, b"x"), others], OWNER, PURPOSE)
    assert await jobs_waiting() == []
