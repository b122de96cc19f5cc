"""The regulator decides on his site; a trading duty carries it out on its own, once."""

import logging
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from house_databases import Databases

from kernel import decisions
from kernel.db import TRADING, Engine, transaction
from kernel.decision import build_decision, read_decision
from kernel.errors import BadInput, Forbidden, WrongStage
from kernel.ids import new_id
from kernel.proofs import dsse
from kernel.proofs.errors import Malformed

EXPERT = new_id()
MAILBOX = Engine("decisions")


class Process:
    """A site's signing key."""

    def __init__(self) -> None:
        self._private = Ed25519PrivateKey.generate()
        self.public = self._private.public_key().public_bytes_raw()
        self.keyid = dsse.keyid_of(self.public)

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)


REGULATOR, STRANGER = Process(), Process()


@pytest.fixture
async def mailbox(house: Databases) -> AsyncIterator[Engine]:
    await MAILBOX.start(house.supervision_trading, size=2)
    yield MAILBOX
    await MAILBOX.stop()


def decision(kind: str = "admit_expert", says: str = "材料齐全", number: UUID | None = None) -> bytes:
    made = {"subject": EXPERT, "says": says, "facts": {"until": "2029-03-01"}, "decided_by": "省发展改革委"}
    return build_decision(id=number or new_id(), kind=kind, **made)


async def post(body: bytes, process: Process = REGULATOR) -> decisions.Decision:
    envelope = dsse.sign(body, process).to_bytes()
    return await decisions.post(envelope, keys=[REGULATOR.public], db=MAILBOX)


async def waiting(*kinds: str) -> list[decisions.Decision]:
    async with transaction(TRADING) as connection:
        return await decisions.untaken(connection, *(kinds or ("admit_expert",)), key=REGULATOR.public)


async def test_what_is_posted_waits_for_the_duty_it_concerns(mailbox: Engine) -> None:
    posted = await post(decision())
    assert await waiting() == [posted]
    assert await waiting("approve_item") == []
    assert (posted.subject, posted.facts) == (EXPERT, {"until": "2029-03-01"})


async def taken_and_undone(decision: UUID) -> None:
    async with transaction(TRADING) as connection:
        assert await decisions.take(connection, decision)
        raise ValueError("undone")


async def test_a_decision_is_taken_once_and_with_what_it_changes(mailbox: Engine) -> None:
    posted = await post(decision())
    with pytest.raises(ValueError, match="undone"):
        await taken_and_undone(posted.id)
    assert await waiting() == [posted]
    async with transaction(TRADING) as connection:
        assert await decisions.take(connection, posted.id)
        assert not await decisions.take(connection, posted.id)
    assert await waiting() == []


async def test_what_became_of_it_can_be_read(mailbox: Engine) -> None:
    first, second = await post(decision()), await post(decision("suspend_expert", "评标时泄露信息"))
    async with transaction(TRADING) as connection:
        await decisions.take(connection, first.id, "没有这名专家")
    done, open_still = await decisions.course(EXPERT)
    assert (done.id, done.problem, done.taken_at is None) == (first.id, "没有这名专家", False)
    assert (open_still.id, open_still.says, open_still.taken_at) == (second.id, "评标时泄露信息", None)


async def test_the_same_again_changes_nothing_and_another_under_its_number_is_refused(mailbox: Engine) -> None:
    number = new_id()
    posted = await post(decision(number=number))
    assert await post(decision(number=number)) == posted
    with pytest.raises(WrongStage) as refused:
        await post(decision(number=number, says="别的理由"))
    assert refused.value.code == "decision_id_used"


async def test_only_the_regulators_process_decides(mailbox: Engine) -> None:
    with pytest.raises(Forbidden) as refused:
        await post(decision(), STRANGER)
    assert refused.value.code == "decision_unsigned"
    assert await waiting() == []


async def test_a_row_put_there_past_the_site_is_never_carried_out(
    mailbox: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    body = decision()
    await decisions.post(dsse.sign(body, STRANGER).to_bytes(), keys=[STRANGER.public], db=mailbox)
    with caplog.at_level(logging.CRITICAL, logger="yangguang.decisions"):
        assert await waiting() == []
    assert str(read_decision(body).id) in caplog.text


async def test_the_trading_login_decides_nothing_and_nobody_takes_back(mailbox: Engine) -> None:
    envelope = dsse.sign(decision(), REGULATOR).to_bytes()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await decisions.post(envelope, keys=[REGULATOR.public], db=TRADING)
    await post(decision())
    for db in (TRADING, mailbox):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with transaction(db) as connection:
                await connection.execute("delete from kernel.decision")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction(mailbox) as connection:
            await decisions.take(connection, new_id())


@pytest.mark.parametrize("envelope", [b"", b"{}", dsse.sign(b"{}", REGULATOR).to_bytes()])
async def test_what_is_no_decision_is_bad_input(house: Databases, envelope: bytes) -> None:
    with pytest.raises(BadInput):
        await decisions.post(envelope, keys=[REGULATOR.public], db=TRADING)


def test_a_decision_of_no_known_kind_cannot_be_written() -> None:
    with pytest.raises(Malformed):
        decision("appoint_winner")
