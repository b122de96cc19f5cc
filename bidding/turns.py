"""What a lot does when its box has moved: its stage follows, people are told, the next moment is set."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from bidding.case import SEALED_BID, LotCase, Tools
from bidding.stages import Stage
from kernel import inbox
from kernel.box import contest, listed, progress, readiness
from kernel.box import records as box_records
from kernel.box.progress import due
from kernel.box.submit import LARGEST_INDEX
from kernel.clock import when
from kernel.jobs import schedule
from kernel.proofs.contest import CURE_MINUTES
from kernel.publishing import PUBLISH
from storage import keeping

FAILED = "截标时有效投标少于 {minimum} 家，依法不得开标，招标人应当重新招标（招标投标法实施条例第四十四条）"


async def walk(tools: Tools, case: LotCase) -> None:
    """Let the box go as far as it can, and the lot's stage with it."""

    async def fetch(sha256: str) -> bytes:
        return await keeping.first_bytes(tools.store, sha256, LARGEST_INDEX)

    until = (await box_records.box(case.lot.id)).reveal_until
    moved = await progress.advance(
        case.beat,
        regulator=tools.regulator,
        fetch=fetch,
        digest=partial(keeping.digest, tools.store),
        witnessed=tools.witnessed,
        steady=tools.steady,
    )
    if until is not None and (await box_records.box(case.lot.id)).reveal_until != until:
        await _call_bidders(case)
    await _after_close(tools, case, moved.after)
    await _ask_to_prove(case)
    if moved.after in ("opening", "opened") and case.lot.stage == Stage.CLOSED:
        await case.move(Stage.OPENING)
        await _call_bidders(case)
        await case.beat.record(case.lot.code, act="begin_opening")
    if moved.after == "opened" and moved.before != "opened":
        until = case.beat.at + timedelta(minutes=case.procedure.session_minutes)
        await case.change(opened_at=case.beat.at, session_until=until)
        await case.wake(until)


async def _ask_to_prove(case: LotCase) -> None:
    """A role has called envelopes bad in this very act: each bidder concerned is asked to prove his well made."""
    box = await box_records.box(case.lot.id)
    if box.cure_until is None or box.cure_until != case.beat.at + timedelta(minutes=CURE_MINUTES):
        return
    asked = await contest.open_bids(box, case.beat.at)
    for bid in (await box_records.standing(case.lot.id))[0]:
        if bid.sha256 in asked:
            fields = {"project": case.lot.name, "code": case.lot.code, "until": when(box.cure_until)}
            link = f"/lots/{case.lot.id}/cure"
            await inbox.send(
                case.beat.connection, "cure_asked", fields=fields, organisation=bid.organisation, link=link
            )


async def _call_bidders(case: LotCase) -> None:
    """Bidders to reveal, and officers once it is their turn; again where they have more time than they were told."""
    box = await box_records.box(case.lot.id)
    await case.remind_opening(box)
    if box.reveal_until is None:
        return
    standing, _ = await box_records.standing(case.lot.id)
    fields = {"project": case.lot.name, "code": case.lot.code, "until": when(box.reveal_until)}
    waits = set(await listed.unrevealed(box))
    for bid in (one for one in standing if one.sha256 in waits):
        link = f"/lots/{case.lot.id}/reveal"
        await inbox.send(case.beat.connection, "reveal_open", fields=fields, organisation=bid.organisation, link=link)


async def _after_close(tools: Tools, case: LotCase, state: str) -> None:
    """Move the lot with its box: listed or closed → 已截标; failed → 已流标, and everybody concerned is told."""
    if state in ("listed", "closed", "failed") and case.lot.stage == Stage.ANNOUNCED:
        await case.move(Stage.CLOSED)
        await case.beat.record(case.lot.code, act="close_lot")
        await _lapse(case)
        await _publish_log(case, "close")
    if state == "closed":
        await _publish_log(case, "fixed")
    if state == "failed" and case.lot.stage == Stage.CLOSED:
        await _fail(case)
    box = await box_records.box(case.lot.id)
    for moment in due(box):
        await case.wake(moment)
    if box.deadline_at is not None and readiness.due(box) is not None:
        await case.remind("keys_not_ready", box.deadline_at, readiness.HOUR)


async def _lapse(case: LotCase) -> None:
    """视为撤回: what was on its way at the deadline is given up, and its owner is told (电子招标投标办法 27)."""
    fields = {"project": case.lot.name, "code": case.lot.code, "deadline": when(case.lot.deadline or case.beat.at)}
    link = f"/lots/{case.lot.id}"
    for owner in await keeping.abandon(case.beat.connection, f"{SEALED_BID}:{case.lot.id}"):
        whose = UUID(owner)
        await inbox.send(case.beat.connection, "upload_lapsed", fields=fields, organisation=whose, link=link)


async def tell_parties(case: LotCase, template: str, **fields: str) -> None:
    """The purchaser, his agency and everybody whose bid stands: one message each; only once the list is published."""
    standing, _ = await box_records.standing(case.lot.id)
    readers = dict.fromkeys([case.lot.purchaser, case.lot.agent, *(bid.organisation for bid in standing)])
    link = f"/lots/{case.lot.id}"
    fields = {"project": case.lot.name, "code": case.lot.code, **fields}
    for organisation in (reader for reader in readers if reader is not None):
        await inbox.send(case.beat.connection, template, fields=fields, organisation=organisation, link=link)


async def _publish_log(case: LotCase, why: str) -> None:
    """A checkpoint soon after the close, so that its proofs need not wait for the period."""
    dedup = f"{PUBLISH}:{case.lot.id}:{why}"
    await schedule(case.beat.connection, PUBLISH, {}, dedup=dedup, law_time=False)


async def _fail(case: LotCase) -> None:
    reason = FAILED.format(minimum=case.procedure.minimum)
    await case.move(Stage.FAILED, failure=reason)
    await case.beat.record(case.lot.code, act="fail_lot", facts={"reason": reason})
    standing, _ = await box_records.standing(case.lot.id)
    counts = {"count": str(len(standing)), "least": str(case.procedure.minimum)}
    link = f"/lots/{case.lot.id}"
    for organisation in [bid.organisation for bid in standing] + [case.lot.purchaser]:
        fields = {"project": case.lot.name, "code": case.lot.code, **counts}
        await inbox.send(case.beat.connection, "opening_failed", fields=fields, organisation=organisation, link=link)
