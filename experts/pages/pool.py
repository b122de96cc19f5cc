"""专家库: the centre sees numbers and brings sheets in; it neither admits anybody nor sees who was drawn."""

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile

from experts import admissions
from experts.doors import AnyRequest, tools_of
from experts.steps.import_pool import import_experts
from kernel.errors import BadInput, Problem
from kernel.paper.workbook import MAX_BYTES
from kernel.web.auth import actor_of
from kernel.web.commands import tried
from kernel.web.door import page, request_id

SHOWN = 200
"""Problems of a sheet that a page lists; the rest is counted."""


@get("/experts/pool", opt={"act": "import_experts"}, include_in_schema=False)
async def pool_page(request: AnyRequest) -> Response[str]:
    return await page(request, "experts/pool.html", **await _pool())


@post("/experts/pool", opt={"act": "import_experts", "form_file": True}, include_in_schema=False,
      request_max_body_size=MAX_BYTES + 65_536)  # fmt: skip
async def bring_in(request: AnyRequest) -> Response[Any]:
    sent = await request.form()

    async def do() -> Response[Any]:
        file = sent.get("sheet")
        if not isinstance(file, UploadFile) or not file.filename:
            raise BadInput(Problem("no_file", "没有选择文件", "请选择填好的名册", field="sheet"))
        made = await import_experts(tools_of(request), actor_of(request), await file.read(), request_id(request, sent))
        wrong: dict[str, Any] = {"wrong": made.problems[:SHOWN], "more": max(0, len(made.problems) - SHOWN)}
        return await page(request, "experts/pool.html", imported=made, **wrong, **await _pool())

    return await tried(request, do, "experts/pool.html", {}, _pool)


async def _pool() -> dict[str, Any]:
    return {"figures": await admissions.statistics(), "most": MAX_BYTES // 1024 // 1024}


HANDLERS = [pool_page, bring_in]
