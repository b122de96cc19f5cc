"""开标演练 as a page: ask for one, and see how those of a lot went, holder by holder."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post

from bidding.detours.rehearse import rehearse_opening
from bidding.pages.forms import AnyRequest, LotId, go, of_lot
from bidding.schemas import RehearseOpening
from bidding.stages import WINDOWS
from bidding.steps.look import read_lot
from kernel.box import readiness, rehearsal_shown
from kernel.web.auth import actor_of
from kernel.web.commands import command, local_time, tried
from kernel.web.door import form_of, page, request_id
from kernel.web.once import once

OPT = {"act": "rehearse_opening"}
TEMPLATE = "bidding/rehearsals.html"


@get("/lots/{lot:uuid}/rehearsals", opt=OPT, include_in_schema=False)
async def rehearsals_page(request: AnyRequest, lot: LotId) -> Response[str]:
    return await page(request, TEMPLATE, **await _shown(request, lot))


@post("/lots/{lot:uuid}/rehearsals", opt=OPT, include_in_schema=False)
async def rehearse(request: AnyRequest, lot: LotId) -> Response[Any]:
    form, sent, actor = await form_of(request), await request.form(), actor_of(request)

    async def do() -> Response[Any]:
        asked = command(RehearseOpening, {"opens_at": local_time(str(form.get("opens_at", "")))})

        async def act() -> Mapping[str, Any]:
            return {"rehearsal": str(await rehearse_opening(actor, lot, asked.opens_at))}

        body = {"lot": str(lot), **asked.model_dump(mode="json")}
        await once("rehearse_opening", actor, request_id(request, sent), body, act)
        return go(f"/lots/{lot}/rehearsals")

    async def again() -> Mapping[str, Any]:
        return await _shown(request, lot)

    return await tried(request, do, TEMPLATE, form, again)


async def _shown(request: AnyRequest, lot: LotId) -> dict[str, Any]:
    row = await read_lot("rehearse_opening", actor_of(request), lot)
    found = await rehearsal_shown.shown(lot)
    can = row.stage in WINDOWS["rehearse_opening"] and row.mode != "bidder-only"
    return {**await of_lot(row), "rehearsals": found, "can": can, "role_names": readiness.ROLE_NAMES}


HANDLERS = [rehearsals_page, rehearse]
