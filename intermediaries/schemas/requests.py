"""What one asks for around a request (imperative). Money in yuan, days are working days."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000)]
Money = Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=2)]
Base64 = Annotated[str, StringConstraints(max_length=4_000_000)]
Days = Annotated[int, Field(gt=0, le=2000)]


class Command(BaseModel):
    """Something one asks for; unknown members are refused, so that a typing error is never silently dropped."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Avoid(Command):
    """A unit the owner wants kept away, by its credit code, and why."""

    code: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9A-Z]{18}$")]
    reason: Words


class Licence(Command):
    """A qualification of the catalogue with its least grade (empty: any)."""

    kind: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,24}$")]
    least: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20)] = ""


class PublishRequest(Command):
    """What an owner needs, how it is paid, and how the agency is to be selected.

    `owner` only where an agent asks for its principal; `project` the first request when one is announced again.
    """

    item: UUID
    name: Words
    region: Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
    mode: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,24}$")]
    fiscal_percent: Annotated[int, Field(ge=0, le=100)] = 0
    amount: Money | None = None
    amount_says: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    lowest: Money | None = None
    highest: Money | None = None
    scale: Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)] = ""
    content: Text = ""
    service_days: Days
    apply_until: AwareDatetime | None = None
    any_of: Annotated[list[Licence], Field(max_length=10)] = []
    all_of: Annotated[list[Licence], Field(max_length=10)] = []
    staff: Annotated[int, Field(ge=0, le=500)] = 0
    avoid: Annotated[list[Avoid], Field(max_length=20)] = []
    complaints_phone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)] = ""
    owner: UUID | None = None
    project: UUID | None = None


class WithdrawRequest(Command):
    """Why the owner takes the request back; it is published."""

    reason: Said


class ApplyRequest(Command):
    """An agency applies; what it says is shown to the owner after the close."""

    says: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""


class SubmitQuote(Command):
    """A sealed quote: the exact DSSE envelope, the key that signs the chain, and the parts sent before."""

    envelope: Base64
    public_key: Annotated[str, StringConstraints(max_length=64)]
    uploads: Annotated[dict[str, UUID], Field(description="密文 SHA-256 → 上传编号")] = {}


class RevealQuote(Command):
    """The agency's own seeds, one signed object a stage."""

    envelopes: Annotated[list[Base64], Field(min_length=1, max_length=16)]


class SignedObject(Command):
    """One signed object: a withdrawal, or a receipt that is shown."""

    envelope: Base64


class ChooseAgency(Command):
    """Whom the owner picks and why; `seen` is the SHA-256 of the list he was shown."""

    agency: UUID
    reason: Said
    seen: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class AnswerSelection(Command):
    """The selected agency takes the service, or declines with its reason."""

    answer: Literal["accept", "decline"]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""


class FileContract(Command):
    """The signed contract as one side files it; `upload` is the file, already sent in parts."""

    price: Money
    service_days: Days
    signed_on: date
    upload: UUID | None = None
    label: Annotated[str, StringConstraints(strip_whitespace=True, max_length=160)] = ""


class UnselectedContract(FileContract):
    """A contract somebody wants to file without a selection here."""

    item: UUID
    region: Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
    fiscal_percent: Annotated[int, Field(ge=0, le=100)]


class ConfirmContract(Command):
    """The other side's answer to a filed contract."""

    answer: Literal["confirm", "refuse"]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""


class ResultFile(Command):
    """A file of the result, already uploaded in parts."""

    label: Words
    upload: UUID


class DeliverResult(Command):
    """The result: what it is, with its files."""

    says: Text = ""
    files: Annotated[list[ResultFile], Field(min_length=1, max_length=50)]


class AcceptResult(Command):
    """The owner accepts the result, or returns it with every reason at once."""

    answer: Literal["accept", "return"]
    reasons: Text = ""


class RateService(Command):
    """好差评: five grades and the objective items, each answered yes or no."""

    stars: Annotated[int, Field(ge=1, le=5)]
    on_time: bool = True
    quality: bool = True
    price_kept: bool = True
    honest: bool = True
    says: Text = ""


class AnswerRating(Command):
    """What the agency says to its rating."""

    says: Said


class FollowUpRating(Command):
    """The return visit after a bad rating: what was found, and whether it was put right."""

    visit: Said
    rectified: bool
