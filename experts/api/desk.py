"""The evaluation desk by API: sign in with a slip, declare avoidance, leave."""

from typing import Any

from litestar import Response, post
from litestar.params import JSONBody

from experts.doors import AnyRequest, LotId, seated, tools_of
from experts.schemas import DeclareAvoidance, LeaveSeat, SignInDesk
from experts.steps.leave import declare_avoidance, leave_seat
from experts.steps.sign_in import sign_in_desk, sign_in_owner
from kernel.clock import iso
from kernel.web.auth import actor_of
from kernel.web.once import RequestId, once
from kernel.web.openapi import refusals

TAGS = ["评标席"]
WRITES = refusals(404, 409, 423)


@post("/api/v1/desk", opt={"act": "sign_in_desk"}, status_code=200, tags=TAGS, responses=WRITES,
      summary="凭评标签到码入席；不问姓名，会话代表席位")  # fmt: skip
async def sign_in(request: AnyRequest, data: JSONBody[SignInDesk]) -> Response[dict[str, str]]:
    lot, session = await sign_in_desk(actor_of(request), data)
    told = {"lot": str(lot), "seat": str(session.person), "csrf": session.csrf, "expires_at": iso(session.expires_at)}
    return seated(request, session, Response(told))


@post("/api/v1/lots/{lot:uuid}/panel/presence", opt={"act": "sign_in_desk"}, status_code=200, tags=TAGS,
      responses=WRITES, summary="招标人代表以本人账号签到")  # fmt: skip
async def owner_here(request: AnyRequest, lot: LotId, key: RequestId = None) -> dict[str, Any]:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        return {"lot": str(lot), "seat": str((await sign_in_owner(actor, lot)).id)}

    return await once("sign_in_desk", actor, key, {"lot": str(lot)}, do)


@post("/api/v1/lots/{lot:uuid}/panel/avoidance", opt={"act": "declare_avoidance"}, status_code=200, tags=TAGS,
      responses=WRITES, summary="申请回避，席位按原次序递补")  # fmt: skip
async def avoid(
    request: AnyRequest, lot: LotId, data: JSONBody[DeclareAvoidance], key: RequestId = None
) -> dict[str, str]:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        await declare_avoidance(tools_of(request), actor, lot, data)
        return {"lot": str(lot)}

    return await once("declare_avoidance", actor, key, {"lot": str(lot), **data.model_dump()}, do)


@post("/api/v1/lots/{lot:uuid}/panel/leave", opt={"act": "leave_seat"}, status_code=200, tags=TAGS, responses=WRITES,
      summary="因故离席，已作评审作废，席位按原次序递补")  # fmt: skip
async def leave(request: AnyRequest, lot: LotId, data: JSONBody[LeaveSeat], key: RequestId = None) -> dict[str, str]:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        await leave_seat(tools_of(request), actor, lot, data)
        return {"lot": str(lot)}

    return await once("leave_seat", actor, key, {"lot": str(lot), **data.model_dump()}, do)


HANDLERS = [sign_in, owner_here, avoid, leave]
