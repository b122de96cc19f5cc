"""`yangguang run`, as a person sees it: it comes up, heals, survives its own death, and leaves nothing behind."""

import asyncio
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from house_databases import ROOT

from app.demo_people import PASSWORD, ROLE_OF, told
from app.launch import processes
from kernel.identity import SIDES
from kernel.settings import Settings

TOLD = [login for login in ROLE_OF if told(login)]
PATIENCE = 240.0
"""Seconds; only a machine that does much else needs more than ten."""
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")


class House:
    """A house of its own folder and ports, run as a command."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.ports = _free_ports()
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        environment = {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "YANGGUANG_VAR": str(self.var),
            "YANGGUANG_PORT": str(self.ports[0]),
            "YANGGUANG_SUPERVISION_PORT": str(self.ports[1]),
        }
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "app.cli", "run", cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE
        )
        await self.said("按 Ctrl-C 停止全部")

    async def up(self) -> None:
        """Start it where the test before has ended it."""
        if self.process is None or self.process.returncode is not None:
            await self.start()

    async def said(self, words: str) -> None:
        """Wait for these words on its output."""
        assert self.process is not None
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while line := (await self.process.stdout.readline()).decode():
                if words in line:
                    return
        raise AssertionError(f"it ended without saying {words}")

    async def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(number)
        async with asyncio.timeout(PATIENCE):
            return await self.process.wait()

    def answers(self) -> bool:
        return all(_listens(port) for port in self.ports)

    def children(self) -> dict[int, str]:
        """Process id → name of everything that was started for this house and is not its database."""
        assert self.process is not None
        parents = {pid: int(stat.rpartition(")")[2].split()[1]) for pid, stat in _processes("stat").items()}
        names = _processes("comm")
        [server] = [pid for pid, parent in parents.items() if parent == self.process.pid]
        made = {pid: names[pid].strip() for pid, parent in parents.items() if parent == server}
        return {server: "fork server", **made}

    def database_runs(self) -> bool:
        return (self.var / "postgres" / "pg" / "postmaster.pid").exists()


@pytest.fixture(scope="module")
async def run(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """One house for all of them: whoever needs it up says so, for a test may have ended it."""
    house = House(tmp_path_factory.mktemp("launched") / "var")
    await house.start()
    yield house
    await house.stop()


@pytest.mark.parametrize("login", TOLD)
async def test_something_waits_for_every_account_it_tells(run: House, login: str) -> None:
    await run.up()
    port = run.ports[SIDES[ROLE_OF[login]] == "supervise"]
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", follow_redirects=True) as browser:
        form = (await browser.get("/signin")).text
        token = re.search(r'name="_csrf_token"[^>]*value="([^"]+)"', form)
        assert token, form
        signed_in = await browser.post("/signin", data={"_csrf_token": token[1], "login": login, "password": PASSWORD})
    assert signed_in.status_code == 200
    assert signed_in.url.path.endswith("/workbench")
    waiting = [int(n) for n in re.findall(r"待(?:办|复核|审批)（(\d+)）", signed_in.text)]
    assert sum(waiting) > 0, login


async def test_a_second_run_on_the_same_folder_is_refused(run: House) -> None:
    await run.up()
    second = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.cli", "run", cwd=ROOT, stderr=asyncio.subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "YANGGUANG_VAR": str(run.var)},
    )  # fmt: skip
    _, says = await second.communicate()
    assert second.returncode == 1
    assert "已经有一个" in says.decode()
    assert run.answers()


async def test_no_process_shows_a_secret_to_whoever_lists_processes(run: House) -> None:
    await run.up()
    secrets = [*json.loads(_read(run.var / "secrets.json")).values(), "postgresql://"]
    assert len(secrets) == 4
    for pid in run.children():
        shown = _read(Path(f"/proc/{pid}/environ")) + _read(Path(f"/proc/{pid}/cmdline"))
        assert "PATH=" in shown
        assert not any(secret in shown for secret in secrets)


def test_each_side_is_told_only_its_own_addresses_and_secrets(tmp_path: Path) -> None:
    urls = {name: f"postgresql://{name}@/" for name in ("database", "supervision_database", "supervision_trading")}
    owners = {name: f"postgresql://{name}@/" for name in ("owner_database", "supervision_owner_database")}
    (tmp_path / "supervision").mkdir()
    settings = Settings(mode="demo", var=tmp_path, **{f"{name}_url": url for name, url in (urls | owners).items()})
    told = {(child.command, "DATABASE_URL" in child.environment): child.environment for child in processes(settings)}
    trading, watching = told["serve", True], told["supervise", False]
    assert told.keys() == {("serve", True), ("work", True), ("supervise", False), ("work", False)}
    assert (told["work", True], told["work", False]) == (trading, watching)
    assert not {"SUPERVISION_DATABASE_URL", "SUPERVISION_TRADING_URL"} & set(trading)
    assert trading["YANGGUANG_SECRET"] != watching["YANGGUANG_SECRET"]
    assert not any(url in environment.values() for environment in told.values() for url in owners.values())


async def test_a_house_whose_parent_was_killed_comes_back(run: House) -> None:
    await run.up()
    await run.stop(signal.SIGKILL)
    await run.start()
    assert run.answers()
    assert await run.stop(signal.SIGTERM) == 0
    assert not run.database_runs()


async def test_it_heals_and_stops_whole(run: House) -> None:
    await run.up()
    assert run.answers()
    before = run.children()
    assert sorted(before.values()) == ["fork server", "serve", "supervise", "work", "work"]
    for name in ("serve", "fork server"):
        [pid] = [pid for pid, command in run.children().items() if command == name]
        os.kill(pid, signal.SIGKILL)
        await until(lambda: not _listens(run.ports[0]))
        await until(run.answers)
    assert not before.keys() & run.children().keys()
    database = int((run.var / "postgres" / "pg" / "postmaster.pid").read_text().split()[0])
    os.kill(database, signal.SIGKILL)
    await until(lambda: _postmaster(run) not in (0, database))
    assert await run.stop() == 0
    assert not any(_listens(port) for port in run.ports)
    assert not run.database_runs()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not true():  # noqa: ASYNC110 - what is waited for is another process
            await asyncio.sleep(0.05)


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        return one.getsockname()[1], two.getsockname()[1]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _postmaster(house: House) -> int:
    text = _read(house.var / "postgres" / "pg" / "postmaster.pid")
    return int(text.split()[0]) if text.strip() else 0


def _processes(file: str) -> dict[int, str]:
    """What this file says of every process that is alive."""
    found = {int(entry.name): _read(entry / file) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    return {pid: text for pid, text in found.items() if text}


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
