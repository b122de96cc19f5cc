"""The embedded PostgreSQL: shared by its users, stopped by the last, back after any death, never open."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from app.embedded import LOGINS, EmbeddedFailed, EmbeddedPostgres


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path / "postgres", durable=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """One that only looks are taken at."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("standing") / "postgres", durable=False)
    server.start()
    yield server
    server.stop()


async def ask(server: EmbeddedPostgres, sql: str, login: str = "owner", database: str = "trading") -> object:
    connection = await asyncpg.connect(server.url(login, database))
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def is_up(server: EmbeddedPostgres) -> bool:
    try:
        return await ask(server, "select 1") == 1
    except (OSError, asyncpg.PostgresError):
        return False


def postmaster(server: EmbeddedPostgres) -> int:
    return int((server.folder / "pg" / "postmaster.pid").read_text().splitlines()[0])


async def test_the_last_of_its_users_stops_it(server: EmbeddedPostgres) -> None:
    other = EmbeddedPostgres(server.folder, durable=False)
    other.start()
    assert other.stop() is False
    assert await is_up(server)
    assert server.stop() is True
    assert not await is_up(server)
    assert server.stop() is False


async def test_it_keeps_what_was_written_when_it_is_started_again(server: EmbeddedPostgres) -> None:
    await ask(server, "create schema kept")
    server.stop()
    server.start()
    assert await ask(server, "select to_regnamespace('kept') is not null")


async def test_a_killed_server_comes_back_with_what_was_committed(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "postgres", durable=True)
    server.start()
    try:
        await ask(server, "create schema kept")
        os.kill(postmaster(server), signal.SIGKILL)
        while await is_up(server):  # a signal is not a death yet
            continue
        server.start()
        assert await ask(server, "select to_regnamespace('kept') is not null")
    finally:
        server.stop()


def test_a_killed_user_no_longer_counts(server: EmbeddedPostgres) -> None:
    code = (
        "import sys; from app.embedded import EmbeddedPostgres as E\n"
        f"E({str(server.folder)!r}, durable=False).start(); print('up', flush=True); sys.stdin.read()"
    )
    user = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_importable()
    )
    assert user.stdout is not None
    assert user.stdout.readline() == b"up\n"
    user.kill()
    user.communicate()
    assert server.stop() is True


async def test_starting_what_runs_changes_nothing(server: EmbeddedPostgres) -> None:
    before = postmaster(server)
    server.start()
    assert postmaster(server) == before


def test_a_cluster_whose_making_was_cut_off_is_made_anew(tmp_path: Path) -> None:
    half = tmp_path / "postgres" / "pg.init"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    server = EmbeddedPostgres(tmp_path / "postgres", durable=False)
    server.start()
    assert not half.exists()
    assert server.stop() is True


@pytest.mark.parametrize("login", LOGINS)
async def test_a_wrong_password_is_refused(standing: EmbeddedPostgres, login: str) -> None:
    for wrong in ("", "wrong"):
        with pytest.raises((asyncpg.InvalidPasswordError, asyncpg.InterfaceError)):
            await asyncpg.connect(standing.url(login, "trading"), password=wrong)


async def test_its_own_passwords_let_the_superuser_and_the_owner_in(standing: EmbeddedPostgres) -> None:
    assert await ask(standing, "select current_user", "postgres", "postgres") == "postgres"
    assert await ask(standing, "select current_user", "owner", "supervision") == "owner"


async def test_no_login_but_the_first_has_any_power_over_the_server(standing: EmbeddedPostgres) -> None:
    powerful = "select string_agg(rolname, ' ') from pg_roles where rolsuper or rolcreaterole or rolcreatedb"
    assert await ask(standing, powerful) == "postgres"
    heirs = "select string_agg(rolname, ' ') from pg_roles where rolcanlogin and rolinherit"
    assert await ask(standing, heirs) == "postgres"


async def test_a_site_cannot_enter_a_database_before_it_is_let_in(standing: EmbeddedPostgres) -> None:
    for login, database in (
        ("trading", "supervision"),
        ("supervision", "postgres"),
        ("trading", "template1"),
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await asyncpg.connect(standing.url(login, database))


async def test_it_listens_on_no_network(standing: EmbeddedPostgres) -> None:
    assert await ask(standing, "show listen_addresses") == ""


def test_others_of_the_machine_can_read_neither_passwords_nor_data(standing: EmbeddedPostgres) -> None:
    inside = [standing.folder / name for name in ("pg", "passwords.json")]
    for path in (standing.folder, standing.sockets, *inside):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_lost_passwords_are_said_and_never_replaced(server: EmbeddedPostgres) -> None:
    (server.folder / "passwords.json").unlink()
    with pytest.raises(EmbeddedFailed, match=r"passwords\.json"):
        server.url("owner", "trading")


async def test_a_folder_too_deep_for_a_socket_still_works(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / ("deep" * 20) / "postgres", durable=False)
    server.start()
    try:
        assert not server.sockets.is_relative_to(server.folder)
        assert await is_up(server)
    finally:
        server.stop()


def _importable() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
