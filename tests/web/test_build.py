"""The browser build is made once, again after any change, and pins its libraries by hash and not by host."""

import json
import shutil
from pathlib import Path

import pytest

from kernel.web import build
from kernel.web.static import Assets

pytest_plugins = ("looking",)

ROOT = Path(__file__).parents[2]


@pytest.fixture
def workshop(tmp_path: Path, assets: Assets) -> tuple[Path, Path, Path]:
    """A copy of the sources (root, client, built) beside the libraries that are already here."""
    for name in ("package.json", "package-lock.json"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "kernel" / "web" / "client", tmp_path / "client")
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    return tmp_path, tmp_path / "client", tmp_path / "built"


def entries(built: Path) -> dict[str, str]:
    return dict(json.loads((built / "manifest.json").read_text())["entries"])


def test_unchanged_sources_are_built_once(workshop: tuple[Path, Path, Path]) -> None:
    assert build.build(*workshop) is True
    before = entries(workshop[2])
    assert build.build(*workshop) is False
    assert entries(workshop[2]) == before


def test_a_changed_source_changes_its_name_and_the_old_file_goes(workshop: tuple[Path, Path, Path]) -> None:
    build.build(*workshop)
    before = entries(workshop[2])
    live = workshop[1] / "live.js"
    live.write_text(live.read_text().replace("实时更新已接通", "已接通"))
    assert build.build(*workshop) is True
    after = entries(workshop[2])
    assert after["live.js"] != before["live.js"]
    assert after["site.js"] == before["site.js"]
    assert not (workshop[2] / before["live.js"]).exists()


def test_a_lost_file_is_built_again(workshop: tuple[Path, Path, Path]) -> None:
    build.build(*workshop)
    (workshop[2] / entries(workshop[2])["site.js"]).unlink()
    assert build.build(*workshop) is True
    assert (workshop[2] / entries(workshop[2])["site.js"]).exists()


def test_the_libraries_are_pinned_by_hash_and_name_no_host() -> None:
    lock = (ROOT / "package-lock.json").read_text()
    packages = {path: entry for path, entry in json.loads(lock)["packages"].items() if path}
    assert "://" not in lock
    assert "resolved" not in lock
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    wanted = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    assert all(version[0].isdigit() for version in wanted.values())
