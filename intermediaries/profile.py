"""What others see of an agency at a glance, kept with every act that changes it: what it may serve, words, stars."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import asyncpg
from piccolo.columns import Column

from intermediaries.catalogue import ServiceItem
from intermediaries.records import agencies as records
from intermediaries.records import items as catalogue
from intermediaries.records.agency_rows import AgencyRow, CertificateView
from intermediaries.rules.agencies import offer_problems
from intermediaries.search_words import facets_of, grams, plain
from intermediaries.tables import Agency, Promise
from kernel.accounts import records as accounts
from kernel.db import TRADING, reading, transaction

_RATED = """
update intermediaries.agency set rating_sum = rating_sum + $2, rating_count = rating_count + $3,
    band = case when rating_count + $3 > 0 then (rating_sum + $2) / (rating_count + $3) else 0 end
where id = $1
"""
_DELIVERED = """
update intermediaries.agency set deliveries = deliveries + 1, delivery_days = delivery_days + $2,
    late_deliveries = late_deliveries + $3
where id = $1
"""

_UNFOLDED = (
    "select distinct given from (select given from intermediaries.tally group by given, facet having count(*) > 1) d"
)
_FOLD = """
with gone as (delete from intermediaries.tally where given = $1 returning facet, n)
insert into intermediaries.tally (id, given, facet, n)
select gen_random_uuid(), $1, facet, sum(n) from gone group by facet having sum(n) <> 0
"""


async def refresh(agency: AgencyRow, at: datetime) -> list[str]:
    """Judge every promise anew and write what the search looks at; the codes of the items it may serve now."""
    papers = await records.certificates(agency.id)
    known = {row.id: row for row in await catalogue.catalogue(withdrawn=True)}
    under = await lines(agency)
    served: list[ServiceItem] = []
    for promise in await records.promises(agency.id):
        row = known[promise.item]
        stands = row.listed and not offer_problems(row.item, papers, under, at)
        served += [row.item] if stands else []
        if stands != promise.standing:
            await Promise.update({Promise.standing: stands}).where(Promise.id == promise.id)
    held = [paper for paper in papers if _holds_now(paper, at)]
    await _write(agency, served, held)
    return [item.code for item in served]


async def lines(agency: AgencyRow) -> frozenset[str]:
    """The departments an agency stands under: what it declared, and whose officials sit in what controls it."""
    found = {agency.affiliation} - {""}
    for code in {agency.code, agency.controller}:
        unit = await accounts.organisation_by_code(code)
        members = await accounts.members_of(unit.id) if unit else []
        found |= {line for m in members if m.role == "regulator" and m.state == "held" for line in m.departments}
    return frozenset(found)


async def count_rating(connection: asyncpg.Connection, agency: UUID, stars: int, times: int = 1) -> None:
    """One more rating of 1 to 5 stars; `times` -1 takes one back that a review has set aside."""
    await connection.execute(_RATED, agency, stars * times, times)


async def count_delivery(connection: asyncpg.Connection, agency: UUID, days: int, *, late: bool) -> None:
    """One more accepted result, `days` working days after the signature."""
    await connection.execute(_DELIVERED, agency, days, int(late))


async def fold_tally() -> None:
    """Add up what changes of agencies have left in the tally; readers see no difference before and after."""
    async with reading(TRADING) as connection:
        unfolded = [row["given"] for row in await connection.fetch(_UNFOLDED)]
    for given in unfolded:
        async with transaction(TRADING) as connection:
            await connection.execute("select pg_advisory_xact_lock(hashtext('intermediaries.tally'))")
            await connection.execute(_FOLD, given)


def _holds_now(paper: CertificateView, at: datetime) -> bool:
    return paper.usable and (paper.expires_at is None or paper.expires_at > at)


async def _write(agency: AgencyRow, served: list[ServiceItem], held: Iterable[CertificateView]) -> None:
    words = [agency.name, *(item.name for item in served)]
    values: dict[str, Any] = {
        "words": "\n".join(plain(word) for word in words),
        "grams": grams(words),
        "facets": facets_of(agency.region, served, [(paper.kind, paper.grade) for paper in held]),
    }
    await Agency.update(cast(dict[Column | str, Any], values)).where(Agency.id == agency.id)
