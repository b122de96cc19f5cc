"""An agency and what it brings along, as they are stored."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from intermediaries.credit import APPEALS, CREDIT, Level
from intermediaries.stages import AGENCY_NAMES, AgencyStage


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """One agency, as stored. `controller` is the credit code of whoever controls it, its own when nobody does."""

    id: UUID
    organisation: UUID
    code: str
    name: str
    region: str
    kind: str
    controller: str
    stage: AgencyStage
    legal_rep: str
    office: str
    phone: str
    bank_account: str
    affiliation: str
    affiliation_name: str
    introduction: str
    commitment: bytes | None
    committed_at: datetime | None
    entered_at: datetime
    filed_at: datetime | None
    check_due: datetime | None
    checked_at: datetime | None
    publicity_until: datetime | None
    active_at: datetime | None
    halted_by: str
    halted_why: str
    halted_at: datetime | None
    returned: list[dict[str, str]] | None
    law: str | None
    credit: int
    rating_sum: int
    rating_count: int
    deliveries: int
    delivery_days: int
    late_deliveries: int

    @property
    def stage_name(self) -> str:
        return AGENCY_NAMES[self.stage]

    @property
    def level(self) -> Level:
        return CREDIT.level(self.credit)

    @property
    def stars(self) -> Decimal | None:
        """The mean of all ratings to one decimal, None while there is none."""
        return round(Decimal(self.rating_sum) / self.rating_count, 1) if self.rating_count else None

    @property
    def mean_days(self) -> Decimal | None:
        """Working days from signature to accepted result, the mean of all deliveries; None while there is none."""
        return round(Decimal(self.delivery_days) / self.deliveries, 1) if self.deliveries else None


@dataclass(frozen=True, slots=True)
class CertificateView:
    """A certificate; `expires_at` is the first instant it no longer holds."""

    id: UUID
    agency: UUID
    kind: str
    grade: str
    number: str
    issuer: str
    issued_on: date
    expires_at: datetime | None
    sha256: str
    media: str
    size: int
    added_at: datetime
    checked_at: datetime | None
    refused: str
    warned_at: datetime | None
    lapsed_at: datetime | None

    @property
    def usable(self) -> bool:
        """Looked at and found right; whether it still holds is the reader's to compare."""
        return self.checked_at is not None and not self.refused


@dataclass(frozen=True, slots=True)
class Paper:
    """A certificate somebody is about to hand in."""

    kind: str
    grade: str
    number: str
    expires_at: datetime | None
    usable: bool = True


@dataclass(frozen=True, slots=True)
class PractitionerView:
    id: UUID
    agency: UUID
    name: str
    profession: str
    number: str
    expires_at: datetime | None
    added_at: datetime


@dataclass(frozen=True, slots=True)
class PromiseView:
    """An offered item: price in yuan (None: by agreement), working days; `standing` while it may be served."""

    id: UUID
    agency: UUID
    item: UUID
    code: str
    item_name: str
    listed: bool
    price: Decimal | None
    days: int
    says: str
    since: datetime
    standing: bool


@dataclass(frozen=True, slots=True)
class AvoidanceView:
    id: UUID
    code: str
    name: str
    reason: str
    declared_at: datetime


@dataclass(frozen=True, slots=True)
class ChargeView:
    """What an event cost; negative points were given back. `at` is when it counts from, `until` when no longer."""

    id: UUID
    event: str
    points: int
    case: UUID | None
    says: str
    noted_at: datetime
    at: datetime
    until: datetime | None

    @property
    def event_name(self) -> str:
        known = CREDIT.events.get(self.event)
        return known.name if known else APPEALS.get(self.event, self.event)


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """A project owner who entered; `id` is his organisation."""

    id: UUID
    code: str
    name: str
    kind: str
    region: str
    controller: str
    contact: str
    complaints_phone: str
    committed_at: datetime
