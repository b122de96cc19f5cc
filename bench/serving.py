"""A site in a process of its own, as in production but for its port: what a load is measured against."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench import ROOT
from bench.house import House
from bench.load import Page
from bench.table import say

_SERVE = """
import sys, uvicorn
uvicorn.run(sys.argv[1], factory=True, port=int(sys.argv[2]), access_log=False, log_level="error")
"""
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")


@asynccontextmanager
async def served(site: str, house: House, path: str) -> AsyncIterator[Page]:
    """The site in a process of its own until the block ends; `path` is what is asked for until it answers."""
    port = _free_port()
    said = house.folder / f"{site.partition(':')[0]}.log"  # a line a request, as in production
    with said.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _SERVE, site, str(port), cwd=ROOT, env=_environment(house, port), stderr=output
        )
    page = Page(port, path)
    try:
        await _until_ready(process, page, said)
        say(f"{site} answers")
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
