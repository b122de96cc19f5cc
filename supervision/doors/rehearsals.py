"""开标演练 as regulators see it: the reports of a case's rehearsals."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from kernel.box import readiness, rehearsal_shown
from kernel.web.auth import actor_of
from kernel.web.door import page
from supervision import cases

AnyRequest = Request[Any, Any, Any]


@get("/cases/{lot:uuid}/rehearsals", opt={"act": "supervise_case"}, include_in_schema=False)
async def rehearsals_page(request: AnyRequest, lot: FromPath[UUID]) -> Response[str]:
    row = await cases.look(actor_of(request), lot)
    found = await rehearsal_shown.shown(lot)
    return await page(
        request, "supervision/rehearsals.html", lot=row, rehearsals=found, role_names=readiness.ROLE_NAMES
    )


HANDLERS = [rehearsals_page]
