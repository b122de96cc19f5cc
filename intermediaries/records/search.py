"""Finding agencies: words, facets, pages; and several side by side. Only those in the market are found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from intermediaries.credit import CREDIT
from intermediaries.records import items
from intermediaries.records.agencies import SELECT, agencies_where, certificates, fetch, practitioners, promises, row_of
from intermediaries.records.agency_rows import AgencyRow, CertificateView, PromiseView
from intermediaries.rules.agencies import holds
from intermediaries.search_words import LONGEST, pairs, plain
from intermediaries.stages import AgencyStage
from kernel.clock import now

MOST = 4
"""Agencies that may be compared at once."""
_RANK = "band desc, rating_count desc, id"
_COUNTS = """
select f as facet, count(*) as n from (
    select unnest(facets || array['s:' || band, '*']::varchar[]) as f from intermediaries.agency where {where}) found
group by f
"""
_TALLY = "select facet, sum(n)::int as n from intermediaries.tally where given = $1 group by facet having sum(n) > 0"


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody looks for. `region`: in it or below; `stars`: at least; `comparing`: only whom one may choose."""

    q: str = ""
    category: str = ""
    item: str = ""
    region: str = ""
    qualification: str = ""
    stars: int = 0
    comparing: bool = False
    page: int = 1
    size: int = 20


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found, best rated first; facet → value → how many of all that was found."""

    agencies: list[AgencyRow]
    total: int
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Compared:
    """One column of a comparison; `served` are the promises it may keep at this moment."""

    agency: AgencyRow
    served: tuple[PromiseView, ...]
    certificates: tuple[CertificateView, ...]
    staff: Mapping[str, int]

    def price(self, item: UUID) -> Decimal | None:
        """The promised price of one item in yuan; None by agreement or not served."""
        return next((promise.price for promise in self.served if promise.item == item), None)


async def search(question: Question) -> Found:
    """One page of agencies with the counts of every facet over all that was found."""
    (_, page, wanted), (_, counts, given) = questioned(question)
    rows = await fetch(page, *wanted)
    total, facets = _facets(await fetch(counts, *given))
    return Found([row_of(row) for row in rows], total, facets)


def questioned(question: Question) -> tuple[tuple[str, str, list[Any]], tuple[str, str, list[Any]]]:
    """The two queries of a search with their values: ("page", …) and ("counts", …)."""
    where, values = _where(question)
    size = max(1, min(question.size, 100))
    offset = (max(question.page, 1) - 1) * size
    page = f"{SELECT} where {where} order by {_RANK} limit {size} offset {offset}"
    chosen = _chosen(question)
    if len(chosen) <= 1 and not (question.q.strip() or question.stars or question.comparing):
        return ("page", page, values), ("counts", _TALLY, ["".join(chosen)])
    return ("page", page, values), ("counts", _COUNTS.format(where=where), values)


def _chosen(question: Question) -> list[str]:
    """The facets asked for, as agencies bear them."""
    keys = {"c": question.category, "i": question.item, "r": question.region, "q": question.qualification}
    return [f"{key}:{value}" for key, value in keys.items() if value]


async def compared(agencies: Sequence[UUID]) -> list[Compared]:
    """Up to four agencies side by side, in the order asked for; whoever is not in the market is left out."""
    wanted = list(dict.fromkeys(agencies))[:MOST]
    rows = {row.id: row for row in await agencies_where("id = any($1) and stage = 'active'", wanted)}
    at = await now()
    return [await column(rows[id], at) for id in wanted if id in rows]


async def served(agency: AgencyRow, at: datetime) -> tuple[PromiseView, ...]:
    """What an agency may be asked for at this very moment: a lapsed certificate counts before any clockwork looks."""
    if agency.stage != AgencyStage.ACTIVE:
        return ()
    papers = await certificates(agency.id)
    known = {row.id: row.item for row in await items.catalogue()}
    kept = [p for p in await promises(agency.id) if p.standing and p.item in known]
    return tuple(p for p in kept if all(any(holds(c, need, at) for c in papers) for need in known[p.item].needs))


async def column(row: AgencyRow, at: datetime) -> Compared:
    """One agency as it is at this moment: what it may serve, what it holds, who works there."""
    staff: dict[str, int] = {}
    for person in await practitioners(row.id):
        if person.expires_at is None or person.expires_at > at:
            staff[person.profession] = staff.get(person.profession, 0) + 1
    held = tuple(paper for paper in await certificates(row.id) if _holds(paper, at))
    return Compared(row, await served(row, at), held, staff)


def _holds(paper: CertificateView, at: datetime) -> bool:
    return paper.usable and (paper.expires_at is None or paper.expires_at > at)


def _where(question: Question) -> tuple[str, list[Any]]:
    """The condition and its values; every word of the question by its pairs, then the word itself."""
    parts: list[str] = ["stage = 'active'"]
    values: list[Any] = []

    def add(condition: str, value: Any) -> None:
        values.append(value)
        parts.append(condition.format(n=f"${len(values)}"))

    if wanted := _chosen(question):
        add("facets @> {n}::varchar[]", wanted)
    for word in question.q[:LONGEST].split():
        if grams := pairs(word):
            add("grams @> {n}::varchar[]", grams)
        add("position({n} in words) > 0", plain(word))
    if question.stars:
        add("band >= {n}", question.stars)
    if question.comparing:
        add("credit >= {n}", CREDIT.least("compared"))
    return " and ".join(parts), values


def _facets(rows: Sequence[Mapping[str, Any]]) -> tuple[int, dict[str, dict[str, int]]]:
    total = 0
    found: dict[str, dict[str, int]] = {"c": {}, "i": {}, "r": {}, "q": {}, "s": {}}
    for row in sorted(rows, key=lambda row: str(row["facet"])):
        key, _, value = str(row["facet"]).partition(":")
        if key == "*":
            total = int(row["n"])
        else:
            found[key][value] = int(row["n"])
    return total, found
