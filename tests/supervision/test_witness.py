"""The regulator's witness cosigns a log that only grows and raises an alarm at any other."""

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any, cast

import asyncpg
import httpx
import pytest
from conftest import START
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from house_databases import Databases
from litestar import Litestar
from litestar.datastructures import State

from kernel import log
from kernel.checkpoints import publish
from kernel.db import HOME, spawn, transaction
from kernel.identity import Actor
from kernel.log_proofs import proof_of
from kernel.logcheck import read_back
from kernel.posting import WitnessAddress, post_to_witness
from kernel.proofs.checkpoints import Checkpoint, open_checkpoint, sign_checkpoint
from kernel.proofs.log_proof import parse_log_proof, verify_log_proof
from kernel.proofs.merkle import Frontier, Node, append, consistency_nodes, fold, root_of
from kernel.proofs.note_keys import COSIGNATURE_V1, Signer
from kernel.proofs.notes import parse_note, parse_signature_lines
from kernel.proofs.witnessing import AddCheckpoint
from supervision.witness import Answer, Trust, add_checkpoint, alarms, heads, witness_door

ORIGIN = "trading.example/log"
LOG = Signer.from_private(ORIGIN, Ed25519PrivateKey.generate())
TRUST = Trust(
    Signer.from_private("regulator.example/witness", Ed25519PrivateKey.generate(), COSIGNATURE_V1),
    {ORIGIN: (LOG.key,)},
)


class SomeLog:
    """A log in memory, of which any two sizes can be shown; `fork` goes another way from there on."""

    def __init__(self, size: int = 40) -> None:
        self.entries = [os.urandom(32) for _ in range(size)]

    def fork(self, at: int) -> "SomeLog":
        other = SomeLog(len(self.entries))
        other.entries[:at] = self.entries[:at]
        return other

    def request(self, old: int, size: int, signer: Signer = LOG, origin: str = ORIGIN) -> bytes:
        nodes: list[Node] = append(Frontier(), self.entries[:size])[1]
        proof = fold(consistency_nodes(old, size), dict(nodes)) if old <= size else []
        note = sign_checkpoint(Checkpoint(origin, size, root_of(self.entries[:size])), signer)
        return AddCheckpoint(old, tuple(proof), note.to_bytes()).to_bytes()


async def ask(body: bytes) -> Answer:
    return await add_checkpoint(body, TRUST)


async def kinds_of_alarm() -> list[str]:
    return [alarm.why for alarm in await alarms()]


async def test_consistent_growth_is_cosigned(supervision_house: Databases) -> None:
    some = SomeLog()
    for old, size in ((0, 5), (5, 5), (5, 16), (16, 33)):
        answer = await ask(some.request(old, size))
        assert answer.status == 200
        note = parse_note(some.request(old, size).partition(b"\n\n")[2]).adding(parse_signature_lines(answer.body))
        open_checkpoint(note.to_bytes(), [LOG.key], [TRUST.signer.key], quorum=1)
    assert [head.size for head in (await heads())[ORIGIN]] == [5, 16, 33]
    assert await alarms() == []


async def test_what_was_cosigned_is_known_to_every_later_process(supervision_house: Databases) -> None:
    await ask(SomeLog().request(0, 8))
    connection = await asyncpg.connect(supervision_house.supervision)
    try:
        row = await connection.fetchrow("select size, root from supervision.witness_head")
    finally:
        await connection.close()
    assert (row["size"], row["root"]) == (8, (await heads())[ORIGIN][0].root)


async def test_a_log_that_stands_elsewhere_is_told_where(supervision_house: Databases) -> None:
    some = SomeLog()
    await ask(some.request(0, 8))
    answer = await ask(some.request(0, 12))
    assert (answer.status, answer.body, answer.media_type) == (409, "8\n", "text/x.tlog.size")
    assert await alarms() == []


async def test_a_fork_is_refused_and_raises_an_alarm(supervision_house: Databases) -> None:
    some = SomeLog()
    await ask(some.request(0, 8))
    claim = some.fork(5).request(8, 12)
    assert (await ask(claim)).status == 422
    (alarm,) = await alarms()
    assert (alarm.why, alarm.known_size, alarm.claimed_size, alarm.settled) == ("fork", 8, 12, False)
    assert alarm.request == claim


async def test_the_same_size_with_another_root_raises_an_alarm(supervision_house: Databases) -> None:
    some = SomeLog()
    await ask(some.request(0, 8))
    assert (await ask(some.fork(7).request(8, 8))).status == 409
    assert await kinds_of_alarm() == ["same_size_other_root"]


