"""回避、离席、递补: a member who goes is replaced from the same order; what he wrote is void (实施条例 48)."""

from uuid import UUID

from experts import records
from experts.case import PanelCase, Tools, own_seat, panel_act
from experts.schemas import DeclareAvoidance, LeaveSeat, ReplaceMember, Seat
from experts.seating import promote, write_owner
from kernel.accounts import records as accounts
from kernel.errors import BadInput, Forbidden, NotFound, Problem, WrongStage
from kernel.identity import Actor
from kernel.toss import steps as toss


async def declare_avoidance(tools: Tools, actor: Actor, lot: UUID, command: DeclareAvoidance) -> None:
    """A member must avoid: a ground of the table for this trade, from whoever of the parties it concerns."""
    async with panel_act("declare_avoidance", actor, lot) as case:
        seat = await own_seat(case)
        grounds = {ground.code: ground for ground in tools.grounds.of("expert", case.row["category"])}
        if command.ground not in grounds:
            raise BadInput(Problem("ground_unknown", "没有这项回避情形", "请从列出的情形中选择", field="ground"))
        ground = grounds[command.ground]
        await _go(tools, case, seat, f"avoidance:{ground.code}", ground.reason)
        await case.record("declare_avoidance", seat=seat.number, ground=ground.code, article=ground.article)


async def leave_seat(tools: Tools, actor: Actor, lot: UUID, command: LeaveSeat) -> None:
    """A member cannot go on, for his health or another good reason."""
    async with panel_act("leave_seat", actor, lot) as case:
        seat = await own_seat(case)
        await _go(tools, case, seat, "left", command.reason)
        await case.record("leave_seat", seat=seat.number, reason=command.reason)


async def replace_member(tools: Tools, actor: Actor, lot: UUID, command: ReplaceMember) -> None:
    """A seat whose member does not come, or cannot go on and does not say so, is filled again.

    An expert's by the next of the same order; nobody chooses him. An owner's by another of the owner's people.
    A member who has signed in is not sent away by the purchaser: he leaves himself, or the regulator orders it.
    """
    async with panel_act("replace_member", actor, lot) as case:
        seat = next((s for s in case.panel.seats if s.id == command.seat and s.left_at is None), None)
        if seat is None:
            raise NotFound(Problem("no_seat", "没有这个席位，或已经离席", "请刷新后再办理", field="seat"))
        if seat.kind == "expert":
            _check_absent(case, seat)
            await _go(tools, case, seat, "absent", command.reason)
        else:
            await _other_owner(case, actor, seat, command)
        await case.record("replace_member", seat=seat.number, kind=seat.kind, reason=command.reason)


def _check_absent(case: PanelCase, seat: Seat) -> None:
    if seat.signed_in_at is not None:
        remedy = "请由该成员自行申请离席，或由行政监督部门责令更换"
        raise WrongStage(
            Problem("member_present", "该成员已经签到，不能由他人更换", remedy, "招标投标法实施条例第四十六条")
        )
    if case.beat.at < case.panel.evaluation_at:
        says = "还没有到评审时间，不能认定缺席"
        raise WrongStage(Problem("not_absent_yet", says, "评审开始后仍未签到的，再办理递补"))


async def _other_owner(case: PanelCase, actor: Actor, seat: Seat, command: ReplaceMember) -> None:
    there = {v.person: v.person_name for v in await accounts.members_of(case.row["purchaser"]) if v.state == "held"}
    taken = {s.person for s in case.panel.seats if s.left_at is None}
    if actor.role not in ("purchaser", "agent"):
        raise Forbidden(Problem("owners_seat", "招标人代表由招标人更换", "请由招标人办理", field="seat"))
    if command.instead is None or command.instead not in there or command.instead in taken:
        says = "不是本单位的人员，或已经指定"
        raise BadInput(Problem("owner_unknown", says, "请从本单位在册的经办人中指定", field="instead"))
    number = max(s.number for s in case.panel.seats) + 1
    other = await write_owner(case.beat, case.panel.id, number, command.instead, there[command.instead])
    await case.change_seat(seat.id, left_at=case.beat.at, why=command.reason, replaced_by=other, chair=False)


async def _go(tools: Tools, case: PanelCase, seat: Seat, code: str, why: str) -> None:
    """Give the seat up; a spare moves up, and the regulator's process asks the next in the order."""
    if seat.kind == "expert" and seat.toss_seat is not None:
        await toss.replace(case.beat, tools.hand, case.toss, seat.toss_seat, code)
    await promote(case, seat, why)
    case.panel = await records.panel(case.beat.connection, case.panel.id)
