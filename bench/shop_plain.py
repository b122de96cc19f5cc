"""The peer of the shop's search: plain columns, LIKE with wildcards, joins and group by, as one writes it at first."""

from collections.abc import Sequence
from typing import Any

import asyncpg

from intermediaries.records.search import Question
from intermediaries.search_words import plain
from kernel.db import TRADING, reading

TABLES = """
create table if not exists public.shop (id uuid primary key, name text, region text, band int, rated int, words text);
create table if not exists public.shop_offer (agency uuid, item text, category text);
create table if not exists public.shop_held (agency uuid, kind text);
create index if not exists shop_region on public.shop (region);
create index if not exists shop_offer_agency on public.shop_offer (agency);
create index if not exists shop_offer_item on public.shop_offer (item);
create index if not exists shop_held_agency on public.shop_held (agency);
grant usage on schema public to trading;
grant select on public.shop, public.shop_offer, public.shop_held to trading;
"""
_OURS = ("id", "code", "name", "region", "rating_sum", "rating_count", "band", "words", "grams", "facets")
_COUNTS = (
    "select count(*) from public.shop s where {where}",
    "select region, count(*) from public.shop s where {where} group by region",
    "select band, count(*) from public.shop s where {where} group by band",
    "select category, count(distinct s.id) from public.shop s join public.shop_offer o on o.agency = s.id"
    " where {where} group by category",
    "select item, count(*) from public.shop s join public.shop_offer o on o.agency = s.id where {where} group by item",
    "select kind, count(*) from public.shop s join public.shop_held h on h.agency = s.id where {where} group by kind",
)


async def fill(
    owner: asyncpg.Connection, agencies: Sequence[dict[str, Any]], offers: Sequence[Any], held: Sequence[Any]
) -> None:
    """The same agencies into the house's table and into the peer's; then both are analysed."""
    ours = [tuple(one[column] for column in _OURS) for one in agencies]
    rest = "organisation, kind, stage, entered_at, active_at, credit, deliveries, delivery_days, late_deliveries"
    defaults = "gen_random_uuid(), 'enterprise', 'active', now(), now(), 100, 0, 0, 0"
    texts = (
        "controller legal_rep office phone bank_account affiliation affiliation_name introduction halted_by halted_why"
    )
    blank = ", ".join(texts.split())
    empty = ", ".join("''" for _ in texts.split())
    values = ", ".join(f"${n}" for n in range(1, len(_OURS) + 1))
    columns = f"{', '.join(_OURS)}, {rest}, {blank}"
    insert = f"insert into intermediaries.agency ({columns}) values ({values}, {defaults}, {empty})"  # noqa: S608
    await owner.executemany(insert, ours)
    plain_rows = [(a["id"], a["name"], a["region"], a["band"], a["rating_count"], a["words"]) for a in agencies]
    await owner.copy_records_to_table("shop", schema_name="public", records=plain_rows)
    await owner.copy_records_to_table("shop_offer", schema_name="public", records=offers)
    await owner.copy_records_to_table("shop_held", schema_name="public", records=held)
    for table in ("intermediaries.agency", "public.shop", "public.shop_offer", "public.shop_held"):
        await owner.execute(f"vacuum analyze {table}")


async def search(question: Question) -> int:
    """The same page, total and counts; how many were found."""
    where, values = _where(question)
    page = f"select * from public.shop s where {where} order by band desc, rated desc, id limit 20"  # noqa: S608
    async with reading(TRADING) as connection:
        await connection.fetch(page, *values)
        total, *_ = [await connection.fetch(sql.format(where=where), *values) for sql in _COUNTS]
    return int(total[0][0])


def _where(question: Question) -> tuple[str, list[Any]]:
    parts: list[str] = ["true"]
    values: list[Any] = []

    def add(condition: str, value: Any) -> None:
        values.append(value)
        parts.append(condition.format(n=f"${len(values)}"))

    offers = "exists (select from public.shop_offer o2 where o2.agency = s.id and o2.{column} = {{n}})"
    if question.category:
        add(offers.format(column="category"), question.category)
    if question.item:
        add(offers.format(column="item"), question.item)
    if question.region:
        add("s.region like {n}", question.region.rstrip("0") + "%")
    if question.qualification:
        add("exists (select from public.shop_held h2 where h2.agency = s.id and h2.kind = {n})", question.qualification)
    for word in question.q.split():
        add("s.words like {n}", f"%{plain(word)}%")
    if question.stars:
        add("s.band >= {n}", question.stars)
    return " and ".join(parts), values
