"""终止招标 on pages: the grounds that the law has at this stage, the last question, the end."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post

from bidding import records
from bidding.award_rules import GROUNDS, RETURNS, end_grounds
from bidding.detours.fail import end_case
from bidding.pages.award import once_more
from bidding.pages.forms import AnyRequest, LotId, go, of_lot, tools_of
from bidding.records import LotRow
from bidding.schemas import EndCase
from bidding.steps.look import lot_for
from kernel.web.auth import actor_of
from kernel.web.commands import command, present, tried
from kernel.web.door import form_of, page, request_id


@get("/lots/{lot:uuid}/end", opt={"act": "end_case"}, include_in_schema=False)
async def end_page(request: AnyRequest, lot: LotId) -> Response[str]:
    return await page(request, "bidding/end_form.html", values={}, **await _ending(request, lot))


@post("/lots/{lot:uuid}/end", opt={"act": "end_case"}, include_in_schema=False)
async def end(request: AnyRequest, lot: LotId) -> Response[Any]:
    form, sent = await form_of(request), await request.form()

    async def do() -> Response[Any]:
        asked = command(EndCase, {k: v for k, v in present(form).items() if k != "confirmed"})
        if form.get("confirmed") != "yes":
            row = await lot_for("end_case", actor_of(request), lot)
            return await page(request, "confirm.html", **await _ending_question(row, form, asked))
        await end_case(tools_of(request), actor_of(request), lot, asked, request_id(request, sent))
        return go(f"/lots/{lot}")

    async def again() -> Mapping[str, Any]:
        return await _ending(request, lot)

    if form.pop("back", ""):
        return await page(request, "bidding/end_form.html", values=form, **await again())
    return await tried(request, do, "bidding/end_form.html", form, again)


async def _ending(request: AnyRequest, lot: LotId) -> dict[str, Any]:
    row = await lot_for("end_case", actor_of(request), lot)
    recorded = await records.opening(lot) is not None
    lawful = end_grounds(row.category, recorded=recorded)
    grounds = [{"value": code, "label": says, "hint": article} for code, (says, article) in lawful.items()]
    return {**await of_lot(row), "grounds": grounds, "recorded": recorded}


async def _ending_question(row: LotRow, form: Mapping[str, Any], asked: EndCase) -> dict[str, Any]:
    recorded = await records.opening(row.id) is not None
    says = GROUNDS[asked.ground].says if asked.ground in GROUNDS else asked.ground
    return {
        "title": "终止招标",
        "says": f"{says}：{asked.reason}",
        "consequences": [
            "立即公告终止及其理由",
            "没有解密的内容永不再解密",
            *([] if recorded else [RETURNS[row.category[:1]]]),
            "案件随即归档，不能恢复；可依法重新招标",
        ],
        "danger": True,
        **once_more(f"/lots/{row.id}/end", form, "确认终止"),
    }


HANDLERS = [end_page, end]
