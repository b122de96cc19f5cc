"""What `check_case` is for: each of these alterations, made as the database's superuser, it finds."""

from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from check_case import check_stored, read_case
from conftest import TestClock
from house_databases import Databases
from road import County
from story import close

TAMPERED = {
    "an event is lost": "delete from kernel.log_event where case_key = '{lot}' and n = 3",
    "the last event is lost": "delete from kernel.log_event e using kernel.case_head h where e.case_key = '{lot}'"
    " and h.case_key = e.case_key and e.n = h.n",
    "an event is altered": "update kernel.log_event set body = body || ' ' where case_key = '{lot}' and n = 3",
    "who acted is altered": "update kernel.log_event set private = '{{}}' where case_key = '{lot}' and n = 3",
    "an event has no place": "delete from kernel.log_pending where event = (select id from kernel.log_event"
    " where case_key = '{lot}' and n = 3)",
    "the stage is moved": "update bidding.lot set stage = 'opened' where id = '{lot}'",
    "the deadline is moved": "update bidding.lot set deadline = deadline + interval '1 day' where id = '{lot}'",
    "the law is changed": "update bidding.lot set law = law || '{{\"day\": \"2020-01-01\"}}' where id = '{lot}'",
    "a notice is edited": "update bidding.notice set body = body || ' ' where lot = '{lot}'",
    "a notice is added": "insert into bidding.notice select gen_random_uuid(), lot, 2, kind, title, body, sha256,"
    " published_at from bidding.notice where lot = '{lot}'",
    "the box is opened by hand": "update box.box set state = 'opened' where \"case\" = '{lot}'",
    "the close is another": "update box.box set close = repeat('0', 64) where \"case\" = '{lot}'",
    "a bid is lost": "delete from box.bid where id = (select id from box.bid where \"case\" = '{lot}' limit 1)",
    "a bid is altered": "update box.bid set body = body || ' ' where \"case\" = '{lot}'",
    "a receipt is of another": "update box.bid set receipt = (select receipt from box.bid where \"case\" = '{lot}'"
    " order by id limit 1) where \"case\" = '{lot}'",
    "a bid changes hands": "update box.chain set public_key = sha256(public_key) where \"case\" = '{lot}'",
    "a file is forgotten": "delete from box.bid_file where id = (select f.id from box.bid_file f"
    " join box.bid b on b.id = f.bid where b.\"case\" = '{lot}' limit 1)",
    "an upload is claimed by nobody": "insert into storage.upload (id, owner_key, purpose, size, sha256, state,"
    " created_at, expires_at) values (gen_random_uuid(), 'x', 'sealed_bid:{lot}', 1, repeat('a', 64), 'claimed',"
    " now(), now())",
    "a message is unsaid": "delete from box.message where \"case\" = '{lot}' and kind = 'deadline'"
    " and role = 'purchaser'",
    "a seed for no bid": "insert into box.seed (id, bid, \"case\", stage, seed, way) values (gen_random_uuid(),"
    " repeat('b', 64), '{lot}', 'price', '', 'reveal')",
    "a verdict before the opening": "insert into box.verdict (id, bid, \"case\", stage, outcome, code, says)"
    " values (gen_random_uuid(), repeat('b', 64), '{lot}', 'price', 'opened', 'x', 'x')",
    "an objection nobody raised": "insert into bidding.objection (id, lot, organisation, organisation_name, text,"
    " raised_at, answer) values (gen_random_uuid(), '{lot}', gen_random_uuid(), 'x', 'x', now(), '')",
}  # fmt: skip


@pytest.fixture
async def lot(house: Databases, clock: TestClock, tmp_path: Path) -> UUID:
    """A lot closed with three bids."""
    county = await County.make(tmp_path, house)
    lot = await county.announced()
    await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    await close(county, clock, lot)
    return lot


async def test_every_alteration_is_found_and_without_one_nothing_is(house: Databases, lot: UUID) -> None:
    admin = await asyncpg.connect(house.admin)
    try:
        await admin.execute("set session_replication_role = replica")
        check_stored(await read_case(admin, lot))
        missed = [what for what, sql in TAMPERED.items() if not await found(admin, lot, sql)]
    finally:
        await admin.close()
    assert missed == []


async def found(admin: asyncpg.Connection, lot: UUID, sql: str) -> bool:
    """Whether the alteration, which is undone again, did something and was found."""
    undone = admin.transaction()
    await undone.start()
    try:
        done = await admin.execute(sql.format(lot=lot))
        assert int(done.split()[-1]) > 0, f"nothing altered by {sql}"
        check_stored(await read_case(admin, lot))
    except AssertionError as wrong:
        return "nothing altered" not in str(wrong)
    finally:
        await undone.rollback()
    return False
