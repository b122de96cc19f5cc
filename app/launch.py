"""The whole house on one machine, for a look and for development: what `make run` runs.

Embedded PostgreSQL, vault folder, migrations, demo region, both sites and their workers; a part that dies is
started again, Ctrl-C stops all. Each site's processes get only the addresses and secrets of their own side.
"""

import asyncio
import fcntl
import hashlib
import json
import os
import secrets
import signal
import socket
import sys
import time
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from app import demo_people
from app.children import Child, Children
from app.embedded import DATABASES, EmbeddedFailed, EmbeddedPostgres
from app.failures import StartFailed
from app.forked import passed_on
from kernel.settings import Settings, environment

_WATCH_DATABASE = 3.0  # seconds between two looks whether the embedded server still answers


@dataclass(frozen=True, slots=True)
class SiteSecrets:
    trading: str
    supervision: str
    identity: str


def launch(settings: Settings) -> int:
    """Run until Ctrl-C; 0 after a clean stop, 1 when the house could not start."""
    var = settings.var.resolve()
    var.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(var / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _fail("已经有一个 yangguang run 在使用这个数据文件夹")
    server: EmbeddedPostgres | None = None
    try:
        with Children(commands(), grace=settings.grace + 3) as children:
            settings, server = _prepare(replace(settings, var=var))
            asyncio.run(_run(settings, server, children))
        return 0
    except StartFailed as failure:
        return _fail(str(failure))
    finally:
        if server is not None:
            server.stop()
        os.close(lock)


def _prepare(settings: Settings) -> tuple[Settings, EmbeddedPostgres | None]:
    """Databases there and up to date, folders made, demo region loaded."""
    _refuse_half_a_server(settings)
    for port in (settings.port, settings.supervision_port):
        _wait_free(settings.host, port)
    settings = replace(settings, vault_folder=settings.vault_folder.resolve(), anchors=settings.anchors.resolve())
    server = None
    if not settings.database_url:
        server = EmbeddedPostgres(settings.var / "postgres", binaries=settings.pg_bin, run_as=settings.pg_as)
        server.start()
        settings = on_embedded(settings, server)
    settings.vault_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        _fill(settings, server)
    except BaseException:
        if server is not None:
            server.stop()
        raise
    return settings, server


def _fill(settings: Settings, server: EmbeddedPostgres | None) -> None:
    """Tables and the demo region, unless this very embedded server has had both from these very migrations.

    What they need is imported only then: a start that has nothing to prepare is up in half the time.
    """
    mark, digest = settings.var / "postgres" / "filled", digest_of_migrations()
    if server is not None and mark.exists() and mark.read_text() == digest:
        return
    from app.migrate import migrate_now  # noqa: PLC0415 - the reason stands above

    migrate_now(settings)
    _load_demo(settings, server)
    if server is not None:
        mark.write_text(digest)


def digest_of_migrations() -> str:
    """Changes with any migration: what was made under other ones does not fit any more."""
    folder = Path(__file__).resolve().parent.parent / "migrations"
    files = sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".sql"))
    return hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files)).hexdigest()


class _HalfAServer(StartFailed):
    """Some of the addresses of a database server are set, and others that must go with them are not."""


def _refuse_half_a_server(settings: Settings) -> None:
    """Both databases lie on servers or neither does; a demo fills them, for which it needs their owners."""
    together = ["database_url", "supervision_database_url", "supervision_trading_url"]
    named = [name for name in together if getattr(settings, name)]
    if settings.mode == "demo":
        together += ["owner_database_url", "supervision_owner_database_url"]
    lacking = [name.upper() for name in together if not getattr(settings, name)]
    if named and lacking:
        raise _HalfAServer(f"既然用自备的数据库，还要设置 {'、'.join(lacking)}（说明见 yangguang settings）")


def on_embedded(settings: Settings, server: EmbeddedPostgres) -> Settings:
    return replace(
        settings,
        database_url=server.url("trading", "trading"),
        owner_database_url=server.url("owner", "trading"),
        supervision_database_url=server.url("supervision", "supervision"),
        supervision_owner_database_url=server.url("owner", "supervision"),
        supervision_trading_url=server.url("supervision", "trading"),
    )


