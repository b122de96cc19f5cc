"""What is known of agencies, read only: where each stands, its papers, promises, avoidance, credit."""

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from intermediaries.credit import APPEAL, APPEALS
from intermediaries.records.agency_rows import (
    AgencyRow,
    AvoidanceView,
    CertificateView,
    ChargeView,
    OwnerRow,
    PractitionerView,
    PromiseView,
)
from intermediaries.stages import PUBLIC_AGENCY, AgencyStage
from kernel.db import TRADING, reading
from kernel.errors import NotFound, Problem

NOBODY = Problem("no_agency", "没有这家机构", "请从机构名录或工作台进入")


SELECT = f"select {', '.join(field.name for field in fields(AgencyRow))} from intermediaries.agency"  # noqa: S608


async def agency(id: UUID) -> AgencyRow:
    """One agency; `NotFound` when there is none."""
    found = await agencies_where("id = $1", id)
    if not found:
        raise NotFound(NOBODY)
    return found[0]


async def public_agency(id: UUID) -> AgencyRow:
    """One agency that the public knows of; unknown and not yet in look the same."""
    found = await agency(id)
    if found.stage not in PUBLIC_AGENCY:
        raise NotFound(NOBODY)
    return found


async def agency_of(organisation: UUID | None) -> AgencyRow | None:
    """The agency of an organisation, None before it enters."""
    found = await agencies_where("organisation = $1", organisation) if organisation else []
    return found[0] if found else None


async def agency_by_code(code: str) -> AgencyRow | None:
    """The agency with this credit code."""
    found = await agencies_where("code = $1", code)
    return found[0] if found else None


async def waiting_agencies(region: str = "") -> list[AgencyRow]:
    """Whose form waits to be looked at, the first due first; `region` as the beginning of a region code."""
    where = "stage = 'form_check' and starts_with(region, $1) order by check_due, id limit 500"
    return await agencies_where(where, region)


async def with_new_papers(region: str = "") -> list[AgencyRow]:
    """Agencies in the market with certificates nobody has looked at yet."""
    where = (
        "stage in ('publicity', 'active', 'suspended') and starts_with(region, $1) and exists (select from"
        " intermediaries.certificate c where c.agency = agency.id and c.checked_at is null and c.removed_at is null)"
        " order by id limit 500"
    )
    return await agencies_where(where, region)


async def agencies_where(where: str, *values: Any) -> list[AgencyRow]:
    """Agencies by a condition in SQL of this package's own."""
    rows = await fetch(f"{SELECT} where {where}", *values)
    return [row_of(row) for row in rows]


async def certificates(agency: UUID) -> list[CertificateView]:
    """The certificates that were not taken out, the oldest first."""
    names = ", ".join(field.name for field in fields(CertificateView))
    rows = await fetch(
        f"select {names} from intermediaries.certificate where agency = $1 and removed_at is null"  # noqa: S608
        " order by added_at, id",
        agency,
    )
    return [CertificateView(**dict(row)) for row in rows]


async def certificate(agency: UUID, id: UUID) -> CertificateView:
    """One certificate of an agency; `NotFound` when it is not one."""
    for found in await certificates(agency):
        if found.id == id:
            return found
    raise NotFound(Problem("no_certificate", "没有这份证书", "请从机构页面进入"))


async def practitioner_elsewhere(profession: str, number: str) -> UUID | None:
    """The agency in which this licence already stands."""
    rows = await fetch(
        "select agency from intermediaries.practitioner where number = $1 and profession = $2 and removed_at is null",
        number,
        profession,
    )
    return rows[0]["agency"] if rows else None


async def practitioners(agency: UUID) -> list[PractitionerView]:
    """The people who work for an agency, by profession."""
    names = ", ".join(field.name for field in fields(PractitionerView))
    rows = await fetch(
        f"select {names} from intermediaries.practitioner where agency = $1 and removed_at is null"  # noqa: S608
        " order by profession, name, id",
        agency,
    )
    return [PractitionerView(**dict(row)) for row in rows]