async def test_a_rollback_raises_an_alarm(supervision_house: Databases) -> None:
    some = SomeLog()
    await ask(some.request(0, 8))
    assert (await ask(some.request(0, 6))).status == 409
    assert await kinds_of_alarm() == ["rollback"]


async def test_an_old_checkpoint_sent_again_by_anybody_is_no_rollback(supervision_house: Databases) -> None:
    some = SomeLog()
    await ask(some.request(0, 8))
    await ask(some.request(8, 12))
    assert (await ask(some.request(0, 8))).status == 409
    assert await alarms() == []


async def test_the_same_alarm_is_raised_once_and_kept_for_ever(supervision_house: Databases) -> None:
    some = SomeLog()
    await ask(some.request(0, 8))
    for _ in range(3):
        await ask(some.request(0, 6))
    assert len(await alarms()) == 1
    connection = await asyncpg.connect(supervision_house.supervision_owner)
    try:
        for change in ("delete from supervision.witness_alarm", "delete from supervision.witness_cosigned"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(change)
    finally:
        await connection.close()


async def test_a_good_checkpoint_with_a_bad_proof_is_settled_by_a_good_one(
    supervision_house: Databases,
) -> None:
    some = SomeLog()
    await ask(some.request(0, 8))
    good = some.request(8, 12)
    spoiled = AddCheckpoint(8, (bytes(32),), good.partition(b"\n\n")[2]).to_bytes()
    assert (await ask(spoiled)).status == 422
    assert [alarm.settled for alarm in await alarms()] == [False]
    assert (await ask(good)).status == 200
    assert [alarm.settled for alarm in await alarms()] == [True]


async def test_a_signature_not_the_logs_is_refused_without_alarm(
    supervision_house: Databases,
) -> None:
    stranger = Signer.from_private(ORIGIN, Ed25519PrivateKey.generate())
    assert (await ask(SomeLog().request(0, 8, stranger))).status == 403
    assert await alarms() == []
    assert await heads() == {}


async def test_an_unknown_log_is_refused(supervision_house: Databases) -> None:
    other = Signer.from_private("other.example/log", Ed25519PrivateKey.generate())
    assert (await ask(SomeLog().request(0, 8, other, "other.example/log"))).status == 404


@pytest.mark.parametrize("body", [b"", b"old 1\n", b"old x\n\n", b"\xff\xfe\n\n", b"old 0\n\nno note\n"])
async def test_a_malformed_request_is_refused(supervision_house: Databases, body: bytes) -> None:
    assert (await ask(body)).status == 400


async def test_of_two_forks_at_once_one_is_cosigned(supervision_house: Databases) -> None:
    some = SomeLog()
    await ask(some.request(0, 8))
    branches = [some.fork(8).request(8, 20 + i) for i in range(6)]
    answers = await asyncio.gather(*(spawn(ask(body)) for body in branches))
    assert sorted(answer.status for answer in answers)[:2] == [200, 409]
    assert len((await heads())[ORIGIN]) == 2


@pytest.fixture
async def site(supervision_house: Databases) -> AsyncIterator[httpx.AsyncClient]:
    app = Litestar([witness_door], openapi_config=None, state=State({"trust": TRUST}))
    transport = httpx.ASGITransport(cast("Any", app))
    async with httpx.AsyncClient(transport=transport, base_url="http://supervision.test") as client:
        yield client


WITNESS = WitnessAddress("http://supervision.test/witness/add-checkpoint", TRUST.signer.key)


async def test_over_http_a_log_is_cosigned_and_its_events_are_proved(site: httpx.AsyncClient) -> None:
    async with transaction(HOME) as connection:
        event = await log.record(connection, case_key="a", act="x", actor=Actor(role="public"), subject="", at=START)
    for _ in range(3):
        await publish(HOME, LOG)
        assert await post_to_witness(HOME, site, WITNESS)
    proof = await proof_of(HOME, event.event_id)
    assert proof is not None
    verify_log_proof(parse_log_proof(proof), event.leaf, [LOG.key], [TRUST.signer.key], quorum=1)
    assert await read_back(HOME, keys=[LOG.key], heads=(await heads())[ORIGIN]) == []


async def test_over_http_a_conflict_carries_its_type(site: httpx.AsyncClient) -> None:
    some = SomeLog()
    assert (await site.post(WITNESS.url, content=some.request(0, 8))).status_code == 200
    answer = await site.post(WITNESS.url, content=some.request(0, 12))
    assert (answer.status_code, answer.text) == (409, "8\n")
    assert answer.headers["content-type"].partition(";")[0] == "text/x.tlog.size"


async def test_over_http_what_is_too_large_is_refused(site: httpx.AsyncClient) -> None:
    assert (await site.post(WITNESS.url, content=b"x" * 2_000_001)).status_code == 413