def _load_demo(settings: Settings, server: EmbeddedPostgres | None) -> None:
    """A demo house on its own server and disk starts from the county's template; else people and keys alone."""
    if settings.mode != "demo":
        return
    from app.county import people, template  # noqa: PLC0415 - see _fill

    if server is not None and settings.vault_kind == "folder":
        place = template.Place({n: server.url("postgres", n) for n in DATABASES}, settings.var, settings.vault_folder)
        if template.load(place):
            return
    asyncio.run(people.people_alone(settings))


def commands() -> list[str]:
    """What runs here; trading stands without its supervisors."""
    return ["serve", "work", *(["supervise"] if find_spec("supervision") else [])]


async def _run(settings: Settings, server: EmbeddedPostgres | None, children: Children) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, children.stop)
    watching = asyncio.create_task(_watch_database(server)) if server else None
    announcing = asyncio.create_task(_announce(settings))
    try:
        await children.run(*processes(settings))
    finally:
        announcing.cancel()
        if watching:
            watching.cancel()


def processes(settings: Settings) -> list[Child]:
    """The processes, each with what its side may know: no owner's address, nothing of the other site's."""
    own = site_secrets(settings.var)
    bare = replace(settings, owner_database_url="", supervision_owner_database_url="")
    trading = replace(
        bare, secret=own.trading, identity_secret=own.identity,
        supervision_database_url="", supervision_trading_url="",
    )  # fmt: skip
    watching = replace(
        bare, secret=own.supervision, identity_secret=own.identity, database_url="",
        var=settings.var / "supervision",
    )  # fmt: skip
    if settings.mode == "demo":
        trading = _witnessed(trading)
    sides = [("serve", trading), ("work", trading)]
    if "supervise" in commands():
        watching.var.mkdir(exist_ok=True, mode=0o700)
        sides += [("supervise", watching), ("work", watching)]
    return [Child(command, passed_on() | environment(side)) for command, side in sides]


def _witnessed(settings: Settings) -> Settings:
    """Where the demonstration's log finds its witness, and the key it must answer with."""
    from app.demo_keys import witness_signer  # noqa: PLC0415 - see _fill: the server of forks imports meanwhile

    key = witness_signer(settings.var / "supervision" / "keys").key
    address = f"http://{settings.host}:{settings.supervision_port}/witness/add-checkpoint"
    return replace(settings, witness_url=address, witness_key=str(key))


def site_secrets(var: Path) -> SiteSecrets:
    """Generated once, kept 0600 in the data folder."""
    path = var / "secrets.json"
    if not path.exists():
        made = {name: secrets.token_urlsafe(48) for name in ("trading", "supervision", "identity")}
        aside = path.with_suffix(".new")
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(made, file)
        aside.rename(path)
    return SiteSecrets(**json.loads(path.read_text()))


async def _watch_database(server: EmbeddedPostgres) -> None:
    """Bring the embedded server back when it was killed."""
    while True:
        await asyncio.sleep(_WATCH_DATABASE)
        try:
            await asyncio.to_thread(server.start)
        except EmbeddedFailed as failure:
            print(failure, file=sys.stderr)


async def _announce(settings: Settings) -> None:
    ports = [settings.port, *([settings.supervision_port] if "supervise" in commands() else [])]
    for port in ports:
        while not listens(settings.host, port):  # noqa: ASYNC110 - nothing tells of a port but trying
            await asyncio.sleep(0.1)
    print(f"\n阳光交易已启动\n  交易端  {settings.trading_origin}\n  监督端  {settings.supervision_origin}")
    if settings.mode == "demo":
        for account in demo_people.accounts():
            print(f"  {account}")
    print("按 Ctrl-C 停止全部\n", flush=True)


class _PortTaken(StartFailed):
    """Another program listens where a site should."""


def _wait_free(host: str, port: int, seconds: float = 12.0) -> None:
    """The processes of a killed house need a moment to notice and to let go of their ports."""
    until = time.monotonic() + seconds
    while listens(host, port):
        if time.monotonic() > until:
            raise _PortTaken(f"端口 {port} 已被别的程序占用，请设置 YANGGUANG_PORT 或 YANGGUANG_SUPERVISION_PORT")
        time.sleep(0.2)


def listens(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


def _fail(says: str) -> int:
    print(says, file=sys.stderr)
    return 1
