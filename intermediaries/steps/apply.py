"""报名: an agency applies, seen by nobody before the close, or takes its application back."""

from typing import Any
from uuid import UUID

from intermediaries.admission import admit
from intermediaries.request_case import RequestCase, request_act
from intermediaries.schemas.requests import ApplyRequest
from intermediaries.tables.requests import Application
from kernel.acts import answer, answered_before
from kernel.clock import iso
from kernel.errors import Problem, TooLate, WrongStage
from kernel.identity import Actor


async def apply_request(actor: Actor, case: UUID, command: ApplyRequest, request: UUID | None = None) -> dict[str, Any]:
    """Take the application, again with the same effect; {request, applied}. The deadline itself is late.

    `Forbidden` with every ground: not in good standing, papers, 条例43, one controller with the owner, avoidance,
    an earlier refusal of the same project.
    """
    asked = {"request": str(case), **command.model_dump(mode="json")}
    if (known := await answered_before("apply_request", actor, request, asked)) is not None:
        return known
    async with request_act("apply_request", actor, case, exclusive=False) as found:
        in_time(found)
        if not found.request.mode_row["applies"]:
            raise WrongStage(Problem("owner_chooses", "本项目由业主直接选取，不接受报名", "请等待业主选取"))
        if found.request.mode_row["quotes"]:
            raise WrongStage(Problem("quote_wanted", "本项目以密封报价报名", "请封装报价后递交"))
        await admit(found, command.says)
        await found.record()
        given = {"request": str(case), "applied": iso(found.beat.at)}
        await answer(found.beat, request, asked, given)
    return given


async def leave_request(actor: Actor, case: UUID) -> None:
    """Take one's own application back before the close."""
    async with request_act("withdraw_application", actor, case, exclusive=False) as found:
        in_time(found)
        if found.request.mode_row["quotes"]:
            raise WrongStage(Problem("withdrawal_wanted", "密封报价以撤回声明撤回", "请用递交报价的工具撤回"))
        own = (Application.request == case) & (Application.organisation == actor.organisation)
        changed = (
            await Application.update({Application.left_at: found.beat.at})
            .where(own & Application.left_at.is_null())
            .returning(Application.id)
        )
        if not changed:
            raise WrongStage(Problem("not_applied", "您没有报名本项目", "请从工作台的“我的报名”进入"))
        await found.record()


def in_time(case: RequestCase) -> None:
    """`TooLate` at the deadline and after it."""
    until = case.request.apply_until
    if until is not None and case.beat.at >= until:
        raise TooLate(Problem("late", "已过报名截止时间", "截止时间以平台时钟为准"))
