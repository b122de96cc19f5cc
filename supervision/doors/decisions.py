"""审批: what the trading duties wait for, whoever's duty it is: a list, a form, and what became of each decision."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from kernel import decisions
from kernel.decision import KINDS
from kernel.permissions import permission
from kernel.web.auth import actor_of
from kernel.web.commands import command, present, tried
from kernel.web.door import form_of, page, request_id
from kernel.web.once import once
from supervision import decide
from supervision.acts import record
from supervision.api import keys_of
from supervision.decide import BY_TWO, PLACES, Decide, place_of

AnyRequest = Request[Any, Any, Any]
STARS = [
    {"value": str(n), "label": f"{n} 级 {label}"}
    for n, label in ((5, "非常满意"), (4, "满意"), (3, "基本满意"), (2, "不满意"), (1, "非常不满意"))
]
"""好差评的五个等级."""


@get("/decisions", opt={"act": "supervise_case"}, include_in_schema=False)
async def decisions_page(
    request: AnyRequest,
    q: Annotated[str, QueryParameter(max_length=80, description="专家、机构、事项的名称或编号")] = "",
) -> Response[str]:
    actor = actor_of(request)
    await record("read_waiting", actor, None, q or "全部")
    found: dict[str, Any] = {"waiting": await decide.waiting(actor), "found": await decide.found(actor, q)}
    may = bool(permission("decide_admission", actor.role))
    return await page(request, "supervision/decisions.html", q=q, may=may, kinds=KINDS, place_of=place_of, **found)


def _handlers(act: str) -> list[ControllerRouterHandler]:
    """The form and its answer for what is decided by this act of the table."""
    path = f"/decisions/{PLACES[act]}/{{subject:uuid}}"

    @get(path, opt={"act": act}, include_in_schema=False)
    async def decision_form(
        request: AnyRequest, subject: FromPath[UUID], q: Annotated[str, QueryParameter(max_length=80)] = ""
    ) -> Response[str]:
        return await page(request, "supervision/decision_form.html", values={}, **await _form(request, subject, q))

    @post(path, opt={"act": act}, include_in_schema=False)
    async def decide_on(request: AnyRequest, subject: FromPath[UUID]) -> Response[Any]:
        form, sent, actor = await form_of(request), await request.form(), actor_of(request)
        words, process = str(form.pop("q", "")), keys_of(request).process

        async def do() -> Response[Any]:
            asked, key = command(Decide, present(form)), request_id(request, sent)

            async def done() -> dict[str, str]:
                thing = await decide.one(actor, subject, words)
                made = await decide.decide(actor, thing, asked, process, key)
                return {"href": "/decisions" if made else f"/drafts/{key}"}

            said = {"subject": str(subject), **asked.model_dump(mode="json")}
            return Redirect((await once(act, actor, key, said, done))["href"], status_code=303)

        async def again() -> Mapping[str, Any]:
            return await _form(request, subject, words)

        return await tried(request, do, "supervision/decision_form.html", form, again)

    return [decision_form, decide_on]


HANDLERS = [decisions_page, *(handler for act in PLACES for handler in _handlers(act))]


async def _form(request: AnyRequest, subject: UUID, words: str) -> dict[str, Any]:
    actor = actor_of(request)
    thing = await decide.one(actor, subject, words)
    kinds = [
        {"value": kind, "label": KINDS[kind], "hint": "由另一名监督人员复核后生效" if kind in BY_TWO else ""}
        for kind in thing.kinds
        if permission(decide.act_of(kind), actor.role)
    ]
    course = [(KINDS[each.kind], each) for each in await decisions.course(subject)]
    stars = STARS if "rate_result" in thing.kinds else []
    return {"thing": thing, "kinds": kinds, "course": course, "stars": stars, "q": words, "action": place_of(thing)}
