"""推举组长: the members present elect whom they want to chair; where the law says so, never an owner's member."""

from uuid import UUID

from experts.case import own_seat, panel_act
from experts.schemas import ElectChair
from experts.tables import Vote
from kernel.errors import BadInput, NotFound, Problem
from kernel.identity import Actor

ARTICLE = "评标委员会和评标方法暂行规定第九条"


async def elect_chair(actor: Actor, lot: UUID, command: ElectChair) -> None:
    """Give one's voice, or change it; whom more than half of all members want is the chair."""
    async with panel_act("elect_chair", actor, lot) as case:
        mine = await own_seat(case)
        chosen = next((seat for seat in case.panel.seats if seat.id == command.seat and seat.live), None)
        if chosen is None or not mine.live:
            raise NotFound(Problem("no_seat", "没有这个席位，或已经离席", "请从在席成员中推举", field="seat"))
        if chosen.kind == "owner" and not case.panel.owner_may_chair:
            says = "采购人代表不得担任评审小组组长"
            article = "政府采购货物和服务招标投标管理办法第四十五条"
            raise BadInput(Problem("owner_may_not_chair", says, "请推举评审专家", article, "seat"))
        await Vote.delete().where(Vote.seat == mine.id)
        await Vote.insert(Vote(seat=mine.id, panel=case.panel.id, elects=chosen.id, at=case.beat.at))
        live = {seat.id for seat in case.panel.seats if seat.live}
        votes = await Vote.select(Vote.seat, Vote.elects).where(Vote.panel == case.panel.id)
        given = [row["elects"] for row in votes if row["seat"] in live]
        for seat in case.panel.seats:
            wanted = given.count(seat.id) * 2 > case.panel.size
            if wanted != seat.chair:
                await case.change_seat(seat.id, chair=wanted)
        await case.record("elect_chair", seat=mine.number, elects=chosen.number)
