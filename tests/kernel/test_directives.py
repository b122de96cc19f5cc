"""A signed order stops every act of its case while it stands, and nothing else does."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from conftest import START, TestClock
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from house_databases import Databases
from log_acts import BIDDER

from kernel import directives
from kernel.acts import acting
from kernel.db import HOME, TRADING, Engine, lock_number, spawn, transaction
from kernel.errors import BadInput, Directed, Forbidden, LawRefuses, WrongStage
from kernel.ids import new_id
from kernel.log import events_of
from kernel.order import GOVERNMENT_PROCUREMENT_LONGEST, build_order, read_order
from kernel.proofs import dsse
from kernel.proofs.errors import Malformed

CASE = new_id()


class Officer:
    """A regulator's signing key."""

    def __init__(self) -> None:
        self._private = Ed25519PrivateKey.generate()
        self.public = self._private.public_key().public_bytes_raw()
        self.keyid = dsse.keyid_of(self.public)

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)


WANG, CHEN = Officer(), Officer()


def order(kind: str = "suspend", **members: Any) -> bytes:
    members = {"id": new_id(), "case": CASE, "says": "投诉处理期间暂停", "issued_by": "市住建局", **members}
    return build_order(kind=kind, article="招标投标法实施条例第六十二条", **members)


def signed(body: bytes, *officers: Officer) -> bytes:
    return dsse.sign(body, *(officers or (WANG,))).to_bytes()


@pytest.fixture
async def mailbox(house: Databases) -> AsyncIterator[Engine]:
    """The trading database as the supervision site reaches it: by its restricted login."""
    await MAILBOX.start(house.supervision_trading, size=2)
    yield MAILBOX
    await MAILBOX.stop()


MAILBOX = Engine("mailbox")


async def post(body: bytes, *officers: Officer, **options: Any) -> directives.Standing:
    keys = [WANG.public, CHEN.public]
    return await directives.post(signed(body, *officers), keys=keys, db=MAILBOX, **options)


async def act(case: UUID = CASE, **options: Any) -> None:
    async with acting("submit_bid", BIDDER, case, **options) as beat:
        await beat.record("lot 1")


async def stops(case: UUID = CASE) -> bool:
    try:
        await act(case)
    except Directed:
        return True
    return False


async def test_while_a_suspension_stands_every_act_of_the_case_is_refused(mailbox: Engine) -> None:
    await act()
    posted = await post(order())
    with pytest.raises(Directed) as refused:
        await act()
    (problem,) = refused.value.problems
    assert problem.code == "case_suspended"
    assert "市住建局" in problem.says
    assert "投诉处理期间暂停" in problem.says
    assert str(posted.id) in problem.remedy
    assert problem.article == "招标投标法实施条例第六十二条"


async def test_another_case_goes_on(mailbox: Engine) -> None:
    await post(order())
    assert not await stops(new_id())


async def test_what_carries_the_order_out_may_act(mailbox: Engine) -> None:
    await post(order())
    assert await stops()
    await act(obeys=False)
    async with transaction(HOME) as connection:
        assert [event.act for event in await events_of(connection, str(CASE))] == ["submit_bid"]


async def test_a_resumption_ends_it(mailbox: Engine) -> None:
    posted = await post(order())
    await post(order("resume", lifts=posted.id))
    assert not await stops()


async def test_of_two_suspensions_each_must_be_lifted(mailbox: Engine) -> None:
    first, second = await post(order()), await post(order())
    await post(order("resume", lifts=second.id))
    assert await stops()
    await post(order("resume", lifts=first.id))
    assert not await stops()


async def test_at_its_end_it_is_over(mailbox: Engine, clock: TestClock) -> None:
    end = START + timedelta(days=3)
    await post(order(until=end))
    await clock.freeze(end - timedelta(milliseconds=1))
    assert await stops()
    await clock.freeze(end)
    assert not await stops()


async def test_an_order_to_correct_is_shown_and_stops_nothing(mailbox: Engine) -> None:
    posted = await post(order("correct", says="补正评标办法"))
    assert not await stops()
    async with transaction(TRADING) as connection:
        assert [each.id for each in await directives.corrections(connection, CASE, START)] == [posted.id]
        await post(order("resume", lifts=posted.id))
        assert await directives.corrections(connection, CASE, START) == []


async def test_the_same_order_again_gets_the_same_answer(mailbox: Engine, clock: TestClock) -> None:
    body = order()
    first = await post(body)
    await clock.freeze(START + timedelta(hours=1))
    assert await post(body) == first
    async with transaction(TRADING) as connection:
        assert await connection.fetchval("select count(*) from kernel.directive") == 1


async def test_a_number_cannot_carry_two_orders(mailbox: Engine) -> None:
    posted = await post(order())
    with pytest.raises(WrongStage) as refused:
        await post(order(id=posted.id, says="别的内容"))
    assert refused.value.code == "directive_id_used"


@pytest.mark.parametrize(("officers", "needed"), [((Officer(),), 1), ((WANG,), 2), ((WANG, Officer()), 2)])
async def test_an_order_without_enough_good_signatures_is_refused(
    mailbox: Engine, officers: tuple[Officer, ...], needed: int
) -> None:
    with pytest.raises(Forbidden) as refused:
        await post(order(), *officers, needed=needed)
    assert refused.value.code == "directive_unsigned"
    assert not await stops()


async def test_two_officers_together_may_be_asked_for(mailbox: Engine) -> None:
    await post(order(), WANG, CHEN, needed=2)
    assert await stops()


