"""变更公告: a clarification or change is a further numbered text; whoever asked to be told is told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from bidding import records
from bidding.case import LotCase, Tools, check_reader, check_stage, lot_act
from bidding.followers import tell_followers
from bidding.records import LotRow
from bidding.rules import amendment_problems
from bidding.schemas import AmendNotice
from bidding.texts import finish, write_notice
from kernel import inbox
from kernel.acts import answer, answered_before
from kernel.box import records as box_records
from kernel.box import setup as box_setup
from kernel.clock import iso, now, when
from kernel.errors import Problem, TooLate, refuse_all
from kernel.identity import Actor
from kernel.law import LawInForce


async def amend_notice(
    tools: Tools, actor: Actor, lot: UUID, command: AmendNotice, request: UUID | None = None
) -> dict[str, Any]:
    """Publish an amendment; {notice, sha256, deadline}. Too late for the deadline it must move it (T04)."""
    asked = command.model_dump(mode="json")
    if (known := await answered_before("amend_notice", actor, request, asked)) is not None:
        return known
    digests = await finish(tools, actor, command.documents)
    async with lot_act("amend_notice", actor, lot) as case:
        standing = _checked(case.lot, command, case.beat.at)
        effective = command.deadline or standing
        content = {"text": command.text, "affects_bids": command.affects_bids, "deadline": iso(effective)}
        title = f"{case.lot.project_name} {case.lot.name}变更公告（第 {len(await records.notices(lot))} 次）"
        sha256 = await write_notice(case, "amendment", title, content, digests)
        await box_setup.set_notice(case.beat, sha256)
        if command.deadline is not None:
            await box_setup.set_deadline(case.beat, command.deadline, reason=command.text[:500])
            await case.change(deadline=command.deadline)
            await case.wake(command.deadline)
        await case.beat.record(case.lot.code, hashes={"notice": sha256}, facts={"deadline": iso(effective)})
        await tell_followers(tools, case, command.text[:120], effective)
        await _tell_bidders(case, command.text[:120], effective)
        given = {"notice": len(await records.notices(lot)), "sha256": sha256, "deadline": iso(effective)}
        await answer(case.beat, request, asked, given)
    return given


async def _tell_bidders(case: LotCase, summary: str, deadline: datetime) -> None:
    """Whose bid stands is told as well: it stays valid, and he may want to replace it."""
    fields = {"project": case.lot.name, "code": case.lot.code, "at": when(case.beat.at), "summary": summary}
    fields["deadline"] = when(deadline)
    for bid in (await box_records.standing(case.lot.id))[0]:
        whose, link = bid.organisation, f"/lots/{case.lot.id}"
        await inbox.send(case.beat.connection, "notice_amended", fields=fields, organisation=whose, link=link)


async def check_amendment(actor: Actor, lot: UUID, command: AmendNotice) -> None:
    """Refuse what publishing this change now would refuse, and write nothing."""
    row = await records.lot(lot)
    await check_reader("amend_notice", actor, row)
    check_stage("amend_notice", row)
    _checked(row, command, await now())


def _checked(lot: LotRow, command: AmendNotice, at: datetime) -> datetime:
    """The deadline that stands; refuses a change that comes too late or moves it wrongly."""
    assert lot.deadline is not None, "an announced lot has a deadline"
    assert lot.law is not None, "an announced lot has its law"
    if at >= lot.deadline:
        raise TooLate(Problem("late", "已过投标截止时间，不能再变更", "请按规定程序办理"))
    problems = amendment_problems(
        LawInForce.from_json(lot.law),
        at=at,
        deadline=lot.deadline,
        later=command.deadline,
        affects_bids=command.affects_bids,
    )
    refuse_all(problems)
    return lot.deadline
