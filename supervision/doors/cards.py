"""红黄牌 and 督办来函: the list, one card with its course and the log behind it, issuing, lifting, review, letters."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, QueryParameter
from litestar.response import Redirect
from pydantic import BaseModel

from kernel import letters as mailbox
from kernel.errors import BadInput, NotFound, Problem
from kernel.identity import Actor
from kernel.permissions import permission
from kernel.web.auth import actor_of
from kernel.web.commands import command, local_time, present, tried
from kernel.web.door import form_of, page, request_id
from kernel.web.letters import send_reply_file
from kernel.web.once import once
from supervision import card_records, desk, evidence, hall, issue
from supervision.acts import record
from supervision.api import keys_of
from supervision.card_records import CardView
from supervision.issue import IssueCard, Reason
from supervision.letters import WriteLetter, write_letter
from supervision.points import LEVEL_NAMES, PARTIES

AnyRequest = Request[Any, Any, Any]
CaseId = FromPath[UUID]
CardId = FromPath[UUID]
ON_CARD: Mapping[str, Callable[[Actor, UUID, Reason], Awaitable[object]]] = {
    "lift": issue.draft_lift,
    "rectified": issue.rectified,
    "review": issue.review,
}
"""What an officer can do with a card → the step."""


@get("/cards", opt={"act": "supervise_case"}, include_in_schema=False)
async def cards_page(
    request: AnyRequest,
    level: Annotated[str, QueryParameter(pattern="^(|remind|yellow|red)$")] = "",
    every: Annotated[str, QueryParameter(name="all", pattern="^(|yes)$")] = "",
    page_number: Annotated[int, QueryParameter(name="page", ge=1, le=1000)] = 1,
) -> Response[str]:
    actor = actor_of(request)
    found, total = await card_records.cards_in(actor, level=level, stands=None if every else True, page=page_number)
    await record("read_card", actor, None, level or "全部")
    href = f"/cards?level={level}&all={every}&page={{page}}"
    counts = await card_records.standing_counts(actor)
    context: dict[str, Any] = {
        "cards": found,
        "total": total,
        "level": level,
        "every": every,
        "counts": counts,
        "href": href,
    }
    pages = max(1, -(-total // 50))
    return await page(
        request, "supervision/cards.html", levels=LEVEL_NAMES, page_number=page_number, pages=pages, **context
    )


@get("/cards/{card:uuid}", opt={"act": "supervise_case"}, include_in_schema=False)
async def card_page(request: AnyRequest, card: CardId) -> Response[str]:
    actor = actor_of(request)
    view = await card_records.card_of(actor, card)
    await record("read_card", actor, view.case, str(card))
    return await page(request, "supervision/card.html", **await _shown(actor, view))


@post("/cards/{card:uuid}/{act:str}", opt={"act": "lift_card"}, include_in_schema=False)
async def on_card(request: AnyRequest, card: CardId, act: FromPath[str]) -> Response[Any]:
    """Ask for its lifting, note what was put right, or close it after review; each with its reason."""
    form, sent, actor = await form_of(request), await request.form(), actor_of(request)
    if act not in ON_CARD:
        raise NotFound(Problem("no_card_act", "没有这一办理事项", "请从红黄牌页面进入"))

    async def do() -> Response[Any]:
        asked = command(Reason, present(form))

        async def done() -> dict[str, str]:
            given = await ON_CARD[act](actor, card, asked)
            return {"draft": str(given) if given else ""}

        said = {"card": str(card), "act": act, "says": asked.says}
        answer = await once("lift_card", actor, request_id(request, sent), said, done)
        href = f"/drafts/{answer['draft']}" if answer["draft"] else f"/cards/{card}"
        return Redirect(href, status_code=303)

    async def again() -> Mapping[str, Any]:
        return await _shown(actor, await card_records.card_of(actor, card)) | {"open_form": act}

    return await tried(request, do, "supervision/card.html", form, again)


@get("/cases/{case:uuid}/cards/new", opt={"act": "issue_card"}, include_in_schema=False)
async def card_form(request: AnyRequest, case: CaseId) -> Response[str]:
    return await page(request, "supervision/card_form.html", values={}, **await _form(request, case))


@post("/cases/{case:uuid}/cards", opt={"act": "issue_card"}, include_in_schema=False)
async def draft_card(request: AnyRequest, case: CaseId) -> Response[Any]:
    async def step(actor: Actor, asked: Any, key: UUID | None) -> str:
        return f"/drafts/{await issue.draft_card(actor, case, asked, key)}"

    return await _written(request, case, "issue_card", IssueCard, "supervision/card_form.html", step)


@get("/cases/{case:uuid}/letters/new", opt={"act": "issue_card"}, include_in_schema=False)
async def letter_form(request: AnyRequest, case: CaseId) -> Response[str]:
    values = {"kind": "inquiry"}
    return await page(request, "supervision/letter_form.html", values=values, **await _form(request, case))


@post("/cases/{case:uuid}/letters", opt={"act": "issue_card"}, include_in_schema=False)
async def send_letter(request: AnyRequest, case: CaseId) -> Response[Any]:
    process = keys_of(request).process

    async def step(actor: Actor, asked: Any, key: UUID | None) -> str:
        await write_letter(actor, case, asked, process, key)
        return (await hall.titles([case]))[case]["href"]

    return await _written(request, case, "issue_card", WriteLetter, "supervision/letter_form.html", step)


@get("/letters/{letter:uuid}/answers/{reply:uuid}/file", opt={"act": "supervise_case"}, include_in_schema=False)
async def reply_file(request: AnyRequest, letter: FromPath[UUID], reply: FromPath[UUID]) -> Response[bytes]:
    """The file of an answer, for the officers of the case's scope; taking it goes on record."""
    actor = actor_of(request)
    case = await mailbox.case_of(letter)
    await hall.case(actor, case)
    await record("read_card", actor, case, str(reply))
    return await send_reply_file(letter, reply)


