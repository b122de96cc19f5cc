"""Publishing a lot's notice, and changing it by a further text: the form, the last question, the act."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response, get, post

from bidding import desk
from bidding.detours.amend import amend_notice, check_amendment
from bidding.methods import METHODS
from bidding.pages.forms import AnyRequest, LotId, go, of_lot, tools_of
from bidding.procedures import PROCEDURES
from bidding.records import LotRow
from bidding.rules import earliest_deadline
from bidding.schemas import AmendNotice, PublishNotice
from bidding.steps.look import lot_for, read_lot
from bidding.steps.publish import check_notice, law_on, publish_notice
from kernel import clock
from kernel.clock import when
from kernel.web.auth import actor_of
from kernel.web.commands import command, local_time, present, tried
from kernel.web.door import form_of, page, request_id

FILES = ("documents", "documents_label")
PLAN = "evaluation-"
"""Fields of the form that choose how bids will be compared."""


@get("/lots/{lot:uuid}/publish", opt={"act": "publish_notice"}, include_in_schema=False)
async def publish_page(request: AnyRequest, lot: LotId) -> Response[str]:
    context = await _publication(request, lot)
    values = {"place": "网上开标大厅", "window_minutes": context["lot"].window_minutes, **_usual(context["lot"])}
    return await page(request, "bidding/publish_form.html", values=values, **context)


@post("/lots/{lot:uuid}/publish", opt={"act": "publish_notice"}, include_in_schema=False)
async def publish(request: AnyRequest, lot: LotId) -> Response[Any]:
    form, sent = await form_of(request, *FILES), await request.form()

    async def do() -> Response[Any]:
        fields = _fields({k: v for k, v in form.items() if not k.startswith(PLAN)}, "deadline", "documents_until")
        row = await read_lot("publish_notice", actor_of(request), lot)
        asked = command(PublishNotice, {**fields, "evaluation": _plan(row, form)})
        if form.get("confirmed") != "yes":
            await check_notice(tools_of(request), actor_of(request), lot, asked)
            return await page(request, "confirm.html", **_last_question(row, form, asked))
        await publish_notice(tools_of(request), actor_of(request), lot, asked, request_id(request, sent))
        return go(f"/lots/{lot}")

    async def again() -> Mapping[str, Any]:
        return await _publication(request, lot)

    if form.pop("back", ""):
        return await page(request, "bidding/publish_form.html", values=form, **await again())
    return await tried(request, do, "bidding/publish_form.html", form, again)


@get("/lots/{lot:uuid}/amend", opt={"act": "amend_notice"}, include_in_schema=False)
async def amend_page(request: AnyRequest, lot: LotId) -> Response[str]:
    return await page(request, "bidding/amend_form.html", **await _amendment(request, lot))


@post("/lots/{lot:uuid}/amend", opt={"act": "amend_notice"}, include_in_schema=False)
async def amend(request: AnyRequest, lot: LotId) -> Response[Any]:
    form, sent = await form_of(request, *FILES), await request.form()

    async def do() -> Response[Any]:
        asked = command(AmendNotice, _fields(form, "deadline"))
        if form.get("confirmed") != "yes":
            await check_amendment(actor_of(request), lot, asked)
            row = await lot_for("amend_notice", actor_of(request), lot)
            return await page(request, "confirm.html", **_last_question_of_change(row, form, asked))
        await amend_notice(tools_of(request), actor_of(request), lot, asked, request_id(request, sent))
        return go(f"/lots/{lot}")

    async def again() -> Mapping[str, Any]:
        return await _amendment(request, lot)

    if form.pop("back", ""):
        return await page(request, "bidding/amend_form.html", values=form, **await again())
    return await tried(request, do, "bidding/amend_form.html", form, again)


def _usual(lot: LotRow) -> dict[str, str]:
    """The evaluation's fields as the procedure has them."""
    rule = PROCEDURES[lot.procedure].evaluation
    found = {"method": rule.methods[0], "formula": rule.formulas[0], "price": rule.price}
    found |= {f"maximum-{item['id']}": item["maximum"] for item in rule.items}
    return {f"{PLAN}{name}": value for name, value in found.items()}


