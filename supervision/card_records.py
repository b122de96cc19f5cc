"""What is known of cards, read only: one with its course, or those of a scope by level and state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.clock import CHINA
from kernel.db import HOME, reading
from kernel.errors import NotFound, Problem
from kernel.identity import Actor
from supervision.drafts import check_scope
from supervision.judging import last_in_time
from supervision.points import LEVEL_NAMES, PARTIES, Level
from supervision.scope import scope_of

EVENT_NAMES = {
    **LEVEL_NAMES,
    "settled": "事项办理完毕",
    "replied": "当事人回复",
    "rectified": "整改情况",
    "reviewed": "复核办结",
    "lifted": "解除",
}
_MOMENTS = ("due_at", "made_at", "reached_at", "last_at")


@dataclass(frozen=True, slots=True)
class CardView:
    """A card as it stands. `issued_by`: the officer who drafted it, None for the clock's."""

    id: UUID
    case: UUID
    duty: str
    code: str
    case_title: str
    region: str
    department: str
    point: str
    occasion: str
    title: str
    article: str
    party: str
    organisation: UUID | None
    due_at: datetime | None
    issued_by: UUID | None
    made_at: datetime
    level: Level
    reached_at: datetime
    settled: bool
    replied: bool
    rectified: bool
    reviewed: bool
    lifted: bool
    last_at: datetime
    stands: bool

    @property
    def level_name(self) -> str:
        return LEVEL_NAMES[self.level]

    @property
    def last_day(self) -> str:
        """The last day, or moment, that was in time; empty where nothing was due."""
        return last_in_time(self.due_at) if self.due_at else ""

    @property
    def party_name(self) -> str:
        return PARTIES[self.party]

    @property
    def state_name(self) -> str:
        if self.lifted:
            return "已解除"
        if self.reviewed:
            return "已复核办结"
        if self.settled:
            return "事项已办理" + ("，待复核" if self.stands else "")
        return "已回复，待复核" if self.replied else "待办理"


@dataclass(frozen=True, slots=True)
class CardEventView:
    """One thing that happened to a card; `name` is empty for the clock."""

    kind: str
    subject: str
    name: str
    says: str
    at: datetime

    @property
    def kind_name(self) -> str:
        return EVENT_NAMES[self.kind]


async def card_of(actor: Actor, card: UUID) -> CardView:
    """One card; `NotFound` for none, `Forbidden` outside the officer's scope."""
    found = await _cards("where id = $1", card)
    if not found:
        raise NotFound(Problem("no_card", "没有这张牌", "请从红黄牌列表进入"))
    check_scope(actor, found[0].region, found[0].department)
    return found[0]


async def cards_in(
    actor: Actor, *, level: str = "", stands: bool | None = None, page: int = 1, size: int = 50
) -> tuple[list[CardView], int]:
    """Cards of the officer's scope, the newest first: (one page, how many in all)."""
    scope, values = scope_of(actor)
    where = f"where {scope} and ($3 = '' or level = $3) and ($4::bool is null or stands = $4)"
    asked = (*values, level, stands)
    async with reading(HOME) as connection:
        total = await connection.fetchval(f"select count(*) from supervision.card_state {where}", *asked)  # noqa: S608
    order = f"order by reached_at desc, id limit {size} offset {(max(page, 1) - 1) * size}"
    return await _cards(f"{where} {order}", *asked), int(total)


async def to_review(actor: Actor, limit: int) -> list[CardView]:
    """Cards of the officer's scope that stand though answered, put right or done: the longest waiting first."""
    scope, values = scope_of(actor)
    where = f"where {scope} and stands and (replied or rectified or settled) order by last_at, id limit $3"
    return await _cards(where, *values, limit)


async def of_regulators(actor: Actor, limit: int) -> list[CardView]:
    """Cards that stand because a regulator of this scope is late himself: the gravest matter of those who watch him."""
    scope, values = scope_of(actor)
    return await _cards(
        f"where {scope} and stands and party = 'regulator' order by reached_at, id limit $3", *values, limit
    )


async def cards_of(case: UUID) -> list[CardView]:
    """Every card ever made in one case, the newest first."""
    return await _cards('where "case" = $1 order by reached_at desc, id', case)


async def levels_of(cases: Sequence[UUID]) -> dict[UUID, Level]:
    """Case → the gravest level that stands on it."""
    async with reading(HOME) as connection:
        rows = await connection.fetch(
            "select \"case\", max(array_position(array['remind', 'yellow', 'red'], level)) as place"
            ' from supervision.card_state where "case" = any($1) and stands group by "case"',
            list(cases),
        )
    levels: tuple[Level, ...] = ("remind", "yellow", "red")
    return {row["case"]: levels[row["place"] - 1] for row in rows}


async def standing_counts(actor: Actor) -> dict[str, int]:
    """Level → how many cards of it stand in the officer's scope."""
    scope, values = scope_of(actor)
    async with reading(HOME) as connection:
        rows = await connection.fetch(
            f"select level, count(*) as n from supervision.card_state where {scope} and stands group by level",  # noqa: S608
            *values,
        )
    return {level: next((row["n"] for row in rows if row["level"] == level), 0) for level in LEVEL_NAMES}


async def events_of(card: UUID) -> list[CardEventView]:
    """What happened to a card, the oldest first."""
    async with reading(HOME) as connection:
        rows = await connection.fetch(
            "select kind, subject, name, says, at from supervision.card_event where card = $1 order by at, id", card
        )
    return [CardEventView(**{**row, "at": row["at"].astimezone(CHINA)}) for row in rows]


async def _cards(where: str, *values: Any) -> list[CardView]:
    async with reading(HOME) as connection:
        rows = await connection.fetch(f"select * from supervision.card_state {where}", *values)  # noqa: S608
    return [
        CardView(**{**row, **{name: row[name].astimezone(CHINA) for name in _MOMENTS if row[name] is not None}})
        for row in rows
    ]
