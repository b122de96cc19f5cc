"""The tools that run from a disk: downloaded as one file each, whose SHA-256 the platform has put into its log.

Who has a tool on his disk compares its hash with the log's, which the regulator's witness has seen: a tool made for one
victim would have to stand there for everybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath, PathParameter
from litestar.types import ControllerRouterHandler

from kernel import log
from kernel.clock import CHINA
from kernel.db import HOME, transaction
from kernel.errors import NotFound, Problem
from kernel.identity import clockwork
from kernel.log_proofs import proof_of
from kernel.proofs.canonical import decode
from kernel.web.door import page
from kernel.web.download import SANDBOX
from kernel.web.static import OfflineTool

AnyRequest = Request[Any, Any, Any]
PUBLIC = {"act": "read_public"}
ACT = "publish_tool"
CASE = "offline_tools"
NAMES = {
    "sealer": ("离线封装工具", "在断网的电脑上封装投标文件，结果用 U 盘拷到任何能上网的电脑递交。"),
    "check": ("离线核验工具", "在断网的电脑上核验回执、日志证明、抽签记录和证据包。"),
}
"""What each tool is called on the page, and what it is for."""
_LOCK = "select pg_advisory_xact_lock(hashtextextended($1, 0))"
Name = Annotated[str, PathParameter(pattern=r"^[a-z_]{1,32}$")]


@dataclass(frozen=True, slots=True)
class Announced:
    """The event that names a tool's hash; `salt` (hex) opens its log entry."""

    event: UUID
    n: int
    at: datetime
    salt: str
    sha256: str


async def announce(tools: Mapping[str, OfflineTool]) -> int:
    """Put the hash of every tool that is new or changed into the log; how many were."""
    done = 0
    for tool in tools.values():
        async with transaction(HOME) as connection:
            await connection.execute(_LOCK, CASE)
            known = _of(await log.events_of(connection, CASE)).get(tool.name)
            if known is not None and known.sha256 == tool.sha256:
                continue
            at = (await connection.fetchval("select kernel.law_now()")).astimezone(CHINA)
            await log.record(
                connection, case_key=CASE, act=ACT, actor=clockwork(CASE), subject=tool.name, at=at,
                hashes={"file": tool.sha256}, facts={"size": len(tool.body)},
            )  # fmt: skip
            done += 1
    return done


async def announced() -> dict[str, Announced]:
    """Tool → the newest event that names its hash."""
    async with transaction(HOME) as connection:
        return _of(await log.events_of(connection, CASE))


def _of(events: list[log.Event]) -> dict[str, Announced]:
    found = {}
    for event in events:
        value = decode(event.body)
        at = event.at.astimezone(CHINA)
        found[value["subject"]] = Announced(event.id, event.n, at, event.salt.hex(), value["hashes"]["file"])
    return found


@get("/offline", opt=PUBLIC, include_in_schema=False)
async def offline(request: AnyRequest) -> Response[str]:
    known = await announced()
    rows = [
        {"tool": tool, "title": NAMES[tool.name][0], "says": NAMES[tool.name][1], "known": _same(tool, known)}
        for tool in request.app.state.offline.values()
    ]
    return await page(request, "app/offline_tools.html", rows=rows)


@get("/offline/{name:str}/file", opt=PUBLIC, include_in_schema=False, sync_to_thread=False)
def download(request: AnyRequest, name: FromPath[Name]) -> Response[bytes]:
    """Saved, never shown: in a browser on the site's own origin it would be one more page of the platform."""
    tool = _tool(request, name)
    headers = {
        "content-disposition": f"attachment; filename=\"{name}.html\"; filename*=UTF-8''{quote(file_name(tool))}",
        "content-security-policy": SANDBOX,
        "cache-control": "no-cache",
        "etag": f'"{tool.sha256}"',
    }
    return Response(tool.body, media_type="text/html; charset=utf-8", headers=headers)


@get("/offline/{name:str}/proof", opt=PUBLIC, include_in_schema=False)
async def proof(request: AnyRequest, name: FromPath[Name]) -> Response[Any]:
    """The tlog-proof of the event that names the hash, the event in its extra line; 202 until a witness has seen it."""
    known = _same(_tool(request, name), await announced())
    found = await proof_of(HOME, known.event, disclose=True) if known else None
    if found is None:
        return Response("尚未由见证方联署，请过几分钟再取。\n", status_code=202, media_type="text/plain; charset=utf-8")
    headers = {"content-disposition": f'attachment; filename="{name}.tlog-proof"', "cache-control": "no-cache"}
    return Response(found, media_type="application/octet-stream", headers=headers)


def file_name(tool: OfflineTool) -> str:
    """As it lies on a disk: two versions are told apart by their names."""
    return f"阳光交易{NAMES[tool.name][0]}-{tool.sha256[:8]}.html"


def _same(tool: OfflineTool, known: Mapping[str, Announced]) -> Announced | None:
    found = known.get(tool.name)
    return found if found is not None and found.sha256 == tool.sha256 else None


def _tool(request: AnyRequest, name: str) -> OfflineTool:
    tools: Mapping[str, OfflineTool] = request.app.state.offline
    if name not in tools:
        raise NotFound(Problem("no_such_tool", "没有这个离线工具", "请从“离线工具”页下载"))
    return tools[name]


HANDLERS: list[ControllerRouterHandler] = [offline, download, proof]
