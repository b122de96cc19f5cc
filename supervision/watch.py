"""What alarms: a log that contradicts its own past, a close that could not be countersigned, files that are lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from bidding import records as bidding
from kernel import clockwatch, log_records
from kernel.accounts.rules import in_scope
from kernel.box import damage, seen
from kernel.db import TRADING
from kernel.errors import NotFound
from kernel.identity import Actor
from kernel.log_records import Said
from kernel.logcheck import Finding, read_published
from kernel.proofs.damage import ACT as DAMAGED
from kernel.proofs.note_keys import VerifierKey
from kernel.web.door import ROLE_NAMES
from supervision import cases, witness
from supervision.acts import record, record_once
from supervision.countersign import ACTOR
from supervision.scope import covers
from supervision.words import act_name

WHY = {
    "rollback": "日志倒退到从前",
    "same_size_other_root": "同样条数，内容不同",
    "fork": "不是原来那一份日志的延续",
}


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing to look at: `tone` danger or warn; `hash` is the log entry or tree root behind it."""

    title: str
    says: str
    at: datetime
    href: str
    tone: str
    hash: str = ""
    case: UUID | None = None


async def read_trading_log(keys: Sequence[VerifierKey], origin: str) -> list[Finding]:
    """Recompute the trading log against what the witness has cosigned; each new finding goes on record once."""
    heads = (await witness.heads()).get(origin, [])
    found = await read_published(TRADING, keys=keys, heads=heads)
    for finding in found:
        facts = {"says": finding.says, "row": finding.row}
        await record_once("log_finding", ACTOR, None, f"{finding.code}:{finding.row}"[:200], hashes={}, facts=facts)
    await record("read_back", ACTOR, None, origin, facts={"findings": len(found), "heads": len(heads)})
    return found


async def alarms(actor: Actor) -> list[Alarm]:
    """What this officer must look at, the newest first."""
    found = [*await _of_witness(), *await _of_log(), *await _of_clocks(), *await _of_closes(actor)]
    found += await _of_store(actor)
    return sorted(found, key=lambda alarm: alarm.at, reverse=True)


async def last_read_back() -> Said | None:
    """When the trading log was last read back, and how many findings there were."""
    found = await log_records.newest("read_back", limit=1)
    return found[0] if found else None


async def _of_witness() -> list[Alarm]:
    return [
        Alarm(
            title=f"{alarm.origin}：{WHY.get(alarm.why, alarm.why)}" + ("（已澄清）" if alarm.settled else ""),
            says=f"见证方已签 {alarm.known_size} 条，对方出示 {alarm.claimed_size} 条",
            at=alarm.at,
            href="/alarms",
            tone="warn" if alarm.settled else "danger",
            hash=alarm.claimed_root.hex(),
        )
        for alarm in await witness.alarms()
    ]


async def _of_log() -> list[Alarm]:
    return [
        Alarm(
            title="交易日志与已公布的不符",
            says=f"{event.facts['says']}（{event.facts['row']}）",
            at=event.at,
            href=f"/entries/{event.leaf}",
            tone="danger",
            hash=event.leaf,
        )
        for event in await log_records.newest("log_finding")
    ]


async def _of_clocks() -> list[Alarm]:
    return [
        Alarm(
            title="时钟被改动",
            says=str(event.facts["says"]),
            at=event.at,
            href="/alarms",
            tone="danger",
            hash=event.leaf,
        )
        for event in await log_records.newest(clockwatch.ACT)
    ]


async def _of_closes(actor: Actor) -> list[Alarm]:
    found = []
    for event in await log_records.newest("refuse_close"):
        case = log_records.case_of(event)
        if case is not None and await _in_scope(actor, case):
            title, says = "截标名单未予会签", str(event.facts["says"])
            found.append(Alarm(title, says, event.at, f"/entries/{event.leaf}", "danger", event.leaf, case))
    return found


async def _of_store(actor: Actor) -> list[Alarm]:
    """Stored files of bids and quotes that the platform has altered or lost."""
    found, events = [], await seen.newest(DAMAGED)
    places = await cases.places([case for case, _ in events])
    for case, event in events:
        place = places.get(case)
        if place is not None and covers(actor, place["region"], place["department"]):
            says, lot = damage.in_words(event.facts), case if place["href"] == f"/cases/{case}" else None
            href = f"/entries/{event.leaf}"
            found.append(Alarm("存储的投标文件已损坏", says, event.at, href, "danger", event.leaf, lot))
    return found


async def _in_scope(actor: Actor, case: UUID) -> bool:
    try:
        lot = await bidding.lot(case)
    except NotFound:
        return False
    return in_scope(actor, lot.region, lot.department)


WATCHED = (
    *("supervise_case", "read_archive", "read_hall", "read_card", "read_entry", "read_waiting", "read_complaints"),
    *("draft_directive", "order_directive", "draft_card", "issue_card", "draft_lift", "lift_card", "review_card"),
    *("refuse_draft", "write_letter", "decide", "handle_complaint", "hold_key"),
)
"""What officers do and look at: each is on supervision's own record, and an inspector reads it."""


async def reads(actor: Actor) -> list[dict[str, Any]]:
    """What the officers of this region did and looked at, for the inspectors who watch them; newest first."""
    events = await log_records.newest(*WATCHED)
    places = await cases.places(log_records.cases_of(events))
    found = []
    for event in events:
        case = log_records.case_of(event)
        place = places.get(case) if case else None
        if place is None or covers(actor, place["region"], place["department"]):
            found.append(_read(event, place))
    return found


def _read(event: Said, place: dict[str, str] | None) -> dict[str, Any]:
    role = ROLE_NAMES.get(event.role, event.role)
    act = act_name(event.act) + (f"：{event.facts['says']}" if event.facts.get("says") else "")
    return {"act": act, "who": f"{event.name}（{role}）", "at": event.at, "lot": place, "hash": event.leaf}
