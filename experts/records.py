"""Read-only looks at panels and the pool, for bidding, for supervision, and for the regulator's process in a draw.

The supervision site reads here through its restricted login (migrations/grants.sql).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

import asyncpg

from experts import pool
from experts.admissions import removable, waiting_decisions
from experts.avoidance import GROUNDS, Ground
from experts.rules import Live, lawful_problems
from experts.schemas import Judge, Panel, Seat
from experts.stages import STANDING, Stage
from kernel.clock import CHINA
from kernel.db import TRADING, reading
from kernel.errors import NotFound, Problem
from kernel.identity import Actor
from kernel.toss.schemas import Rebuilt, Record, TossView
from kernel.watched import Fact

__all__ = [
    "Panel",
    "Seat",
    "contact",
    "facts",
    "grounds",
    "is_lawful",
    "meanwhile",
    "members",
    "names",
    "panel",
    "panel_of",
    "panels_where",
    "rebuild",
    "recheck",
    "removable",
    "screen",
    "seat_by_slip",
    "seat_of",
    "waiting_decisions",
]

_PANEL = """
select p.id, p.lot, p.n, p.stage, p.size, p.owners, p.least, p.share, p.owner_may_chair, p.evaluation_at,
    p.category
from experts.panel p
"""
_SEAT = """
select id, number, kind, profession, signed_in_at, left_at, replaced_by, chair, spare, why, toss_seat, person
from experts.seat
"""
_SEATED = {"expert": " where id = $2 and kind = 'expert'", "purchaser": " where person = $2 and kind = 'owner'"}
_IN_PANEL = """ and signed_in_at is not null and (not spare or $4) and panel in
    (select p.id from experts.panel p where p.lot = $1 and p.stage = any($3)) order by left_at nulls first limit 1
"""
_ROW = """
select p.*, (select json_agg(json_build_object('profession', s.profession, 'quota', s.quota, 'spares', s.spares)
    order by s.place) from experts.stratum s where s.panel = p.id) as strata
from experts.panel p
"""


async def panel_of(connection: asyncpg.Connection, lot: UUID) -> Panel | None:
    """The lot's panel, drawn or being drawn; None before one is asked for, or when the last was given up."""
    row = await connection.fetchrow(
        f"{_PANEL} where p.lot = $1 and p.stage = any($2) order by p.n desc limit 1",
        lot, [str(stage) for stage in STANDING],
    )  # fmt: skip
    return None if row is None else await _panel(connection, row)


async def panel(connection: asyncpg.Connection, panel_id: UUID) -> Panel:
    """One panel, whatever became of it; `NotFound`."""
    row = await connection.fetchrow(f"{_PANEL} where p.id = $1", panel_id)
    if row is None:
        raise no_panel()
    return await _panel(connection, row)


def no_panel() -> NotFound:
    """What is said of a panel that is not, or is none of one's business."""
    return NotFound(Problem("no_panel", "没有这个评标委员会", "请从标段页面进入"))


async def _panel(connection: asyncpg.Connection, row: asyncpg.Record) -> Panel:
    quotas = await connection.fetch(
        "select profession, quota from experts.stratum where panel = $1 order by place", row["id"]
    )
    seats = await connection.fetch(f"{_SEAT} where panel = $1 order by number", row["id"])
    values = dict(row) | {"share": Fraction(row["share"]), "evaluation_at": row["evaluation_at"].astimezone(CHINA)}
    return Panel(
        quota={quota["profession"]: quota["quota"] for quota in quotas}, seats=tuple(map(_seat, seats)), **values
    )


def _seat(row: Mapping[str, Any]) -> Seat:
    values: dict[str, Any] = {k: v.astimezone(CHINA) if isinstance(v, datetime) else v for k, v in row.items()}
    return Seat(**values)


async def seat_of(connection: asyncpg.Connection, actor: Actor, lot: UUID, *, spares: bool = False) -> Seat | None:
    """The seat of who acts: of an expert by his slip's session, of an owner's member by his own account.

    A spare sits on none before he moves up, unless `spares` are asked for.
    """
    if actor.person is None or actor.role not in _SEATED:
        return None
    stages = [str(stage) for stage in STANDING]
    row = await connection.fetchrow(_SEAT + _SEATED[actor.role] + _IN_PANEL, lot, actor.person, stages, spares)
    return None if row is None else _seat(row)


async def seat_by_slip(connection: asyncpg.Connection, sha256: str) -> tuple[UUID, Seat] | None:
    """(lot, seat) of a slip's hash."""
    row = await connection.fetchrow(f"{_SEAT} where slip_sha256 = $1", sha256)
    if row is None:
        return None
    lot = await connection.fetchval(
        "select p.lot from experts.panel p join experts.seat s on s.panel = p.id where s.id = $1", row["id"]
    )
    return lot, _seat(row)


async def members(connection: asyncpg.Connection, lot: UUID) -> list[Seat]:
    """Who sits now: signed in, not gone, no spare."""
    found = await panel_of(connection, lot)
    return [] if found is None else [seat for seat in found.seats if seat.live]


def is_lawful(panel: Panel) -> list[Problem]:
    """All that keeps the panel's live members from sitting; empty when they may."""
    live = [seat for seat in panel.seats if seat.live]
    experts = sum(seat.kind == "expert" for seat in live)
    return lawful_problems(Live(panel.size, panel.least, panel.share, experts, len(live) - experts, panel.category))


