"""The holders' door to the sealed box, the same on both sites: what waits for me, here is my answer, here is my key."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody
from litestar.types import ControllerRouterHandler
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from kernel.box import desk, duty, showing
from kernel.box.records import HolderView
from kernel.box.submit import as_required
from kernel.clock import now
from kernel.errors import Forbidden, Problem
from kernel.identity import Actor
from kernel.proofs import dsse, possession
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


class AskChallenge(RegisterHolder):
    """The same two public keys, before they are registered."""


class ProvedHolder(RegisterHolder):
    """His two public keys, and the proof that he has read the private halves back from his backup."""

    proof: Annotated[str, Field(max_length=4096, description="DSSE etb.holder/1 的 base64：打开验证信封后所签")]


class SetAway(BaseModel):
    """离岗 until this moment, or back (`until` left out)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    until: AwareDatetime | None = None


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
    """The routes of a site that delivers in this way."""
    return [*_of_holders(), *_of_tasks(deliver)]


def _of_holders() -> list[ControllerRouterHandler]:
    """Keys are proved and registered; absences are entered."""

    @post("/api/v1/box/holders/challenge", opt=OPT, tags=TAGS, status_code=200, summary="取得验证信封，登记前读回备份")
    async def ask_challenge(request: AnyRequest, data: JSONBody[AskChallenge]) -> dict[str, str]:
        with as_required():
            sealed = possession.challenge(data.recipient, _secret(request, data))
        return {"sealed": to_base64(sealed)}

    @post("/api/v1/box/holders", opt=OPT, tags=TAGS, summary="登记持钥人的公钥", responses=refusals(409))
    async def register_holder(
        request: AnyRequest, data: JSONBody[ProvedHolder], key: RequestId = None
    ) -> dict[str, Any]:
        actor = actor_of(request)

        async def do() -> dict[str, str]:
            with as_required():
                public_key = from_base64(data.public_key)
                proof = dsse.read(from_base64(data.proof))
                possession.check(proof, public_key, data.recipient, _secret(request, data))
            holder = await desk.register(actor, public_key, data.recipient)
            return {"holder": str(holder), "keyid": dsse.keyid_of(public_key)}

        return await once("hold_key", actor, key, data.model_dump(), do)

    @post("/api/v1/box/holders/{holder:uuid}/away", opt=OPT, tags=TAGS, status_code=200, summary="离岗与回岗登记",
          description="本人或同岗同事登记；不写 until 即回岗。", responses=refusals(404))  # fmt: skip
    async def set_away(
        request: AnyRequest, holder: FromPath[UUID], data: JSONBody[SetAway], key: RequestId = None
    ) -> dict[str, Any]:
        async def do() -> dict[str, str]:
            await duty.set_away(actor_of(request), holder, data.until)
            return {"holder": str(holder)}

        body = {"holder": str(holder), **data.model_dump(mode="json")}
        return await once("hold_key", actor_of(request), key, body, do)

    return [ask_challenge, register_holder, set_away]


def _of_tasks(deliver: Post) -> list[ControllerRouterHandler]:
    """What waits, and the answers."""

    @get("/api/v1/box/waiting", opt=OPT, tags=TAGS, summary="等待我办理的事项，连同所需材料")
    async def waiting(request: AnyRequest) -> dict[str, Any]:
        own = await desk.holders_of(_person(actor_of(request)))
        return {
            "now": (await now()).isoformat(),
            "holders": [_shown(holder) for holder in own],
            "tasks": await desk.waiting(own),
        }

    @get("/api/v1/box/contested", opt=OPT, tags=TAGS, summary="我称有误、待出示密钥证明的密封件，连同所需材料")
    async def contested(request: AnyRequest) -> dict[str, Any]:
        own = await desk.holders_of(_person(actor_of(request)))
        return {"now": (await now()).isoformat(), "tasks": await showing.to_show(own)}

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

    return [waiting, contested, post_message]


def _secret(request: AnyRequest, data: RegisterHolder) -> bytes:
    """What the challenge to these keys of this person holds: made from the site's secret, kept nowhere."""
    person = str(_person(actor_of(request)))
    parts = (person, data.public_key, data.recipient)
    secret: bytes = request.app.state.gate.keys.challenge(*(part.encode() for part in parts))
    return secret


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
