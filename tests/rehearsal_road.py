"""A rehearsal from its first word to its report, in the county's own steps."""

from datetime import timedelta
from uuid import UUID

from conftest import TestClock
from road import County, countersign

from bidding.clockwork import turn
from bidding.detours.rehearse import rehearse_opening
from kernel.box import records as box_records
from kernel.box import rehearsal
from kernel.box.rehearsal import RehearsalView
from kernel.clock import now


async def begun(county: County, lot: UUID) -> UUID:
    return await rehearse_opening(county.operator, lot, await now() + timedelta(minutes=15))


async def played_through(county: County, clock: TestClock, case: UUID) -> RehearsalView:
    """Everybody unlocks; the list, the countersignature, the window; everybody unlocks again."""
    await county.work()
    opens = (await rehearsal.read(case)).opens_at
    for moment in (opens, opens + timedelta(minutes=5)):
        await clock.freeze(moment)
        await turn(county.tools, case)
    await countersign(case)
    await turn(county.tools, case)
    until = (await box_records.box(case)).reveal_until
    await clock.freeze(until or await now())
    await turn(county.tools, case)
    await county.work()
    return await rehearsal.read(case)
