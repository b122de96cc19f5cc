"""The draw of a request: begun with its notice, before anybody has applied; its list fixed after the close."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from intermediaries.case import Tools
from intermediaries.records.requests import RequestRow
from intermediaries.request_case import RequestCase
from intermediaries.rules.draws import AGENCIES, PERCENT, TIES, DrawList
from kernel.acts import Beat
from kernel.proofs.draw_walk import ACCEPT, WITHDRAWN
from kernel.toss import records as toss_records
from kernel.toss import steps as toss_steps
from kernel.toss.messages import story

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What came of it: agencies (by id, as text) in the drawn order, and the percentage where one was drawn."""

    order: tuple[str, ...]
    percent: int | None


async def begin(tools: Tools, beat: Beat) -> UUID:
    """Have both processes exchange their pieces now, before there is any list."""
    return await toss_steps.begin(beat, tools.hand, kind="agency", regulator=tools.regulator)


async def may_fix(case: RequestCase) -> bool:
    """Whether the pieces are exchanged and on record, and no list is fixed yet: only then may one be."""
    if case.request.toss is None:
        return False
    view = await toss_records.toss_of(case.beat.connection, case.request.toss)
    # A list that was fixed keeps the stage until the other role has taken it.
    return view.stage == "sealed" and not view.strata


async def void_because(case: RequestCase) -> str:
    """Why the draw was called off or its list refused; empty while it is not."""
    if case.request.toss is None:
        return ""
    view = await toss_records.toss_of(case.beat.connection, case.request.toss)
    return (view.why or "抽取作废") if view.stage == "void" else ""


async def fix(tools: Tools, case: RequestCase, found: DrawList) -> None:
    """Fix the list; from here on the order follows from it and from the pieces."""
    assert case.request.toss is not None, "a mode that draws has a draw"
    await toss_steps.fix_list(
        case.beat, tools.hand, case.request.toss,
        strata=found.strata, candidates=found.candidates, avoided=found.avoided,
    )  # fmt: skip


async def drawn(connection: asyncpg.Connection, row: RequestRow) -> Drawn | None:
    """The drawn order once it is made; None before."""
    if row.toss is None:
        return None
    view = await toss_records.toss_of(connection, row.toss)
    if not view.order or not view.opened:
        return None
    listing = (await story(connection, row.toss)).ceremony.draw_list
    assert listing is not None, "an order is that of a list"
    leaves = {stratum.id: stratum.leaves for stratum in listing.strata}
    ordered = {s: [view.opened[leaves[s][n].hex()] for n in numbers] for s, numbers in view.order.items()}
    agencies = ordered.get(AGENCIES) or ordered.get(TIES) or []
    percent = ordered[PERCENT][0]["percent"] if PERCENT in ordered else None
    return Drawn(tuple(record["id"] for record in agencies), percent)


async def settle_ties(tools: Tools, case: RequestCase) -> None:
    """Put on record that the drawn percentage and the whole order of ties were taken as they fell."""
    for stratum in (PERCENT, TIES):
        while (turn := await _next(case, stratum)) is not None:
            await toss_steps.outcome(case.beat, tools.hand, turn.toss, stratum, turn.n, ACCEPT)


async def walked(tools: Tools, case: RequestCase, outcome: str, code: str = "") -> None:
    """What the agency whose turn it is said: accept, declined or no_answer; only where the draw itself picks."""
    turn = await _next(case, AGENCIES)
    if turn is not None:
        await toss_steps.outcome(case.beat, tools.hand, turn.toss, AGENCIES, turn.n, outcome, code=code)


async def left(tools: Tools, case: RequestCase) -> None:
    """The agency that had accepted does not sign: the next of the same order follows it."""
    toss = case.request.toss
    if toss is None:
        return
    view = await toss_records.toss_of(case.beat.connection, toss)
    for n, said in view.outcomes.get(AGENCIES, {}).items():
        if said.outcome == ACCEPT:
            await toss_steps.outcome(case.beat, tools.hand, toss, AGENCIES, n, WITHDRAWN)


@dataclass(frozen=True, slots=True)
class _Turn:
    toss: UUID
    n: int


async def _next(case: RequestCase, stratum: str) -> _Turn | None:
    toss = case.request.toss
    if toss is None:
        return None
    view = await toss_records.toss_of(case.beat.connection, toss)
    if stratum not in view.order:
        return None
    candidate = await toss_records.next_in_order(case.beat.connection, toss, stratum)
    return _Turn(toss, candidate.n) if candidate else None
