"""What time does to a complaint: where a track says so, one that nobody decided on in time counts as admitted."""

from functools import cache
from uuid import UUID

from kernel.clock import now
from kernel.db import HOME, reading
from kernel.errors import Refusal
from kernel.identity import Actor, clockwork
from supervision.complaints import desk, records, steps
from supervision.complaints.stages import Stage
from supervision.complaints.tracks import tracks

ACTOR = clockwork("complaints")
LOOK = 60.0
"""Seconds between two looks."""


@cache
def admits_by_lapse() -> tuple[str, ...]:
    """The tracks that admit by lapse of time; none unless `tracks.toml` says so."""
    return tuple(id for id, track in tracks().items() if track.auto_admit)


async def admit_lapsed(actor: Actor = ACTOR) -> int:
    """Admit what lapsed; how many."""
    which = admits_by_lapse()
    if not which:
        return 0
    async with reading(HOME) as connection:
        rows = await connection.fetch(
            "select id from complaints.complaint where stage = $1 and track = any($2)", str(Stage.FILED), list(which)
        )
    return sum([await _admit(actor, row["id"]) for row in rows])


async def _admit(actor: Actor, complaint: UUID) -> bool:
    view = await records.complaint(complaint)
    due = await desk.due(view)
    if due is None or await now(HOME) < due:
        return False
    try:
        return await steps.admit_by_lapse(actor, view.id)
    except Refusal:  # an officer was quicker
        return False
