"""Who sits where: seats and parties written, vacancies of a profession, the spare who moves up."""

import json
from datetime import datetime
from uuid import UUID

from experts.case import PanelCase
from experts.rules import Party
from experts.schemas import Panel, Seat
from experts.stages import Stage
from experts.tables import PanelParty
from experts.tables import Seat as SeatTable
from kernel.acts import Beat
from kernel.ids import new_id


def vacancies(panel: Panel, profession: str) -> int:
    """Seats of a profession that nobody holds."""
    held = sum(s.profession == profession and s.left_at is None and not s.spare for s in panel.seats)
    return max(0, panel.quota.get(profession, 0) - held)


def seated(panel: Panel) -> bool:
    """Whether every drawn seat is held."""
    return all(vacancies(panel, profession) == 0 for profession in panel.quota)


async def promote(case: PanelCase, seat: Seat, why: str) -> Seat | None:
    """`seat` is left for good; the first spare of its profession takes its place at once, if there is one."""
    at = case.beat.at
    await case.change_seat(seat.id, left_at=at, why=why[:400], chair=False)
    waiting = [s for s in case.panel.seats if s.spare and s.left_at is None and s.profession == seat.profession]
    spare = waiting[0] if waiting and not seat.spare else None
    if spare is not None:
        await case.change_seat(spare.id, spare=False)
        await case.change_seat(seat.id, replaced_by=spare.id)
    if not seated(case.panel) and case.panel.stage == Stage.SEATED:
        await case.move(Stage.CALLING)
    return spare


async def write_party(panel: UUID, party: Party, at: datetime) -> None:
    """One party, known from now on."""
    group = json.dumps(sorted(party.group))
    await PanelParty.insert(
        PanelParty(
            id=new_id(), panel=panel, role=party.role, code=party.code, name=party.name, controllers=group, known_at=at
        )
    )


async def write_owner(beat: Beat, panel: UUID, number: int, person: UUID, name: str) -> UUID:
    """A seat of the owner's own; its id."""
    seat = new_id()
    await SeatTable.insert(
        SeatTable(id=seat, panel=panel, number=number, kind="owner", person=person, name=name, taken_at=beat.at)
    )
    return seat
