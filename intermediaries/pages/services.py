"""What people do on the page of a request: apply, choose, answer, file, deliver, accept, rate, follow up."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from litestar import Response, post
from litestar.params import FromPath

from intermediaries.case import Tools
from intermediaries.doors import AnyRequest, RequestPath, go, tools_of
from intermediaries.pages.requests import ONE, shown
from intermediaries.rules.requests import ITEMS
from intermediaries.schemas.requests import (
    AcceptResult,
    AnswerRating,
    AnswerSelection,
    ApplyRequest,
    ChooseAgency,
    ConfirmContract,
    DeliverResult,
    FileContract,
    FollowUpRating,
    RateService,
    WithdrawRequest,
)
from intermediaries.steps.apply import apply_request, leave_request
from intermediaries.steps.confirm import answer_selection
from intermediaries.steps.contract import confirm_contract, file_contract
from intermediaries.steps.deliver import deliver_result
from intermediaries.steps.rate import answer_rating, follow_up_rating, rate_service
from intermediaries.steps.receive import accept_result
from intermediaries.steps.request import withdraw_request
from intermediaries.steps.select import choose_agency
from kernel.identity import Actor
from kernel.web.auth import actor_of
from kernel.web.commands import command, present, tried
from kernel.web.door import form_of

Fields = Mapping[str, Any]
Do = Callable[[Tools, Actor, UUID, Fields], Awaitable[object]]


async def _done(request: AnyRequest, case: UUID, do: Do, *lists: str) -> Response[Any]:
    form = await form_of(request, *lists)

    async def act() -> Response[Any]:
        await do(tools_of(request), actor_of(request), case, form)
        return go(f"/requests/{case}")

    async def again() -> Mapping[str, Any]:
        return await shown(request, case)

    return await tried(request, act, ONE, form, again)


@post("/requests/{case:uuid}/withdrawal", opt={"act": "withdraw_request"}, include_in_schema=False)
async def withdraw(request: AnyRequest, case: RequestPath) -> Response[Any]:
    async def do(tools: Tools, actor: Actor, case: UUID, form: Fields) -> None:
        asked = {"reason": form.get("withdraw_reason", "")}
        await withdraw_request(actor, case, command(WithdrawRequest, asked))

    return await _done(request, case, do)


@post("/requests/{case:uuid}/application", opt={"act": "apply_request", "quiet": True}, include_in_schema=False)
async def apply(request: AnyRequest, case: RequestPath) -> Response[Any]:
    async def do(tools: Tools, actor: Actor, case: UUID, form: Fields) -> None:
        await apply_request(actor, case, command(ApplyRequest, present(form)))

    return await _done(request, case, do)


@post("/requests/{case:uuid}/leaving", opt={"act": "withdraw_application", "quiet": True}, include_in_schema=False)
async def leave(request: AnyRequest, case: RequestPath) -> Response[Any]:
    async def do(tools: Tools, actor: Actor, case: UUID, form: Fields) -> None:
        await leave_request(actor, case)

    return await _done(request, case, do)


@post("/requests/{case:uuid}/choice", opt={"act": "choose_agency"}, include_in_schema=False)
async def choose(request: AnyRequest, case: RequestPath) -> Response[Any]:
    async def do(tools: Tools, actor: Actor, case: UUID, form: Fields) -> None:
        await choose_agency(actor, case, command(ChooseAgency, present(form)))

    return await _done(request, case, do)


@post("/requests/{case:uuid}/answer", opt={"act": "accept_selection"}, include_in_schema=False)
async def answer(request: AnyRequest, case: RequestPath) -> Response[Any]:
    async def do(tools: Tools, actor: Actor, case: UUID, form: Fields) -> None:
        await answer_selection(tools, actor, case, command(AnswerSelection, present(form)))

    return await _done(request, case, do)


@post("/requests/{case:uuid}/contract", opt={"act": "file_service_contract"}, include_in_schema=False)
async def contract(request: AnyRequest, case: RequestPath) -> Response[Any]:
    async def do(tools: Tools, actor: Actor, case: UUID, form: Fields) -> None:
        fields = {name: form.get(name) for name in ("price", "service_days", "signed_on")}
        sent, labels = form.get("upload", []), form.get("upload_label", [])
        file = {"upload": sent[0], "label": labels[0] if labels else "合同"} if sent else {}
        await file_contract(tools, actor, case, command(FileContract, present(fields) | file))

    return await _done(request, case, do, "upload", "upload_label")


@post("/requests/{case:uuid}/contract/answer", opt={"act": "file_service_contract"}, include_in_schema=False)
async def contract_answer(request: AnyRequest, case: RequestPath) -> Response[Any]:
    async def do(tools: Tools, actor: Actor, case: UUID, form: Fields) -> None:
        await confirm_contract(actor, case, command(ConfirmContract, present(form)))

    return await _done(request, case, do)


@post("/requests/{case:uuid}/result", opt={"act": "deliver_result"}, include_in_schema=False)
async def deliver(request: AnyRequest, case: RequestPath) -> Response[Any]:
    async def do(tools: Tools, actor: Actor, case: UUID, form: Fields) -> None:
        pairs = zip(form["files"], form["files_label"], strict=False)
        files = [{"upload": upload, "label": label} for upload, label in pairs]
        asked = {"says": form.get("says", ""), "files": files}
        await deliver_result(tools, actor, case, command(DeliverResult, asked))

    return await _done(request, case, do, "files", "files_label")


@post("/requests/{case:uuid}/result/answer", opt={"act": "accept_result"}, include_in_schema=False)
async def accept(request: AnyRequest, case: RequestPath) -> Response[Any]:
    async def do(tools: Tools, actor: Actor, case: UUID, form: Fields) -> None:
        await accept_result(tools, actor, case, command(AcceptResult, present(form)))

    return await _done(request, case, do)


@post("/requests/{case:uuid}/rating", opt={"act": "rate_service"}, include_in_schema=False)
async def rate(request: AnyRequest, case: RequestPath) -> Response[Any]:
    async def do(tools: Tools, actor: Actor, case: UUID, form: Fields) -> None:
        said = {name: name in form["items"] for name in ITEMS}
        asked = present({name: form.get(name) for name in ("stars", "says")})
        await rate_service(actor, case, command(RateService, asked | said))

    return await _done(request, case, do, "items")


@post("/requests/{case:uuid}/ratings/{rater:str}/answer", opt={"act": "answer_rating"}, include_in_schema=False)
async def reply(request: AnyRequest, case: RequestPath, rater: FromPath[str]) -> Response[Any]:
    async def do(tools: Tools, actor: Actor, case: UUID, form: Fields) -> None:
        await answer_rating(actor, case, rater, command(AnswerRating, present(form)))

    return await _done(request, case, do)


@post("/requests/{case:uuid}/ratings/{rater:str}/visit", opt={"act": "follow_up_rating"}, include_in_schema=False)
async def visit(request: AnyRequest, case: RequestPath, rater: FromPath[str]) -> Response[Any]:
    async def do(tools: Tools, actor: Actor, case: UUID, form: Fields) -> None:
        said = {"visit": form.get("visit", ""), "rectified": form.get("rectified") == "yes"}
        await follow_up_rating(tools, actor, case, rater, command(FollowUpRating, said))

    return await _done(request, case, do)


HANDLERS = [
    withdraw, apply, leave, choose, answer, contract, contract_answer, deliver, accept, rate, reply, visit,
]  # fmt: skip
