"""One click from an alert to the log entries behind it: those of a case, of this side's own log, or of one moment."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel import log_records
from kernel.box import seen
from kernel.clock import CHINA
from kernel.db import HOME, reading
from kernel.errors import NotFound, Problem
from kernel.identity import Actor
from kernel.web.door import ROLE_NAMES
from supervision import hall
from supervision.acts import key_of
from supervision.card_records import CardView
from supervision.words import act_name, told

_OWN = """
select case_key, n, act, at, convert_from(body, 'utf8') as body, leaf from kernel.log_event where leaf = $1
"""


_MADE = ("raise_card", "issue_card", "lift_card", "review_card")


@dataclass(frozen=True, slots=True)
class Entry:
    """A log entry as it is shown: what it says, and its exact event where this side may read it."""

    log: str
    act: str
    who: str
    says: str
    at: datetime
    hash: str
    case: UUID | None
    event: str


async def entry(actor: Actor, leaf: str, case: UUID | None = None) -> Entry:
    """The entry with this hash: of the case's log on the trading side, else of supervision's own.

    `NotFound` where neither has it, or where it is not to be seen yet; a case outside the officer's scope is
    `Forbidden`.
    """
    if case is not None:
        await hall.case(actor, case)
        for event in await seen.events(case):
            if event.leaf == leaf:
                says = {"facts": dict(event.facts), "hashes": dict(event.hashes)}
                return Entry(
                    "交易日志", act_name(event.act), _who(event.role), told(event), event.at, leaf, case, _text(says)
                )
    return await _own(leaf)


async def behind_card(card: CardView) -> list[Entry]:
    """What a card rests on: the case's entries of the moments it names, and supervision's own entry of its making."""
    moments = [moment for part in card.occasion.split("/") if (moment := _moment(part)) is not None]
    made = [
        event for event in await log_records.newest(*_MADE, case_key=key_of(card.case)) if event.subject == str(card.id)
    ]
    own = [
        Entry(
            "监督日志",
            act_name(event.act),
            _who(event.role),
            str(event.facts.get("says", "")),
            event.at,
            event.leaf,
            None,
            "",
        )
        for event in reversed(made)
    ]
    return [*await behind(card.case, moments), *own]


async def behind(case: UUID, moments: Sequence[datetime]) -> list[Entry]:
    """The entries of a case that were written at these very moments."""
    wanted = {moment.replace(microsecond=moment.microsecond // 1000 * 1000) for moment in moments}
    return [
        Entry("交易日志", act_name(event.act), _who(event.role), told(event), event.at, event.leaf, case, "")
        for event in await seen.events(case)
        if event.at.replace(microsecond=event.at.microsecond // 1000 * 1000) in wanted
    ]


async def _own(leaf: str) -> Entry:
    async with reading(HOME) as connection:
        row = await connection.fetchrow(_OWN, bytes.fromhex(leaf)) if _is_hash(leaf) else None
    if row is None:
        raise NotFound(Problem("no_entry", "没有这条日志，或现在还不能查看", "请从预警或项目页面进入"))
    event = json.loads(row["body"])
    says = str(event["facts"].get("says", event["subject"]))
    at = row["at"].astimezone(CHINA)
    return Entry("监督日志", act_name(row["act"]), _who(event["role"]), says, at, leaf, None, _text(event))


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _who(role: str) -> str:
    return "平台时钟" if role == "clockwork" else ROLE_NAMES.get(role, role)


def _is_hash(text: str) -> bool:
    return len(text) == 64 and all(c in "0123456789abcdef" for c in text)


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, default=str)