async def names(connection: asyncpg.Connection, lot: UUID) -> list[Judge]:
    """Who sat on the lot's panel to its end; empty before the names are opened."""
    rows = await connection.fetch(
        "select s.number, s.kind, s.name, s.profession, s.chair, s.record->>'title' as title,"
        " s.record->>'employer_name' as employer from experts.seat s join experts.panel p on p.id = s.panel"
        " where p.lot = $1 and p.names_at is not null and p.stage = any($2) and s.left_at is null and not s.spare"
        " order by s.number",
        lot, [str(stage) for stage in STANDING],
    )  # fmt: skip
    found: list[dict[str, Any]] = [{key: "" if value is None else value for key, value in row.items()} for row in rows]
    return [Judge(**values) for values in found]


async def panels_where(limit: int = 200, **where: Any) -> list[dict[str, Any]]:
    """Panels as stored, the newest first: by lot, purchaser, agent, toss, stages; `unfinished`: names not all open."""
    tests, values = [], []
    for key, value in where.items():
        values.append(value)
        test = {
            "stages": "p.stage = any({})",
            "unfinished": "(p.audit_asked_at is null) = {}",
            "region": "p.region like {}",
        }.get(key, f"p.{key} = {{}}")
        tests.append(test.format(f"${len(values)}"))
    async with reading(TRADING) as connection:
        rows = await connection.fetch(
            f"{_ROW} where {' and '.join(tests) or 'true'} order by p.requested_at desc, p.id limit {int(limit)}",
            *values,
        )
    return [dict(row) for row in rows]


async def facts(cases: Sequence[UUID]) -> dict[UUID, dict[str, Fact]]:
    """Lot → what the points of supervision measure of its panel."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch(
            "select distinct on (p.lot) p.lot, p.fixed_at, p.size, p.owners, p.same_employer, p.not_avoided"
            " from experts.panel p where p.lot = any($1) and p.stage <> all($2) order by p.lot, p.n desc",
            list(cases), [str(Stage.VOID), str(Stage.DISSOLVED)],
        )  # fmt: skip
    return {row["lot"]: _facts(row) for row in rows}


def _facts(row: asyncpg.Record) -> dict[str, Fact]:
    found: dict[str, Fact | None] = {
        "panel_drawn": row["fixed_at"].astimezone(CHINA) if row["fixed_at"] else None,
        "panel_size": row["size"],
        "panel_even": "odd" if row["size"] % 2 else "even",
        "panel_experts": row["size"] - row["owners"],
        "panel_same_employer": row["same_employer"],
        "panel_not_avoided": row["not_avoided"],
    }
    return {name: value for name, value in found.items() if value is not None}


async def rebuild(connection: asyncpg.Connection, toss: TossView) -> Rebuilt:
    """The list of a draw, made again from the pool as it stood when the list was fixed."""
    found = await pool.listed(connection, await pool.terms_of(connection, await _of(connection, toss)))
    return Rebuilt(found.candidates, found.avoided, found.root)


async def screen(connection: asyncpg.Connection, toss: TossView, record: Record) -> str:
    """Why this candidate may not judge as things stand now: a ground's code, suspended, expired; else empty."""
    moment = await connection.fetchval("select kernel.law_now()")
    terms = await pool.terms_of(connection, await _of(connection, toss), moment)
    return await pool.screened(connection, terms, UUID(str(record["id"])))


async def contact(connection: asyncpg.Connection, toss: TossView, record: Record) -> dict[str, str]:
    """Gateway → address at which this expert is called."""
    phone = await connection.fetchval(
        "select phone from experts.standing where expert = $1 and known_until is null", UUID(str(record["id"]))
    )
    return {"sms": phone, "voice": phone} if phone else {}


async def recheck(connection: asyncpg.Connection) -> list[UUID]:
    """The draws of panels whose bidders have become known: who sits there is screened once more."""
    rows = await connection.fetch(
        "select toss from experts.panel where bidders_at > coalesce(fixed_at, requested_at) and names_asked_at is null"
        " and stage = any($1) and toss is not null order by bidders_at limit 200",
        [str(Stage.CALLING), str(Stage.SEATED), str(Stage.LACKING)],
    )  # fmt: skip
    return [row["toss"] for row in rows]


def grounds(who: str, category: str = "") -> tuple[Ground, ...]:
    """The grounds of avoidance.toml for these people: who handles a complaint asks here too."""
    return GROUNDS.of(who, category)


async def meanwhile(connection: asyncpg.Connection, toss: TossView) -> list[UUID]:
    """The draws of the other panels whose evaluation overlaps this one's in time."""
    rows = await connection.fetch(
        "select o.toss from experts.panel o join experts.panel p on p.toss = $1 and p.id <> o.id"
        " where o.evaluation_at < p.evaluation_until and p.evaluation_at < o.evaluation_until"
        " and o.toss is not null and o.stage = any($2) order by o.id",
        toss.id, [str(stage) for stage in STANDING],
    )  # fmt: skip
    return [row["toss"] for row in rows]


async def _of(connection: asyncpg.Connection, toss: TossView) -> UUID:
    found: UUID | None = await connection.fetchval("select id from experts.panel where toss = $1", toss.id)
    if found is None:
        raise no_panel()
    return found
