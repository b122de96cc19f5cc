"""核实密封件 as a page: a holder who calls envelopes bad hands his key's file over, and what it opens is said here."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Redirect

from kernel.errors import BadInput, Problem
from kernel.proofs.errors import Malformed
from kernel.proofs.showing import Shown, read_shown
from kernel.web.auth import actor_of
from kernel.web.commands import tried
from kernel.web.door import page, request_id
from kernel.web.once import once
from supervision import cases
from supervision.api import keys_of
from supervision.audit import audit, audited, contested

AnyRequest = Request[Any, Any, Any]
LotId = FromPath[UUID]
OPT = {"act": "audit_envelope"}
TEMPLATE = "supervision/audits.html"
LARGEST = 4096
"""Bytes the file of a shown key may have."""


@get("/cases/{lot:uuid}/audits", opt=OPT, include_in_schema=False)
async def audits_page(request: AnyRequest, lot: LotId) -> Response[str]:
    await cases.look(actor_of(request), lot)
    return await page(request, TEMPLATE, **await _shown(request, lot))


@post("/cases/{lot:uuid}/audits", opt=OPT, include_in_schema=False)
async def try_key(request: AnyRequest, lot: LotId) -> Response[Any]:
    """What was sent is a secret: it is tried, and stands in no answer, no log and no memory of requests."""
    sent, actor = await request.form(), actor_of(request)

    async def do() -> Response[Any]:
        row = await cases.own_case(actor, lot)
        given = await _file(sent.get("shown"))
        key = await _read(given, lot)

        async def act() -> dict[str, Any]:
            return {"tried": len(await audit(actor, row.id, key.key, keys_of(request).process))}

        said = {"lot": str(lot), "shown": hashlib.sha256(given).hexdigest()}
        await once("audit_envelope", actor, request_id(request, sent), said, act)
        return Redirect(f"/cases/{lot}/audits", status_code=303)

    async def again() -> Mapping[str, Any]:
        return await _shown(request, lot)

    return await tried(request, do, TEMPLATE, {"shown": ""}, again)


async def _file(sent: object) -> bytes:
    given = await sent.read(LARGEST + 1) if isinstance(sent, UploadFile) else b""
    if not given:
        raise BadInput(Problem("no_shown_key", "没有选择密钥文件", "请选择持钥人交来的文件", field="shown"))
    return given


async def _read(given: bytes, lot: UUID) -> Shown:
    """The key in the file; `BadInput` where it is no such file, or was shown for another lot."""
    try:
        key = read_shown(given[:LARGEST])
    except Malformed:
        remedy = "应为持钥人在“密钥事项”页面或用 yangguang trustee show 导出的文件"
        raise BadInput(Problem("bad_shown_key", "这不是出示密钥的文件", remedy, field="shown")) from None
    if not await cases.is_of_box(lot, key.tender, key.lot):
        raise BadInput(Problem("shown_for_another_lot", "这是另一个标段的密钥", "请核对标段编号", field="shown"))
    return key


async def _shown(request: AnyRequest, lot: UUID) -> dict[str, Any]:
    row = await cases.own_case(actor_of(request), lot)
    waiting, until = await contested(lot)
    return {"lot": row, "waiting": waiting, "until": until, "audited": await audited(lot)}


HANDLERS = [audits_page, try_key]
