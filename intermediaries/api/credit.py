"""Appeals against deductions of credit: the agency's word, and what the centre decides."""

from uuid import UUID

from litestar import post
from litestar.params import FromPath, JSONBody

from intermediaries.doors import AgencyId, AnyRequest
from intermediaries.schemas.agencies import AppealCharge, SettleAppeal
from intermediaries.steps import appeal
from kernel.web.auth import actor_of
from kernel.web.once import RequestId, once
from kernel.web.openapi import refusals

TAGS = ["中介超市"]
PATH = "/api/v1/agencies/{agency:uuid}/charges/{charge:uuid}"


@post(
    f"{PATH}/appeal",
    opt={"act": "appeal_charge"},
    status_code=204,
    tags=TAGS,
    summary="对一项信用扣分申诉（生效之前，一次）",
    responses=refusals(404, 409, 423),
)
async def appeal_charge(
    request: AnyRequest, agency: AgencyId, charge: FromPath[UUID], data: JSONBody[AppealCharge], key: RequestId = None
) -> None:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        await appeal.appeal_charge(actor, agency, charge, data)
        return {"charge": str(charge)}

    await once("appeal_charge", actor, key, data.model_dump(mode="json") | {"charge": str(charge)}, do)


@post(
    f"{PATH}/settlement",
    opt={"act": "settle_appeal"},
    status_code=204,
    tags=TAGS,
    summary="处理信用申诉：撤销扣分，或者维持",
    responses=refusals(404, 409, 423),
)
async def settle_appeal(
    request: AnyRequest, agency: AgencyId, charge: FromPath[UUID], data: JSONBody[SettleAppeal], key: RequestId = None
) -> None:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        await appeal.settle_appeal(actor, agency, charge, data)
        return {"charge": str(charge)}

    await once("settle_appeal", actor, key, data.model_dump(mode="json") | {"charge": str(charge)}, do)


HANDLERS = [appeal_charge, settle_appeal]
