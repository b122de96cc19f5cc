"""管办分离 in the database itself: each login signs in and tries what it must not; whatever its program would do."""

# ruff: noqa: S608 - the statements are put together from names of our own tables
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
from conftest import TestClock
from house_databases import Databases
from road import County, give_order

from kernel.checkpoints import log_signer, publish
from kernel.db import HOME

FORBIDDEN = (asyncpg.InsufficientPrivilegeError, asyncpg.RestrictViolationError)
ZEROS = "decode(repeat('00', 32), 'hex')"

REWRITING = {
    "an event": "update kernel.log_event set act = 'other'",
    "an event away": "delete from kernel.log_event",
    "a leaf of the tree": f"update kernel.log_leaf set leaf = {ZEROS}",
    "a node of the tree": f"update kernel.log_node set hash = {ZEROS}",
    "a checkpoint": "delete from kernel.log_checkpoint",
    "a bid": "update box.bid set body = ''",
    "a bid away": "delete from box.bid",
    "whose bid it is": "update box.chain set bidder = 'other'",
    "an order": "update kernel.directive set until = posted_at",
    "an order away": "delete from kernel.directive",
    "a past notice": "update bidding.notice set body = ''",
    "a past notice away": "delete from bidding.notice",
    "a document": "update bidding.document set sha256 = ''",
    "a box message": "update box.message set body = ''",
    "a box message away": "delete from box.message",
    "what was taken": "update box.taken set refused = 'x'",
    "what the database is for": "update kernel.mark set mode = 'production'",
    "everything away": "truncate kernel.log_event, box.message, box.bid, bidding.notice, kernel.directive cascade",
}
"""What nobody may do, the owner of the tables included."""

FOR_TRADING = {
    "post an order": 'insert into kernel.directive (id, "case", kind, body, envelope,'
    f" posted_at) values ('{uuid4()}', '{uuid4()}', 'resume', '', '', clock_timestamp())",
    "speak as the regulator": "message:regulator",
    "name a holder of the regulator's": "holder:regulator",
    "make a supervisor": "insert into accounts.person (id, id_hash, id_sealed, name, phone, side, created_at)"
    f" values ('{uuid4()}', {ZEROS}, '', 'x', '', 'supervise', clock_timestamp())",
    "put something in the tree's queue": f"insert into kernel.log_pending (event) values ('{uuid4()}')",
    "change the tables": "alter table box.message disable row level security",
    "sleep the triggers": "set session_replication_role = replica",
    "become the owner": "set role owner",
    "become supervision": "set role supervision",
}

FOR_SUPERVISION = {
    "speak as the operator": "message:operator",
    "speak as the purchaser": "message:purchaser",
    "speak as a bidder": "message:bidder",
    "speak as the platform": "message:platform",
    "name a holder of the operator's": "holder:operator",
    "name a holder of the purchaser's": "holder:purchaser",
    "say that a message was taken": "insert into box.taken (message, event, refused)"
    f" values ('{uuid4()}', '{uuid4()}', '')",
    "put in a bid": 'insert into box.chain (id, "case", bidder, organisation, bid_id, public_key)'
    f" values ('{uuid4()}', '{uuid4()}', 'x', '{uuid4()}', 'x', '')",
    "move a box": "update box.box set state = 'opened'",
    "move a lot": "update bidding.lot set stage = 'opened'",
    "extend a deadline": "update bidding.lot set deadline = deadline + interval '1 day'",
    "write an event of the trade": "insert into kernel.log_event (id, case_key, n, act, body, salt, private,"
    f" private_salt, leaf, at) values ('{uuid4()}', 'x', 1, 'x', '', {ZEROS}, '', {ZEROS}, {ZEROS}, clock_timestamp())",
    "grow the trading tree": f'insert into kernel.log_leaf ("index", leaf) values (0, {ZEROS})',
    "turn the trading clock": "update kernel.clock set frozen_at = clock_timestamp()",
    "make a trader": "insert into accounts.person (id, id_hash, id_sealed, name, phone, side, created_at)"
    f" values ('{uuid4()}', {ZEROS}, '', 'x', '', 'trade', clock_timestamp())",
    "read passwords": "select * from accounts.credential",
    "read sessions": "select * from accounts.session",
    "read events in full": "select * from kernel.log_event",
    "read whose leaf is whose": "select * from kernel.log_leaf",
    "count leaves as they come": "select count(*) from kernel.log_node",
    "count what waits for the tree": "select count(*) from kernel.log_pending",
    "count a case's events": "select * from kernel.case_head",
    "read seeds": "select seed from box.seed",
    "read where sealed files lie": "select * from box.bid_file",
    "count sealed files": "select count(*) from storage.blob",
    "count uploads": "select count(*) from storage.upload",
    "read who asks for changes": "select * from bidding.contact",
    "read messages to traders": "select * from kernel.message",
    "read the jobs of trading": "select * from kernel.job",
    "become trading": "set role trading",
    "become the owner": "set role owner",
}
SEALED = ("box.bid", "box.chain", "box.seed", "box.verdict", "box.message where role = 'bidder'")
"""What supervision may ask for, and what gives it nothing before the opening."""


@pytest.fixture
async def sealed_lot(house: Databases, clock: TestClock, tmp_path: Path) -> UUID:
    """A lot on the road with a notice, two sealed bids, box messages and an order: something of everything."""
    county = await County.make(tmp_path, house)
    lot = await county.announced()
    await county.sealed_in(lot, ["38000000.00", "37500000.00"])
    await give_order(lot, "correct", "补充公告内容")
    await publish(HOME, log_signer(tmp_path / "keys", "localhost/trading"))
    return lot


