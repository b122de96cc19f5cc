"""Checkpoints tell nothing by their growth, are cosigned once the witness is there, and prove every event."""

import asyncio
import stat
from pathlib import Path

import pytest
from house_databases import Databases
from log_acts import act, acts
from small_witness import SmallWitness

from kernel.checkpoints import BLOCK, log_signer, publish
from kernel.db import HOME, spawn, transaction
from kernel.log_proofs import consistency, is_cosigned, proof_of
from kernel.logcheck import read_back
from kernel.posting import WitnessAway, WitnessContradicts, post_to_witness
from kernel.proofs.checkpoints import open_checkpoint
from kernel.proofs.errors import ProofError
from kernel.proofs.log_proof import parse_log_proof, verify_log_proof
from kernel.proofs.merkle import Frontier, append
from kernel.proofs.merkle_verify import verify_consistency
from kernel.proofs.note_keys import Signer
from kernel.proofs.witnessing import Head
from kernel.sequencer import place_of, sequence

ORIGIN = "trading.example/log"


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return log_signer(tmp_path, ORIGIN)


@pytest.fixture
def witness(signer: Signer) -> SmallWitness:
    return SmallWitness(signer.key)


async def post(witness: SmallWitness) -> bool:
    async with witness.client() as client:
        return await post_to_witness(HOME, client, witness.address)


async def cosignatures() -> list[tuple[int, str]]:
    async with transaction(HOME) as connection:
        rows = await connection.fetch("select size, witness from kernel.log_cosignature order by size")
    return [(row["size"], row["witness"]) for row in rows]


