"""The supervision site's JSON API: cases in scope, orders, alarms, and the public keys of this side."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler
from pydantic import BaseModel, Field

from bidding.stages import Stage
from bidding.views import DirectiveShown, LotCard, Moment
from kernel.box import records as boxes
from kernel.clock import now
from kernel.proofs.canonical import from_base64
from kernel.web.auth import actor_of
from kernel.web.box_door import PostMessage, box_handlers
from kernel.web.download import send_file
from kernel.web.once import RequestId, once
from kernel.web.openapi import besides, refusals
from storage.vault import Bytes, Vault
from supervision import cases, hold_share, watch
from supervision.direct import GiveOrder, order_directive
from supervision.keys import SupervisionKeys

AnyRequest = Request[Any, Any, Any]
LotId = FromPath[UUID]
TAGS = ["监督"]
SIZE = 50


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


class CaseShown(BaseModel):
    case: LotCard
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


@get("/api/v1/cases", opt={"act": "supervise_case"}, tags=TAGS, summary="本地区、本部门的项目，新的在前")
async def list_cases(
    request: AnyRequest,
    stage: Annotated[Stage | None, QueryParameter(description="只看这一环节")] = None,
    page: Annotated[int, QueryParameter(ge=1, le=1000)] = 1,
) -> CaseList:
    found = await cases.cases(actor_of(request), stage)
    shown = [LotCard.model_validate(lot) for lot in found[(page - 1) * SIZE : page * SIZE]]
    return CaseList(items=shown, total=len(found), page=page, pages=max(1, -(-len(found) // SIZE)))


@get(
    "/api/v1/cases/{lot:uuid}",
    opt={"act": "supervise_case"},
    tags=TAGS,
    summary="一个项目的进程、日志和指令（本次查看记入监督日志）",
    responses=refusals(404),
)
async def show_case(request: AnyRequest, lot: LotId) -> CaseShown:
    row = await cases.look(actor_of(request), lot)
    return CaseShown.model_validate(
        {
            "case": LotCard.model_validate(row),
            "steps": await cases.steps(row),
            "events": await cases.events(row),
            "directives": await cases.orders([row]),
            "now": await now(),
        }
    )


@get(
    "/api/v1/cases/{lot:uuid}/archive.zip",
    opt={"act": "read_archive"},
    tags=TAGS,
    summary="完整证据包（本次下载记入监督日志）",
    responses={**refusals(404), **besides(206, 304, 416)},
)
async def archive_package(request: AnyRequest, lot: LotId) -> Response[Any]:
    file = await cases.archive(actor_of(request), lot)
    vault: Vault = request.app.state.vault

    def read(start: int, length: int) -> Bytes:
        return vault.get(file.sha256, start=start, length=length)

    return send_file(request, file, read)


@post(
    "/api/v1/cases/{lot:uuid}/directives",
    opt={"act": "order_directive"},
    tags=TAGS,
    summary="发出监督指令：暂停、恢复、责令改正",
    description="发出即生效，向各方公开，不能删除，只能另发指令解除。",
    responses=refusals(404, 409),
)
async def give_order(
    request: AnyRequest, lot: LotId, data: JSONBody[GiveOrder], key: RequestId = None
) -> DirectiveShown:
    actor, process = actor_of(request), keys_of(request).process

    async def do() -> dict[str, Any]:
        order = await order_directive(actor, lot, data, process, key)
        return DirectiveShown.model_validate(order).model_dump(mode="json")

    command = {"lot": str(lot), **data.model_dump(mode="json")}
    return DirectiveShown.model_validate(await once("order_directive", actor, key, command, do))


@get("/api/v1/witness/alarms", opt={"act": "supervise_case"}, tags=TAGS, summary="见证方和日志回读的警报，新的在前")
async def list_alarms(request: AnyRequest) -> list[AlarmShown]:
    return [AlarmShown.model_validate(alarm, from_attributes=True) for alarm in await watch.alarms(actor_of(request))]


@get(
    "/api/v1/anchors",
    opt={"act": "read_public", "no_identity": True},
    tags=["平台"],
    summary="监督一方的公钥：见证方、监督日志、监督进程、持钥人",
)
async def public_keys(request: AnyRequest) -> PublicKeys:
    keys = keys_of(request)
    holders = await boxes.holders_in_force("regulator")
    return PublicKeys(
        witness=str(keys.witness.key),
        log=str(request.app.state.own_log),
        process=keys.process.public.hex(),
        officers=[HolderOfThisSide(role=h.role, name=h.name, pk=h.public_key.hex()) for h in holders],
    )


def api_handlers() -> list[ControllerRouterHandler]:
    """Every route under /api/v1 that is this site's own."""
    box = box_handlers(_deliver)
    return [*box, list_cases, show_case, archive_package, give_order, list_alarms, public_keys]


def keys_of(request: AnyRequest) -> SupervisionKeys:
    """This site's own keys."""
    keys: SupervisionKeys = request.app.state.own_keys
    return keys


async def _deliver(request: AnyRequest, case: UUID, message: PostMessage) -> None:
    """A holder of the regulator's posts by this side's one insert."""
    envelope, wrap = from_base64(message.envelope), from_base64(message.wrap)
    await hold_share.post(actor_of(request), case, message.kind, message.stage, envelope, wrap)
