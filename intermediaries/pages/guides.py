"""The catalogue by category, and for each item the guide (办事指南) written from the very row that was decided."""

import asyncio
from typing import Annotated, Any

from litestar import Response, get
from litestar.params import PathParameter

from intermediaries import records
from intermediaries.catalogue import CATEGORIES, need_name
from intermediaries.doors import AnyRequest, tools_of
from intermediaries.guide import sheet
from kernel.web.door import page
from kernel.web.download import send_exact

PUBLIC = {"act": "read_public"}
Code = Annotated[str, PathParameter(pattern=r"^[A-Z]{3}-\d\d$")]


@get("/items", opt=PUBLIC, include_in_schema=False)
async def items(request: AnyRequest) -> Response[str]:
    rows = await records.catalogue()
    groups = [(name, [row for row in rows if row.item.category == key]) for key, name in CATEGORIES.items()]
    return await page(request, "intermediaries/items.html", groups=[g for g in groups if g[1]], total=len(rows))


@get("/items/{code:str}", opt=PUBLIC, include_in_schema=False)
async def guide(request: AnyRequest, code: Code) -> Response[str]:
    row = await records.item_by_code(code)
    return await page(
        request,
        "intermediaries/guide.html",
        row=row,
        item=row.item,
        needs=[need_name(need) for need in row.item.needs],
        category=CATEGORIES[row.item.category],
        versions=await records.versions(row.id),
    )


@get("/items/{code:str}/guide.pdf", opt=PUBLIC, include_in_schema=False)
async def guide_pdf(request: AnyRequest, code: Code) -> Response[Any]:
    row = await records.item_by_code(code)
    body = await asyncio.to_thread(sheet, row, tools_of(request).origin)
    return send_exact(request, body, "application/pdf", label=f"办事指南-{row.item.code}.pdf")


HANDLERS = [items, guide, guide_pdf]
