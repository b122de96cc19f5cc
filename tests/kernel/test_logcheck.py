"""Whoever alters the log behind the house's back is found out, and the row is named.

The tampering is done as the server's superuser with all triggers asleep: no database stops him.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from house_databases import Databases
from log_acts import act, acts

from kernel.checkpoints import log_signer, publish
from kernel.db import HOME
from kernel.logcheck import Finding, read_back
from kernel.proofs.canonical import decode, encode
from kernel.proofs.checkpoints import Checkpoint, sign_checkpoint
from kernel.proofs.merkle import Frontier, append, entry_hash
from kernel.proofs.note_keys import Signer
from kernel.proofs.witnessing import Head
from kernel.sequencer import place_of

CASES = {"lot a": 12, "lot b": 9}


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return log_signer(tmp_path, "trading.example/log")


@pytest.fixture
async def head(house: Databases, signer: Signer) -> Head:
    """A log of two published checkpoints; what the witness has cosigned."""
    await acts(CASES)
    await publish(HOME, signer)
    await acts(CASES)
    checkpoint = await publish(HOME, signer)
    return Head(checkpoint.size, checkpoint.root)


@asynccontextmanager
async def intruder(house: Databases) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(house.admin)
    try:
        await connection.execute("set session_replication_role = replica")
        yield connection
    finally:
        await connection.close()


async def tamper(house: Databases, *statements: str) -> list[Finding]:
    async with intruder(house) as connection:
        for statement in statements:
            await connection.execute(statement)
    return await read_back(HOME)


def named(found: list[Finding]) -> set[tuple[str, str]]:
    return {(finding.code, finding.row) for finding in found}


async def event_id(house: Databases, case: str, n: int) -> UUID:
    async with intruder(house) as connection:
        found: UUID = await connection.fetchval(
            "select id from kernel.log_event where case_key = $1 and n = $2", case, n
        )
        return found


async def test_an_untouched_log_has_no_findings(house: Databases, signer: Signer, head: Head) -> None:
    assert await read_back(HOME, keys=[signer.key], heads=[head]) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("body = body || '\\x20'", "event_altered"),
        ("salt = sha256(salt)", "event_altered"),
        ("private = '{}'", "private_altered"),
        ("private_salt = sha256(salt)", "private_altered"),
        ("act = 'withdraw_bid'", "columns_altered"),
        ("at = at + interval '1 minute'", "columns_altered"),
    ],
)
async def test_a_changed_event_is_named(house: Databases, head: Head, change: str, code: str) -> None:
    where = "where case_key = 'lot a' and n = 5"
    found = await tamper(house, f"update kernel.log_event set {change} {where}")  # noqa: S608
    assert (code, f"log_event {await event_id(house, 'lot a', 5)} (lot a #5)") in named(found)


async def test_an_event_rewritten_with_a_new_hash_is_named_by_the_tree(house: Databases, head: Head) -> None:
    async with intruder(house) as connection:
        row = await connection.fetchrow("select * from kernel.log_event where case_key = 'lot a' and n = 24")
        body = encode({**decode(row["body"]), "subject": "lot 2"})
        leaf = entry_hash(row["salt"], body)
        await connection.execute(
            "update kernel.log_event set body = $2, leaf = $3 where id = $1", row["id"], body, leaf
        )
        await connection.execute("update kernel.case_head set leaf = $1 where case_key = 'lot a'", leaf)
    assert named(await read_back(HOME)) == {("event_altered", f"log_event {row['id']} (lot a #24)")}


async def test_a_deleted_event_is_named(house: Databases, head: Head) -> None:
    gone = await event_id(house, "lot b", 4)
    found = named(await tamper(house, f"delete from kernel.log_event where id = '{gone}'"))  # noqa: S608
    assert ("event_missing", "log_event (lot b #4…#4)") in found
    assert any(code == "event_deleted" and str(gone) in row for code, row in found)


async def test_an_emptied_case_is_named(house: Databases, head: Head) -> None:
    found = await tamper(house, "delete from kernel.log_event where case_key = 'lot b'")
    assert ("case_emptied", "case_head lot b") in named(found)


async def test_the_last_events_of_a_case_cannot_vanish(house: Databases, head: Head) -> None:
    found = await tamper(house, "delete from kernel.log_event where case_key = 'lot b' and n > 15")
    last = await event_id(house, "lot b", 15)
    assert ("case_end_differs", f"log_event {last} (lot b #15)") in named(found)


async def test_an_inserted_event_is_named(house: Databases, head: Head) -> None:
    found = await tamper(
        house,
        "insert into kernel.log_event (id, case_key, n, act, body, salt, private, private_salt, leaf, at)"
        " select gen_random_uuid(), case_key, 25, act, body, salt, private, private_salt, leaf, at"
        " from kernel.log_event where case_key = 'lot a' and n = 24",
    )
    name = f"log_event {await event_id(house, 'lot a', 25)} (lot a #25)"
    assert {("columns_altered", name), ("chain_broken", name), ("event_misplaced", name)} <= named(found)


async def test_two_swapped_events_are_both_named(house: Databases, head: Head) -> None:
    found = await tamper(
        house,
        "update kernel.log_event e set body = o.body, salt = o.salt, leaf = o.leaf from kernel.log_event o"
        " where e.case_key = 'lot a' and o.case_key = 'lot a' and (e.n, o.n) in ((3, 7), (7, 3))",
    )
    for n in (3, 7):
        name = f"log_event {await event_id(house, 'lot a', n)} (lot a #{n})"
        assert {("columns_altered", name), ("event_altered", name)} <= named(found)


async def test_two_swapped_entries_of_the_tree_are_named(house: Databases, head: Head) -> None:
    found = await tamper(
        house,
        'update kernel.log_leaf set event = null where "index" in (2, 6)',
        "update kernel.log_leaf l set leaf = o.leaf from kernel.log_leaf o"
        ' where (l."index", o."index") in ((2, 6), (6, 2))',
    )
    assert {("node_altered", "log_node 4"), ("node_altered", "log_node 12")} <= named(found)
    assert ("root_differs", "log_checkpoint 64") in named(found)


async def test_an_altered_entry_is_named_and_its_event_is_not_blamed(house: Databases, head: Head) -> None:
    found = await tamper(house, 'update kernel.log_leaf set leaf = sha256(leaf) where "index" = 3')
    assert named(found) == {("leaf_altered", "log_leaf 3")}


async def test_a_missing_entry_is_named(house: Databases, head: Head) -> None:
    found = await tamper(house, 'delete from kernel.log_leaf where "index" = 30')
    assert named(found) == {("leaf_missing", "log_leaf 30")}


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("update kernel.log_node set hash = sha256(hash) where place = 15", "node_altered"),
        ("delete from kernel.log_node where place = 15", "node_missing"),
        ("update kernel.log_node set place = 1000003 where place = 15", "node_superfluous"),
    ],
)
async def test_an_altered_node_is_named(house: Databases, head: Head, statement: str, code: str) -> None:
    found = named(await tamper(house, statement))
    assert (code, "log_node 1000003" if code == "node_superfluous" else "log_node 15") in found


@pytest.mark.parametrize("change", ["root = sha256(root)", "note = note || 'x'", "size = 100"])
async def test_an_altered_checkpoint_is_named(house: Databases, head: Head, signer: Signer, change: str) -> None:
    await tamper(house, f"update kernel.log_checkpoint set {change} where size = 64")  # noqa: S608
    found = named(await read_back(HOME, keys=[signer.key]))
    size = 100 if change.startswith("size") else 64
    assert ("checkpoint_altered", f"log_checkpoint {size}") in found


async def test_a_checkpoint_signed_by_a_stranger_is_named(house: Databases, head: Head, tmp_path: Path) -> None:
    stranger = log_signer(tmp_path / "other", "trading.example/log")
    found = named(await read_back(HOME, keys=[stranger.key]))
    assert found == {("checkpoint_altered", f"log_checkpoint {size}") for size in (64, 128)}


async def test_a_checkpoint_the_witness_has_seen_cannot_vanish(house: Databases, head: Head) -> None:
    await tamper(house, f"delete from kernel.log_checkpoint where size = {head.size}")  # noqa: S608
    found = named(await read_back(HOME, heads=[head]))
    assert found == {("checkpoint_missing", f"log_checkpoint {head.size}")}


async def test_an_end_that_was_cut_off_is_found_by_the_checkpoint(house: Databases, head: Head) -> None:
    found = await tamper(
        house,
        'delete from kernel.log_leaf where "index" >= 70',
        "delete from kernel.log_node where place >= 139 or place = 127",
    )
    assert ("tail_cut", "log_checkpoint 128") in named(found)


async def cut_off_cleanly(house: Databases) -> None:
    """Everything after the first checkpoint goes, as if it had never been; or: an older copy is restored."""
    async with intruder(house) as connection:
        for statement in (
            'delete from kernel.log_event e using kernel.log_leaf l where l.event = e.id and l."index" >= 64',
            'delete from kernel.log_leaf where "index" >= 64',
            "delete from kernel.log_node where place >= 127",
            "delete from kernel.log_checkpoint where size > 64",
            "update kernel.case_head h set n = e.n, leaf = e.leaf from kernel.log_event e"
            " where e.case_key = h.case_key and e.n = (select max(n) from kernel.log_event o"
            " where o.case_key = h.case_key)",
        ):
            await connection.execute(statement)


async def test_a_clean_cut_or_an_older_copy_is_found_by_the_witness_alone(
    house: Databases, head: Head, signer: Signer
) -> None:
    await cut_off_cleanly(house)
    assert await read_back(HOME, keys=[signer.key]) == []
    found = await read_back(HOME, keys=[signer.key], heads=[head])
    assert named(found) == {("behind_witness", f"witness_head {head.size}")}


async def test_an_older_copy_that_went_on_is_found_by_the_witness_alone(
    house: Databases, head: Head, signer: Signer
) -> None:
    await cut_off_cleanly(house)
    await act("lot a")
    await publish(HOME, signer)
    await publish(HOME, signer)
    assert await read_back(HOME, keys=[signer.key]) == []
    found = await read_back(HOME, keys=[signer.key], heads=[head])
    assert named(found) == {("contradicts_witness", f"witness_head {head.size}")}


async def test_a_history_rewritten_whole_is_found_by_the_witness_alone(
    house: Databases, head: Head, signer: Signer
) -> None:
    """The operator changes one old event and makes every later hash and signature anew, with his key."""
    async with intruder(house) as connection:
        await rewrite(connection, signer)
    assert await read_back(HOME, keys=[signer.key]) == []
    found = await read_back(HOME, keys=[signer.key], heads=[head])
    assert named(found) == {("contradicts_witness", f"witness_head {head.size}")}


async def rewrite(connection: asyncpg.Connection, signer: Signer) -> None:
    leaf = b""
    rows = await connection.fetch("select * from kernel.log_event where case_key = 'lot a' order by n")
    for row in rows:
        body = {**decode(row["body"]), "prev": leaf.hex()}
        if row["n"] == 1:
            body["subject"] = "lot 2"
        data = encode(body)
        leaf = entry_hash(row["salt"], data)
        await connection.execute(
            "update kernel.log_event set body = $2, leaf = $3 where id = $1", row["id"], data, leaf
        )
    await connection.execute("update kernel.case_head set leaf = $1 where case_key = 'lot a'", leaf)
    await connection.execute("update kernel.log_leaf l set leaf = e.leaf from kernel.log_event e where e.id = l.event")
    entries = await connection.fetch('select leaf from kernel.log_leaf order by "index"')
    leaves = [entry["leaf"] for entry in entries]
    for node in append(Frontier(), leaves)[1]:
        await connection.execute("update kernel.log_node set hash = $2 where place = $1", place_of(node.at), node.hash)
    for size in (64, 128):
        checkpoint = Checkpoint(signer.key.name, size, append(Frontier(), leaves[:size])[0].root())
        await connection.execute(
            "update kernel.log_checkpoint set root = $2, note = $3 where size = $1",
            size, checkpoint.root, sign_checkpoint(checkpoint, signer).to_bytes(),
        )  # fmt: skip


async def test_an_entry_added_to_the_tree_without_a_checkpoint_is_still_checked(house: Databases, head: Head) -> None:
    entry = f"{head.size}, '\\x{os.urandom(32).hex()}'"
    found = await tamper(house, f'insert into kernel.log_leaf ("index", leaf) values ({entry})')  # noqa: S608
    assert named(found) == {("node_missing", f"log_node {2 * head.size}")}
