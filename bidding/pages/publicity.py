"""The candidates' publicity on pages: the form and its last question, objections to the result and their answers."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from bidding import records
from bidding.award_rules import period_of, shortest_publicity
from bidding.detours.challenge import answer_due, answer_result, object_result
from bidding.pages.forms import AnyRequest, LotId, go, of_lot, tools_of
from bidding.procedures import PROCEDURES
from bidding.schemas import AnswerObjection, PubliciseCandidates, RaiseObjection
from bidding.stages import Stage
from bidding.steps.look import lot_for, public_lot_for, read_lot
from bidding.steps.publicise import check_publicity, look_ahead, publicise_candidates
from kernel import clock
from kernel.errors import NotFound, Problem
from kernel.permissions import permission
from kernel.web.auth import actor_of
from kernel.web.commands import command, present, tried
from kernel.web.door import form_of, page, request_id
from kernel.web.once import once
from kernel.workdays import in_chinese

DETAIL = re.compile(r"details-(\d)-(bidder|quality|manager|certificate|qualification)")
FROM_FORM = {"quality": "quality", "manager": "manager", "certificate": "manager_certificate"}
"""What a bid's own price form may tell already."""


@get("/lots/{lot:uuid}/publicise", opt={"act": "publicise_candidates"}, include_in_schema=False)
async def publicise_page(request: AnyRequest, lot: LotId) -> Response[str]:
    context = await _publicity(request, lot)
    values = {"last_day": context["shortest"].isoformat(), **_told(context["candidates"])}
    values["channel"] = "登录本平台，在“中标候选人公示”页面提出；也可以向招标人书面提出"
    return await page(request, "bidding/publicise_form.html", values=values, **context)


@post("/lots/{lot:uuid}/publicise", opt={"act": "publicise_candidates"}, include_in_schema=False)
async def publicise(request: AnyRequest, lot: LotId) -> Response[Any]:
    form, sent = await form_of(request), await request.form()

    async def do() -> Response[Any]:
        asked = command(PubliciseCandidates, _fields(form))
        if form.get("confirmed") != "yes":
            await check_publicity(actor_of(request), lot, asked)
            return await page(request, "confirm.html", **_last_question(lot, form, asked))
        await publicise_candidates(tools_of(request), actor_of(request), lot, asked, request_id(request, sent))
        return go(f"/lots/{lot}/candidates")

    async def again() -> Mapping[str, Any]:
        return await _publicity(request, lot)

    if form.pop("back", ""):
        return await page(request, "bidding/publicise_form.html", values=form, **await again())
    return await tried(request, do, "bidding/publicise_form.html", form, again)


@get("/lots/{lot:uuid}/challenge", opt={"act": "object_result"}, include_in_schema=False)
async def challenge_page(request: AnyRequest, lot: LotId) -> Response[str]:
    row = await public_lot_for("object_result", actor_of(request), lot)
    return await page(request, "bidding/challenge_form.html", **await of_lot(row))


@post("/lots/{lot:uuid}/challenge", opt={"act": "object_result"}, include_in_schema=False)
async def challenge(request: AnyRequest, lot: LotId) -> Response[Any]:
    form, sent, actor = await form_of(request), await request.form(), actor_of(request)

    async def do() -> Response[Any]:
        asked = command(RaiseObjection, form)

        async def act() -> Mapping[str, Any]:
            return {"objection": str(await object_result(actor, lot, asked))}

        await once("object_result", actor, request_id(request, sent), {"lot": str(lot), **asked.model_dump()}, act)
        return go(f"/lots/{lot}/candidates")

    async def again() -> Mapping[str, Any]:
        return await of_lot(await records.public_lot(lot))

    return await tried(request, do, "bidding/challenge_form.html", form, again)


@get("/lots/{lot:uuid}/challenges", opt={"act": "read_case"}, include_in_schema=False)
async def challenges_page(request: AnyRequest, lot: LotId) -> Response[str]:
    actor, moment = actor_of(request), await clock.now()
    row = await read_lot("read_case", actor, lot)
    found = [
        {"objection": one, "due": await answer_due(row, one.raised_at, moment)}
        for one in await records.objections(lot, "result")
    ]
    can_answer = bool(permission("answer_result", actor.role)) and row.stage == Stage.PUBLICISED
    return await page(request, "bidding/challenges.html", challenges=found, can_answer=can_answer, **await of_lot(row))


