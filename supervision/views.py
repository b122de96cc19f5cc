"""What the supervision site's JSON API shows, in plain values."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from bidding.views import DirectiveShown, LotCard, Moment
from kernel.errors import BadInput, Problem
from kernel.proofs.canonical import from_base64
from kernel.proofs.errors import Malformed


class CaseList(BaseModel):
    """One page of the cases in the officer's scope."""

    items: list[LotCard]
    total: int
    page: int
    pages: int


class StepShown(BaseModel):
    title: str
    state: Annotated[str, Field(description="done、now、next、stopped")]
    article: str
    at: Moment | None
    hash: Annotated[str, Field(description="其后的日志条目；尚无时为空")] = ""


class EntryShown(BaseModel):
    """A log entry of the case; before the opening none of a bidder's, and never a number that counts them."""

    at: Moment
    act: str
    who: str
    says: str
    hash: str


class OrderShown(DirectiveShown):
    lifts: UUID | None
    stands: bool


class DraftShown(BaseModel):
    """What one officer has drafted; it takes effect when a second one confirms it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    kind: Annotated[str, Field(description="directive 监督指令、card 发牌、lift 解除红牌、decision 审批决定")]
    case: UUID | None
    title: str
    name: Annotated[str, Field(description="起草人")]
    at: Moment
    outcome: Annotated[str, Field(description="空为待复核；confirmed 已复核，refused 已退回")]


class CardShown(BaseModel):
    """A card as it stands."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    case: UUID
    code: str
    case_title: str
    level: Annotated[str, Field(description="remind 提醒、yellow 黄牌、red 红牌")]
    title: str
    article: str
    party: str
    state_name: str
    stands: bool
    made_at: Moment
    reached_at: Moment


class CardList(BaseModel):
    items: list[CardShown]
    total: int
    page: int
    pages: int


class HallRow(BaseModel):
    """A case of any duty as the last round found it."""

    model_config = ConfigDict(from_attributes=True)

    case: UUID
    duty: str
    code: str
    title: str
    region: str
    stage: str
    stage_name: str
    due: Annotated[str, Field(description="期限的最后一日；无期限为空")]
    due_title: str
    due_article: str
    state: Annotated[str, Field(description="today 今日到期、late 已逾期、still 停滞，其他为空")]
    level: Annotated[str | None, Field(description="现有的最重一张牌")]


class HallShown(BaseModel):
    """The hall: counts of the whole scope, and one page of the cases asked for."""

    items: list[HallRow]
    total: int
    page: int
    pages: int
    states: dict[str, int]
    cards: dict[str, int]


class StanceShown(BaseModel):
    """What one member said under the report: by his seat, never by his name."""

    number: int
    says: Annotated[str, Field(description="signed 签署、dissent 有不同意见、deemed 视为同意")]
    text: str


class ReportShown(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    round: int
    sha256: str
    closed_at: Moment
    signatures: list[StanceShown]


class CaseShown(BaseModel):
    case: LotCard
    report: Annotated[ReportShown | None, Field(description="评标报告；签署完毕以前为空")]
    steps: list[StepShown]
    events: list[EntryShown]
    directives: list[OrderShown]
    now: Moment


class AlarmShown(BaseModel):
    title: str
    says: str
    at: Moment
    tone: str
    hash: str
    case: UUID | None


class HolderOfThisSide(BaseModel):
    role: str
    name: str
    pk: Annotated[str, Field(description="Ed25519 公钥，十六进制")]


class PublicKeys(BaseModel):
    """The public halves of this side's keys, for whoever makes the anchors; compare them by another way."""

    witness: Annotated[str, Field(description="见证方的验签公钥（vkey）")]
    log: Annotated[str, Field(description="监督日志的验签公钥（vkey）")]
    process: Annotated[str, Field(description="监督进程公钥，十六进制：会签截标名单、签发指令")]
    officers: list[HolderOfThisSide]


class ShownKey(BaseModel):
    """A stage key that its holder shows to the auditor: tried, and kept nowhere."""

    model_config = ConfigDict(extra="forbid")

    key: Annotated[str, Field(description="持钥人本标段私钥（32 字节）的 base64", max_length=64, repr=False)]

    def plain(self) -> bytes:
        """The 32 bytes; `BadInput` for anything else."""
        try:
            found = from_base64(self.key)
        except Malformed:
            found = b""
        if len(found) != 32:
            raise BadInput(Problem("bad_stage_key", "密钥格式不对", "应为 32 字节私钥的 base64", field="key"))
        return found


class EnvelopeAudited(BaseModel):
    """What this side saw of one envelope, and has signed."""

    bid: str
    stage: str
    opens: bool
