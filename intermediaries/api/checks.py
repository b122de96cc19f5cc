"""What the centre does with entries: whose form waits, letting in, sending back, looking at new certificates."""

from litestar import get, post
from litestar.params import JSONBody

from intermediaries.doors import AgencyId, AnyRequest
from intermediaries.looking import waiting
from intermediaries.records import agencies as records
from intermediaries.schemas.agencies import CheckEntry, CheckPapers
from intermediaries.steps import check
from intermediaries.views import EntryShown
from kernel.web.auth import actor_of
from kernel.web.once import RequestId, once
from kernel.web.openapi import refusals

OPT = {"act": "check_entry"}
TAGS = ["中介超市"]


@get("/api/v1/entries", opt=OPT, tags=TAGS, summary="等待形式核验的机构，先到期的在前")
async def entries(request: AnyRequest) -> list[EntryShown]:
    return [EntryShown.of(row) for row in await waiting(actor_of(request))]


@post(
    "/api/v1/entries/{agency:uuid}/check",
    opt=OPT,
    status_code=200,
    tags=TAGS,
    summary="形式核验：通过，或一次性退回",
    responses=refusals(404, 409, 423),
)
async def check_entry(
    request: AnyRequest, agency: AgencyId, data: JSONBody[CheckEntry], key: RequestId = None
) -> EntryShown:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        await check.check_entry(actor, agency, data)
        return {"agency": str(agency)}

    await once("check_entry", actor, key, data.model_dump(mode="json") | {"agency": str(agency)}, do)
    return EntryShown.of(await records.agency(agency))


@post(
    "/api/v1/entries/{agency:uuid}/papers",
    opt=OPT,
    status_code=200,
    tags=TAGS,
    summary="核验在库机构的新证书",
    responses=refusals(404, 409, 423),
)
async def check_papers(
    request: AnyRequest, agency: AgencyId, data: JSONBody[CheckPapers], key: RequestId = None
) -> EntryShown:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        await check.check_papers(actor, agency, data)
        return {"agency": str(agency)}

    await once("check_entry", actor, key, data.model_dump(mode="json") | {"papers": str(agency)}, do)
    return EntryShown.of(await records.agency(agency))


HANDLERS = [entries, check_entry, check_papers]