@get("/lots/{lot:uuid}/challenges/{objection:uuid}/answer", opt={"act": "answer_result"}, include_in_schema=False)
async def answer_page(request: AnyRequest, lot: LotId, objection: FromPath[UUID]) -> Response[str]:
    return await page(request, "bidding/challenge_answer.html", **await _asked(request, lot, objection))


@post("/lots/{lot:uuid}/challenges/{objection:uuid}/answer", opt={"act": "answer_result"}, include_in_schema=False)
async def answer(request: AnyRequest, lot: LotId, objection: FromPath[UUID]) -> Response[Any]:
    form, sent, actor = await form_of(request), await request.form(), actor_of(request)

    async def do() -> Response[Any]:
        asked = command(AnswerObjection, {**form, "objection": objection})

        async def act() -> Mapping[str, Any]:
            await answer_result(actor, lot, asked)
            return {"objection": str(objection)}

        key = request_id(request, sent)
        await once("answer_result", actor, key, {"lot": str(lot), **asked.model_dump(mode="json")}, act)
        return go(f"/lots/{lot}/challenges")

    async def again() -> Mapping[str, Any]:
        return await _asked(request, lot, objection)

    return await tried(request, do, "bidding/challenge_answer.html", form, again)


def _fields(form: Mapping[str, Any]) -> dict[str, Any]:
    """The form's flat fields as the command has them: one object a candidate."""
    rows: dict[str, dict[str, Any]] = {}
    rest = {}
    for name, value in present(form).items():
        match = DETAIL.fullmatch(name)
        if match:
            rows.setdefault(match[1], {})[match[2]] = value
        elif name != "confirmed":
            rest[name] = value
    return rest | {"details": [rows[n] for n in sorted(rows)]}


def _told(candidates: list[Any]) -> dict[str, str]:
    """What the bids tell of themselves, so that nobody types it again."""
    return {
        f"details-{n}-{field}": str(bid.form.get(member, ""))
        for n, bid in enumerate(candidates)
        for field, member in FROM_FORM.items()
    }


async def _publicity(request: AnyRequest, lot: LotId) -> dict[str, Any]:
    row = await lot_for("publicise_candidates", actor_of(request), lot)
    ahead = await look_ahead(row)
    days = PROCEDURES[row.procedure].publicity_days
    return {
        **await of_lot(row),
        "candidates": ahead.candidates,
        "periods": {bid.bidder: period_of(bid.form) for bid in ahead.candidates},
        "late": ahead.late,
        "shortest": shortest_publicity(ahead.law, await clock.now(), days),
    }


async def _asked(request: AnyRequest, lot: UUID, objection: UUID) -> dict[str, Any]:
    row = await lot_for("answer_result", actor_of(request), lot)
    found = next((o for o in await records.objections(lot, "result") if o.id == objection), None)
    if found is None:
        raise NotFound(Problem("no_objection", "没有这项异议", "请从工作台进入"))
    due = await answer_due(row, found.raised_at, await clock.now())
    return {**await of_lot(row), "objection": found, "due": due}


def _last_question(lot: UUID, form: Mapping[str, Any], asked: PubliciseCandidates) -> dict[str, Any]:
    return {
        "title": "公示中标候选人",
        "says": f"公示至 {in_chinese(asked.last_day)} 24 时",
        "consequences": [
            f"{len(asked.details)} 名中标候选人的名次、报价和资格情况立即公开",
            "公示期内投标人可以提出异议；收到异议应在三日内答复，答复前不能定标",
            "公示后不能修改或撤下",
        ],
        "action": f"/lots/{lot}/publicise",
        "fields": {**{k: v for k, v in form.items() if v not in ("", None)}, "confirmed": "yes"},
        "confirm_label": "确认公示",
        "back_label": "返回修改",
    }


HANDLERS = [publicise_page, publicise, challenge_page, challenge, challenges_page, answer_page, answer]
