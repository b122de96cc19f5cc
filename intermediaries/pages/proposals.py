"""The department's pages: what it has proposed for the catalogue, and the form to propose."""

from collections.abc import Mapping
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import QueryParameter

from intermediaries import records
from intermediaries.doors import AnyRequest, go
from intermediaries.item_forms import choices, row_of, values_of
from intermediaries.records.items import proposals_of
from intermediaries.schemas.agencies import ProposeItem
from intermediaries.steps.propose import propose_item
from kernel.identity import Actor
from kernel.web.auth import actor_of
from kernel.web.commands import command, tried
from kernel.web.door import form_of, page, request_id

OPT = {"act": "propose_item"}
TEMPLATE = "intermediaries/proposals.html"
Code = Annotated[str, QueryParameter(pattern=r"^([A-Z]{3}-\d\d)?$")]


@get("/market/proposals", opt=OPT, include_in_schema=False)
async def proposals(request: AnyRequest, code: Code = "") -> Response[str]:
    values: dict[str, Any] = {"kind": "approve"}
    if code:
        values |= values_of((await records.item_by_code(code)).item.row)
    return await page(request, TEMPLATE, values=values, **await _proposals(actor_of(request)))


@post("/market/proposals", opt=OPT, include_in_schema=False)
async def propose(request: AnyRequest) -> Response[Any]:
    form, sent = await form_of(request), await request.form()

    async def do() -> Response[Any]:
        row = row_of(form)
        said = {"kind": form.get("kind", ""), "row": row, "department": row["department"], "says": form.get("says", "")}
        asked = command(ProposeItem, said)
        await propose_item(actor_of(request), asked, request_id(request, sent))
        return go("/market/proposals")

    async def again() -> Mapping[str, Any]:
        return await _proposals(actor_of(request))

    return await tried(request, do, TEMPLATE, form, again)


async def _proposals(actor: Actor) -> dict[str, Any]:
    own = await proposals_of(actor.organisation) if actor.organisation else []
    return {"proposals": list(reversed(own)), "items": await records.catalogue(), **choices()}


HANDLERS = [proposals, propose]
