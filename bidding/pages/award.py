"""The award and what follows it on pages: decide, file and confirm the contract, settle."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from bidding import records, results
from bidding.award_desk import refunds_due, returns_due, until_of
from bidding.award_rules import PASSED_OVER, refund_article, wants_report
from bidding.detours.settle import file_report, refund_deposit
from bidding.pages.forms import AnyRequest, LotId, go, of_lot, tools_of
from bidding.schemas import ConfirmContract, DecideAward, FileContract, FileReport, RefundDeposit
from bidding.steps.award import check_award, decide_award
from bidding.steps.contract import awarded, confirm_contract, file_contract
from bidding.steps.look import lot_for, public_lot_for
from bidding.steps.publicise import candidates_of
from kernel import clock
from kernel.accounts.records import organisation
from kernel.errors import Forbidden, Problem
from kernel.law import LawInForce
from kernel.web.auth import actor_of
from kernel.web.commands import command, present, tried
from kernel.web.door import form_of, page, request_id
from kernel.web.once import once


@get("/lots/{lot:uuid}/decide", opt={"act": "decide_award"}, include_in_schema=False)
async def decide_page(request: AnyRequest, lot: LotId) -> Response[str]:
    context = await _decision(request, lot)
    first = context["candidates"][0].bidder if context["candidates"] else ""
    return await page(request, "bidding/decide_form.html", values={"bidder": first}, **context)


@post("/lots/{lot:uuid}/decide", opt={"act": "decide_award"}, include_in_schema=False)
async def decide(request: AnyRequest, lot: LotId) -> Response[Any]:
    found = [bid.bidder for bid in await candidates_of(lot)]
    lists = [name for bidder in found for name in (f"evidence-{bidder}", f"evidence-{bidder}_label")]
    form, sent = await form_of(request, *lists), await request.form()

    async def do() -> Response[Any]:
        asked = command(DecideAward, _deciding(form, found))
        if form.get("confirmed") != "yes":
            await check_award(actor_of(request), lot, asked)
            return await page(request, "confirm.html", **await _last_question(lot, form, asked))
        await decide_award(tools_of(request), actor_of(request), lot, asked, request_id(request, sent))
        return go(f"/lots/{lot}/award")

    async def again() -> Mapping[str, Any]:
        return await _decision(request, lot)

    if form.pop("back", ""):
        return await page(request, "bidding/decide_form.html", values=form, **await again())
    return await tried(request, do, "bidding/decide_form.html", form, again)


@get("/lots/{lot:uuid}/contract", opt={"act": "file_contract"}, include_in_schema=False)
async def contract_page(request: AnyRequest, lot: LotId) -> Response[str]:
    context = await _contract(request, lot)
    said = context["award"].content
    values = {name: said[name] for name in ("price", "period_days", "quality")}
    return await page(request, "bidding/contract_form.html", values=values, **context)


@post("/lots/{lot:uuid}/contract", opt={"act": "file_contract"}, include_in_schema=False)
async def contract(request: AnyRequest, lot: LotId) -> Response[Any]:
    form, sent = await form_of(request, "document", "document_label"), await request.form()

    async def do() -> Response[Any]:
        fields = {k: v for k, v in present(form).items() if k not in ("document", "document_label")}
        asked = command(FileContract, {**fields, "document": _file(form, "document")})
        await file_contract(tools_of(request), actor_of(request), lot, asked, request_id(request, sent))
        row = await records.lot(lot)
        return go(f"/projects/{row.project}?lot={lot}")

    async def again() -> Mapping[str, Any]:
        return await _contract(request, lot)

    return await tried(request, do, "bidding/contract_form.html", form, again)


@get("/lots/{lot:uuid}/contract/confirm", opt={"act": "confirm_contract"}, include_in_schema=False)
async def confirm_page(request: AnyRequest, lot: LotId) -> Response[str]:
    return await page(request, "bidding/contract_confirm.html", **await _filed(request, lot))


@post("/lots/{lot:uuid}/contract/confirm", opt={"act": "confirm_contract"}, include_in_schema=False)
async def confirm(request: AnyRequest, lot: LotId) -> Response[Any]:
    form, sent, actor = await form_of(request), await request.form(), actor_of(request)

    async def do() -> Response[Any]:
        asked = command(ConfirmContract, form)

        async def act() -> Mapping[str, Any]:
            await confirm_contract(actor, lot, asked)
            return {"contract": asked.sha256}

        await once("confirm_contract", actor, request_id(request, sent), {"lot": str(lot), **asked.model_dump()}, act)
        return go(f"/lots/{lot}/award")

    async def again() -> Mapping[str, Any]:
        return await _filed(request, lot)

    return await tried(request, do, "bidding/contract_confirm.html", form, again)


@get("/lots/{lot:uuid}/settle", opt={"act": "refund_deposit"}, include_in_schema=False)
async def settle_page(request: AnyRequest, lot: LotId) -> Response[str]:
    return await page(request, "bidding/settle.html", values={}, **await _settling(request, lot))


@post("/lots/{lot:uuid}/refund", opt={"act": "refund_deposit"}, include_in_schema=False)
async def refund(request: AnyRequest, lot: LotId) -> Response[Any]:
    form, sent, actor = await form_of(request), await request.form(), actor_of(request)

    async def do() -> Response[Any]:
        asked = command(RefundDeposit, present(form))

        async def act() -> Mapping[str, Any]:
            return {"left": await refund_deposit(actor, lot, asked)}

        key = request_id(request, sent)
        await once("refund_deposit", actor, key, {"lot": str(lot), **asked.model_dump(mode="json")}, act)
        return go(f"/lots/{lot}/settle")

    async def again() -> Mapping[str, Any]:
        return await _settling(request, lot)

    return await tried(request, do, "bidding/settle.html", form, again)


@post("/lots/{lot:uuid}/statement", opt={"act": "file_report"}, include_in_schema=False)
async def statement(request: AnyRequest, lot: LotId) -> Response[Any]:
    form, sent, actor = await form_of(request), await request.form(), actor_of(request)

    async def do() -> Response[Any]:
        asked = command(FileReport, form)

        async def act() -> Mapping[str, Any]:
            return {"sha256": await file_report(actor, lot, asked)}

        await once("file_report", actor, request_id(request, sent), {"lot": str(lot), **asked.model_dump()}, act)
        return go(f"/lots/{lot}/settle")

    async def again() -> Mapping[str, Any]:
        return await _settling(request, lot)

    return await tried(request, do, "bidding/settle.html", form, again)


def _file(form: Mapping[str, Any], name: str) -> dict[str, str] | None:
    """The first file a form brings under this name, as a command has it."""
    files = [*zip(form.get(name, ()), form.get(f"{name}_label", ()), strict=False)]
    return {"upload": files[0][0], "label": files[0][1]} if files else None


def _deciding(form: Mapping[str, Any], candidates: list[str]) -> dict[str, Any]:
    """Reasons only for those ranked before the chosen one: what is filled in elsewhere was not meant."""
    chosen = form.get("bidder", "")
    better = candidates[: candidates.index(chosen)] if chosen in candidates else []
    over = []
    for bidder in better:
        if form.get(f"over-{bidder}-ground"):
            said = {name: form.get(f"over-{bidder}-{name}", "") for name in ("ground", "explanation")}
            over.append({"bidder": bidder, **said, "evidence": _file(form, f"evidence-{bidder}")})
    return {"bidder": chosen, "passed_over": over}


async def _decision(request: AnyRequest, lot: LotId) -> dict[str, Any]:
    row = await lot_for("decide_award", actor_of(request), lot)
    waiting = [o for o in await records.objections(lot, "result") if o.answered_at is None]
    grounds = [{"value": code, "label": says} for code, says in PASSED_OVER.items()]
    return {**await of_lot(row), "candidates": await candidates_of(lot), "waiting": waiting, "grounds": grounds}


async def _contract(request: AnyRequest, lot: LotId) -> dict[str, Any]:
    row, award = await lot_for("file_contract", actor_of(request), lot), await awarded(lot)
    return {
        **await of_lot(row),
        "award": award,
        "filed": await results.paper(lot, "contract"),
        "until": await _due(lot, award.at, ("award_notified", "contract_signed")),
    }


async def _filed(request: AnyRequest, lot: LotId) -> dict[str, Any]:
    actor = actor_of(request)
    row, award = await public_lot_for("confirm_contract", actor, lot), await awarded(lot)
    if award.content["bidder"] != actor.organisation_code:
        raise Forbidden(Problem("not_the_winner", "只有中标人可以确认合同", "请核对标段"))
    filed = await results.paper(lot, "contract")
    terms = _amounts(filed.content) if filed else {}
    return {**await of_lot(row), "award": award, "filed": filed, "terms": terms, "values": {}}


async def _settling(request: AnyRequest, lot: LotId) -> dict[str, Any]:
    row, award = await lot_for("refund_deposit", actor_of(request), lot), await results.paper(lot, "award")
    contract, said = await results.paper(lot, "contract"), await results.paper(lot, "statement")
    waiting = [
        {"bidder": bid.bidder, "name": found.name if (found := await organisation(bid.organisation)) else bid.bidder}
        for bid in [*await results.unrefunded(lot), *await results.unrefunded_withdrawn(lot)]
    ]
    return {
        **await of_lot(row),
        "award": award,
        "waiting": waiting if row.deposit else [],
        "refunds": [_amounts(paper.content) for paper in await results.papers(lot, "refund")],
        "statement": said,
        "refund_article": refund_article(row.category, row.failure),
        "wants_report": award is not None and wants_report(LawInForce.from_json(row.law or "")),
        "refund_until": await (refunds_due(row, award, contract) if award else returns_due(row, await clock.now())),
        "report_until": await _due(lot, award.at, ("winner_fixed", "report_filed")) if award else None,
    }


def _amounts(said: Mapping[str, Any]) -> dict[str, Any]:
    """A paper's content with its amounts as numbers, in yuan."""
    amounts = ("price", "bond", "amount", "interest")
    return {name: Decimal(value) if name in amounts else value for name, value in said.items()}


