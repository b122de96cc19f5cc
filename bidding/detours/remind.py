"""提醒: a word in time, as jobs: the deadline is near, a bid is still undecrypted, something is to be corrected.

A reminder changes nothing and leaves no event. When it comes due it looks again: a moment that has moved meanwhile
is waited for anew, a lot that has gone on is left alone.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bidding import records
from bidding.case import REMIND, Tools
from bidding.followers import tell_all_followers
from bidding.records import LotRow
from bidding.stages import Stage
from kernel import directives, inbox, jobs
from kernel.box import listed, readiness, release
from kernel.box import records as box_records
from kernel.clock import now, when
from kernel.db import HOME, TRADING, transaction


async def remind(tools: Tools, payload: Mapping[str, Any]) -> None:
    """The job `remind`, inside the job's own transaction: each reminder is sent exactly once."""
    lot = await records.lot(UUID(payload["lot"]))
    if payload["what"] == "deadline_near":
        await _deadline_near(tools, lot, timedelta(minutes=payload["ahead"]))
    elif payload["what"] == "reveal_missing":
        await _reveal_missing(lot, timedelta(minutes=payload["ahead"]))
    elif payload["what"] == "shares_wanted":
        await _shares(lot, "shares_wanted", timedelta(minutes=payload["ahead"]))
    elif payload["what"] == "shares_missing":
        await _shares(lot, "shares_missing", timedelta(minutes=payload["ahead"]))
    elif payload["what"] == "keys_not_ready":
        await _keys_not_ready(lot, timedelta(minutes=payload["ahead"]))
    elif payload["what"] == "case_to_correct":
        await _correct(lot, payload["order"])


async def ask_to_correct(lot: UUID) -> None:
    """Have the purchaser told of every order to correct that stands on his lot; one word for each order."""
    async with transaction(TRADING) as connection:
        for order in await directives.corrections(connection, lot, await now()):
            asked = {"lot": str(lot), "what": "case_to_correct", "order": str(order.id)}
            await jobs.schedule(connection, REMIND, asked, dedup=f"{REMIND}:correct:{order.id}")


async def _deadline_near(tools: Tools, lot: LotRow, ahead: timedelta) -> None:
    if lot.stage != Stage.ANNOUNCED or lot.deadline is None:
        return
    if await _too_soon(lot, "deadline_near", lot.deadline, ahead):
        return
    fields = {"project": lot.name, "code": lot.code, "deadline": when(lot.deadline)}
    async with transaction(HOME) as connection:
        await tell_all_followers(tools, connection, lot.id, "deadline_near", fields)
        for organisation in {lot.purchaser, lot.agent} - {None}:
            link = f"/lots/{lot.id}"
            await inbox.send(connection, "deadline_near", fields=fields, organisation=organisation, link=link)


async def _reveal_missing(lot: LotRow, ahead: timedelta) -> None:
    box = await box_records.box(lot.id)
    if box.state != "opening" or box.reveal_until is None:
        return
    if await _too_soon(lot, "reveal_missing", box.reveal_until, ahead):
        return
    missing = set(await listed.unrevealed(box))
    fields = {"project": lot.name, "code": lot.code, "until": when(box.reveal_until)}
    async with transaction(HOME) as connection:
        for bid in (await box_records.standing(lot.id))[0]:
            if bid.sha256 in missing:
                whose, link = bid.organisation, f"/lots/{lot.id}/reveal"
                await inbox.send(connection, "reveal_missing", fields=fields, organisation=whose, link=link)


async def _shares(lot: LotRow, what: str, ahead: timedelta) -> None:
    """The officers in the set-up are to attest and release: when it has come to that, and before their time is over.

    The regulator's find it on their own site's workbench.
    """
    box = await box_records.box(lot.id)
    until = box.reveal_until if what == "shares_wanted" else box.fallback_until
    if box.state != "opening" or box.fallback_until is None:
        return
    if (until is not None and await _too_soon(lot, what, until, ahead)) or not await listed.to_open(box, True):
        return
    waits = await release.unreleased(box)
    fields = {"tender": box.tender, "lot": box.lot, "until": when(box.fallback_until)}
    async with transaction(HOME) as connection:
        for holder in await readiness.in_setup(box):
            if holder.role in waits and holder.role != "regulator":
                await inbox.send(connection, what, fields=fields, person=holder.person, link="/trustee")


async def _keys_not_ready(lot: LotRow, ahead: timedelta) -> None:
    box = await box_records.box(lot.id)
    if (
        box.state != "ready"
        or box.deadline_at is None
        or await _too_soon(lot, "keys_not_ready", box.deadline_at, ahead)
    ):
        return
    async with transaction(HOME) as connection:
        centres = {holder.organisation for holder in await box_records.holders(box) if holder.role == "operator"}
        told = sorted({lot.purchaser, lot.agent, *centres} - {None}, key=str)
        await readiness.call_again(connection, box, [one for one in told if one is not None])


async def _correct(lot: LotRow, order: str) -> None:
    async with transaction(TRADING) as connection:
        standing = await directives.corrections(connection, lot.id, await now())
        for one in (one for one in standing if str(one.id) == order):
            until = when(one.until) if one.until else "指令所定期限"
            fields = {"authority": one.issued_by, "at": when(one.posted_at), "reason": one.says[:200], "until": until}
            fields |= {"project": lot.name, "code": lot.code}
            for organisation in {lot.purchaser, lot.agent} - {None}:
                link = f"/lots/{lot.id}"
                await inbox.send(connection, "case_to_correct", fields=fields, organisation=organisation, link=link)


async def _too_soon(lot: LotRow, what: str, until: datetime, ahead: timedelta) -> bool:
    """Whether the moment has moved away meanwhile; then the reminder is set anew."""
    if await now() >= until - ahead:
        return False
    async with transaction(HOME) as connection:
        asked = {"lot": str(lot.id), "what": what, "ahead": int(ahead.total_seconds() // 60)}
        dedup = f"{REMIND}:{what}:{lot.id}:{until.timestamp():.0f}"
        await jobs.schedule(connection, REMIND, asked, run_at=until - ahead, dedup=dedup)
    return True
