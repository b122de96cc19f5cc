"""The centre's pages: whose form waits, one entry with all its papers, the decision."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from intermediaries.catalogue import QUALIFICATIONS
from intermediaries.doors import AgencyId, AnyRequest, go, send_scan
from intermediaries.looking import entry, waiting, with_new_papers
from intermediaries.records import agencies
from intermediaries.schemas.agencies import CheckEntry, CheckPapers
from intermediaries.stages import AgencyStage
from intermediaries.steps import check
from kernel.web.auth import actor_of
from kernel.web.commands import command, tried
from kernel.web.door import form_of, page

OPT = {"act": "check_entry"}
TEMPLATE = "intermediaries/check.html"
REFUSED = "refused-"


@get("/market/checks", opt=OPT, include_in_schema=False)
async def checks(request: AnyRequest) -> Response[str]:
    actor = actor_of(request)
    entries, papers = await waiting(actor), await with_new_papers(actor)
    return await page(request, "intermediaries/checks.html", entries=entries, papers=papers)


@get("/market/checks/{agency:uuid}", opt=OPT, include_in_schema=False)
async def check_page(request: AnyRequest, agency: AgencyId) -> Response[str]:
    return await page(request, TEMPLATE, **await _check(request, agency))


@post("/market/checks/{agency:uuid}", opt=OPT, include_in_schema=False)
async def decide(request: AnyRequest, agency: AgencyId) -> Response[Any]:
    form = await form_of(request)

    async def do() -> Response[Any]:
        asked = {"decision": form.get("decision", ""), "remarks": form.get("remarks", ""), "refused": _refused(form)}
        await check.check_entry(actor_of(request), agency, command(CheckEntry, asked))
        return go("/market/checks")

    return await tried(request, do, TEMPLATE, form, lambda: _check(request, agency))


@post("/market/checks/{agency:uuid}/papers", opt=OPT, include_in_schema=False)
async def decide_papers(request: AnyRequest, agency: AgencyId) -> Response[Any]:
    form = await form_of(request)

    async def do() -> Response[Any]:
        asked = command(CheckPapers, {"refused": _refused(form)})
        await check.check_papers(actor_of(request), agency, asked)
        return go("/market/checks")

    return await tried(request, do, TEMPLATE, form, lambda: _check(request, agency))


@get("/market/checks/{agency:uuid}/certificates/{number:uuid}", opt=OPT, include_in_schema=False)
async def scan(request: AnyRequest, agency: AgencyId, number: FromPath[UUID]) -> Response[Any]:
    await entry("check_entry", actor_of(request), agency)
    return send_scan(request, await agencies.certificate(agency, number))


def _refused(form: Mapping[str, Any]) -> list[dict[str, str]]:
    """Certificates with a reason written beside them."""
    return [
        {"certificate": name.removeprefix(REFUSED), "reason": reason}
        for name, reason in form.items()
        if name.startswith(REFUSED) and str(reason).strip()
    ]


async def _check(request: AnyRequest, agency: UUID) -> dict[str, Any]:
    found = await entry("check_entry", actor_of(request), agency)
    waits = found.agency.stage == AgencyStage.FORM_CHECK
    return {"entry": found, "waits": waits, "qualifications": QUALIFICATIONS}


HANDLERS = [checks, check_page, decide, decide_papers, scan]
