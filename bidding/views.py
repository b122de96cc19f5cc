"""What the JSON API shows of a tender, in plain values: nothing here tells who bids or how many, before the opening."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from bidding.records import DocumentView, LotRow, NoticeView
from bidding.schemas import Receipt
from bidding.stages import Stage
from kernel.clock import CHINA
from kernel.directives import Standing
from kernel.errors import NotFound, Problem
from kernel.law import LawInForce

Moment = Annotated[datetime, PlainSerializer(lambda at: at.astimezone(CHINA).isoformat(), return_type=str)]
"""An instant, written in China time with its zone."""


Mode = Literal["bidder", "roles", "bidder-only"]
BoxState = Literal["setup", "ready", "listed", "closed", "opening", "opened", "failed", "retired"]


Decimals = Annotated[str, BeforeValidator(lambda value: str(value) if isinstance(value, Decimal) else value)]
"""A number that must not be rounded on its way: written as a decimal text, money in yuan."""


class View(BaseModel):
    """Read from the attributes of a row."""

    model_config = ConfigDict(from_attributes=True)


class LotCard(View):
    """A lot in a list, as everybody may see it."""

    id: UUID
    code: str
    number: str
    name: str
    project: UUID
    project_code: str
    project_name: str
    category: str
    region: str
    purchaser_name: str
    agent_name: str
    procedure: str
    stage: Stage
    stage_name: str
    estimate: Decimals
    published_at: Moment | None
    deadline: Moment | None
    place: str


class LotList(BaseModel):
    """One page of what was found."""

    items: list[LotCard]
    total: int
    page: int
    pages: int
    size: int


class NoticeShown(View):
    n: int
    kind: str
    title: str
    sha256: str
    published_at: Moment


class DocumentShown(View):
    id: UUID
    notice: int
    label: str
    media: str
    size: int
    sha256: str
    href: str


class DirectiveShown(View):
    id: UUID
    kind: str
    says: str
    article: str
    issued_by: str
    posted_at: Moment
    until: Moment | None


class LimitShown(View):
    """A statutory limit that binds this lot."""

    id: str
    title: str
    law: str
    article: str
    says: str
    unit: str
    at_least: Decimals | None
    at_most: Decimals | None
    cap: Decimals | None


class LotPage(LotCard):
    """A lot with its law, texts, documents and the orders that stand on it."""

    ceiling: Decimals | None
    deposit: Decimals
    mode: Mode
    window_minutes: int
    documents_until: Moment | None
    law_day: date | None
    failure: str
    opened_at: Moment | None
    law: list[LimitShown] = []
    notices: list[NoticeShown] = []
    documents: list[DocumentShown] = []
    directives: list[DirectiveShown] = []
    opening: Annotated[str, Field(description="开标记录的 SHA-256；尚无时为空")] = ""
    archived: bool = False
    now: Moment

    @classmethod
    def of(cls, lot: LotRow, texts: "Texts", *, files: str, now: datetime) -> Self:
        """The page of a lot; a document's address begins with `files`."""
        own = cls.model_fields.keys() & {field.name for field in fields(lot)} - {"law"}
        return cls(
            **{name: getattr(lot, name) for name in own},
            stage_name=lot.stage_name,
            law=[LimitShown.model_validate(limit) for limit in (LawInForce.from_json(lot.law) if lot.law else ())],
            notices=[NoticeShown.model_validate(notice) for notice in texts.notices],
            documents=[_document(document, files) for document in texts.documents],
            directives=[DirectiveShown.model_validate(order) for order in texts.directives],
            opening=texts.opening,
            archived=texts.archived,
            now=now,
        )


@dataclass(frozen=True, slots=True)
class Texts:
    """What hangs on a lot besides its row; `opening` is the record's SHA-256, empty before it is made."""

    notices: Sequence[NoticeView]
    documents: Sequence[DocumentView]
    directives: Sequence[Standing]
    opening: str
    archived: bool


