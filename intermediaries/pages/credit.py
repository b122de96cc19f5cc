"""Pages on which an agency appeals against a deduction, and the centre decides on it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from intermediaries.case import check_agency_actor
from intermediaries.doors import AgencyId, AnyRequest, go
from intermediaries.records import agencies
from intermediaries.schemas.agencies import AppealCharge, SettleAppeal
from intermediaries.steps.appeal import appeal_charge, settle_appeal
from kernel.errors import NotFound, Problem
from kernel.web.auth import actor_of
from kernel.web.commands import command, present, tried
from kernel.web.door import form_of, page

PATH = "/agencies/{agency:uuid}/charges/{charge:uuid}"
APPEAL, SETTLE = {"act": "appeal_charge"}, {"act": "settle_appeal"}
TEMPLATE = "intermediaries/appeal.html"
ChargeId = FromPath[UUID]


@get(f"{PATH}/appeal", opt=APPEAL, include_in_schema=False)
async def appeal_form(request: AnyRequest, agency: AgencyId, charge: ChargeId) -> Response[str]:
    return await page(request, TEMPLATE, values={}, **await _form(request, "appeal_charge", agency, charge))


@post(f"{PATH}/appeal", opt=APPEAL, include_in_schema=False)
async def appeal(request: AnyRequest, agency: AgencyId, charge: ChargeId) -> Response[Any]:
    form = await form_of(request)

    async def do() -> Response[Any]:
        await appeal_charge(actor_of(request), agency, charge, command(AppealCharge, present(form)))
        return go(f"/agencies/{agency}")

    async def again() -> Mapping[str, Any]:
        return await _form(request, "appeal_charge", agency, charge)

    return await tried(request, do, TEMPLATE, form, again)


@get(f"{PATH}/settle", opt=SETTLE, include_in_schema=False)
async def settle_form(request: AnyRequest, agency: AgencyId, charge: ChargeId) -> Response[str]:
    return await page(request, TEMPLATE, values={}, **await _form(request, "settle_appeal", agency, charge))


@post(f"{PATH}/settle", opt=SETTLE, include_in_schema=False)
async def settle(request: AnyRequest, agency: AgencyId, charge: ChargeId) -> Response[Any]:
    form = await form_of(request)

    async def do() -> Response[Any]:
        await settle_appeal(actor_of(request), agency, charge, command(SettleAppeal, present(form)))
        return go(f"/agencies/{agency}")

    async def again() -> Mapping[str, Any]:
        return await _form(request, "settle_appeal", agency, charge)

    return await tried(request, do, TEMPLATE, form, again)


async def _form(request: AnyRequest, act: str, agency: UUID, charge: UUID) -> dict[str, Any]:
    row = await agencies.agency(agency)
    check_agency_actor(act, actor_of(request), row)
    rows = await agencies.charges(agency)
    found = next((one for one in rows if one.id == charge), None)
    if found is None:
        raise NotFound(Problem("no_charge", "没有这项扣分", "请从机构页面的信用记录进入"))
    said = [one for one in rows if one.case == charge]
    return {"agency": row, "charge": found, "said": said, "settling": act == "settle_appeal"}


HANDLERS = [appeal_form, appeal, settle_form, settle]
