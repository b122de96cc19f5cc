"""签到: a drawn expert takes his seat with his slip alone, an owner's member with his account; no names are asked."""

from uuid import UUID

from experts import records
from experts.case import PanelCase, panel_act
from experts.rules import desk_opens
from experts.schemas import Seat, SignInDesk
from kernel.accounts import seats
from kernel.accounts.schemas import NewSession
from kernel.clock import CHINA, when
from kernel.db import TRADING, reading
from kernel.errors import NotFound, Problem, TooLate, WrongStage
from kernel.identity import Actor
from kernel.toss.slips import slip_digest

_WRONG = Problem(
    "slip_wrong",
    "签到码不正确，或该席位已经离席",
    "请核对短信中的签到码；仍不能签到的，请联系现场工作人员",
    field="slip",
)


async def sign_in_desk(actor: Actor, command: SignInDesk) -> tuple[UUID, NewSession]:
    """(lot, session of the seat). Every try is counted; the same slip again opens a new session of the same seat."""
    await seats.knock_desk(actor.address)
    async with reading(TRADING) as connection:
        found = await records.seat_by_slip(connection, slip_digest(command.slip))
    if found is None:
        raise NotFound(_WRONG)
    lot, seat = found
    async with panel_act("sign_in_desk", actor, lot) as case:
        current = next((each for each in case.panel.seats if each.id == seat.id), None)
        if current is None or current.left_at is not None:
            raise NotFound(_WRONG)
        await _take(case, current)
    return lot, await seats.open_seat_session(seat.id, actor.address, actor.client)


async def sign_in_owner(actor: Actor, lot: UUID) -> Seat:
    """An owner's member takes the seat that he was named for."""
    async with panel_act("sign_in_desk", actor, lot) as case:
        mine = [s for s in case.panel.seats if s.person == actor.person and s.left_at is None]
        if not mine or actor.person is None:
            raise NotFound(Problem("not_named", "您没有被指定为本标段的招标人代表", "请由招标人指定后再签到"))
        await _take(case, mine[0])
    return mine[0]


async def _take(case: PanelCase, seat: Seat) -> None:
    opens, closes = desk_opens(case.panel.evaluation_at), case.row["evaluation_until"].astimezone(CHINA)
    if case.beat.at < opens:
        raise WrongStage(Problem("desk_closed", "还没有到签到时间", f"{when(opens)}起签到"))
    if seat.signed_in_at is None and case.beat.at >= closes:
        raise TooLate(Problem("desk_over", "评审时间已过，不能再签到", "请联系现场工作人员"))
    if seat.signed_in_at is None:
        await case.change_seat(seat.id, signed_in_at=case.beat.at)
    await case.record("sign_in_desk", seat=seat.number, kind=seat.kind)
