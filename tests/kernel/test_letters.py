"""Letters from supervision to the traded side: posted by one login, delivered by the other, answered, never changed."""

import logging
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest
from conftest import TestClock
from house_databases import Databases
from road import County as _County
from road import actor, as_admin

from kernel import inbox, letters
from kernel.db import Engine
from kernel.errors import BadInput, Forbidden, NotFound, TooLarge, WrongStage
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.letter import build_letter, read_letter
from kernel.letters import LARGEST_FILE, File
from kernel.proofs import dsse
from kernel.proofs.errors import Malformed
from kernel.proofs.signers import Ed25519Signer

REGULATOR, STRANGER = Ed25519Signer.generate(), Ed25519Signer.generate()
MAILBOX = Engine("letters")
CASE = new_id()


@pytest.fixture
async def mailbox(house: Databases, clock: TestClock) -> AsyncIterator[Engine]:
    """The mailbox as the supervision site reaches it."""
    await MAILBOX.start(house.supervision_trading, size=2)
    yield MAILBOX
    await MAILBOX.stop()


@pytest.fixture
async def owner(house: Databases, tmp_path: object) -> Actor:
    await _County.make(tmp_path, house)  # type: ignore[arg-type]
    return await actor("purchaser", "12330106MB0000001X", "某区城市建设中心")


def letter(to: UUID, *, number: UUID | None = None, says: str = "请说明逾期原因") -> bytes:
    words = {"title": "要求说明", "says": says, "written_by": "某区住房和城乡建设局", "article": "实施条例第六十二条"}
    return build_letter(id=number or new_id(), case=CASE, kind="inquiry", to=to, **words)


async def post(body: bytes, signer: Ed25519Signer = REGULATOR) -> UUID:
    paper = await letters.post(dsse.sign(body, signer).to_bytes(), keys=[REGULATOR.public], db=MAILBOX)
    return paper.id


async def test_a_letter_reaches_the_inbox_once_and_only_its_addressee_reads_it(mailbox: Engine, owner: Actor) -> None:
    assert owner.organisation is not None
    number = await post(letter(owner.organisation))
    assert await letters.letters_to(owner) == [], "it is not delivered yet"
    assert [await letters.deliver(REGULATOR.public) for _ in range(2)] == [1, 0]
    [view] = await letters.letters_to(owner)
    assert (view.paper.id, view.paper.says, view.answers) == (number, "请说明逾期原因", 0)
    [message] = await inbox.unread(owner.person, owner.organisation)
    assert (message.template, message.link) == ("letter_received", f"/letters/{number}")
    other = await actor("bidder", "91330106MA00000099", "浙江第九建设有限公司")
    with pytest.raises(NotFound):
        await letters.letter_to(other, number)
    with pytest.raises(NotFound):
        await letters.answer(other, number, "冒名回复")


async def test_an_answer_stays_with_its_file_and_the_other_side_reads_it(mailbox: Engine, owner: Actor) -> None:
    assert owner.organisation is not None
    number = await post(letter(owner.organisation))
    await letters.deliver(REGULATOR.public)
    await letters.answer(owner, number, "因台风停工", File("说明.pdf", "application/pdf", b"%PDF"))
    second = await letters.answer(owner, number, "补充：附停工令")
    first, later = await letters.replies([number])
    assert (first.text, first.label, later.id, later.sha256) == ("因台风停工", "说明.pdf", second, "")
    assert await letters.file_of(first.id) == b"%PDF"
    with pytest.raises(NotFound):
        await letters.file_of(later.id)
    assert (await letters.letter_to(owner, number)).answers == 2
    events = await as_admin("select count(*) from kernel.log_event where case_key = $1", f"letters:{CASE}")
    assert events == 3, "delivered, answered twice"


async def test_an_empty_answer_and_a_file_too_large_are_refused(mailbox: Engine, owner: Actor) -> None:
    assert owner.organisation is not None
    number = await post(letter(owner.organisation))
    await letters.deliver(REGULATOR.public)
    for text in ("", "  \n", "长" * 4001, "a\x00b"):
        with pytest.raises(BadInput):
            await letters.answer(owner, number, text)
    with pytest.raises(TooLarge):
        await letters.answer(owner, number, "见附件", File("大.zip", "application/zip", bytes(LARGEST_FILE + 1)))
    assert await letters.replies([number]) == []


async def test_the_same_letter_again_is_one_and_another_under_its_number_is_refused(
    mailbox: Engine, owner: Actor
) -> None:
    assert owner.organisation is not None
    number = new_id()
    for _ in range(2):
        await post(letter(owner.organisation, number=number))
    assert await letters.deliver(REGULATOR.public) == 1
    with pytest.raises(WrongStage):
        await post(letter(owner.organisation, number=number, says="别的内容"))


async def test_a_letter_that_is_not_the_regulators_is_never_delivered(
    mailbox: Engine, owner: Actor, caplog: pytest.LogCaptureFixture
) -> None:
    assert owner.organisation is not None
    body = letter(owner.organisation)
    with pytest.raises(Forbidden):
        await post(body, STRANGER)
    forged = dsse.sign(body, STRANGER).to_bytes()
    await as_admin(
        'insert into kernel.letter (id, "case", matter, organisation, body, envelope, posted_at)'
        " values ($1, $2, $1, $3, $4, $5, kernel.law_now())",
        new_id(), CASE, owner.organisation, body, forged,
    )  # fmt: skip
    with caplog.at_level(logging.CRITICAL):
        assert await letters.deliver(REGULATOR.public) == 0
    assert "not the regulator's" in caplog.text
    assert await letters.letters_to(owner) == []


async def test_a_letter_to_nobody_says_so_and_is_not_tried_for_ever(mailbox: Engine, owner: Actor) -> None:
    number = await post(letter(new_id()))
    assert await letters.deliver(REGULATOR.public) == 0
    [view] = await letters.of_case(CASE)
    assert (view.paper.id, view.problem) == (number, "交易平台没有登记这个单位")


async def test_each_login_writes_its_own_half_and_nobody_changes_either(
    house: Databases, mailbox: Engine, owner: Actor
) -> None:
    assert owner.organisation is not None
    number = await post(letter(owner.organisation))
    tries = {
        house.trading: (
            "insert into kernel.letter select * from kernel.letter",
            "update kernel.letter_delivered set problem = 'x'",
            "delete from kernel.letter_reply",
        ),
        house.supervision_trading: (
            f"insert into kernel.letter_reply (id, letter, person, name, text, at) values ('{new_id()}', '{number}',"  # noqa: S608
            f" '{new_id()}', 'x', 'x', now())",
            f"insert into kernel.letter_delivered (letter, at) values ('{number}', now())",  # noqa: S608
            "delete from kernel.letter",
        ),
        house.owner: ("update kernel.letter set posted_at = now()", "delete from kernel.letter"),
    }
    for login, statements in tries.items():
        connection = await asyncpg.connect(login)
        try:
            for sql in statements:
                with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.RestrictViolationError)):
                    await connection.execute(sql)
        finally:
            await connection.close()


def test_a_letters_bytes_are_read_back_or_not_made() -> None:
    body = letter(new_id())
    assert read_letter(body).data == body
    for says in ("", "长" * 2001, "带\n换行"):
        with pytest.raises(Malformed):
            letter(new_id(), says=says)
