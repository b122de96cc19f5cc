"""Commands (what one asks for, imperative) and views (what one is shown, nouns) of a tender. Money in yuan."""

import base64
import binascii
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints

from bidding.commands import Command
from bidding.panel_schemas import EvaluationPlan
from kernel.errors import BadInput, Problem

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20000)]
Money = Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=2)]
Deposit = Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=2)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Base64 = Annotated[str, StringConstraints(max_length=8_000_000)]


def _at_most_a_thousand(uploads: dict[str, UUID]) -> dict[str, UUID]:
    if len(uploads) > 1000:
        raise ValueError("more uploads than any bid has files")
    return uploads


Uploads = Annotated[dict[Sha256, UUID], AfterValidator(_at_most_a_thousand)]
"""SHA-256 of a sealed file → the upload that brought it. A length given here would be described as an array's."""


class LotPlan(Command):
    """One 标段 as the purchaser plans it."""

    name: Words
    estimate: Money
    ceiling: Money | None = None
    deposit: Deposit = Decimal(0)
    mode: str = "bidder"


class RegisterProject(Command):
    """进场登记: what was approved, and its lots."""

    name: Words
    procedure: str = "construction_open_tender"
    category: Annotated[str, StringConstraints(pattern=r"^[A-E]\d\d$")] = "A01"
    region: Annotated[str, StringConstraints(pattern=r"^\d{6}$")]
    department: Words
    purchaser: UUID | None = None
    approval: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = ""
    investment_code: Annotated[str, StringConstraints(strip_whitespace=True, max_length=24)] = ""
    funding: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    scope: Text = ""
    lots: Annotated[list[LotPlan], Field(min_length=1, max_length=50)]


class AnswerReturn(Command):
    """补正: the corrected facts of a returned project."""

    approval: Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)] = ""
    investment_code: Annotated[str, StringConstraints(strip_whitespace=True, max_length=24)] = ""
    funding: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    scope: Text = ""


class PublishedFile(Command):
    """A file of the tender documents, already uploaded in parts."""

    label: Words
    upload: UUID


class PublishNotice(Command):
    """The notice of one lot: what is bought, until when, where opened; with its documents."""

    deadline: AwareDatetime
    documents_until: AwareDatetime
    place: Words = "网上开标大厅"
    requirements: Text
    period_days: Annotated[int, Field(gt=0, le=36500)]
    window_minutes: int | None = None
    evaluation: EvaluationPlan = Field(default_factory=EvaluationPlan)
    documents: Annotated[list[PublishedFile], Field(min_length=1, max_length=50)]


class AmendNotice(Command):
    """A clarification or change: always a further text, never an edited one; may move the deadline later."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20000)]
    affects_bids: bool = True
    deadline: AwareDatetime | None = None
    documents: Annotated[list[PublishedFile], Field(max_length=50, default_factory=list)]


class LeaveContact(Command):
    """Where to tell somebody of changes; nobody can list these."""

    channel: Annotated[str, StringConstraints(pattern=r"^(sms|mail)$")]
    address: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=160)]


class SubmitBid(Command):
    """A sealed bid: the exact DSSE envelope, the key that signs the chain, and the parts sent before."""

    envelope: Base64
    public_key: Annotated[str, StringConstraints(max_length=64)]
    uploads: Annotated[Uploads, Field(default_factory=dict)]


class SignedObject(Command):
    """One signed object of the box: a withdrawal, a receipt, or what a holder posts; a key's wrap goes beside it."""

    envelope: Base64
    wrap: Base64 = ""


class RevealBid(Command):
    """The bidder's own seeds, one signed object a stage."""

    envelopes: Annotated[list[Base64], Field(min_length=1, max_length=16)]


class CandidateDetails(Command):
    """What the publicity must tell of a candidate besides what the report says (公告和公示信息发布管理办法 6)."""

    bidder: Words
    quality: Words
    manager: Words
    certificate: Words
    qualification: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class PubliciseCandidates(Command):
    """The publicity of the ranked candidates: to the end of `last_day`; a late start needs its reason."""

    last_day: date
    details: Annotated[list[CandidateDetails], Field(max_length=3)]
    channel: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
    late_reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""


class PassedOver(Command):
    """Why a better ranked candidate does not win: a ground of the law, in words, with the paper that shows it."""

    bidder: Words
    ground: Literal["waived", "force_majeure", "no_bond", "unlawful"]
    explanation: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
    evidence: PublishedFile


class DecideAward(Command):
    """The purchaser's decision. `details` only where no publicity has told them."""

    bidder: Words
    passed_over: Annotated[list[PassedOver], Field(max_length=10)] = Field(default_factory=list)
    details: CandidateDetails | None = None


class FileContract(Command):
    """The signed contract: its main terms, which must be the award's, and the file."""

    price: Money
    period_days: Annotated[int, Field(gt=0, le=36500)]
    quality: Words
    bond: Deposit = Decimal(0)
    signed_on: date
    document: PublishedFile


class ConfirmContract(Command):
    """The winner confirms exactly the contract that was filed."""

    sha256: Sha256


class RefundDeposit(Command):
    """A bidder's deposit went back, with the bank's interest."""

    bidder: Words
    interest: Deposit = Decimal(0)
    paid_on: date


class FileReport(Command):
    """The written report to the supervising department; what the platform knows is put in by itself."""

    remarks: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10000)]


class RehearseOpening(Command):
    """开标演练: when the rehearsed deadline is; five minutes to two days from now."""

    opens_at: AwareDatetime


class EndCase(Command):
    """The purchaser ends the case on a ground of the law."""

    ground: Words
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class RaiseObjection(Command):
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class SignOpening(Command):
    """The opening record, read and signed: its SHA-256, and a remark if there is one."""

    sha256: Sha256
    remark: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""


class AnswerObjection(Command):
    objection: UUID
    answer: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class GiveAnswer(Command):
    """The answer alone, where the address names the objection."""

    answer: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]


class ReturnProject(Command):
    """What the centre adds to what its own check found missing."""

    remarks: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] = ""


class Decision(ReturnProject):
    """The form on which the centre takes a project or sends it back."""

    decision: Literal["accept", "return"]


class Receipt(BaseModel):
    """The confirmation a bidder gets the moment his bid is in (电子招标投标办法 27).

    `size`, in bytes, is of all sealed files that the bid names. It stands beside the signed receipt, whose `sha256`
    commits to it.
    """

    tender: str
    lot: str
    bidder: str
    kind: str
    seq: int
    sha256: str
    size: int = 0
    received: str
    receipt: str
    event: UUID
    warnings: list[str] = []


def decoded(text: str) -> bytes:
    """The bytes of a command's base64 member; `BadInput` when it is not base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadInput(Problem("bad_base64", "内容不是标准 base64 编码", "请用本平台的工具生成")) from None
