"""What an agency does to get in and stay in; what an owner and a department hand in."""

from typing import Any
from uuid import UUID

from litestar import delete, get, post, put
from litestar.params import FromPath, JSONBody

from intermediaries.doors import AnyRequest, own_agency, tools_of
from intermediaries.schemas.agencies import (
    AddCertificate,
    AddPractitioner,
    DeclareAvoidance,
    DescribeAgency,
    EnterOwner,
    FileEntry,
    PromiseItem,
    ProposeItem,
)
from intermediaries.steps import enter, papers
from intermediaries.steps.propose import propose_item
from intermediaries.views import EntryShown, Made
from kernel.web.auth import actor_of
from kernel.web.once import RequestId, once
from kernel.web.openapi import refusals

OPT = {"act": "enter_market"}
TAGS = ["中介超市"]
Number = FromPath[UUID]


@get("/api/v1/entry", opt=OPT, tags=TAGS, summary="本机构的入驻状态", responses=refusals(404))
async def shown(request: AnyRequest) -> EntryShown:
    return EntryShown.of(await own_agency(actor_of(request)))


@put("/api/v1/entry", opt=OPT, tags=TAGS, summary="登记或更新机构信息", responses=refusals(409))
async def describe(request: AnyRequest, data: JSONBody[DescribeAgency], key: RequestId = None) -> EntryShown:
    await enter.enter_market(actor_of(request), data, key)
    return EntryShown.of(await own_agency(actor_of(request)))


@post("/api/v1/entry/filing", opt=OPT, status_code=200, tags=TAGS, summary="签署承诺并提交", responses=refusals(409))
async def file(request: AnyRequest, data: JSONBody[FileEntry], key: RequestId = None) -> EntryShown:
    agency = await own_agency(actor_of(request))
    await enter.file_entry(tools_of(request), actor_of(request), agency.id, data, key)
    return EntryShown.of(await own_agency(actor_of(request)))


@post("/api/v1/entry/certificates", opt=OPT, tags=TAGS, summary="登记证书", responses=refusals(404, 409))
async def certificate(request: AnyRequest, data: JSONBody[AddCertificate], key: RequestId = None) -> Made:
    actor = actor_of(request)
    agency = await own_agency(actor)

    async def do() -> dict[str, str]:
        return {"id": str(await papers.add_certificate(tools_of(request), actor, agency.id, data))}

    return Made.model_validate(await once("enter_market", actor, key, data.model_dump(mode="json"), do))


@delete("/api/v1/entry/certificates/{number:uuid}", opt=OPT, tags=TAGS, summary="移除证书", responses=refusals(404))
async def uncertify(request: AnyRequest, number: Number) -> None:
    agency = await own_agency(actor_of(request))
    await papers.remove_certificate(actor_of(request), agency.id, number)


@post("/api/v1/entry/practitioners", opt=OPT, tags=TAGS, summary="登记执业人员", responses=refusals(404))
async def practitioner(request: AnyRequest, data: JSONBody[AddPractitioner], key: RequestId = None) -> Made:
    actor = actor_of(request)
    agency = await own_agency(actor)

    async def do() -> dict[str, str]:
        return {"id": str(await papers.add_practitioner(actor, agency.id, data))}

    return Made.model_validate(await once("enter_market", actor, key, data.model_dump(mode="json"), do))


@delete("/api/v1/entry/practitioners/{number:uuid}", opt=OPT, tags=TAGS, summary="注销人员", responses=refusals(404))
async def leave(request: AnyRequest, number: Number) -> None:
    agency = await own_agency(actor_of(request))
    await papers.remove_practitioner(actor_of(request), agency.id, number)


@put("/api/v1/entry/promises", opt=OPT, tags=TAGS, summary="承诺一个服务事项的价格和天数", responses=refusals(404))
async def promise(request: AnyRequest, data: JSONBody[PromiseItem]) -> EntryShown:
    agency = await own_agency(actor_of(request))
    await papers.promise_item(actor_of(request), agency.id, data)
    return EntryShown.of(agency)


@delete("/api/v1/entry/promises/{number:uuid}", opt=OPT, tags=TAGS, summary="不再承接事项", responses=refusals(404))
async def unpromise(request: AnyRequest, number: Number) -> None:
    agency = await own_agency(actor_of(request))
    await papers.withdraw_promise(actor_of(request), agency.id, number)


@post("/api/v1/entry/avoidances", opt=OPT, tags=TAGS, summary="申报回避的业主", responses=refusals(404, 409))
async def avoid(request: AnyRequest, data: JSONBody[DeclareAvoidance], key: RequestId = None) -> Made:
    actor = actor_of(request)
    agency = await own_agency(actor)

    async def do() -> dict[str, str]:
        return {"id": str(await papers.declare_avoidance(actor, agency.id, data))}

    command = {"agency": str(agency.id), **data.model_dump(mode="json")}
    return Made.model_validate(await once("declare_avoidance", actor, key, command, do))


@delete("/api/v1/entry/avoidances/{number:uuid}", opt=OPT, tags=TAGS, summary="撤销回避", responses=refusals(404))
async def unavoid(request: AnyRequest, number: Number) -> None:
    agency = await own_agency(actor_of(request))
    await papers.end_avoidance(actor_of(request), agency.id, number)


@put("/api/v1/owner", opt=OPT, tags=TAGS, summary="项目业主入驻")
async def owner(request: AnyRequest, data: JSONBody[EnterOwner], key: RequestId = None) -> Made:
    return Made(id=await enter.enter_owner(actor_of(request), data, key))


@post(
    "/api/v1/items/proposals",
    opt={"act": "propose_item"},
    tags=TAGS,
    summary="主管部门申报清单事项",
    responses=refusals(409),
)
async def propose(request: AnyRequest, data: JSONBody[ProposeItem], key: RequestId = None) -> Made:
    return Made(id=await propose_item(actor_of(request), data, key))


HANDLERS: list[Any] = [
    shown,
    describe,
    file,
    certificate,
    uncertify,
    practitioner,
    leave,
    promise,
    unpromise,
    avoid,
    unavoid,
    owner,
    propose,
]
