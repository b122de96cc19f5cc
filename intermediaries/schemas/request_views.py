"""What one is shown of requests and services (nouns). Money in yuan, days are working days."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class View(BaseModel):
    """Shown as it is read."""

    model_config = ConfigDict(from_attributes=True)


class QuoteReceipt(BaseModel):
    """The confirmation an agency gets the moment its sealed quote is in."""

    tender: str
    lot: str
    bidder: str
    kind: str
    seq: int
    sha256: str
    received: str
    receipt: str
    event: UUID
    size: Annotated[int, Field(description="密封文件的总字节数")] = 0
    warnings: list[str] = []


class OwnQuote(QuoteReceipt):
    """A receipt with what it stands for: the exact signed bytes the agency sent, base64."""

    envelope: str


class QuoteChain(BaseModel):
    """All of an agency's own receipts of one request."""

    bid_id: str
    public_key: str
    receipts: Sequence[OwnQuote]


class RequestCard(View):
    """A request in a list."""

    id: UUID
    code: str
    name: str
    stage: str
    stage_name: str
    owner_name: str
    region: str
    item_code: str
    item_name: str
    mode: str
    amount: Decimal | None
    published_at: datetime
    apply_until: datetime | None
    agency_name: str


class RequestList(BaseModel):
    """One page of a search."""

    items: Sequence[RequestCard]
    total: int
    page: int
    pages: int


class RequestTextShown(View):
    """A published text; its exact bytes are at its own address."""

    n: int
    kind: str
    title: str
    sha256: str
    at: datetime


class ContractShown(View):
    """A filed contract."""

    n: int
    filed_by: str
    price: Decimal
    service_days: int
    signed_on: date
    filed_at: datetime
    confirmed_at: datetime | None


class DeliveryShown(View):
    """When a result was handed over and what came of it; the files are the parties' own."""

    n: int
    delivered_at: datetime
    outcome: str
    decided_at: datetime | None
    days: int | None
    late: bool


class RatingShown(View):
    """A rating with the agency's answer and what the return visit found."""

    rater: str
    by_default: bool
    stars: int
    items: dict[str, bool]
    says: str
    sha256: str
    at: datetime
    answer: str
    due_at: datetime | None
    visit: str
    rectified: bool | None
    done_at: datetime | None


class OrderShown(View):
    """A regulator's order in force."""

    id: UUID
    kind: str
    says: str
    article: str
    issued_by: str
    posted_at: datetime
    until: datetime | None


class RequestShown(RequestCard):
    """A request with everything that is public of it."""

    owner_code: str
    department: str
    fiscal_percent: int
    amount_says: str
    lowest: Decimal | None
    highest: Decimal | None
    service_days: int
    complaints_phone: str
    closed_at: datetime | None
    finished_at: datetime | None
    failure: str
    terms: dict[str, Any]
    rule: Annotated[dict[str, Any], Field(description="选取方式：公告当日的规则")]
    texts: Sequence[RequestTextShown] = ()
    directives: Annotated[Sequence[OrderShown], Field(description="生效中的监督指令")] = ()
    contracts: Sequence[ContractShown] = ()
    deliveries: Sequence[DeliveryShown] = ()
    ratings: Sequence[RatingShown] = ()
    packaged: bool = False


class ShortlistShown(BaseModel):
    """What an owner chooses from; `body` (base64) are the exact bytes that are frozen with the choice."""

    sha256: str
    body: str
    agencies: Sequence[dict[str, Any]]


class SealingRule(BaseModel):
    """A stage of the sealed quote and who may read it."""

    id: str
    to: str


class QuoteSealing(BaseModel):
    """What sealing a quote needs; `place` is where the sealing client sends it."""

    place: str = "requests"
    case: UUID
    tender: str
    lot: str
    mode: str
    state: str
    ready: bool
    now: datetime
    setup: str
    setup_sha256: str
    deadline: str
    deadline_sha256: str
    deadline_at: datetime | None
    notice: str
    stages: Sequence[SealingRule]
    receipt_key: str


class QuoteClose(BaseModel):
    """The list of the close (hashes only); nothing before the deadline."""

    fixed: bool
    sha256: str
    body: str
    bids: Sequence[str]
    withdrawn: Sequence[str]
    countersignature: str
    reveal_until: datetime | None
    state: str
