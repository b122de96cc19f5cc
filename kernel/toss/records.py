"""Where draws stand, read only; for the duties, their pages, and the supervision site."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from kernel.clock import CHINA
from kernel.errors import NotFound, Problem
from kernel.proofs import dsse
from kernel.proofs.canonical import decode
from kernel.proofs.draw_walk import ACCEPT, WITHDRAWN
from kernel.toss.messages import Row, rows_of, story
from kernel.toss.schemas import CallTerms, Candidate, OutcomeView, Seat, StratumView, TossView

_ONE = "select * from toss.toss where id = $1"
_OF_CASE = """
select * from toss.toss where "case" = $1 and ($2 = '' or kind = $2) order by begun_at, id
"""
_COUNT = 'select count(*) from toss.toss where "case" = $1 and list_number > 0'


async def toss_of(connection: asyncpg.Connection, toss: UUID) -> TossView:
    """One draw; `NotFound` when there is none of this number."""
    row = await connection.fetchrow(_ONE, toss)
    if row is None:
        raise NotFound(Problem("no_toss", "没有这次抽取", "请核对编号"))
    return await _view(connection, row)


async def tosses_of(connection: asyncpg.Connection, case: UUID, kind: str = "") -> list[TossView]:
    """The draws of a case, void ones too, oldest first."""
    return [await _view(connection, row) for row in await connection.fetch(_OF_CASE, case, kind)]


async def sealed(connection: asyncpg.Connection, toss: UUID) -> bool:
    """D2 is done: the pieces are logged, held by others, and found good."""
    stage = await connection.fetchval("select stage from toss.toss where id = $1", toss)
    return stage in ("sealed", "listed", "ordered", "walked")


async def waiting_for(connection: asyncpg.Connection, toss: UUID, role: str) -> list[str]:
    """What a role has to say now: commit, seal, ready or show; at most one of them."""
    due = (await story(connection, toss)).ceremony.due(role)
    return [due] if due in ("commit", "seal", "ready", "show") else []


async def said(connection: asyncpg.Connection, toss: UUID) -> list[bytes]:
    """Every message of a draw as it was signed (DSSE), oldest first: what the third role's own machine goes by."""
    return [row.envelope for row in await rows_of(connection, toss) if row.leaf is not None and row.kind != "audit"]


async def next_in_order(connection: asyncpg.Connection, toss: UUID, stratum: str) -> Candidate | None:
    """Whose turn it is in a group whose names are open; None when its seats are filled or it is used up."""
    ceremony = (await story(connection, toss)).ceremony
    if ceremony.drawn is None or ceremony.draw_list is None or stratum not in ceremony.drawn.orders:
        return None
    n = ceremony.walks()[stratum].next
    if n is None:
        return None
    leaf = next(s for s in ceremony.draw_list.strata if s.id == stratum).leaves[n].hex()
    names = opened(await rows_of(connection, toss, "names"))
    return Candidate(stratum, n, leaf, names[leaf]) if leaf in names else None


async def audited(connection: asyncpg.Connection, toss: UUID) -> bool:
    """Whether everybody on the list was opened for the auditor, and the trading side has checked it."""
    return any(row.leaf is not None for row in await rows_of(connection, toss, "audit"))


def opened(rows: Iterable[Row]) -> dict[str, Mapping[str, Any]]:
    """Leaf → record of what the keeper of the names has opened and the trading side has checked."""
    found: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        if row.leaf is not None:
            found |= {one["leaf"]: one["record"] for one in payload(row)["openings"]}
    return found


def payload(row: Row) -> dict[str, Any]:
    """A stored message's members; for rows whose signature was checked when they were taken."""
    value: dict[str, Any] = decode(dsse.read(row.envelope).payload)
    return value


async def _view(connection: asyncpg.Connection, row: asyncpg.Record) -> TossView:
    strata = tuple(StratumView(s["id"], s["quota"], s["size"]) for s in json.loads(row["strata"] or "[]"))
    terms = json.loads(row["terms"] or "{}")
    rows = await rows_of(connection, row["id"], "outcome", "names") if row["order"] else []
    said = [payload(one) for one in rows if one.kind == "outcome" and one.leaf is not None]
    order = json.loads(row["order"] or "{}")
    outcomes = _outcomes(said, order)
    return TossView(
        id=row["id"], case=row["case"], kind=row["kind"], attended=row["attended"], stage=row["stage"],
        roles=tuple(json.loads(row["roles"])), beacon_rule=row["beacon_rule"],
        begun_at=row["begun_at"].astimezone(CHINA), strata=strata, employer_cap=terms.get("employer_cap", 0),
        call=CallTerms(**terms["call"]) if terms.get("call") else None,
        draws=await connection.fetchval(_COUNT, row["case"]), list_root=row["list_root"], order=order,
        outcomes=outcomes, seats=_seats(said, outcomes), opened=opened(one for one in rows if one.kind == "names"),
        exhausted=_exhausted(strata, order, outcomes), why=row["why"], missing=row["missing"],
    )  # fmt: skip


def _outcomes(said: list[dict[str, Any]], order: Mapping[str, list[int]]) -> dict[str, dict[int, OutcomeView]]:
    found: dict[str, dict[int, OutcomeView]] = {s: {} for s in order}
    for one in sorted(said, key=lambda one: one["outcome"] == WITHDRAWN):
        at = datetime.fromisoformat(one["at"])
        found[one["stratum"]][one["n"]] = OutcomeView(one["outcome"], one["code"], at)
    return found


def _seats(said: list[dict[str, Any]], outcomes: Mapping[str, Mapping[int, OutcomeView]]) -> list[Seat]:
    seats = [
        Seat(
            one["seat"], one["stratum"], one["n"], one["leaf"], one["slip"], datetime.fromisoformat(one["at"]),
            outcomes[one["stratum"]][one["n"]].outcome == WITHDRAWN,
        )
        for one in said
        if one["outcome"] == ACCEPT
    ]  # fmt: skip
    return sorted(seats, key=lambda seat: seat.number)


def _exhausted(
    strata: tuple[StratumView, ...],
    order: Mapping[str, list[int]],
    outcomes: Mapping[str, Mapping[int, OutcomeView]],
) -> tuple[str, ...]:
    found = []
    for one in strata:
        row = outcomes.get(one.id, {})
        accepted = sum(view.outcome == ACCEPT for view in row.values())
        if one.id in order and len(row) == len(order[one.id]) and accepted < one.quota:
            found.append(one.id)
    return tuple(found)
