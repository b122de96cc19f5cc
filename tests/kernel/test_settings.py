"""Settings: one table, read once; all that is wrong is said at once; secrets never show; unsafe starts refused."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from source_tree import packages

from kernel.errors import BadInput
from kernel.settings import (
    DEMO_KEY_MARK,
    Settings,
    Surroundings,
    UnsafeStart,
    environment,
    listing,
    refuse_unsafe_start,
)
from storage.vault import VaultSettings

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
NOWHERE = "/nowhere"
"""The checkout's own data folder may hold the keys of a demonstration that somebody has run there."""
SAFE = Settings.read(
    {
        "YANGGUANG_VAR": NOWHERE,
        "YANGGUANG_SECRET": "k3-Vn_20xQ7tYbHsRz81LmPwEaJuCdFg",
        "YANGGUANG_IDENTITY_SECRET": "W9-hT_55aZcXvBnMqLpOiUyTrEeDsFgH",
    }
)
NOT_OF_THE_HOUSE = {
    "YANGGUANG_TOKEN": "of a bidder's or an officer's own command, whose help tells of it",
    "YANGGUANG_LIFELINE": "from a parent process to its child",
}
AROUND = Surroundings("production", NOW, NOW, store_locks=True)


def test_without_an_environment_every_setting_has_its_default_and_the_mode_is_the_strict_one() -> None:
    settings = Settings.read({})
    assert settings.mode == "production"
    assert (settings.port, settings.supervision_port) == (8000, 8001)
    assert settings == Settings()


def test_folders_lie_in_the_data_folder_unless_told_otherwise() -> None:
    settings = Settings.read({"YANGGUANG_VAR": "/data"})
    assert (settings.keys, settings.vault_folder) == (Path("/data/keys"), Path("/data/vault"))
    assert Settings.read({"YANGGUANG_VAULT_FOLDER": "/big"}).vault_folder == Path("/big")


def test_a_site_without_an_address_is_reached_at_its_port() -> None:
    assert Settings.read({"YANGGUANG_PORT": "8400"}).trading_origin == "http://127.0.0.1:8400"
    named = {"YANGGUANG_SUPERVISION_PORT": "8401", "YANGGUANG_SUPERVISION_ORIGIN": "https://jd.example"}
    assert Settings.read(named).supervision_origin == "https://jd.example"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({}, "folder"),
        ({"YANGGUANG_S3_ENDPOINT": "store.example:9000"}, "s3"),
        ({"YANGGUANG_S3_ENDPOINT": "store.example:9000", "YANGGUANG_VAULT": "folder"}, "folder"),
        ({"YANGGUANG_VAULT": "s3"}, "s3"),
    ],
)
def test_naming_an_object_store_is_enough_to_keep_files_there(said: dict[str, str], kind: str) -> None:
    settings = Settings.read(said)
    assert VaultSettings.of(settings).kind == kind
    assert VaultSettings.of(Settings.read(environment(settings))).kind == kind, "a child process does the same"


def test_all_senseless_values_are_refused_at_once() -> None:
    wrong = {
        "YANGGUANG_MODE": "live",
        "YANGGUANG_PORT": "80 00",
        "YANGGUANG_S3_SECURE": "maybe",
        "YANGGUANG_VAULT": "tape",
        "YANGGUANG_PG_AS": "sudo",
        "YANGGUANG_GRACE": "-1",
    }
    with pytest.raises(BadInput) as refusal:
        Settings.read(wrong)
    assert {problem.field for problem in refusal.value.problems} == set(wrong)


def test_a_secret_shows_neither_in_the_listing_nor_when_printed() -> None:
    settings = Settings.read({"YANGGUANG_SECRET": "hush-hush", "DATABASE_URL": "postgresql://u:hush-hush@/d"})
    shown = "".join(f"{line.name}={line.value}" for line in listing(settings))
    assert "hush" not in shown + repr(settings)
    assert "YANGGUANG_SECRET=已设置" in shown
    assert "OWNER_DATABASE_URL=未设置" in shown


def test_every_setting_is_explained_and_nothing_is_read_that_is_not_listed() -> None:
    lines = list(listing(Settings()))
    assert len({line.name for line in lines}) == len(lines)
    assert all(line.says for line in lines)
    quoted = re.compile(r"""(["'])(YANGGUANG_[A-Z0-9_]+|[A-Z_]*DATABASE_URL)\1""")
    sources = (path.read_text("utf-8") for package in packages() for path in package.rglob("*.py"))
    named = {name for source in sources for _, name in quoted.findall(source)}
    assert named - {line.name for line in lines} == set(NOT_OF_THE_HOUSE)


def test_a_child_process_reads_what_its_parent_had() -> None:
    settings = Settings.read({"YANGGUANG_VAR": "/data", "YANGGUANG_S3_SECURE": "no", "YANGGUANG_PORT": "9000"})
    assert Settings.read(environment(settings)) == settings
    assert environment(Settings()) == {}


def test_a_sound_production_start_is_let_through() -> None:
    refuse_unsafe_start(SAFE, AROUND)


@pytest.mark.parametrize(
    ("settings", "around", "code"),
    [
        (replace(SAFE, secret=""), AROUND, "weak_secret"),
        (replace(SAFE, secret="short"), AROUND, "weak_secret"),  # noqa: S106
        (replace(SAFE, secret="changeme" * 8), AROUND, "weak_secret"),
        (replace(SAFE, identity_secret="a" * 64), AROUND, "weak_secret"),
        (replace(SAFE, identity_secret=SAFE.secret), AROUND, "shared_secret"),
        (replace(SAFE, s3_secret="minioadmin"), AROUND, "known_s3_secret"),  # noqa: S106
        (SAFE, replace(AROUND, marked="demo"), "demo_database"),
        (SAFE, replace(AROUND, marked="test"), "demo_database"),
        (SAFE, replace(AROUND, machine_now=NOW + timedelta(seconds=1.1)), "clock_off"),
        (SAFE, replace(AROUND, machine_now=NOW - timedelta(seconds=1.1)), "clock_off"),
        (SAFE, replace(AROUND, store_locks=False), "store_cannot_lock"),
        (replace(SAFE, mode="demo"), AROUND, "production_database"),
        (replace(SAFE, mode="test"), AROUND, "production_database"),
    ],
)
def test_an_unsafe_start_is_refused(settings: Settings, around: Surroundings, code: str) -> None:
    with pytest.raises(UnsafeStart) as refusal:
        refuse_unsafe_start(settings, around)
    assert [problem.code for problem in refusal.value.problems] == [code]


def test_demonstration_keys_are_refused_in_production_only(tmp_path: Path) -> None:
    settings = replace(SAFE, var=tmp_path)
    settings.keys.mkdir()
    (settings.keys / DEMO_KEY_MARK).touch()
    with pytest.raises(UnsafeStart) as refusal:
        refuse_unsafe_start(settings, AROUND)
    assert refusal.value.code == "demo_keys"
    refuse_unsafe_start(replace(settings, mode="demo"), replace(AROUND, marked="demo"))


def test_all_that_makes_a_start_unsafe_is_said_at_once() -> None:
    with pytest.raises(UnsafeStart) as refusal:
        refuse_unsafe_start(
            Settings(var=Path(NOWHERE)), Surroundings("demo", NOW, NOW - timedelta(hours=1), store_locks=False)
        )
    assert len(refusal.value.problems) == 5
    assert all(problem.remedy for problem in refusal.value.problems)
