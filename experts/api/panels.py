"""A panel by API: asked for, looked at, attended, its owner's members, its replacements."""

import base64
import binascii
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import JSONBody

from experts import records
from experts.doors import AnyRequest, LotId, tools_of
from experts.looking import panel_shown
from experts.schemas import Attend, DissolvePanel, ElectChair, NameOwner, ReplaceMember, RequestPanel
from experts.steps.attend import attend_draw, waiting_for
from experts.steps.chair import elect_chair
from experts.steps.dissolve import dissolve_panel
from experts.steps.leave import replace_member
from experts.steps.owners import name_owner
from experts.steps.request import request_panel
from experts.views import JudgeShown, PanelPage
from kernel.db import TRADING, reading
from kernel.errors import BadInput, Problem
from kernel.web.auth import actor_of
from kernel.web.once import RequestId, once
from kernel.web.openapi import refusals

TAGS = ["评标委员会"]
WRITES = refusals(404, 409, 423)


async def done(request: AnyRequest, act: str, lot: UUID, key: UUID | None, command: Any, do: Any) -> PanelPage:
    """One write under its request id, and the panel after it."""

    async def once_done() -> dict[str, str]:
        await do()
        return {"lot": str(lot)}

    asked = {"lot": str(lot), **command.model_dump(mode="json")}
    await once(act, actor_of(request), key, asked, once_done)
    found = await panel_shown(actor_of(request), lot)
    if found is None:
        raise records.no_panel()
    return found


@post("/api/v1/lots/{lot:uuid}/panel", opt={"act": "request_panel"}, tags=TAGS, responses=WRITES,
      summary="申请抽取评审专家：人数、专业、窗口、可抽取人数一次核对")  # fmt: skip
async def ask(request: AnyRequest, lot: LotId, data: JSONBody[RequestPanel], key: RequestId = None) -> dict[str, str]:
    return {"panel": str(await request_panel(tools_of(request), actor_of(request), lot, data, key))}


@get("/api/v1/lots/{lot:uuid}/panel", opt={"act": "read_panel"}, tags=TAGS, responses=refusals(404),
     summary="评标委员会：席位、抽取和通知的进展，结果公布前没有姓名")  # fmt: skip
async def look(request: AnyRequest, lot: LotId) -> PanelPage:
    found = await panel_shown(actor_of(request), lot)
    if found is None:
        raise records.no_panel()
    return found


@get("/api/v1/lots/{lot:uuid}/judges", opt={"act": "read_public"}, tags=TAGS,
     summary="评审专家名单；结果公布前为空")  # fmt: skip
async def judges(lot: LotId) -> dict[str, Any]:
    async with reading(TRADING) as connection:
        found = await records.names(connection, lot)
    return {"items": [JudgeShown.of(judge).model_dump() for judge in found]}


@get("/api/v1/lots/{lot:uuid}/panel/attendance", opt={"act": "attend_draw"}, tags=TAGS, responses=refusals(404),
     summary="到场抽取：采购人一方现在要做的")  # fmt: skip
async def due(request: AnyRequest, lot: LotId) -> dict[str, Any]:
    return await waiting_for(actor_of(request), lot)


@post("/api/v1/lots/{lot:uuid}/panel/attendance", opt={"act": "attend_draw"}, status_code=200, tags=TAGS,
      responses=WRITES, summary="到场抽取：采购人一方签署的消息，或公共随机数")  # fmt: skip
async def attend(request: AnyRequest, lot: LotId, data: JSONBody[Attend], key: RequestId = None) -> PanelPage:
    try:
        envelope = base64.b64decode(data.envelope, validate=True)
    except (binascii.Error, ValueError):
        says = "签署的消息不是 base64"
        raise BadInput(Problem("envelope_malformed", says, "请用命令行工具重新生成", field="envelope")) from None
    tools, actor = tools_of(request), actor_of(request)
    return await done(
        request, "attend_draw", lot, key, data, lambda: attend_draw(tools, actor, lot, envelope, data.beacon)
    )


@post("/api/v1/lots/{lot:uuid}/panel/owners", opt={"act": "name_owner"}, status_code=200, tags=TAGS, responses=WRITES,
      summary="指定招标人代表")  # fmt: skip
async def owner(request: AnyRequest, lot: LotId, data: JSONBody[NameOwner], key: RequestId = None) -> PanelPage:
    actor = actor_of(request)
    return await done(request, "name_owner", lot, key, data, lambda: name_owner(actor, lot, data.person))


@post("/api/v1/lots/{lot:uuid}/panel/replacements", opt={"act": "replace_member"}, status_code=200, tags=TAGS,
      responses=WRITES, summary="缺席递补：按原次序，不得另抽")  # fmt: skip
async def replace(request: AnyRequest, lot: LotId, data: JSONBody[ReplaceMember], key: RequestId = None) -> PanelPage:
    return await done(request, "replace_member", lot, key, data,
                      lambda: replace_member(tools_of(request), actor_of(request), lot, data))  # fmt: skip


@post("/api/v1/lots/{lot:uuid}/panel/dissolution", opt={"act": "dissolve_panel"}, status_code=200, tags=TAGS,
      responses=WRITES, summary="人选用尽或抽取作废后解散，另行申请")  # fmt: skip
async def dissolve(request: AnyRequest, lot: LotId, data: JSONBody[DissolvePanel], key: RequestId = None) -> PanelPage:
    return await done(request, "dissolve_panel", lot, key, data, lambda: dissolve_panel(actor_of(request), lot, data))


@post("/api/v1/lots/{lot:uuid}/panel/chair", opt={"act": "elect_chair"}, status_code=200, tags=TAGS, responses=WRITES,
      summary="推举组长")  # fmt: skip
async def chair(request: AnyRequest, lot: LotId, data: JSONBody[ElectChair], key: RequestId = None) -> dict[str, str]:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        await elect_chair(actor, lot, data)
        return {"seat": str(data.seat)}

    return await once("elect_chair", actor, key, {"lot": str(lot), "seat": str(data.seat)}, do)


HANDLERS = [ask, look, judges, due, attend, owner, replace, dissolve, chair]
