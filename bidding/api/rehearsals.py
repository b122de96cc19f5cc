"""开标演练, for programs: ask for one, list those of a lot, take a report with its checkpoint."""

import json
from typing import Any

from litestar import get, post
from litestar.params import JSONBody

from bidding.api.shared import AnyRequest, LotId
from bidding.detours.rehearse import rehearse_opening
from bidding.schemas import RehearseOpening
from bidding.steps.look import read_lot
from kernel.box import rehearsal
from kernel.clock import iso
from kernel.web.auth import actor_of
from kernel.web.once import RequestId, once
from kernel.web.openapi import refusals

TAGS = ["开标大厅"]
OPT = {"act": "rehearse_opening"}


@post("/api/v1/lots/{lot:uuid}/rehearsals", opt=OPT, tags=TAGS, summary="开始演练", responses=refusals(404, 409, 423))
async def begin_rehearsal(
    request: AnyRequest, lot: LotId, data: JSONBody[RehearseOpening], key: RequestId = None
) -> dict[str, Any]:
    actor = actor_of(request)

    async def act() -> dict[str, str]:
        return {"rehearsal": str(await rehearse_opening(actor, lot, data.opens_at))}

    return await once("rehearse_opening", actor, key, {"lot": str(lot), **data.model_dump(mode="json")}, act)


@get("/api/v1/lots/{lot:uuid}/rehearsals", opt=OPT, tags=TAGS, summary="各次演练和报告", responses=refusals(404))
async def list_rehearsals(request: AnyRequest, lot: LotId) -> list[dict[str, Any]]:
    await read_lot("rehearse_opening", actor_of(request), lot)
    return [
        {
            "rehearsal": str(view.case),
            "asked_at": iso(view.asked_at),
            "opens_at": iso(view.opens_at),
            "report": json.loads(view.report) if view.report is not None else None,
            "checkpoint": view.checkpoint,
        }
        for view in await rehearsal.of_lot(lot)
    ]


HANDLERS = [begin_rehearsal, list_rehearsals]
