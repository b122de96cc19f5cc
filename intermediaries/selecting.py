"""Whom a request turns to: the ranking that draw and quotes give, and asking the next who has not been asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from intermediaries import quotes, tosses
from intermediaries.case import Tools
from intermediaries.records import agencies, applicants
from intermediaries.records import requests as records
from intermediaries.request_case import RequestCase
from intermediaries.request_ends import fail
from intermediaries.request_news import tell, tell_owner
from intermediaries.request_texts import write_text
from intermediaries.stages import AgencyStage, Stage
from intermediaries.tables.requests import Selection
from kernel.clock import iso, when
from kernel.ids import new_id
from kernel.proofs.selection import Ranking, Rule, rank


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agency that may be asked; price in yuan where there is one."""

    agency: UUID
    organisation: UUID
    code: str
    name: str
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Everybody in the order in which they are asked, and how that order came about (for the published result)."""

    candidates: Sequence[Candidate]
    basis: Mapping[str, Any]


async def standing(case: RequestCase) -> Standing | None:
    """The order of a drawn or quoted request; None while the draw's order is not made."""
    row = case.request
    drawn = await tosses.drawn(case.beat.connection, row)
    if drawn is None:
        return None
    applied = {str(a.agency): a for a in await applicants.applicants(row.id)}
    prices = await _prices(case, {a.code: str(a.agency) for a in applied.values()}, drawn.order)
    mode = row.mode_row
    rule = Rule(mode["picks"], tuple(mode["percents"]), mode["drop_from"])
    ranking = rank(rule, prices, drawn.order, drawn.percent)
    found = [
        Candidate(a.agency, a.organisation, a.code, a.name, prices.get(one, row.amount))
        for one in ranking.order
        if (a := applied[one])
    ]
    return Standing(found, _basis(ranking, drawn, {one: applied[one].code for one in drawn.order}))


async def ask_next(tools: Tools, case: RequestCase) -> None:
    """Turn to the next agency of the order that may still serve; with nobody left the request has failed."""
    found = await standing(case)
    asked = {s.agency for s in await records.selections(case.request.id)}
    for candidate in found.candidates if found else ():
        if candidate.agency in asked:
            continue
        agency = await agencies.agency(candidate.agency)
        if agency.stage == AgencyStage.ACTIVE:
            await ask(case, candidate, found.basis if found else {})
            return
        await tosses.walked(tools, case, "avoidance", "agency_not_active")
    await fail(case, "没有可以递补的机构，流标；业主可以重新发布")


async def ask(case: RequestCase, candidate: Candidate, basis: Mapping[str, Any]) -> None:
    """Publish that this agency is selected; it has until a moment of the law to answer."""
    row, at = case.request, case.beat.at
    n = len(await records.selections(row.id)) + 1
    until = row.limits["S02"].deadline(at)
    agency = {"code": candidate.code, "name": candidate.name}
    price = "" if candidate.price is None else str(candidate.price)
    content = {"n": n, "agency": agency, "price": price, "answer_until": iso(until), "basis": dict(basis)}
    sha256, _ = await write_text(row.id, row.code, row.name, "selection", content, at)
    await Selection.insert(
        Selection(
            id=new_id(), request=row.id, n=n, agency=candidate.agency, organisation=candidate.organisation,
            code=candidate.code, name=candidate.name, price=candidate.price, text_sha256=sha256, at=at,
            answer_until=until,
        )
    )  # fmt: skip
    await case.move(Stage.SELECTED, agency=candidate.agency, agency_name=candidate.name)
    await case.record("select_agency", hashes={"text": sha256}, facts={"n": n, **agency})
    await tell(case, candidate.organisation, "selection_made", until=when(until))
    await tell_owner(case, "selection_published", agency=candidate.name)
    await case.wake(until)


async def _prices(case: RequestCase, agency_of: Mapping[str, str], drawn: Sequence[str]) -> dict[str, Decimal]:
    row = case.request
    if not row.mode_row["quotes"]:
        return {}
    offered = await quotes.opened(row.id, row.lowest, row.highest)
    return {one: q.price for q in offered if (one := agency_of.get(q.code)) in drawn and q.price is not None and one}


def _basis(ranking: Ranking, drawn: tosses.Drawn, codes: Mapping[str, str]) -> dict[str, Any]:
    return {
        "ranking": [codes[one] for one in ranking.order],
        "dropped": [codes[one] for one in ranking.dropped],
        "reference": "" if ranking.reference is None else str(ranking.reference),
        "percent": drawn.percent or 0,
        "drawn": [codes[one] for one in drawn.order],
    }
