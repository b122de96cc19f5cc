"""确认中选: the selected agency takes the service or not within its clock; who does not gives way to the next."""

from uuid import UUID

from intermediaries import tosses
from intermediaries.case import Tools
from intermediaries.charges import Cost, charge
from intermediaries.records import requests as records
from intermediaries.records.requests import SelectionView
from intermediaries.request_case import RequestCase, Unmoved, request_act
from intermediaries.request_ends import fail
from intermediaries.request_news import tell_owner
from intermediaries.request_sides import current
from intermediaries.schemas.requests import AnswerSelection
from intermediaries.selecting import ask_next
from intermediaries.stages import Stage
from intermediaries.tables.requests import Selection
from kernel.errors import BadInput, Problem, TooLate
from kernel.identity import Actor

COSTS = {
    "declined": ("declined_selection", "declined", "中选后不接受选取结果"),
    "lapsed": ("unanswered_selection", "no_answer", "中选后逾期未答复，视为放弃"),
}
"""How an agency does not take a selection → what it costs, the draw's outcome, the words."""


async def answer_selection(tools: Tools, actor: Actor, case: UUID, command: AnswerSelection) -> None:
    """Accept, or decline with a reason; after accepting, declining is refusing the contract. Late is as if declined."""
    async with request_act("accept_selection", actor, case) as found:
        asked = await current(found, actor)
        if command.answer == "decline" and not command.reason:
            raise BadInput(Problem("reason_missing", "没有写明放弃的理由", "请填写", field="reason"))
        if found.request.stage == Stage.ACCEPTED:
            await _refuse_contract(tools, found, asked, command)
        elif found.beat.at >= asked.answer_until:
            raise TooLate(Problem("answer_late", "已过确认时间，视为放弃", "由后位机构递补"))
        elif command.answer == "accept":
            await _accept(tools, found, asked)
        else:
            await _give_way(tools, found, asked, "declined", command.reason)


async def lapse_selection(tools: Tools, actor: Actor, case: UUID) -> None:
    """The time to answer is over: the agency has given up. `Unmoved` while there is time."""
    async with request_act("lapse_selection", actor, case) as found:
        asked = await records.last_selection(case)
        waits = asked is not None and found.request.stage == Stage.SELECTED and not asked.answer
        if asked is None or not waits or found.beat.at < asked.answer_until:
            raise Unmoved
        await _give_way(tools, found, asked, "lapsed", "")


async def _accept(tools: Tools, case: RequestCase, asked: SelectionView) -> None:
    await _write(asked, "accepted", "", case)
    await tosses.walked(tools, case, "accept")
    await case.move(Stage.ACCEPTED)
    await case.record(hashes={"text": asked.text_sha256}, facts={"n": asked.n})
    await tell_owner(case, "selection_accepted", agency=asked.name)


async def _give_way(tools: Tools, case: RequestCase, asked: SelectionView, how: str, reason: str) -> None:
    event, outcome, says = COSTS[how]
    await _write(asked, how, reason or says, case)
    await tosses.walked(tools, case, outcome)
    await charge(tools, case.beat, asked.agency, Cost(event, case.request.id, f"{says}：{case.request.name}"))
    await case.record("decline_selection", facts={"n": asked.n, "how": how, "reason": reason})
    await _follow(tools, case)


async def _refuse_contract(tools: Tools, case: RequestCase, asked: SelectionView, command: AnswerSelection) -> None:
    if command.answer == "accept":
        raise BadInput(Problem("accepted_already", "您已确认中选", "请签订并备案合同"))
    await _write(asked, "declined", command.reason, case)
    await tosses.left(tools, case)
    says = f"确认中选后不签合同：{case.request.name}"
    await charge(tools, case.beat, asked.agency, Cost("refused_contract", case.request.id, says))
    await case.record("decline_selection", facts={"n": asked.n, "how": "refused", "reason": command.reason})
    await _follow(tools, case)


async def _follow(tools: Tools, case: RequestCase) -> None:
    if case.request.mode_row["picks"] == "choice":
        await fail(case, "业主选取的机构没有接受，流标；业主可以重新发布")
    else:
        await ask_next(tools, case)


async def _write(asked: SelectionView, answer: str, reason: str, case: RequestCase) -> None:
    await Selection.update(
        {Selection.answer: answer, Selection.reason: reason, Selection.answered_at: case.beat.at}
    ).where(Selection.id == asked.id)
