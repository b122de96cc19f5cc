"""Free registration of a unit and its first person, as a page and as JSON (电子招标投标办法第九条)."""

from typing import Any

import pydantic
from litestar import Request, Response, get, post
from litestar.params import JSONBody
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from kernel import regions
from kernel.accounts.register import register_person_and_organisation
from kernel.accounts.schemas import Registered, RegisterOrganisation
from kernel.errors import BadInput, LawRefuses
from kernel.web.auth import actor_of
from kernel.web.door import form_of, page
from kernel.web.gate import gate_of
from kernel.web.names import region_options
from kernel.web.once import RequestId, once_alone
from kernel.web.problems import of_pydantic

AnyRequest = Request[Any, Any, Any]
PROVINCES = tuple(f"{number:02}0000" for number in range(11, 66) if regions.name(f"{number:02}0000"))
REGIONS = region_options(*PROVINCES)
NEVER_SHOWN_AGAIN = frozenset({"password", "identity_number", "legal_rep_identity"})


def registration_handlers(template: str) -> list[ControllerRouterHandler]:
    """GET and POST /register with the site's `template`, and POST /api/v1/registrations."""

    @get("/register", opt={"act": "register_account"}, include_in_schema=False)
    async def register_page(request: AnyRequest) -> Response[str]:
        return await page(request, template, regions=REGIONS)

    @post("/register", opt={"act": "register_account"}, include_in_schema=False)
    async def register(request: AnyRequest) -> Response[Any]:
        form = await form_of(request)
        try:
            command = _command({name: value for name, value in form.items() if value != ""})
            await _register(request, command)
        except (BadInput, LawRefuses) as refusal:
            kept = {name: value for name, value in form.items() if name not in NEVER_SHOWN_AGAIN}
            return await page(request, template, status=422, problems=refusal.problems, values=kept, regions=REGIONS)
        return Redirect("/signin", status_code=303)

    return [register_page, register, register_by_api]


@post(
    "/api/v1/registrations",
    opt={"act": "register_account"},
    tags=["账户"],
    summary="注册单位和经办人",
    description="单位已登记的，角色需由该单位人员批准（pending 为 true）。",
)
async def register_by_api(
    request: AnyRequest, data: JSONBody[RegisterOrganisation], key: RequestId = None
) -> dict[str, Any]:
    async def do() -> dict[str, Any]:
        done = await _register(request, data)
        return {"person": str(done.person), "organisation": str(done.organisation), "pending": done.pending}

    told = {"fingerprint": gate_of(request).keys.fingerprint(data.model_dump_json().encode())}
    return await once_alone("register_account", actor_of(request), key, told, do)


async def _register(request: AnyRequest, command: RegisterOrganisation) -> Registered:
    came = actor_of(request)
    return await register_person_and_organisation(command, gate_of(request).keys, came.address, came.client, came.door)


def _command(fields: dict[str, Any]) -> RegisterOrganisation:
    try:
        return RegisterOrganisation.model_validate(fields)
    except pydantic.ValidationError as error:
        raise BadInput(*of_pydantic(error.errors(include_input=False))) from None