class LotOfProject(View):
    id: UUID
    code: str
    number: str
    name: str
    mode: Mode
    stage: Stage
    stage_name: str
    returned: Annotated[list[dict[str, str]] | None, Field(description="待补正的事项")]


class ProjectPage(BaseModel):
    """A project as its own parties and the officials of its region see it."""

    project: UUID
    code: str
    name: str
    purchaser_name: str
    agent_name: str
    region: str
    lots: list[LotOfProject]

    @classmethod
    def of(cls, lots: Sequence[LotRow]) -> Self:
        """From the lots of one project; `NotFound` when there are none."""
        if not lots:
            raise NotFound(Problem("no_project", "没有这个项目", "请从工作台进入"))
        first = lots[0]
        return cls(
            project=first.project,
            code=first.project_code,
            name=first.project_name,
            purchaser_name=first.purchaser_name,
            agent_name=first.agent_name,
            region=first.region,
            lots=[LotOfProject.model_validate(lot) for lot in lots],
        )


class StageRule(BaseModel):
    id: str
    to: Annotated[str, Field(description="public 开标时公布；panel 交评标委员会")]


class HolderShown(BaseModel):
    role: str
    keyid: str
    public_key: Annotated[str, Field(description="Ed25519 公钥的 base64")]


class AnchorsHint(BaseModel):
    """What this site believes the anchors to be; compare it with what you got from elsewhere."""

    href: str
    sha256: str


class Sealing(BaseModel):
    """All a sealing client needs; every signed object as its exact DSSE bytes in base64, empty while there is none."""

    case: UUID
    tender: str
    lot: str
    mode: Mode
    state: BoxState
    ready: bool
    now: Moment
    setup: str
    setup_sha256: str
    deadline: str
    deadline_sha256: str
    deadline_at: Moment | None
    notice: str
    stages: list[StageRule]
    holders: list[HolderShown]
    receipt_key: str
    anchors: AnchorsHint
    project: str
    name: str
    ceiling: Annotated[str, Field(description="最高投标限价（元），没有则为空")]
    evaluation: Annotated[dict[str, Any], Field(description="公告所定的评审办法")]
    price_form: Annotated[list[dict[str, Any]], Field(description="报价表的各项")]
    workbook: Annotated[list[dict[str, str]], Field(description="投标文件应当逐项响应的评审项和评分项")]
    setup_proof: Annotated[str, Field(description="开标设定存证证明（tlog-proof）的 base64；未经见证时为空")]
    setup_salt: Annotated[str, Field(description="存证事项的盐的 base64")]


class CloseShown(BaseModel):
    """The list at the close: hashes only."""

    fixed: bool
    sha256: str
    body: Annotated[str, Field(description="close.json 原文的 base64；未固定时为草稿")]
    bids: list[str]
    withdrawn: list[str]
    countersignature: Annotated[str, Field(description="监督进程会签的 DSSE 的 base64；尚无时为空")]
    reveal_until: Moment | None
    fallback_until: Moment | None
    state: BoxState
    due: Annotated[list[str], Field(description="现在轮到开启的阶段")]
    report: Annotated[str, Field(description="开启后一阶段所依据的评审报告的 SHA-256；第一次开启时为空")]
    report_proof: Annotated[str, Field(description="评审报告存证证明（tlog-proof）的 base64；未经见证时为空")]
    report_salt: Annotated[str, Field(description="该存证事项的盐的 base64")]


class OwnReceipt(Receipt):
    """A receipt with what was sent for it; `final` once a witness has signed a tree that holds it."""

    envelope: str
    final: bool


class OwnChain(BaseModel):
    """A bidder's own messages in one box, oldest first."""

    bid_id: str
    public_key: str
    receipts: list[OwnReceipt]


class Published(BaseModel):
    notice: int
    sha256: str
    deadline: str


def _document(document: DocumentView, files: str) -> DocumentShown:
    href = f"{files}/api/v1/lots/{document.lot}/documents/{document.id}"
    fields = {name: getattr(document, name) for name in DocumentShown.model_fields if name != "href"}
    return DocumentShown(**fields, href=href)
