"""我的入库信息: an expert applies, keeps his ties and times true, and sees the panels whose names are opened."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post

from experts.avoidance import GROUNDS
from experts.case import EVIDENCE
from experts.doors import AnyRequest, go, tools_of
from experts.looking import own_page
from experts.professions import PROFESSIONS
from experts.rules import TITLES
from experts.schemas import ApplyExpert, EndTie, GiveTime, SaidTie, TakeTime
from experts.steps.apply import apply_expert, end_tie, give_time, say_tie, take_time
from kernel.web.auth import actor_of, signed_of
from kernel.web.commands import command, local_time, present, tried
from kernel.web.door import form_of, page, request_id
from kernel.web.names import region_options

OWN = {"act": "keep_own_data"}


@get("/experts/me", opt=OWN, include_in_schema=False)
async def own(request: AnyRequest) -> Response[Any]:
    signed = signed_of(request)
    if signed is not None and signed.kind == "seat":
        return go("/desk")
    return await page(request, "experts/me.html", **await _me(request))


@get("/experts/application", opt={"act": "apply_expert"}, include_in_schema=False)
async def application(request: AnyRequest) -> Response[str]:
    found = await own_page(actor_of(request))
    values: dict[str, Any] = {"region": actor_of(request).region}
    if found is not None:
        # Papers sent before stay with the application: the form asks for new ones only.
        told = found.model_dump(mode="json", exclude={"evidence"})
        values = told | {"professions": [each["code"] for each in found.professions]}
    return await page(request, "experts/application.html", values=values, **await _application(request))


@post("/experts/application", opt={"act": "apply_expert"}, include_in_schema=False)
async def apply(request: AnyRequest) -> Response[Any]:
    form = await form_of(request, "professions", "evidence", "evidence_label")
    sent = await request.form()

    async def do() -> Response[Any]:
        asked = command(ApplyExpert, _asked(form))
        await apply_expert(tools_of(request), actor_of(request), asked, request_id(request, sent))
        return go("/experts/me")

    return await tried(request, do, "experts/application.html", form, lambda: _application(request))


@post("/experts/me/ties", opt=OWN, include_in_schema=False)
async def tie(request: AnyRequest) -> Response[Any]:
    form = await form_of(request)

    async def do() -> Response[Any]:
        await say_tie(tools_of(request), actor_of(request), command(SaidTie, present(form)))
        return go("/experts/me")

    return await tried(request, do, "experts/me.html", form, lambda: _me(request))


@post("/experts/me/ties/end", opt=OWN, include_in_schema=False)
async def untie(request: AnyRequest) -> Response[Any]:
    form = await form_of(request)

    async def do() -> Response[Any]:
        await end_tie(actor_of(request), command(EndTie, form))
        return go("/experts/me")

    return await tried(request, do, "experts/me.html", form, lambda: _me(request))


@post("/experts/me/times", opt=OWN, include_in_schema=False)
async def take(request: AnyRequest) -> Response[Any]:
    form = await form_of(request)

    async def do() -> Response[Any]:
        timed = {name: local_time(value) for name, value in present(form).items()}
        await take_time(actor_of(request), command(TakeTime, timed))
        return go("/experts/me")

    return await tried(request, do, "experts/me.html", form, lambda: _me(request))


@post("/experts/me/times/free", opt=OWN, include_in_schema=False)
async def give(request: AnyRequest) -> Response[Any]:
    form = await form_of(request)

    async def do() -> Response[Any]:
        await give_time(actor_of(request), command(GiveTime, form))
        return go("/experts/me")

    return await tried(request, do, "experts/me.html", form, lambda: _me(request))


def _asked(form: Mapping[str, Any]) -> dict[str, Any]:
    asked = present(form)
    labels = asked.pop("evidence_label", [])
    uploads = asked.pop("evidence", [])
    named = [(upload, labels[n] if n < len(labels) else "证明材料") for n, upload in enumerate(uploads)]
    asked["professions"] = [code for code in asked.get("professions", []) if code]
    asked["evidence"] = [{"upload": upload, "label": label[:160]} for upload, label in named]
    asked["committed"] = asked.get("committed") == "yes"
    return asked


async def _me(request: AnyRequest) -> dict[str, Any]:
    kinds = [{"value": code, "label": name} for code, name in GROUNDS.ties.items()]
    return {"me": await own_page(actor_of(request)), "kinds": kinds}


async def _application(request: AnyRequest) -> dict[str, Any]:
    return {
        "professions": PROFESSIONS.options(),
        "levels": [{"value": code, "label": name} for code, name in TITLES.items()],
        "regions": region_options(f"{(actor_of(request).region or '330000')[:2]}0000"),
        "purpose": EVIDENCE,
    }


HANDLERS = [own, application, apply, tie, untie, take, give]