@pytest.mark.parametrize("login", ["owner", "trading", "supervision_trading"])
async def test_nobody_rewrites_what_was_said(house: Databases, sealed_lot: UUID, login: str) -> None:
    assert await allowed(getattr(house, login), REWRITING) == []


async def test_trading_cannot_do_what_is_supervisions(house: Databases, sealed_lot: UUID) -> None:
    assert await allowed(house.trading, FOR_TRADING) == []


async def test_supervision_cannot_trade_nor_look_where_bids_could_be_counted(
    house: Databases, sealed_lot: UUID
) -> None:
    assert await allowed(house.supervision_trading, FOR_SUPERVISION) == []


async def test_what_each_may_say_it_can_say(house: Databases, sealed_lot: UUID) -> None:
    """The tables above would be worth nothing if everything were refused."""
    assert await allowed(house.trading, {"as operator": "message:operator"}) == ["as operator"]
    mine = {"as regulator": "message:regulator", "its holder": "holder:regulator"}
    assert await allowed(house.supervision_trading, mine) == list(mine)
    look = {"records": "select * from bidding.lot", "the log": "select * from box.seen_event"}
    assert await allowed(house.supervision_trading, look) == list(look)


async def test_before_the_opening_supervision_finds_no_bid_and_no_bidder(house: Databases, sealed_lot: UUID) -> None:
    connection = await asyncpg.connect(house.supervision_trading)
    try:
        for place in SEALED:
            assert await connection.fetchval(f"select count(*) from {place}") == 0, place
        seen = {row["role"] for row in await connection.fetch("select role from box.seen_event")}
    finally:
        await connection.close()
    assert "purchaser" in seen
    assert not seen & {"bidder", "public"}


async def test_what_supervision_sees_of_the_log_does_not_grow_with_the_bids(
    house: Databases, clock: TestClock, tmp_path: Path
) -> None:
    county = await County.make(tmp_path, house)
    lot = await county.announced()
    before = await all_that_supervision_sees(house)
    await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    assert await all_that_supervision_sees(house) == before


async def test_trading_does_not_end_a_holder_of_the_regulators(house: Databases, sealed_lot: UUID) -> None:
    connection = await asyncpg.connect(house.trading)
    try:
        done = await connection.execute("update box.holder set until = clock_timestamp() where role = 'regulator'")
    finally:
        await connection.close()
    assert done == "UPDATE 0"


async def test_trading_cannot_enter_supervisions_database_nor_supervision_the_owners(house: Databases) -> None:
    password = house.trading.split(":", 2)[2].partition("@")[0]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(house.supervision, user="trading", password=password)
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(house.owner, user="owner", password=password)


async def test_supervision_cannot_rewrite_its_own_past_either(house: Databases) -> None:
    zeros = f"{ZEROS}, {ZEROS}"
    admin = await asyncpg.connect(house.supervision_admin)
    try:
        await admin.execute(
            "insert into supervision.countersigned values (gen_random_uuid(), '', clock_timestamp());"
            "insert into kernel.log_event (id, case_key, n, act, body, private, salt, private_salt, leaf, at)"
            f" values (gen_random_uuid(), 'x', 1, 'x', '', '', {zeros}, {ZEROS}, clock_timestamp())"
        )
    finally:
        await admin.close()
    past = {
        "a countersignature": "update supervision.countersigned set close = 'x'",
        "a countersignature away": "delete from supervision.countersigned",
        "an event": "update kernel.log_event set act = 'x'",
        "an event away": "delete from kernel.log_event",
    }
    assert await allowed(house.supervision, past) == []
    assert await allowed(house.supervision_owner, past) == []


async def allowed(url: str, attempts: dict[str, str]) -> list[str]:
    """The attempts that were not refused; whatever one did is undone."""
    connection = await asyncpg.connect(url)
    try:
        return [what for what, sql in attempts.items() if not await _refused(connection, _statement(sql))]
    finally:
        await connection.close()


async def _refused(connection: asyncpg.Connection, sql: str) -> bool:
    attempt = connection.transaction()
    await attempt.start()
    try:
        await connection.execute(sql)
    except FORBIDDEN:
        return True
    finally:
        await attempt.rollback()
    return False


def _statement(sql: str) -> str:
    """`message:role` and `holder:role` written out."""
    kind, _, role = sql.partition(":")
    if kind == "message":
        return (
            'insert into box.message (id, "case", kind, role, stage, author, sha256, body, envelope, at)'
            f" values ('{uuid4()}', '{uuid4()}', 'key', '{role}', '', '', '', '', '', clock_timestamp())"
        )
    if kind == "holder":
        return (
            "insert into box.holder (id, person, name, role, organisation, region, public_key, recipient, since)"
            f" values ('{uuid4()}', '{uuid4()}', 'x', '{role}', '{uuid4()}', '330106', '{uuid4()}', 'x',"
            " clock_timestamp())"
        )
    return sql


async def all_that_supervision_sees(house: Databases) -> dict[str, list[str]]:
    """Every row of every table and view of the trading database that the supervision login can read at all."""
    connection = await asyncpg.connect(house.supervision_trading)
    try:
        names = await connection.fetch(
            "select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            " where c.relkind in ('r', 'v') and n.nspname !~ '^(pg_|information_schema)'"
            " and has_table_privilege(c.oid, 'SELECT') order by 1"
        )
        shown = {row["name"]: await connection.fetch(f"select * from {row['name']}") for row in names}
    finally:
        await connection.close()
    people = {"accounts.person", "accounts.organisation"}  # that bidders exist in the region is no secret
    return {name: sorted(map(str, rows)) for name, rows in shown.items() if name not in people}
