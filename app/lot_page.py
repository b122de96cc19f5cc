"""One lot for everybody: its notice with the law behind it, its files, and the record of its opening."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import HttpMethod, Request, Response, get, post, route
from litestar.params import FromPath, QueryParameter

from bidding import desk, records, results, session
from bidding.detours.follow import leave_contact
from bidding.pages.forms import go, of_lot, tools_of
from bidding.pages.hall import OUTCOMES
from bidding.records import NoticeView
from bidding.schemas import LeaveContact
from kernel.box import damage
from kernel.clock import iso
from kernel.errors import NotFound, Problem
from kernel.money import or_as_written
from kernel.web.auth import actor_of
from kernel.web.commands import command, tried
from kernel.web.door import form_of, page, request_id
from kernel.web.once import once

AnyRequest = Request[Any, Any, Any]
LotId = FromPath[UUID]
Envelope = Annotated[int, QueryParameter(ge=0, le=1)]
PUBLIC = {"act": "read_public"}
TEXTS = ("notice", "amendment")
PAGES = {"candidates": "/candidates", "award": "/award"}
"""Kind of text → where it is shown, other than among the notice and its changes."""
UNSEEN = {**PUBLIC, "quiet": True, "no_identity": True}
READ = [HttpMethod.GET, HttpMethod.HEAD]


@get("/lots/{lot:uuid}", opt=PUBLIC, include_in_schema=False)
async def notice_page(
    request: AnyRequest,
    lot: LotId,
    text: Annotated[int, QueryParameter(ge=0, le=9999)] = 0,
    told: Annotated[str, QueryParameter(max_length=8)] = "",
) -> Response[str]:
    return await page(request, "app/notice.html", **await _notice(lot, text, told=bool(told)))


# Quiet: who fetches the documents, and who wants to be told of changes, is nobody's business (招标投标法第二十二条).
@route("/lots/{lot:uuid}/documents/{document:uuid}", http_method=READ, opt=UNSEEN, include_in_schema=False)
async def document(request: AnyRequest, lot: LotId, document: FromPath[UUID]) -> Response[Any]:
    """To the bytes, which in production come from an origin of their own."""
    return go(f"{request.app.state.files}/api/v1/lots/{lot}/documents/{document}")


@post("/lots/{lot:uuid}/contact", opt={"act": "leave_contact", "quiet": True}, include_in_schema=False)
async def contact(request: AnyRequest, lot: LotId) -> Response[Any]:
    form, sent, actor = await form_of(request), await request.form(), actor_of(request)

    async def do() -> Response[Any]:
        asked = command(LeaveContact, form)

        async def act() -> Mapping[str, Any]:
            await leave_contact(tools_of(request), actor, lot, asked)
            return {"received": True}

        await once("leave_contact", actor, request_id(request, sent), {"lot": str(lot), **asked.model_dump()}, act)
        return go(f"/lots/{lot}?told=yes#contact")

    async def again() -> Mapping[str, Any]:
        return await _notice(lot, 0)

    return await tried(request, do, "app/notice.html", form, again)


@get("/lots/{lot:uuid}/record", opt=PUBLIC, include_in_schema=False)
async def record_page(request: AnyRequest, lot: LotId, envelope: Envelope = 0) -> Response[str]:
    """The newest record; of the first of two envelopes where that is asked for."""
    row, newest, first = await records.public_lot(lot), await records.opening(lot), await records.opening(lot, "first")
    found = first if envelope == 1 else newest
    if found is None:
        raise NotFound(Problem("no_opening", "还没有开标记录", "开标会结束后即公布，可先到开标大厅观看"))
    record, sha256 = found
    which = (1 if found == first else 2) if first else 0
    return await page(
        request,
        "app/opening_record.html",
        record=_record(record),
        damages=await _damages(lot, record),
        envelope=which,
        older=found != newest,
        objections=[one for one in await records.objections(lot) if iso(one.raised_at) <= record["at"]],
        sha256=sha256,
        archived=await has_package(lot),
        room=await session.room_name(lot, row.deadline),
        signatures=[one for one in await session.signatures(lot) if one.sha256 == sha256],
        recordings=await session.recordings(lot),
        can_sign=found == newest and await desk.may_sign(row, actor_of(request)),
        **await of_lot(row),
    )


@get("/lots/{lot:uuid}/record.pdf", opt=PUBLIC, include_in_schema=False)
async def record_on_paper(lot: LotId) -> Response[Any]:
    return go(f"/api/v1/lots/{lot}/opening.pdf")


@route("/lots/{lot:uuid}/evidence.zip", http_method=READ, opt=PUBLIC, include_in_schema=False)
async def evidence(request: AnyRequest, lot: LotId) -> Response[Any]:
    return go(f"{request.app.state.files}/api/v1/lots/{lot}/public.zip")


async def has_package(lot: UUID) -> bool:
    """Whether the public package can be had: as of the opening record, or of the whole case."""
    return await records.archive(lot) is not None or await results.paper(lot, "package") is not None


async def _notice(lot: UUID, number: int, *, told: bool = False) -> dict[str, Any]:
    row, published = await records.public_lot(lot), await records.notices(lot)
    notices = [text for text in published if text.kind in TEXTS]
    current = _chosen(notices, number)
    near, far = desk.near_and_far(desk.law_of(row))
    first, shown = notices[0].content["content"], current.content["content"]
    return {
        **await of_lot(row),
        "notices": notices,
        "chain": [_link(lot, text, current) for text in published],
        "current": current,
        "documents": await records.documents(lot),
        "limits": near,
        "later_limits": far,
        "proof_of": {"sha256": current.sha256},
        "requirements": first["requirements"],
        "period_days": first["period_days"],
        "evaluation": first.get("evaluation"),
        "change": shown.get("text", ""),
        "deadline": datetime.fromisoformat(shown["deadline"]),
        "told": told,
        "opened": await records.opening(lot) is not None,
    }


def _link(lot: UUID, text: NoticeView, current: NoticeView) -> dict[str, Any]:
    """One text in the chain of all that was published; what came after the opening has a page of its own."""
    page = PAGES.get(text.kind, f"?text={text.n}" if text.kind in TEXTS else f"/texts/{text.n}")
    return {
        "title": text.title,
        "href": f"/lots/{lot}{page}",
        "at": text.published_at,
        "hash": text.sha256,
        "current": text.n == current.n,
    }


def _chosen(notices: list[NoticeView], number: int) -> NoticeView:
    """The text of this number, the newest for 0."""
    found = [text for text in notices if number in (0, text.n)]
    if not found:
        raise NotFound(Problem("no_notice", "没有这份公告", "请从标段页面进入"))
    return found[-1]


def _record(record: dict[str, Any]) -> dict[str, Any]:
    remarks = [f"截标前撤回的投标 {record['withdrawn']} 份。"] if record["withdrawn"] else []
    shut = [f"{bid['name']}：{bid['says']}。" for bid in record["bids"] if bid["outcome"] != "opened"]
    said = [f"{one['says']}。" for one in record.get("incidents", ())]
    bidders = [_bidder(bid) for bid in record["bids"]]
    return {"bidders": bidders, "opened_at": datetime.fromisoformat(record["opened"]), "remarks": remarks + shut + said}


async def _damages(lot: UUID, record: dict[str, Any]) -> list[dict[str, Any]]:
    """Stored files that were lost after the record was published; what was lost before stands in it."""
    names = {bid["sha256"]: bid["name"] for bid in record["bids"]}
    said = [one["says"] for one in record.get("incidents", ())]
    found = [one for one in await damage.known(lot) if not any(one.sealed in says for says in said)]
    return [{"name": names[one.bid], "file": one.file, "at": one.at, "sealed": one.sealed, "found": one.found}
            for one in found]  # fmt: skip


def _bidder(bid: dict[str, Any]) -> dict[str, Any]:
    label, tone = OUTCOMES[bid["outcome"]]
    return {
        "name": bid["name"],
        "price": or_as_written(bid["form"].get("price", "")),
        "period_days": str(bid["form"].get("period_days", ""))[:16],
        "state_label": label,
        "state_tone": tone,
        "sha256": bid["sha256"],
        "received": datetime.fromisoformat(bid["received"]),
    }


HANDLERS = [notice_page, document, contact, record_page, record_on_paper, evidence]
