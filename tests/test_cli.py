"""The command line: light to start, every reason said at once, an exit code that tells refusals from mistakes."""

import os
import re
import subprocess
import sys
from pathlib import Path

from house_databases import ROOT, Databases

HEAVY = ("piccolo", "litestar", "asyncpg", "uvicorn", "pydantic", "minio", "httpx")


def yangguang(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return _python("-m", "app.cli", *arguments, **environment)


def _python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    basic = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**basic, "PYTHONUTF8": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_reading_the_command_line_needs_no_database_and_no_web_library() -> None:
    listed = _python("-c", f"import sys, app.cli; app.cli._parser(); print([m for m in {HEAVY} if m in sys.modules])")
    assert listed.stdout.strip() == "[]", listed.stderr


def test_without_a_subcommand_it_says_which_there_are() -> None:
    done = yangguang()
    assert done.returncode == 2
    assert "usage" in done.stderr


def test_settings_are_listed_without_secrets(tmp_path: Path) -> None:
    done = yangguang("settings", YANGGUANG_SECRET="hush-hush", YANGGUANG_VAR=str(tmp_path))  # noqa: S106
    assert done.returncode == 0
    assert f"YANGGUANG_VAR={tmp_path}" in done.stdout
    assert "YANGGUANG_SECRET=已设置" in done.stdout
    assert "hush" not in done.stdout


def test_all_senseless_settings_are_said_at_once() -> None:
    done = yangguang("settings", YANGGUANG_MODE="live", YANGGUANG_PORT="x")
    assert done.returncode == 2
    assert "YANGGUANG_MODE" in done.stderr
    assert "YANGGUANG_PORT" in done.stderr


def test_migrate_asks_for_an_owners_address() -> None:
    done = yangguang("migrate")
    assert done.returncode == 2
    assert "OWNER_DATABASE_URL" in done.stderr


def test_a_production_start_on_a_test_database_is_refused_with_every_reason(
    databases: Databases, tmp_path: Path
) -> None:
    around = {**databases.environment(), "YANGGUANG_MODE": "production", "YANGGUANG_VAR": str(tmp_path)}
    for site in ("serve", "supervise", "work"):
        done = yangguang(site, **around)
        assert done.returncode == 1, done.stderr
        for reason in ("YANGGUANG_SECRET", "YANGGUANG_IDENTITY_SECRET", "标记为 test", "锁定"):
            assert reason in done.stderr


def test_a_start_without_a_database_says_so(tmp_path: Path) -> None:
    for address in ("", "postgresql://nobody@127.0.0.1:1/none"):
        done = yangguang("serve", YANGGUANG_VAR=str(tmp_path), DATABASE_URL=address)
        assert done.returncode == 1
        assert "数据库" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_house_on_half_a_server_is_refused_with_every_address_that_lacks(
    databases: Databases, tmp_path: Path
) -> None:
    """Never a start on the embedded database while somebody believes that his own is used."""
    done = yangguang("run", YANGGUANG_VAR=str(tmp_path), SUPERVISION_DATABASE_URL=databases.supervision)
    assert done.returncode == 1
    lacking = ("OWNER_DATABASE_URL", "SUPERVISION_OWNER_DATABASE_URL", "SUPERVISION_TRADING_URL")
    assert all(name in re.split("[ 、（]", done.stderr) for name in (*lacking, "DATABASE_URL"))
    assert not (tmp_path / "postgres").exists()


def test_a_start_on_an_empty_database_asks_for_migrate(databases: Databases, tmp_path: Path) -> None:
    login, _, place = databases.admin.partition("@/")
    empty = f"{login}@/postgres?{place.partition('?')[2]}"
    done = yangguang("serve", YANGGUANG_VAR=str(tmp_path), DATABASE_URL=empty)
    assert done.returncode == 1
    assert "yangguang migrate" in done.stderr
