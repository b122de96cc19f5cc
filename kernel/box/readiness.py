"""Readiness (试开): a day before the opening every key of the set-up gets a test envelope, and its holder opens it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg

from kernel import inbox
from kernel.acts import Beat
from kernel.box import messages, records
from kernel.box.records import BoxView, HolderView, MessageView
from kernel.clock import when
from kernel.errors import Problem, Refusal, WrongStage
from kernel.proofs import dsse
from kernel.proofs.canonical import decode
from kernel.proofs.deadline import write_moment
from kernel.proofs.holding import read_key
from kernel.proofs.readiness import build_test, read_test, read_tested
from kernel.proofs.setup import ROLES

DAY = timedelta(hours=24)
"""How long before the deadline the test envelopes go out (etb/1 §2)."""
HOUR = timedelta(hours=1)
"""How long before the deadline whoever has not opened his is called again, and his colleagues are told."""

ROLE_NAMES = {"operator": "交易中心", "regulator": "监督部门", "purchaser": "招标人"}


@dataclass(frozen=True, slots=True)
class Readiness:
    """One key of a set-up: whose it is, and when it opened the test of the present deadline."""

    keyid: str
    name: str
    role: str
    tested_at: datetime | None


async def ask(beat: Beat, box: BoxView) -> bool:
    """Send the test envelopes of this deadline, once, from 24 hours before it; True when they went out now."""
    if not _due(box, beat.at) or await current(box) is not None:
        return False
    assert box.deadline_at is not None, "due only with a deadline"
    test = build_test(await records.setup(box), write_moment(box.deadline_at))
    await messages.put(beat, "test", "platform", dsse.sign(test))
    fields = {"tender": box.tender, "lot": box.lot, "deadline": when(box.deadline_at)}
    for holder in await in_setup(box):
        if holder.role != "regulator":
            await inbox.send(beat.connection, "key_test", fields=fields, person=holder.person, link="/trustee")
    return True


async def call_again(connection: asyncpg.Connection, box: BoxView, told: Sequence[UUID]) -> None:
    """The hour's check: who has not opened his is called; where a whole role is missing, `told` hear of it too.

    `told` are organisations; the regulator's holders find it on their own site's workbench.
    """
    found = await standing(box)
    late = {one.keyid for one in found if one.tested_at is None}
    assert box.deadline_at is not None, "an hour before a deadline"
    fields = {"tender": box.tender, "lot": box.lot, "deadline": when(box.deadline_at)}
    for holder in await records.holders(box):
        if holder.keyid in late and holder.role != "regulator":
            await inbox.send(connection, "key_not_ready", fields=fields, person=holder.person, link="/trustee")
    if missing := lacking(found):
        fields |= {"roles": "、".join(ROLE_NAMES[role] for role in missing)}
        for organisation in told:
            await inbox.send(connection, "role_not_ready", fields=fields, organisation=organisation)


async def take(beat: Beat, box: BoxView, holder: HolderView, signed: dsse.Signed) -> None:
    """What a holder found in the envelope of his own key."""
    message = await current(box)
    if message is None:
        raise WrongStage(Problem("no_test", "现在没有需要试开的测试信封", "截标前 24 小时发出"))
    tested = read_tested(dsse.require(signed, [holder.public_key]), read_test(message.body), message.sha256)
    if tested.role != holder.role or tested.kid != await _kid(box, holder):
        raise Refusal(Problem("key_of_another", "试开用的不是您自己的密钥", "请用本人的密钥试开"))
    await messages.put(beat, "tested", holder.role, signed, author=holder.keyid)


async def current(box: BoxView) -> MessageView | None:
    """The test that belongs to the present set-up and deadline, once it is out."""
    if box.deadline_at is None:
        return None
    at = write_moment(box.deadline_at)
    for message in reversed(await records.messages(box.case, "test")):
        test = read_test(message.body)
        if (test.setup, test.at) == (box.setup, at):
            return message
    return None


async def standing(box: BoxView) -> list[Readiness]:
    """Every key of the set-up and whether it is proved; empty while no test is out."""
    message = await current(box)
    if message is None:
        return []
    done = await _answers(box, message)
    return [Readiness(h.keyid, h.name, h.role, done.get(h.keyid)) for h in await in_setup(box)]


async def waits_for(box: BoxView, holder: HolderView) -> tuple[MessageView, str] | None:
    """The test this holder has not opened yet, and his kid in it."""
    message = await current(box)
    kid = await _kid(box, holder)
    if message is None or kid not in read_test(message.body).tried:
        return None
    return None if holder.keyid in await _answers(box, message) else (message, kid)


def lacking(found: Sequence[Readiness]) -> list[str]:
    """The roles of which no key is proved: at an opening they could not be counted on."""
    ready = {one.role for one in found if one.tested_at is not None}
    return [role for role in ROLES if found and role not in ready]


async def in_setup(box: BoxView) -> list[HolderView]:
    """Whose keys the present set-up holds."""
    kids = {key.kid for role in (await records.setup(box)).roles for key in role.keys}
    offered = {m.author: read_key(m.body).kid for m in await records.messages(box.case, "key")}
    return [h for h in await records.holders(box) if offered.get(h.keyid) in kids]


def due(box: BoxView) -> datetime | None:
    """When the test envelopes of this box go out."""
    if box.state != "ready" or not box.sealing_open or box.mode == "bidder-only" or box.rehearsal:
        return None
    if box.deadline_at is None:
        return None
    return box.deadline_at - DAY


def _due(box: BoxView, at: datetime) -> bool:
    moment = due(box)
    return moment is not None and box.deadline_at is not None and moment <= at < box.deadline_at


async def _kid(box: BoxView, holder: HolderView) -> str:
    for message in await records.messages(box.case, "key"):
        if message.author == holder.keyid:
            return read_key(message.body).kid
    return ""


async def _answers(box: BoxView, message: MessageView) -> dict[str, datetime]:
    """keyid → when it opened this test."""
    answers = await records.messages(box.case, "tested")
    return {answer.author: answer.at for answer in answers if decode(answer.body)["test"] == message.sha256}
