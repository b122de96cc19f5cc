"""What the JSON API shows of agencies and the catalogue, in plain values."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from intermediaries.catalogue import need_name
from intermediaries.records.agency_rows import AgencyRow
from intermediaries.records.items import ItemRow
from intermediaries.records.search import Compared, Found
from intermediaries.stages import AgencyStage
from kernel.clock import CHINA

Moment = Annotated[datetime, PlainSerializer(lambda at: at.astimezone(CHINA).isoformat(), return_type=str)]
"""An instant, written in China time with its zone."""
Decimals = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, Decimal) else value)]
"""A number that must not be rounded on its way: written as a decimal text, money in yuan."""


class View(BaseModel):
    """Read from the attributes of a row."""

    model_config = ConfigDict(from_attributes=True)


class AgencyCard(View):
    """An agency in a list, as everybody may see it."""

    id: UUID
    code: str
    name: str
    region: str
    stage: AgencyStage
    stage_name: str
    stars: Annotated[Decimals | None, Field(description="平均星级，尚无评价时为空")]
    rating_count: int
    deliveries: int
    mean_days: Annotated[Decimals | None, Field(description="从签约到业主验收的平均工作日")]
    late_deliveries: int
    credit: int

    @classmethod
    def of(cls, row: AgencyRow) -> Self:
        return cls.model_validate(row)


class AgencyList(BaseModel):
    """One page of what was found; facet letter → value → count: c 类别, i 事项, r 地区, q 资质, s 星级."""

    items: list[AgencyCard]
    total: int
    page: int
    pages: int
    size: int
    facets: dict[str, dict[str, int]]

    @classmethod
    def of(cls, found: Found, page: int, size: int) -> Self:
        cards = [AgencyCard.of(row) for row in found.agencies]
        facets = {key: dict(values) for key, values in found.facets.items()}
        pages = -(-found.total // size)
        return cls(items=cards, total=found.total, page=page, pages=pages, size=size, facets=facets)


class PromiseShown(View):
    item: UUID
    code: str
    item_name: str
    price: Decimals | None
    days: int
    says: str


class CertificateShown(View):
    """Of a certificate what it says; the scan is for the agency and for those who check it."""

    kind: str
    grade: str
    number: str
    issuer: str
    issued_on: date
    expires_at: Moment | None


class AgencyPage(AgencyCard):
    """An agency with what it may be asked for now."""

    office: str
    introduction: str
    affiliation: str
    active_at: Moment | None
    halted_why: str
    halted_at: Moment | None
    promises: list[PromiseShown] = []
    certificates: list[CertificateShown] = []
    staff: dict[str, int] = {}
    now: Moment

    @classmethod
    def shown(cls, column: Compared, now: datetime) -> Self:
        apart = {"promises", "certificates", "staff", "now"}
        row = column.agency
        return cls(
            **{name: getattr(row, name) for name in cls.model_fields.keys() - apart},
            promises=[PromiseShown.model_validate(promise) for promise in column.served],
            certificates=[CertificateShown.model_validate(paper) for paper in column.certificates],
            staff=dict(column.staff),
            now=now,
        )


class ItemCard(BaseModel):
    """A service item in the list."""

    id: UUID
    code: str
    name: str
    category: str
    department: str
    approval: str
    needs: list[str]
    days: int
    price: str
    agencies: int
    state: str
    version: int

    @classmethod
    def of(cls, row: ItemRow) -> Self:
        item = row.item
        plain = {name: getattr(item, name) for name in ("code", "name", "category", "department", "approval", "days")}
        needs = [need_name(need) for need in item.needs]
        own = {"id": row.id, "agencies": row.agencies, "state": row.state, "version": row.version}
        return cls(**plain, **own, needs=needs, price=item.price)


class ItemPage(ItemCard):
    """An item with its whole row, exactly as it was decided."""

    row: dict[str, Any]
    sha256: str
    since: Moment

    @classmethod
    def shown(cls, row: ItemRow) -> Self:
        return cls(**ItemCard.of(row).model_dump(), row=row.item.row, sha256=row.sha256, since=row.since)


class ItemList(BaseModel):
    items: list[ItemCard]

    @classmethod
    def of_rows(cls, rows: Sequence[ItemRow]) -> Self:
        return cls(items=[ItemCard.of(row) for row in rows])


class EntryShown(BaseModel):
    """Where an entry stands, as its agency sees it."""

    agency: UUID
    stage: AgencyStage
    stage_name: str
    check_due: Moment | None
    returned: Annotated[list[dict[str, str]] | None, Field(description="须补正的事项")]

    @classmethod
    def of(cls, row: AgencyRow) -> Self:
        own = {"stage": row.stage, "stage_name": row.stage_name}
        return cls(agency=row.id, check_due=row.check_due, returned=row.returned, **own)


class Made(BaseModel):
    """The number of what was made."""

    id: UUID
