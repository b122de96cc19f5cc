"""What every door of the supermarket takes from the site that it stands in."""

from mimetypes import guess_extension
from typing import Any
from uuid import UUID

from litestar import Request, Response
from litestar.params import FromPath
from litestar.response import Redirect

from intermediaries.case import Tools
from intermediaries.records import agencies
from intermediaries.records.agency_rows import AgencyRow, CertificateView
from kernel.errors import NotFound, Problem
from kernel.identity import Actor
from kernel.web.download import File, send_file
from storage import keeping
from storage.vault import Bytes

AnyRequest = Request[Any, Any, Any]
AgencyId = FromPath[UUID]
RequestPath = FromPath[UUID]


def tools_of(request: AnyRequest) -> Tools:
    """What the steps need."""
    tools: Tools = request.app.state.tools
    return tools


def go(href: str) -> Response[Any]:
    """Done; the browser goes on with a GET, so that going back never repeats the act."""
    return Redirect(href, status_code=303)


def send_scan(request: AnyRequest, paper: CertificateView) -> Response[Any]:
    """The scan of a certificate, as an attachment."""
    store = tools_of(request).store

    def read(start: int, length: int) -> Bytes:
        whole = start == 0 and length == paper.size
        return (
            keeping.read(store, paper.sha256)
            if whole
            else keeping.read(store, paper.sha256, start=start, length=length)
        )

    suffix = guess_extension(paper.media) or ".bin"
    return send_file(request, File(paper.sha256, paper.size, f"{paper.number}{suffix}", paper.media), read)


async def own_agency(actor: Actor) -> AgencyRow:
    """The agency of the actor's organisation; `NotFound` before it has entered."""
    found = await agencies.agency_of(actor.organisation)
    if found is None:
        raise NotFound(Problem("not_entered", "本单位还没有登记入驻", "请先填写机构信息"))
    return found