async def promises(agency: UUID) -> list[PromiseView]:
    """The items an agency offers, in order of code."""
    rows = await fetch(
        "select p.id, p.agency, p.item, i.code, i.name as item_name, i.state = 'listed' as listed, p.price, p.days,"
        " p.says, p.since, p.standing from intermediaries.promise p join intermediaries.item i on i.id = p.item"
        " where p.agency = $1 order by i.code",
        agency,
    )
    return [PromiseView(**dict(row)) for row in rows]


async def avoidances(agency: UUID) -> list[AvoidanceView]:
    """The owners an agency must keep away from."""
    rows = await fetch(
        "select id, code, name, reason, declared_at from intermediaries.avoidance"
        " where agency = $1 and ended_at is null order by declared_at, id",
        agency,
    )
    return [AvoidanceView(**dict(row)) for row in rows]


async def charges(agency: UUID) -> list[ChargeView]:
    """Every deduction and every return, the newest first; nothing is ever taken out."""
    rows = await fetch(
        'select id, event, points, "case", says, noted_at, at, until from intermediaries.charge where agency = $1'
        " order by at desc, id",
        agency,
    )
    return [ChargeView(**dict(row)) for row in rows]


async def open_appeals(region: str = "") -> list[tuple[AgencyRow, ChargeView]]:
    """(agency, the deduction it appeals against) of every appeal nobody has decided, the first to count first."""
    rows = await fetch(
        "select c.agency as whose, c.id, c.event, c.points, c.\"case\", c.says, c.noted_at, c.at, c.until"
        " from intermediaries.charge c join intermediaries.agency a on a.id = c.agency"
        " where starts_with(a.region, $1) and exists (select from intermediaries.charge p where p.agency = c.agency"
        " and p.\"case\" = c.id and p.event = $2) and not exists (select from intermediaries.charge s"
        " where s.agency = c.agency and s.\"case\" = c.id and s.event = any($3)) order by c.at, c.id limit 500",
        region, APPEAL, [event for event in APPEALS if event != APPEAL],
    )  # fmt: skip
    said = [(row["whose"], ChargeView(**{k: v for k, v in row.items() if k != "whose"})) for row in rows]
    known = {row.id: row for row in await agencies_where("id = any($1)", [whose for whose, _ in said])}
    return [(known[whose], charge) for whose, charge in said]


async def owner(organisation: UUID | None) -> OwnerRow | None:
    """The owner an organisation or a natural person entered as; None before."""
    names = ", ".join(field.name for field in fields(OwnerRow))
    rows = await fetch(f"select {names} from intermediaries.owner where id = $1", organisation)  # noqa: S608
    return OwnerRow(**dict(rows[0])) if rows else None


async def facts(agencies: Sequence[UUID]) -> dict[UUID, dict[str, datetime | Decimal | int]]:
    """What supervision measures of each agency: law.toml's names of facts → when, how much; what is not, is not."""
    found: dict[UUID, dict[str, datetime | Decimal | int]] = {}
    for row in await agencies_where("id = any($1)", list(agencies)):
        known = {
            "entry_filed": row.filed_at,
            "entry_check_due": row.check_due,
            "entry_checked": row.checked_at,
            "entry_active": row.active_at,
            "agency_halted": row.halted_at,
            "agency_credit": row.credit,
        }
        found[row.id] = {name: value for name, value in known.items() if value is not None}
    return found


async def fetch(sql: str, *values: Any) -> list[asyncpg.Record]:
    """Rows of a query of this package's own."""
    async with reading(TRADING) as connection:
        return list(await connection.fetch(sql, *values))


def row_of(row: asyncpg.Record) -> AgencyRow:
    """The agency of a row of `SELECT`."""
    values = dict(row)
    values["stage"] = AgencyStage(values["stage"])
    values["returned"] = json.loads(values["returned"]) if values["returned"] else None
    return AgencyRow(**values)