def _plan(lot: LotRow, form: Mapping[str, Any]) -> dict[str, Any]:
    """The evaluation that the form chooses: the procedure's items with the form's own marks, none left at nought."""
    given = present({name.removeprefix(PLAN): value for name, value in form.items() if name.startswith(PLAN)})
    rule = PROCEDURES[lot.procedure].evaluation
    chosen: dict[str, Any] = {name: given[name] for name in ("method", "formula", "price") if name in given}
    marked = [{**item, "maximum": given.get(f"maximum-{item['id']}", "0")} for item in rule.items]
    return {**chosen, "items": [item for item in marked if item["maximum"].strip() not in ("0", "0.0", "0.00")]}


def _fields(form: Mapping[str, Any], *moments: str) -> dict[str, Any]:
    """A form's fields as the command has them: moments with their zone, each uploaded file with its name."""
    found = {k: v for k, v in present(form).items() if k not in ("confirmed", *FILES)}
    found |= {name: local_time(found[name]) for name in moments if name in found}
    files = zip(form["documents"], form["documents_label"], strict=False)
    return found | {"documents": [{"upload": upload, "label": label} for upload, label in files]}


async def _publication(request: AnyRequest, lot: LotId) -> dict[str, Any]:
    row = await lot_for("publish_notice", actor_of(request), lot)
    moment = await clock.now()
    law = law_on(tools_of(request), row, moment)
    near, far = desk.near_and_far(law)
    rule = PROCEDURES[row.procedure].evaluation
    return {
        **await of_lot(row),
        "earliest": earliest_deadline(law, moment),
        "limits": near,
        "later_limits": far,
        "window_range": PROCEDURES[row.procedure].window_range,
        "methods": _options(METHODS.method, rule.methods),
        "formulas": _options(METHODS.formula, rule.formulas),
        "items": rule.items,
    }


def _options(table: Mapping[str, Mapping[str, Any]], allowed: Sequence[str]) -> list[dict[str, str]]:
    return [{"value": name, "label": str(table[name]["name"])} for name in allowed]


async def _amendment(request: AnyRequest, lot: LotId) -> dict[str, Any]:
    row = await lot_for("amend_notice", actor_of(request), lot)
    return {**await of_lot(row), "limits": [limit for limit in desk.law_of(row) if "bid_deadline" in limit.measures]}


def _last_question(lot: LotRow, form: Mapping[str, Any], asked: PublishNotice) -> dict[str, Any]:
    return {
        "title": "发布招标公告",
        "says": f"{lot.project_name} {lot.name}",
        "consequences": [
            f"投标截止时间（即开标时间）为 {when(asked.deadline)}",
            f"公告和 {len(asked.documents)} 个文件立即公开，任何人都可以下载",
            "文本和文件不能再修改或删除；需要更正时另发变更公告",
            "以今天有效的法定期限为准，此后修法不影响本标段",
        ],
        **_sent_again(f"/lots/{lot.id}/publish", form),
    }


def _last_question_of_change(lot: LotRow, form: Mapping[str, Any], asked: AmendNotice) -> dict[str, Any]:
    moved = f"投标截止时间改为 {when(asked.deadline)}" if asked.deadline else "投标截止时间不变"
    return {
        "title": "发布澄清或变更",
        "says": asked.text,
        "consequences": [moved, "变更立即公开，并通知留过联系方式的人", "发布后不能修改或删除"],
        **_sent_again(f"/lots/{lot.id}/amend", form),
    }


def _sent_again(action: str, form: Mapping[str, Any]) -> dict[str, Any]:
    fields = {**{k: v for k, v in form.items() if v not in ("", None)}, "confirmed": "yes"}
    return {"action": action, "fields": fields, "confirm_label": "确认发布", "back_label": "返回修改"}


HANDLERS = [publish_page, publish, amend_page, amend]
