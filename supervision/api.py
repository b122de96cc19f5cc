"""The supervision site's JSON API: cases in scope, orders, alarms, and the public keys of this side."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.types import ControllerRouterHandler

from bidding.stages import Stage
from bidding.views import LotCard
from kernel.box import records as boxes
from kernel.clock import now
from kernel.proofs.canonical import from_base64
from kernel.web.auth import actor_of
from kernel.web.box_door import PostMessage, box_handlers
from kernel.web.download import send_file
from kernel.web.once import RequestId, once
from kernel.web.openapi import besides, refusals
from storage.vault import Bytes, Vault
from supervision import card_records, cases, confirm, drafts, hall, hold_share, watch
from supervision.acts import record
from supervision.audit import audit
from supervision.direct import GiveOrder, draft_order
from supervision.keys import SupervisionKeys
from supervision.views import (
    AlarmShown,
    CardList,
    CardShown,
    CaseList,
    CaseShown,
    DraftShown,
    EnvelopeAudited,
    HallRow,
    HallShown,
    HolderOfThisSide,
    PublicKeys,
    ShownKey,
)

AnyRequest = Request[Any, Any, Any]
LotId = FromPath[UUID]
TAGS = ["监督"]


@get("/api/v1/cases", opt={"act": "supervise_case"}, tags=TAGS, summary="本地区、本部门的项目，新的在前")
async def list_cases(
    request: AnyRequest,
    stage: Annotated[Stage | None, QueryParameter(description="只看这一环节")] = None,
    page: Annotated[int, QueryParameter(ge=1, le=1000)] = 1,
) -> CaseList:
    found, total = await cases.cases(actor_of(request), stage, page)
    shown = [LotCard.model_validate(lot) for lot in found]
    return CaseList(items=shown, total=total, page=page, pages=_pages(total))


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
            "report": await cases.report(row.id),
            "steps": await cases.steps(row),
            "events": await cases.events(row),
            "directives": await cases.orders([row.id]),
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
    summary="起草监督指令：暂停、恢复、责令改正",
    description="由另一名监督人员复核后即生效，向各方公开，不能删除，只能另发指令解除。",
    responses=refusals(404, 409),
)
async def draft_directive(
    request: AnyRequest, lot: LotId, data: JSONBody[GiveOrder], key: RequestId = None
) -> DraftShown:
    actor = actor_of(request)

    async def do() -> dict[str, Any]:
        draft = await drafts.one(actor, await draft_order(actor, lot, data, key))
        return DraftShown.model_validate(draft).model_dump(mode="json")

    command = {"lot": str(lot), **data.model_dump(mode="json")}
    return DraftShown.model_validate(await once("order_directive", actor, key, command, do))


@post(
    "/api/v1/cases/{lot:uuid}/audits",
    opt={"act": "audit_envelope"},
    status_code=200,
    tags=TAGS,
    summary="核实持钥人称有误的密封件：持钥人当面出示本标段密钥，试开后即弃",
    responses=refusals(404),
)
async def audits(request: AnyRequest, lot: LotId, data: JSONBody[ShownKey]) -> list[EnvelopeAudited]:
    found = await audit(actor_of(request), lot, data.plain(), keys_of(request).process)
    return [EnvelopeAudited(bid=one.bid, stage=one.stage, opens=one.opens) for one in found]


@get("/api/v1/drafts", opt={"act": "supervise_case"}, tags=TAGS, summary="等待第二名监督人员复核的草稿")
async def list_drafts(request: AnyRequest) -> list[DraftShown]:
    return [DraftShown.model_validate(draft) for draft in await drafts.waiting(actor_of(request))]


@post(
    "/api/v1/drafts/{draft:uuid}/confirm",
    opt={"act": "confirm_draft"},
    status_code=200,
    tags=TAGS,
    summary="复核草稿：随即生效；起草人不能复核自己的草稿",
    responses=refusals(404, 409),
)
async def confirm_draft(request: AnyRequest, draft: FromPath[UUID], key: RequestId = None) -> DraftShown:
    actor, process = actor_of(request), keys_of(request).process

    async def do() -> dict[str, Any]:
        await confirm.confirm(actor, draft, process)
        return DraftShown.model_validate(await drafts.one(actor, draft)).model_dump(mode="json")

    return DraftShown.model_validate(await once("confirm_draft", actor, key, {"draft": str(draft)}, do))


@get("/api/v1/cards", opt={"act": "supervise_case"}, tags=TAGS, summary="提醒、黄牌和红牌，新的在前")
async def list_cards(
    request: AnyRequest,
    level: Annotated[str, QueryParameter(pattern="^(|remind|yellow|red)$")] = "",
    page: Annotated[int, QueryParameter(ge=1, le=1000)] = 1,
) -> CardList:
    found, total = await card_records.cards_in(actor_of(request), level=level, page=page)
    items = [CardShown.model_validate(card) for card in found]
    return CardList(items=items, total=total, page=page, pages=_pages(total))


@get("/api/v1/hall", opt={"act": "supervise_case"}, tags=TAGS, summary="监督大厅：各类项目的期限、停滞和红黄牌")
async def show_hall(
    request: AnyRequest,
    duty: Annotated[str, QueryParameter(max_length=16)] = "",
    only: Annotated[str, QueryParameter(name="state", pattern="^(|today|late|still|open)$")] = "",
    page: Annotated[int, QueryParameter(ge=1, le=1000)] = 1,
) -> HallShown:
    actor = actor_of(request)
    found = await hall.overview(actor, hall.Filters(duty=duty, state=only), page)
    await record("read_hall", actor, None, f"{duty} {only} {page}")
    items = [HallRow.model_validate(row) for row in found.rows]
    counts = {"states": found.states, "cards": found.cards}
    return HallShown(items=items, total=found.total, page=page, pages=_pages(found.total), **counts)


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
    two = [draft_directive, list_drafts, confirm_draft, audits]
    return [*box, list_cases, show_case, archive_package, *two, list_cards, show_hall, list_alarms, public_keys]


def _pages(total: int) -> int:
    return max(1, -(-total // cases.SIZE))


def keys_of(request: AnyRequest) -> SupervisionKeys:
    """This site's own keys."""
    keys: SupervisionKeys = request.app.state.own_keys
    return keys


async def _deliver(request: AnyRequest, case: UUID, message: PostMessage) -> None:
    """A holder of the regulator's posts by this side's one insert."""
    envelope, wrap = from_base64(message.envelope), from_base64(message.wrap)
    await hold_share.post(actor_of(request), case, message.kind, message.stage, envelope, wrap)
