"""A notice as the public reads it, from the real site, beside a bare page that reads one row of the same database."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from road import PROCESS

from bench import ROOT
from bench.bidders import county
from bench.house import House
from bench.load import Page
from bench.table import Row, in_turn, say
from kernel.clock import now
from kernel.db import connected
from kernel.proofs.anchors import build_anchors

GOAL = 0.03
"""What part of the bare page's requests a second ours reaches: it reads eight times and renders a whole page."""

_SERVE = """
import sys, uvicorn
uvicorn.run(sys.argv[1], factory=True, port=int(sys.argv[2]), access_log=False, log_level="error")
"""
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")


async def rows(house: House, *, quick: bool) -> list[Row]:
    """Requests a second for one notice."""
    seconds, rounds, connections = (1.0, 3, 8) if quick else (4.0, 7, 8)
    async with connected(house.databases.trading), county(house) as made:
        lot = await made.announced()
        anchors = house.folder / "anchors.json"
        issued = await now()
        anchors.write_bytes(build_anchors(issuer="bench", issued=issued, officers=[], processes=[PROCESS.public]))
    path = f"/lots/{lot}"
    async with _served("app.asgi:create", house, path) as ours, _served("bench.bare_page:create", house, path) as bare:
        measured = [_measured(page, connections, seconds) for page in (ours, bare)]
        mine, theirs = await in_turn(measured, rounds, name="notice page")
        sizes = [await page.length() / 1024 for page in (ours, bare)]
    return [
        Row.at_least(
            f"notice page ({sizes[0]:.0f} KiB), {connections} readers",
            mine.text("/s"),
            f"bare page of one row: {theirs.text('/s')}",
            mine.median / theirs.median,
            GOAL,
        )
    ]


def _measured(page: Page, connections: int, seconds: float) -> Callable[[], Awaitable[float]]:
    return lambda: page.per_second(connections=connections, seconds=seconds)


@asynccontextmanager
async def _served(site: str, house: House, path: str) -> AsyncIterator[Page]:
    """The site in a process of its own until the block ends."""
    port = _free_port()
    said = house.folder / f"{site.partition(':')[0]}.log"  # a line a request, as in production
    with said.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _SERVE, site, str(port), cwd=ROOT, env=_environment(house, port), stderr=output
        )
    page = Page(port, path)
    try:
        await _until_ready(process, page, said)
        say(f"notice page: {site} answers")
        yield page
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _until_ready(process: asyncio.subprocess.Process, page: Page, said: Path) -> None:
    while process.returncode is None:
        try:
            await page.length()
        except OSError:
            await asyncio.sleep(0.1)  # nothing tells of a port but trying
        else:
            return
    raise RuntimeError(f"the site ended with {process.returncode}:\n{_end_of(said)}")


def _end_of(said: Path) -> str:
    return said.read_text("utf-8", "replace")[-2000:]


def _environment(house: House, port: int) -> dict[str, str]:
    var: Path = house.folder / "var"
    own = {
        "YANGGUANG_VAR": str(var),
        "YANGGUANG_VAULT_FOLDER": str(var / "vault"),
        "YANGGUANG_ANCHORS": str(house.folder / "anchors.json"),
        "YANGGUANG_SECRET": "a secret for measuring, 32 bytes long",
        "YANGGUANG_IDENTITY_SECRET": "another secret for measuring, as long",
        "YANGGUANG_TRADING_ORIGIN": f"http://127.0.0.1:{port}",
        "PYTHONPATH": str(ROOT),
    }
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | house.databases.environment() | own


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