async def _due(lot: UUID, start: datetime, measures: tuple[str, str]) -> datetime | None:
    return (await until_of(await records.lot(lot), start, measures, await clock.now()))[0]


async def _last_question(lot: UUID, form: Mapping[str, Any], asked: DecideAward) -> dict[str, Any]:
    names = {bid.bidder: bid.name for bid in await candidates_of(lot)}
    passed = [f"{names[one.bidder]}{PASSED_OVER[one.ground]}，不确定为中标人" for one in asked.passed_over]
    return {
        "title": "确定中标人",
        "says": names[asked.bidder],
        "consequences": [
            *passed,
            "向中标人发出中标通知书，同时把中标结果通知所有未中标的投标人",
            "中标结果立即公告，不能修改或撤回",
            "自中标通知书发出之日起三十日内订立书面合同",
        ],
        **once_more(f"/lots/{lot}/decide", form, "确认定标"),
    }


def once_more(action: str, form: Mapping[str, Any], label: str) -> dict[str, Any]:
    """What the page of a last question sends again, or takes back."""
    fields = {**{k: v for k, v in form.items() if v not in ("", None)}, "confirmed": "yes"}
    return {"action": action, "fields": fields, "confirm_label": label, "back_label": "返回修改"}


HANDLERS = [
    decide_page, decide, contract_page, contract, confirm_page, confirm, settle_page, refund, statement,
]  # fmt: skip
