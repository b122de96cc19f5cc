"""What an agency, an owner, the centre and a department ask for. Money in yuan, days are working days."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kernel.workdays import CHINA

PLAIN = r"^[^\x00-\x1f\x7f]*$"
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=PLAIN)]
Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=PLAIN)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=PLAIN)]
Maybe = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120, pattern=PLAIN)]
Department = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20, pattern=PLAIN)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000, pattern=r"^[^\x00]*$")]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000, pattern=r"^[^\x00]*$")]
Money = Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=2)]
Day = Annotated[date, Field(ge=date(1950, 1, 1), le=date(2100, 12, 31))]


class Command(BaseModel):
    """Something one asks for; unknown members are refused, so that a typing error is never silently dropped."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DescribeAgency(Command):
    """What an agency says of itself. `affiliation`: the department that runs or supervises it, empty for none."""

    legal_rep: Name
    office: Line
    phone: Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=40, pattern=PLAIN)]
    bank_account: Short
    affiliation: Department = ""
    affiliation_name: Maybe = ""
    introduction: Text = ""


class AddCertificate(Command):
    """A qualification, with its scan already uploaded. `valid_through` is the last day printed on it, null: no end."""

    kind: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,24}$")]
    grade: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20, pattern=PLAIN)] = ""
    number: Short
    issuer: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=PLAIN)]
    issued_on: Day
    valid_through: Day | None = None
    upload: UUID
    label: Annotated[str, StringConstraints(strip_whitespace=True, max_length=160, pattern=PLAIN)] = "certificate.pdf"

    @property
    def expires_at(self) -> datetime | None:
        """The first instant it no longer holds: midnight after the last day printed."""
        if self.valid_through is None:
            return None
        return datetime.combine(self.valid_through + timedelta(days=1), time(), CHINA)


class AddPractitioner(Command):
    """A person who works for the agency, by the number of his own licence."""

    name: Name
    profession: Name
    number: Short
    valid_through: Day | None = None

    @property
    def expires_at(self) -> datetime | None:
        if self.valid_through is None:
            return None
        return datetime.combine(self.valid_through + timedelta(days=1), time(), CHINA)


class PromiseItem(Command):
    """An item offered, with the price promised (null: by agreement) and the working days."""

    item: UUID
    price: Money | None = None
    days: Annotated[int, Field(gt=0, le=999)]
    says: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=PLAIN)] = ""


class DeclareAvoidance(Command):
    """An owner to keep away from, by credit code, and why."""

    code: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9A-Z]{18}$")]
    name: Line
    reason: Line


class FileEntry(Command):
    """The whole entry, filed with its commitment letter; `accepted` says that the letter was read and given."""

    accepted: Literal[True]


class RefusedPaper(Command):
    """A certificate that the centre found wrong in form."""

    certificate: UUID
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400, pattern=PLAIN)]


class CheckEntry(Command):
    """The centre's form check: everything that is wrong goes back at once."""

    decision: Literal["pass", "return"]
    refused: Annotated[list[RefusedPaper], Field(max_length=100)] = []
    remarks: Text = ""


class CheckPapers(Command):
    """New certificates of an agency already in: what is not refused is taken."""

    refused: Annotated[list[RefusedPaper], Field(max_length=100)] = []


class AppealCharge(Command):
    """Why a deduction is wrong, in the agency's own words."""

    says: Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=400)]


class SettleAppeal(Command):
    """What the centre found: the deduction is taken back, or it stands."""

    decision: Literal["upheld", "rejected"]
    says: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=400)]


class EnterOwner(Command):
    """A project owner comes in: whom to ask, where to complain, and the commitment."""

    contact: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=PLAIN)]
    complaints_phone: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=5, max_length=40, pattern=PLAIN)
    ]
    accepted: Literal[True]


class ProposeItem(Command):
    """A department asks to have a row listed, changed or withdrawn; `row` is the whole item."""

    kind: Literal["approve", "withdraw"] = "approve"
    row: dict[str, Any]
    department: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20, pattern=PLAIN)]
    says: Reason
