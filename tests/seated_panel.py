"""A lot's panel as the draw and the desk leave it: seats with slips, signed in; nobody's name is anywhere."""

import hashlib
from datetime import timedelta
from uuid import UUID

from road import DEADLINE, REGION, County, as_admin

from bidding import records
from bidding.procedures import PROCEDURES
from kernel.clock import now
from kernel.identity import Actor
from kernel.ids import new_id

PROFESSION = "A080300"
_PANEL = """
insert into experts.panel (id, lot, n, code, title, procedure, category, region, department, purchaser, stage, size,
    owners, least, share, employer_cap, owner_may_chair, scope, evaluation_at, evaluation_until, place, trade,
    reply_minutes, law, requested_at, project)
values ($1, $2, 1, $3, $4, $5, $6, $7, 'housing', $8, 'seated', $9, $10, $11, '2/3', $9, true, $7, $12, $13,
    '评标室', '市政工程', 20, '', $12, $14)
"""
_SEAT = """
insert into experts.seat (id, panel, number, kind, profession, toss_seat, slip_sha256, person, taken_at, signed_in_at,
    chair) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)
"""


async def seat_panel(county: County, lot: UUID, size: int = 5, owner: Actor | None = None) -> list[Actor]:
    """The members as they act: experts by their seats, `owner` by his own account."""
    row, panel, at = await records.lot(lot), new_id(), await now()
    least = PROCEDURES[row.procedure].panel.size(row.estimate)
    await as_admin(
        _PANEL, panel, lot, row.code, row.name, row.procedure, row.category, REGION, row.purchaser, size,
        int(owner is not None), least, DEADLINE, DEADLINE + timedelta(days=1), row.project,
    )  # fmt: skip
    judges = [await _sit(panel, n) for n in range(1, size + (owner is None))]
    if owner is not None:
        await as_admin(_SEAT, new_id(), panel, size, "owner", "", None, None, owner.person, at, False)
        judges.append(owner)
    return judges


async def leave(lot: UUID, judge: Actor) -> None:
    """His seat is empty from now on."""
    await as_admin("update experts.seat set left_at = kernel.law_now(), why = '突发疾病' where id = $1", judge.person)


async def replaced(lot: UUID, judge: Actor) -> Actor:
    """The next of the same draw signs in on a new seat."""
    panel = await as_admin("select panel from experts.seat where id = $1", judge.person)
    number = await as_admin("select max(number) + 1 from experts.seat where panel = $1", panel)
    someone = await _sit(panel, number)
    await as_admin("update experts.seat set replaced_by = $1 where id = $2", someone.person, judge.person)
    return someone


async def _sit(panel: UUID, number: int) -> Actor:
    seat, at = new_id(), await now()
    slip = hashlib.sha256(seat.bytes).hexdigest()
    await as_admin(_SEAT, seat, panel, number, "expert", PROFESSION, number, slip, None, at, number == 1)
    return Actor(role="expert", person=seat, door="page")