HANDLERS = [cards_page, card_page, on_card, card_form, draft_card, letter_form, send_letter, reply_file]


async def _shown(actor: Actor, view: CardView) -> dict[str, Any]:
    place = (await hall.titles([view.case])).get(view.case)
    return {
        "card": view,
        "place": place,
        "events": await card_records.events_of(view.id),
        "letters": await desk.about(view.id),
        "entries": await evidence.behind_card(view),
        "may": bool(permission("lift_card", actor.role)),
        "issuer": view.issued_by == actor.person,
    }


async def _form(request: AnyRequest, case: UUID) -> dict[str, Any]:
    watched = await hall.case(actor_of(request), case)
    parties = [{"value": party, "label": PARTIES[party]} for party in watched.parties]
    return {"case": watched, "parties": parties, "back": hall.href_of(watched.duty, case)}


async def _written(
    request: AnyRequest,
    case: UUID,
    act: str,
    kind: type[BaseModel],
    template: str,
    step: Callable[[Actor, Any, UUID | None], Awaitable[str]],
) -> Response[Any]:
    """A form about a case becomes a command and then a step, once; refused, the form comes back."""
    form, sent, actor = await form_of(request), await request.form(), actor_of(request)

    async def do() -> Response[Any]:
        fields = present(form)
        asked = command(kind, fields | ({"until": local_time(fields["until"])} if "until" in fields else {}))
        key = request_id(request, sent)
        if key is None:
            raise BadInput(Problem("request_id", "缺少请求编号", "请刷新后重新提交"))

        async def done() -> dict[str, str]:
            return {"href": await step(actor, asked, key)}

        said = {"case": str(case), "template": template, **asked.model_dump(mode="json")}
        return Redirect((await once(act, actor, key, said, done))["href"], status_code=303)

    async def again() -> Mapping[str, Any]:
        return await _form(request, case)

    return await tried(request, do, template, form, again)
