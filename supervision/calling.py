"""What a drawn expert sees and says on his link: time, place and trade, one answer, then his seat and his code."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.clock import CHINA
from kernel.db import HOME, transaction
from kernel.errors import BadInput, NotFound, Problem, TooLate, WrongStage
from kernel.toss.book import ANSWERS
from kernel.toss.schemas import CallTerms
from supervision.acts import record
from supervision.drawing import ACTOR, token_hash

_ONE = """
select id, toss, terms, until, reply, envelope is not null as settled, seat, slip, kernel.law_now() >= until as late
from supervision.draw_call where token = $1
"""
_REPLY = """
update supervision.draw_call set reply = $2, replied_at = kernel.law_now()
where id = $1 and reply = '' and envelope is null and kernel.law_now() < until returning id
"""


@dataclass(frozen=True, slots=True)
class CallView:
    """A call as its reader sees it. `state`: waiting, late, declined, checking, seated, excused."""

    id: UUID
    toss: UUID
    terms: CallTerms
    until: datetime
    state: str
    seat: int
    slip: str


async def call_of(token: str) -> CallView:
    """The call of a link; `NotFound` for a link that nobody was sent."""
    async with transaction(HOME) as connection:
        row = await connection.fetchrow(_ONE, token_hash(token))
    if row is None:
        raise NotFound(Problem("no_call", "没有这个通知", "请核对短信中的链接是否完整"))
    state = _state(row["reply"], row["settled"], row["seat"], row["late"])
    terms = CallTerms(**json.loads(row["terms"]))
    return CallView(row["id"], row["toss"], terms, row["until"].astimezone(CHINA), state, row["seat"], row["slip"])


async def reply_call(token: str, answer: str) -> CallView:
    """One tap. The same answer again is no fault; another one, or one that comes too late, is refused."""
    if answer not in ANSWERS:
        raise BadInput(Problem("answer_unknown", "请选择“参加”或“不能参加”", "请重新选择", field="answer"))
    view = await call_of(token)
    async with transaction(HOME) as connection:
        if await connection.fetchval(_REPLY, view.id, answer) is not None:
            await record("reply_call", ACTOR, None, str(view.id), facts={"reply": answer, "toss": str(view.toss)})
            return await call_of(token)
        said = await connection.fetchval("select reply from supervision.draw_call where id = $1", view.id)
    if said == "":
        raise TooLate(Problem("reply_late", "答复时间已过，已另请他人", "无需再操作"))
    if said != answer:
        raise WrongStage(Problem("replied_already", "您已经答复过，不能更改", "如有变化请直接联系通知中的地点"))
    return view


def _state(reply: str, settled: bool, seat: int, late: bool) -> str:
    if seat:
        return "seated"
    if reply == "decline":
        return "declined"
    if reply == "accept":
        return "excused" if settled else "checking"
    return "late" if late or settled else "waiting"
