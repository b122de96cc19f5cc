"""双信封: the second envelope is opened once the report on the first is signed, of those alone who passed it."""

from collections.abc import Sequence

from bidding.case import LotCase
from bidding.stages import Stage
from kernel import inbox
from kernel.box import records as box_records
from kernel.box.second import open_later
from kernel.clock import when
from kernel.jobs import schedule
from kernel.publishing import PUBLISH


async def open_second(case: LotCase, report: str, passed: Sequence[str]) -> None:
    """Back into the opening hall: `passed` (bidders) open their prices, naming `report`; the others are told."""
    standing, _ = await box_records.standing(case.lot.id)
    going_on = [bid.sha256 for bid in standing if bid.bidder in passed]
    await open_later(case.beat, await box_records.box(case.lot.id), report, going_on)
    await case.move(Stage.OPENING, opened_at=None, session_until=None)
    box = await box_records.box(case.lot.id)
    for moment in (box.reveal_until, box.fallback_until):
        if moment is not None:
            await case.wake(moment)
    await case.remind_opening(box)
    # A checkpoint soon: who opens the second turn first wants proof that the log holds the report.
    await schedule(case.beat.connection, PUBLISH, {}, dedup=f"{PUBLISH}:{case.lot.id}:second", law_time=False)
    until = when(box.reveal_until) if box.reveal_until else "三方共同解密"
    fields = {"project": case.lot.name, "code": case.lot.code, "until": until}
    for bid in standing:
        template = "second_envelope" if bid.sha256 in going_on else "second_kept_shut"
        link = f"/lots/{case.lot.id}/" + ("reveal" if bid.sha256 in going_on else "record")
        said = fields if bid.sha256 in going_on else {key: fields[key] for key in ("project", "code")}
        await inbox.send(case.beat.connection, template, fields=said, organisation=bid.organisation, link=link)
