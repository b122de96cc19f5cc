"""An event commits with its act or not at all, and each case is one chain without gaps."""

import asyncio
import hashlib
import json
from itertools import pairwise
from typing import Any

import asyncpg
import pytest
from conftest import START
from house_databases import Databases
from log_acts import BIDDER, act

from kernel import log
from kernel.clock import iso
from kernel.db import HOME, TRADING, spawn, transaction
from kernel.identity import Actor
from kernel.proofs.canonical import decode
from kernel.proofs.errors import Malformed


async def stored(case: str) -> list[log.Event]:
    async with transaction(TRADING) as connection:
        return await log.events_of(connection, case)


async def test_events_of_a_case_are_numbered_and_chained(house: Databases) -> None:
    first, second = await act("lot"), await act("lot")
    events = await stored("lot")
    assert [event.n for event in events] == [1, 2] == [first.n, second.n]
    assert decode(events[0].body)["prev"] == ""
    assert decode(events[1].body)["prev"] == first.leaf.hex()
    assert events[0].leaf == hashlib.sha256(b"etb/1/event\0" + events[0].salt + events[0].body).digest()


async def test_two_cases_do_not_share_a_chain(house: Databases) -> None:
    await act("lot a")
    other = await act("lot b")
    assert other.n == 1
    assert decode((await stored("lot b"))[0].body)["prev"] == ""


async def test_the_event_says_what_was_done_but_not_by_which_person(house: Databases) -> None:
    async with transaction(TRADING) as connection:
        hashes = {"bid": "ab" * 32}
        event = await log.record(
            connection, case_key="lot", act="submit_bid", actor=BIDDER, subject="lot 1", at=START,
            hashes=hashes, facts={"seq": 1}, directive="d", private={"note": "秘密"},
        )  # fmt: skip
        row = await connection.fetchrow("select * from kernel.log_event where id = $1", event.event_id)
    body = decode(row["body"])
    assert body["organisation"] == BIDDER.organisation_code
    assert (body["act"], body["at"], body["hashes"], body["facts"]) == (
        "submit_bid", iso(START), hashes, {"seq": 1},
    )  # fmt: skip
    assert body["directive"] == "d"
    for secret in (BIDDER.name, BIDDER.address, str(BIDDER.person), "秘密"):
        assert secret not in row["body"].decode()
        assert secret in row["private"].decode()
    assert body["private"] == log.private_hash(row["private_salt"], row["private"])


async def test_an_act_that_fails_leaves_no_event_and_no_gap(house: Databases) -> None:
    await act("lot")

    async def fails() -> None:
        async with transaction(TRADING):
            await act("lot")
            raise LookupError

    with pytest.raises(LookupError):
        await fails()
    assert (await act("lot")).n == 2
    assert [event.n for event in await stored("lot")] == [1, 2]


async def test_fifty_acts_at_once_in_one_case_still_make_one_chain(house: Databases) -> None:
    await asyncio.gather(*(spawn(act("lot", i=i)) for i in range(50)))
    events = await stored("lot")
    assert [event.n for event in events] == list(range(1, 51))
    assert all(decode(event.body)["prev"] == before.leaf.hex() for before, event in pairwise(events))


async def test_an_event_outside_a_transaction_is_refused(house: Databases) -> None:
    connection = await asyncpg.connect(house.trading)
    try:
        with pytest.raises(RuntimeError, match="transaction"):
            await log.record(connection, case_key="lot", act="x", actor=BIDDER, subject="", at=START)
        assert await connection.fetchval("select count(*) from kernel.log_event") == 0
    finally:
        await connection.close()


@pytest.mark.parametrize("facts", [{"price": 1.5}, {"who": None}, {"at": START}])
async def test_facts_without_one_spelling_are_refused(house: Databases, facts: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        await act("lot", **facts)
    assert await stored("lot") == []


async def test_every_event_waits_for_the_tree(house: Databases) -> None:
    event = await act("lot")
    async with transaction(HOME) as connection:
        assert await connection.fetchval("select event from kernel.log_pending") == event.event_id


@pytest.mark.parametrize("change", ["update kernel.log_event set act = 'x'", "delete from kernel.log_event"])
@pytest.mark.parametrize("login", ["trading", "owner", "admin"])
async def test_nobody_changes_or_deletes_an_event(house: Databases, login: str, change: str) -> None:
    await act("lot")
    connection = await asyncpg.connect(getattr(house, login))
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(change)
    finally:
        await connection.close()


async def test_the_public_leaves_no_person_behind(house: Databases) -> None:
    async with transaction(TRADING) as connection:
        event = await log.record(
            connection, case_key="platform", act="x", actor=Actor(role="public"), subject="", at=START
        )
        private = await connection.fetchval("select private from kernel.log_event where id = $1", event.event_id)
    assert json.loads(private)["person"] == ""
