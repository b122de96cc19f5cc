"""What an owner sees when he chooses: the agencies with their ratings and prices, as exact bytes that can be frozen."""

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from intermediaries.records import agencies, applicants
from intermediaries.records.agency_rows import AgencyRow
from intermediaries.records.requests import RequestRow
from kernel.proofs.canonical import encode

_OFFERING = (
    "stage = 'active' and credit >= $2 and controller <> $3 and code <> all($4) and exists (select from"
    " intermediaries.promise p where p.agency = agency.id and p.item = $1 and p.standing) and not exists (select from"
    " intermediaries.avoidance v where v.agency = agency.id and v.ended_at is null and v.code = $5)"
    " order by code limit 500"
)


@dataclass(frozen=True, slots=True)
class Offer:
    """One line: an agency with what others said of it and what it promises; price in yuan, days are working days."""

    agency: UUID
    organisation: UUID
    code: str
    name: str
    credit: int
    stars: Decimal | None
    ratings: int
    mean_days: Decimal | None
    price: Decimal | None
    days: int | None
    says: str


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The list and its exact bytes: what is shown is what is hashed."""

    offers: tuple[Offer, ...]
    body: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


async def shortlist(row: RequestRow) -> Shortlist:
    """Those an owner may choose from now: who applied where there was a notice, else all who may serve the item."""
    found = await (_applied(row) if row.mode_row["applies"] else _offering(row))
    promised = {a.id: await _promise(a, row.item) for a, _ in found}
    offers = tuple(_offer(a, says, promised[a.id]) for a, says in found)
    listed = [_line(offer) for offer in offers]
    return Shortlist(offers, encode({"type": "market.shortlist/1", "request": row.code, "agencies": listed}))


async def _applied(row: RequestRow) -> list[tuple[AgencyRow, str]]:
    found = []
    for applicant in await applicants.applicants(row.id):
        agency = await agencies.agency(applicant.agency)
        if not applicant.shut and agency.stage == "active" and agency.credit >= int(row.mode_row["credit"]):
            found.append((agency, applicant.says))
    return sorted(found, key=lambda pair: pair[0].code)


async def _offering(row: RequestRow) -> list[tuple[AgencyRow, str]]:
    kept = [one["code"] for one in row.terms["avoid"]] + [row.owner_code]
    controller = row.owner_controller or row.owner_code
    least = int(row.mode_row["credit"])
    rows = await agencies.agencies_where(_OFFERING, row.item, least, controller, kept, row.owner_code)
    return [(agency, "") for agency in rows]


async def _promise(agency: AgencyRow, item: UUID) -> tuple[Decimal | None, int | None]:
    for promise in await agencies.promises(agency.id):
        if promise.item == item:
            return promise.price, promise.days
    return None, None


def _offer(agency: AgencyRow, says: str, promise: tuple[Decimal | None, int | None]) -> Offer:
    words = agency.id, agency.organisation, agency.code, agency.name, agency.credit
    return Offer(*words, agency.stars, agency.rating_count, agency.mean_days, *promise, says)


def _line(offer: Offer) -> dict[str, Any]:
    shown = {"stars": offer.stars, "mean_days": offer.mean_days, "price": offer.price}
    texts = {name: "" if value is None else str(value) for name, value in shown.items()}
    plain = {"code": offer.code, "name": offer.name, "credit": offer.credit, "ratings": offer.ratings}
    return {**plain, **texts, "days": offer.days or 0, "says": offer.says}