def test_the_log_key_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    first, second = log_signer(tmp_path, ORIGIN), log_signer(tmp_path, ORIGIN)
    assert first.key == second.key
    assert stat.S_IMODE((tmp_path / "log.key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["log.key"]


@pytest.mark.parametrize(("events", "size"), [(0, 64), (1, 64), (63, 64), (64, 64), (65, 128)])
async def test_a_checkpoint_stands_at_a_multiple_of_sixty_four(
    house: Databases, signer: Signer, events: int, size: int
) -> None:
    await acts({"a": events})
    checkpoint = await publish(HOME, signer)
    assert checkpoint.size == size
    assert checkpoint.origin == ORIGIN
    assert await read_back(HOME, keys=[signer.key]) == []


async def test_an_idle_period_looks_like_one_with_a_few_events(house: Databases, signer: Signer) -> None:
    await publish(HOME, signer)
    idle = await publish(HOME, signer)
    await acts({"a": 5})
    busy = await publish(HOME, signer)
    assert (idle.size, busy.size) == (2 * BLOCK, 3 * BLOCK)


async def test_publishers_at_once_make_one_history(house: Databases, signer: Signer) -> None:
    await acts({"a": 10})
    published = await asyncio.gather(*(spawn(publish(HOME, signer)) for _ in range(4)))
    assert sorted(checkpoint.size for checkpoint in published) == [64, 128, 192, 256]
    assert await read_back(HOME, keys=[signer.key]) == []


async def test_every_event_is_proved_against_the_cosigned_checkpoint(
    house: Databases, signer: Signer, witness: SmallWitness
) -> None:
    events = [await act("a", i=i) for i in range(70)]
    await publish(HOME, signer)
    assert await post(witness)
    for event in events:
        proof = await proof_of(HOME, event.event_id)
        assert proof is not None
        seen = verify_log_proof(parse_log_proof(proof), event.leaf, [signer.key], [witness.signer.key], quorum=1)
        assert seen.checkpoint.size == 128


async def test_a_proof_does_not_hold_for_another_event(house: Databases, signer: Signer, witness: SmallWitness) -> None:
    first, second = await act("a"), await act("a")
    await publish(HOME, signer)
    await post(witness)
    proof = await proof_of(HOME, first.event_id)
    assert proof is not None
    with pytest.raises(ProofError):
        verify_log_proof(parse_log_proof(proof), second.leaf, [signer.key])


async def test_an_event_is_provisional_until_a_cosigned_checkpoint_covers_it(
    house: Databases, signer: Signer, witness: SmallWitness
) -> None:
    early = await act("a")
    assert await proof_of(HOME, early.event_id) is None
    await publish(HOME, signer)
    assert await proof_of(HOME, early.event_id) is None
    assert not await is_cosigned(HOME, early.event_id)
    await post(witness)
    late = await act("a")
    await publish(HOME, signer)
    assert await is_cosigned(HOME, early.event_id)
    assert not await is_cosigned(HOME, late.event_id)
    assert await proof_of(HOME, late.event_id) is None


async def test_any_two_sizes_are_proved_to_be_one_growing_log(house: Databases, signer: Signer) -> None:
    heads = [Head()]
    for count in (3, 0, 70, 1):
        await acts({"a": count})
        checkpoint = await publish(HOME, signer)
        heads.append(Head(checkpoint.size, checkpoint.root))
    async with transaction(HOME) as connection:
        for i, old in enumerate(heads):
            for new in heads[i:]:
                proof = await consistency(connection, old.size, new.size)
                verify_consistency(old.size, old.root, new.size, new.root, proof)


async def test_the_published_tree_does_not_grow_between_checkpoints(house: Databases, signer: Signer) -> None:
    await acts({"a": 150})
    size = (await publish(HOME, signer)).size
    nodes = {place_of(node.at) for node in append(Frontier(), [bytes(32)] * size)[1]}
    assert await published_nodes() == nodes
    await acts({"a": 150})
    await sequence(HOME)
    assert await published_nodes() == nodes


async def published_nodes() -> set[int]:
    async with transaction(HOME) as connection:
        return {row["place"] for row in await connection.fetch("select place from kernel.published_node")}


async def test_a_checkpoint_is_posted_once(house: Databases, signer: Signer, witness: SmallWitness) -> None:
    assert not await post(witness)
    await publish(HOME, signer)
    assert await post(witness)
    assert not await post(witness)
    assert len(witness.asked) == 1
    assert await cosignatures() == [(64, "witness.example")]


async def test_a_witness_that_was_away_gets_the_newest_checkpoint(
    house: Databases, signer: Signer, witness: SmallWitness
) -> None:
    witness.away = True
    await publish(HOME, signer)
    with pytest.raises(WitnessAway):
        await post(witness)
    await publish(HOME, signer)
    witness.away = False
    assert await post(witness)
    assert await cosignatures() == [(128, "witness.example")]


async def test_an_answer_that_was_lost_is_asked_for_again(
    house: Databases, signer: Signer, witness: SmallWitness
) -> None:
    await publish(HOME, signer)
    witness.forgetful = True
    with pytest.raises(WitnessAway):
        await post(witness)
    assert witness.head.size == 64
    assert await post(witness)
    assert await cosignatures() == [(64, "witness.example")]


async def test_a_lost_answer_to_an_older_checkpoint_does_not_stop_the_next(
    house: Databases, signer: Signer, witness: SmallWitness
) -> None:
    await publish(HOME, signer)
    witness.forgetful = True
    with pytest.raises(WitnessAway):
        await post(witness)
    await publish(HOME, signer)
    assert await post(witness)
    assert await cosignatures() == [(128, "witness.example")]


async def test_a_log_behind_its_witness_learns_that_it_was_restored(
    house: Databases, signer: Signer, witness: SmallWitness
) -> None:
    checkpoint = await publish(HOME, signer)
    witness.head = Head(checkpoint.size * 3, bytes(32))
    with pytest.raises(WitnessContradicts, match="192"):
        await post(witness)


async def test_a_log_whose_past_the_witness_knows_otherwise_is_refused(
    house: Databases, signer: Signer, witness: SmallWitness
) -> None:
    await publish(HOME, signer)
    witness.head = Head(32, bytes(32))
    with pytest.raises(WitnessContradicts, match="422"):
        await post(witness)
    assert await cosignatures() == []


async def test_a_cosignature_by_another_key_is_not_kept(
    house: Databases, signer: Signer, witness: SmallWitness
) -> None:
    await publish(HOME, signer)
    other = SmallWitness(signer.key)
    async with witness.client() as client:
        with pytest.raises(WitnessAway):
            await post_to_witness(HOME, client, other.address)
    assert await cosignatures() == []


async def test_a_stored_checkpoint_opens_with_the_logs_key_alone(house: Databases, signer: Signer) -> None:
    published = await publish(HOME, signer)
    async with transaction(HOME) as connection:
        note = await connection.fetchval("select note from kernel.log_checkpoint")
    assert open_checkpoint(note, [signer.key]).checkpoint == published
