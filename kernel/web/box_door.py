"""The holders' door to the sealed box, the same on both sites: what waits for me, here is my answer, here is my key."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from kernel.box import desk
from kernel.box.records import HolderView
from kernel.box.submit import as_required
from kernel.clock import now
from kernel.errors import Forbidden, Problem
from kernel.identity import Actor
from kernel.proofs import dsse
from kernel.proofs.canonical import from_base64, to_base64
from kernel.web.auth import actor_of
from kernel.web.once import RequestId, once
from kernel.web.openapi import refusals

AnyRequest = Request[Any, Any, Any]
LARGEST = 16 * 1024 * 1024
"""Bytes of a posted message: a release names every bid of the lot."""
OPT = {"act": "hold_key"}
TAGS = ["持钥人"]


class RegisterHolder(BaseModel):
    """An officer's own two keys, made on his machine; the private halves never leave it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    public_key: Annotated[str, Field(max_length=64, description="Ed25519 公钥，32 字节的 base64")]
    recipient: Annotated[str, StringConstraints(pattern=r"^age1[0-9a-z]{1,76}$")]


class PostMessage(BaseModel):
    """What the officer's machine answered to a task (`kernel.proofs.trustee`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: Annotated[str, Field(max_length=12, description="key、setup、deadline、attest、release 之一")]
    stage: Annotated[str, Field(max_length=32)] = ""
    envelope: Annotated[str, Field(max_length=LARGEST, description="DSSE 原文的 base64")]
    wrap: Annotated[str, Field(max_length=4096, description="仅随 key：密封私钥的 base64")] = ""


Post = Callable[[AnyRequest, UUID, PostMessage], Awaitable[None]]
"""How this site puts a holder's message into a box: the trading site by its step, supervision by its one insert."""


def box_handlers(deliver: Post) -> list[ControllerRouterHandler]:
    """The three routes of a site that delivers in this way."""

    @post("/api/v1/box/holders", opt=OPT, tags=TAGS, summary="登记持钥人的公钥", responses=refusals(409))
    async def register_holder(
        request: AnyRequest, data: JSONBody[RegisterHolder], key: RequestId = None
    ) -> dict[str, Any]:
        actor = actor_of(request)

        async def do() -> dict[str, str]:
            with as_required():
                public_key = from_base64(data.public_key)
            holder = await desk.register(actor, public_key, data.recipient)
            return {"holder": str(holder), "keyid": dsse.keyid_of(public_key)}

        return await once("hold_key", actor, key, data.model_dump(), do)

    @get("/api/v1/box/waiting", opt=OPT, tags=TAGS, summary="等待我办理的事项，连同所需材料")
    async def waiting(request: AnyRequest) -> dict[str, Any]:
        own = await desk.holders_of(_person(actor_of(request)))
        return {
            "now": (await now()).isoformat(),
            "holders": [_shown(holder) for holder in own],
            "tasks": await desk.waiting(own),
        }

    @post(
        "/api/v1/box/{case:uuid}/messages",
        opt=OPT,
        tags=TAGS,
        summary="交出密钥、签名、核验或份额",
        description="逐项原样交回 waiting 所列事项的答复；一项不符，整份退回。",
        request_max_body_size=LARGEST,
        responses=refusals(404, 409, 413, 423),
    )
    async def post_message(
        request: AnyRequest, case: FromPath[UUID], data: JSONBody[PostMessage], key: RequestId = None
    ) -> dict[str, Any]:
        async def do() -> dict[str, str]:
            with as_required():
                signed = dsse.read(from_base64(data.envelope))
            await deliver(request, case, data)
            return {"case": str(case), "kind": data.kind, "stage": data.stage, "sha256": signed.sha256}

        return await once("hold_key", actor_of(request), key, {"case": str(case), **data.model_dump()}, do)

    return [register_holder, waiting, post_message]


def _shown(holder: HolderView) -> dict[str, Any]:
    return {
        "id": holder.id,
        "keyid": holder.keyid,
        "role": holder.role,
        "public_key": to_base64(holder.public_key),
        "recipient": holder.recipient,
    }


def _person(actor: Actor) -> UUID:
    if actor.person is None:
        raise Forbidden(Problem("no_person", "须由本人办理", "请登录后办理"))
    return actor.person
