"""密钥事项: the page of a share holder, the same on both sites: unlock once, make keys, who is there, what is ready."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.types import ControllerRouterHandler

from kernel.box import desk, duty, readiness, showing
from kernel.box import records as boxes
from kernel.box.records import HolderView
from kernel.clock import CHINA, now
from kernel.errors import BadInput, Problem
from kernel.identity import Actor
from kernel.web.auth import actor_of
from kernel.web.door import form_of, page, request_id
from kernel.web.once import once

AnyRequest = Request[Any, Any, Any]
OPT = {"act": "hold_key"}
NEAR = timedelta(hours=48)
"""How far ahead the page shows which keys are ready."""
SHOWN = 8
"""Lots named one by one under a kind of work; of the others only the number."""


def trustee_handlers(origin_of: Callable[[AnyRequest], str]) -> list[ControllerRouterHandler]:
    """The page and the entry of an absence; `origin_of` is the address the command line's example names."""

    @get("/trustee", opt=OPT, include_in_schema=False)
    async def trustee_page(request: AnyRequest) -> Response[str]:
        return await page(request, "trustee.html", **await view(actor_of(request), origin_of(request)))

    @post("/trustee/away/{holder:uuid}", opt=OPT, include_in_schema=False)
    async def enter_absence(request: AnyRequest, holder: FromPath[UUID]) -> Response[Any]:
        form, actor = await form_of(request), actor_of(request)

        async def do() -> dict[str, str]:
            await duty.set_away(actor, holder, until_of(form))
            return {"holder": str(holder)}

        body = {"holder": str(holder), **form}
        await once("hold_key", actor, request_id(request, dict(await request.form())), body, do)
        return Redirect("/trustee", status_code=303)

    return [trustee_page, enter_absence]


async def view(actor: Actor, origin: str) -> dict[str, Any]:
    """What the page shows of this officer."""
    at = await now()
    own = await desk.holders_of(actor.person) if actor.person else []
    mine = {holder.keyid for holder in own}
    return {
        "shows": [{**task, "until": datetime.fromisoformat(task["until"])} for task in await showing.to_show(own)],
        "work": grouped(await desk.waiting(own)),
        "holders": own,
        "colleagues": [_colleague(h, mine, at) for h in await duty.colleagues(actor)],
        "openings": await openings(own, at),
        "role": actor.role,
        "role_name": readiness.ROLE_NAMES.get(actor.role, ""),
        "person_name": actor.name,
        "origin": origin,
    }


def grouped(tasks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The waiting tasks by what is to be done, in the order of a tender's road."""
    found = []
    for do, title in desk.KEY_WORK.items():
        lots = [f"{task['tender']}　{task['lot']} 标段" for task in tasks if task["do"] == do]
        if lots:
            found.append({"title": title, "count": len(lots), "lots": lots[:SHOWN], "more": max(0, len(lots) - SHOWN)})
    return found


async def openings(own: Sequence[HolderView], at: datetime) -> list[dict[str, Any]]:
    """The openings near at hand in which this officer holds a key, and which side is ready for each."""
    mine, found = {holder.keyid for holder in own}, []
    for box in await boxes.boxes("ready") if own else []:
        if box.deadline_at is None or not at < box.deadline_at <= at + NEAR or box.mode == "bidder-only":
            continue
        if not mine & {holder.keyid for holder in await readiness.in_setup(box)}:
            continue
        found.append({"box": box, "roles": _roles(await readiness.standing(box)), "asked": box.deadline_at - at})
    return sorted(found, key=lambda opening: opening["box"].deadline_at)


def _roles(found: Sequence[readiness.Readiness]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "ready": sum(one.role == role and one.tested_at is not None for one in found),
            "of": sum(one.role == role for one in found),
        }
        for role, name in readiness.ROLE_NAMES.items()
        if found
    ]


def until_of(form: dict[str, Any]) -> datetime | None:
    """The end of the last day of an absence, Beijing time; None when the button says that he is back."""
    if form.get("back"):
        return None
    try:
        day = datetime.strptime(str(form.get("until", "")), "%Y-%m-%d")  # noqa: DTZ007 - its zone is put on below
    except ValueError:
        raise BadInput(Problem("bad_day", "请填写离岗到哪一天", "按年月日填写", field="until")) from None
    return day.replace(tzinfo=CHINA) + timedelta(days=1)


def _colleague(holder: HolderView, mine: set[str], at: datetime) -> dict[str, Any]:
    return {
        "id": str(holder.id),
        "name": holder.name,
        "keyid": holder.keyid,
        "mine": holder.keyid in mine,
        "away_until": holder.away_until if holder.away(at) else None,
    }
