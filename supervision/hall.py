"""The regulator's hall: what the last round found in his region and departments, counted and listed by the database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from kernel.clock import CHINA, now
from kernel.db import HOME, reading
from kernel.errors import NotFound, Problem
from kernel.identity import Actor
from kernel.watched import WatchedCase
from kernel.workdays import local_date, midnight
from supervision import card_records
from supervision.drafts import check_scope
from supervision.judging import last_in_time
from supervision.points import Level
from supervision.scope import scope_of
from supervision.sources import DUTY_NAMES

SIZE = 50
STILL = timedelta(days=15)
"""A case that moves, in which nothing is due, stands still after so long without a step."""
STATES = {"today": "今日到期", "late": "已逾期", "still": "停滞", "open": "在办"}
_STATE = """
case when due_at <= $3 then 'late' when due_at <= $4 then 'today' when open and due_at is null and moved_at < $5
    then 'still' end
"""
_COUNTS = """
with seen as (select duty, stage, stage_name, region, open, {state} as state from supervision.watched where {scope})
select grouping(duty, stage, region, state, open) as by, duty, stage, stage_name, region, state, open, count(*) as n
from seen group by grouping sets ((duty), (duty, stage, stage_name), (region), (state), (open))
"""
_LIST = """
with found as (
    select w.*, {state} as state from supervision.watched w where {scope}
        and ($6 = '' or duty = $6) and ($7 = '' or stage = $7) and ($8 = '' or region = $8)
        and ($9 = '' or code = $9 or title ilike '%' || $9 || '%')
        and case $10 when '' then true when 'open' then open when 'late' then due_at <= $3
            when 'today' then due_at > $3 and due_at <= $4
            else open and due_at is null and moved_at < $5 end
)
select *, count(*) over () as found from found
order by state is distinct from 'late', due_at, since desc, "case" limit $11 offset $12
"""
_PLACES = {0b01111: "duty", 0b00111: "stage", 0b11011: "region", 0b11101: "state", 0b11110: "open"}
"""What `grouping` says of each set: which of duty, stage, region, state, open a row counts by."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What the officer wants to see; empty is everything."""

    duty: str = ""
    stage: str = ""
    region: str = ""
    state: str = ""
    q: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A case in the list. `due`: the last day in time; `state`: today, late, still or empty; `level` of its cards."""

    case: UUID
    duty: str
    code: str
    title: str
    region: str
    stage: str
    stage_name: str
    open: bool
    moved_at: datetime
    due: str
    due_title: str
    due_article: str
    state: str
    level: Level | None

    @property
    def duty_name(self) -> str:
        return DUTY_NAMES[self.duty]

    @property
    def state_name(self) -> str:
        return STATES.get(self.state, "")

    @property
    def href(self) -> str:
        return href_of(self.duty, self.case)


@dataclass(frozen=True, slots=True)
class Count:
    """How many cases have this value."""

    value: str
    label: str
    n: int
    duty: str = ""


@dataclass(frozen=True, slots=True)
class Hall:
    """Everything on the one screen; the counts are of the whole scope, the rows one page of what was asked for."""

    rows: list[Row]
    total: int
    duties: list[Count]
    stages: list[Count]
    regions: list[Count]
    states: dict[str, int]
    cards: dict[str, int]


async def overview(actor: Actor, filters: Filters, page: int = 1) -> Hall:
    """The hall of this officer: late cases before all, then the next due, then the newest."""
    (counts, counted_by), (listed, asked) = statements(actor, filters, await now(HOME), page)
    async with reading(HOME) as connection:
        found = _counts(await connection.fetch(counts, *counted_by))
        rows = await connection.fetch(listed, *asked)
    levels = await card_records.levels_of([row["case"] for row in rows])
    shown = [_row(row, levels.get(row["case"])) for row in rows]
    total = int(rows[0]["found"]) if rows else 0
    states = {count.value: count.n for count in found["state"]} | {"open": _open(found["open"])}
    cards = await card_records.standing_counts(actor)
    return Hall(shown, total, found["duty"], found["stage"], found["region"], states, cards)


def statements(actor: Actor, filters: Filters, at: datetime, page: int = 1) -> list[tuple[str, tuple[Any, ...]]]:
    """What is asked of the database: (the counts of the scope, its values), (one page of the list, its values)."""
    condition, scope = scope_of(actor)
    moments = (*scope, *_moments(at))
    asked = (filters.duty, filters.stage, filters.region, _plain(filters.q), filters.state)
    paged = (SIZE, (max(page, 1) - 1) * SIZE)
    counts, listed = (text.format(state=_STATE, scope=condition) for text in (_COUNTS, _LIST))
    return [(counts, moments), (listed, (*moments, *asked, *paged))]


async def case(actor: Actor, id: UUID) -> WatchedCase:
    """A case of the hall's list; `NotFound` for none, `Forbidden` outside the officer's scope."""
    async with reading(HOME) as connection:
        row = await connection.fetchrow('select * from supervision.watched where "case" = $1', id)
    if row is None:
        raise NotFound(Problem("no_case", "没有这个项目", "请从监督大厅进入"))
    check_scope(actor, row["region"], row["department"])
    names = ("duty", "code", "title", "region", "department", "procedure", "stage", "stage_name", "open")
    parties = {party: UUID(unit) for party, unit in json.loads(row["parties"]).items()}
    fields = {name: row[name] for name in names}
    return WatchedCase(id=id, law=None, since=row["since"].astimezone(CHINA), parties=parties, **fields)


async def titles(cases: list[UUID]) -> dict[UUID, dict[str, str]]:
    """Case → {text, href, region, department}, for lists that name cases of any duty."""
    async with reading(HOME) as connection:
        rows = await connection.fetch(
            'select "case", duty, title, region, department from supervision.watched where "case" = any($1)', cases
        )
    return {
        row["case"]: {
            "text": row["title"], "href": href_of(row["duty"], row["case"]), "region": row["region"],
            "department": row["department"],
        }
        for row in rows
    }  # fmt: skip


def href_of(duty: str, id: UUID) -> str:
    """Where the hall shows a case of this duty."""
    return {"bidding": f"/cases/{id}", "complaints": f"/complaints/{id}"}.get(duty, f"/hall/{id}")


def _moments(at: datetime) -> tuple[datetime, datetime, datetime]:
    """Now, the end of today, and since when a case stands still."""
    return at, midnight(local_date(at) + timedelta(days=1)), at - STILL


def _counts(rows: list[Mapping[str, Any]]) -> dict[str, list[Count]]:
    found: dict[str, list[Count]] = {name: [] for name in ("duty", "stage", "region", "state", "open")}
    for row in rows:
        name = _PLACES[row["by"]]
        if row[name] is None:
            continue
        label = row["stage_name"] if name == "stage" else DUTY_NAMES.get(row["duty"] or "", str(row[name]))
        found[name].append(Count(str(row[name]), label, row["n"], row["duty"] or ""))
    return found


def _open(counts: list[Count]) -> int:
    return next((count.n for count in counts if count.value == "True"), 0)


def _row(row: Mapping[str, Any], level: Level | None) -> Row:
    names = ("case", "duty", "code", "title", "region", "stage", "stage_name", "open", "due_title", "due_article")
    fields = {name: row[name] for name in names}
    due = last_in_time(row["due_at"]) if row["due_at"] else ""
    return Row(**fields, moved_at=row["moved_at"].astimezone(CHINA), due=due, state=row["state"] or "", level=level)


def _plain(words: str) -> str:
    return words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")[:80]