async def test_an_order_altered_after_signing_is_refused(mailbox: Engine) -> None:
    envelope = dsse.read(signed(order()))
    forged = dsse.Signed(order(says="改过"), envelope.payload_type, envelope.signatures)
    with pytest.raises(Forbidden):
        await directives.post(forged.to_bytes(), keys=[WANG.public], db=mailbox)


@pytest.mark.parametrize("envelope", [b"", b"{}", b"\xff", signed(b"not an order"), signed(b"{}")])
async def test_what_is_no_order_is_bad_input(house: Databases, envelope: bytes) -> None:
    with pytest.raises(BadInput):
        await directives.post(envelope, keys=[WANG.public], db=TRADING)


@pytest.mark.parametrize(
    "members",
    [
        {"kind": "resume"},
        {"kind": "suspend", "lifts": CASE},
        {"kind": "resume", "lifts": CASE, "until": START},
        {"kind": "delete"},
        {"says": ""},
        {"issued_by": ""},
    ],
)
def test_an_order_that_makes_no_sense_cannot_be_written(members: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        order(**{"kind": "suspend", **members})


def test_an_order_reads_as_it_was_written() -> None:
    until = START + timedelta(days=2)
    read = read_order(order(until=until))
    assert (read.case, read.kind, read.until, read.lifts) == (CASE, "suspend", until, None)


async def test_only_what_stands_can_be_lifted(mailbox: Engine, clock: TestClock) -> None:
    ended = await post(order(until=START + timedelta(hours=1)))
    lifted = await post(order())
    resumed = await post(order("resume", lifts=lifted.id))
    await clock.freeze(START + timedelta(hours=1))
    for target in (ended.id, lifted.id, resumed.id, new_id()):
        with pytest.raises(LawRefuses) as refused:
            await post(order("resume", lifts=target))
        assert refused.value.code == "nothing_to_lift"


async def test_an_order_of_another_case_is_not_lifted_from_here(mailbox: Engine) -> None:
    elsewhere = await post(order(case=new_id()))
    with pytest.raises(LawRefuses):
        await post(order("resume", lifts=elsewhere.id))


async def test_an_end_in_the_past_is_refused(mailbox: Engine) -> None:
    with pytest.raises(LawRefuses) as refused:
        await post(order(until=START))
    assert refused.value.code == "until_passed"


@pytest.mark.parametrize(
    ("until", "code"),
    [(None, "until_missing"), (START + timedelta(days=30, milliseconds=1), "suspended_too_long")],
)
async def test_government_procurement_stands_still_for_thirty_days_at_most(
    mailbox: Engine, until: datetime | None, code: str
) -> None:
    with pytest.raises(LawRefuses) as refused:
        await post(order(until=until), longest=GOVERNMENT_PROCUREMENT_LONGEST)
    assert refused.value.code == code
    assert refused.value.problems[0].article == "政府采购法第五十七条"
    await post(order(until=START + timedelta(days=30)), longest=GOVERNMENT_PROCUREMENT_LONGEST)


async def test_the_thirty_days_count_all_orders_together(mailbox: Engine, clock: TestClock) -> None:
    longest = GOVERNMENT_PROCUREMENT_LONGEST
    first = await post(order(until=START + timedelta(days=20)), longest=longest)
    await clock.freeze(START + timedelta(days=10))
    await post(order(until=START + timedelta(days=15)), longest=longest)
    await post(order("resume", lifts=first.id))
    await clock.freeze(START + timedelta(days=100))
    with pytest.raises(LawRefuses) as refused:
        await post(order(until=START + timedelta(days=115, milliseconds=1)), longest=longest)
    assert refused.value.code == "suspended_too_long"
    await post(order(until=START + timedelta(days=115)), longest=longest)


@pytest.mark.parametrize(
    "change",
    [
        "delete from kernel.directive",
        "update kernel.directive set until = null",
        "insert into kernel.directive select * from kernel.directive",
    ],
)
async def test_the_trading_site_reads_orders_and_writes_none(mailbox: Engine, change: str) -> None:
    await post(order())
    async with transaction(TRADING) as connection:
        assert await directives.standing(connection, CASE, START) is not None
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await execute(TRADING, change)


@pytest.mark.parametrize("change", ["delete from kernel.directive", "update kernel.directive set until = null"])
async def test_the_supervision_site_takes_no_order_back_unseen(mailbox: Engine, change: str) -> None:
    await post(order())
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await execute(mailbox, change)


async def execute(db: Engine, statement: str) -> None:
    async with transaction(db) as connection:
        await connection.execute(statement)


async def test_no_act_straddles_an_order(mailbox: Engine) -> None:
    """Posting waits for the acts under way, and whoever comes after it meets the order."""
    async with acting("submit_bid", BIDDER, CASE, exclusive=False) as beat:
        posting = spawn(post(order()))
        async with asyncio.timeout(20):
            while not await waits(CASE):  # noqa: ASYNC110, another session does it
                await asyncio.sleep(0.005)
        assert not posting.done()
        await beat.record("lot 1")
    await posting
    assert await stops()


async def waits(case: UUID) -> bool:
    """Whether a session waits for the case's lock."""
    low = lock_number(case) & 0xFFFFFFFF
    async with transaction(TRADING) as connection:
        return bool(
            await connection.fetchval(
                "select exists (select from pg_locks where locktype = 'advisory' and not granted"
                " and objid = $1::bigint::oid)",
                low,
            )
        )
