"""The house can be built anywhere: no path of one machine, no address of a registry, no private key is in it."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from house_databases import ROOT

from app.county.template import FILE as COUNTY
from app.county.template import read as read_county

LEFT_OUT = {
    ".git", "node_modules", "var", "dist", "build", "built", "__pycache__", ".hypothesis", ".import_linter_cache",
    ".mypy_cache", ".ruff_cache", ".pytest_cache",
}  # fmt: skip
LARGEST = 4 * 1024 * 1024
# Written apart, so that this file does not find itself.
HOSTS = [
    name.replace(" ", ".")
    for name in (
        "pypi org",
        "pythonhosted org",
        "npmjs org",
        "npmjs com",
        "npmmirror com",
        "proxy golang org",
        "mirrors aliyun com",
        "tuna tsinghua edu cn",
        "mirrors ustc edu cn",
        "conda anaconda org",
    )
]
PATHS = re.compile(r"""(?<![\w.\-/}~*])(/""" + "|/".join(["work", "root", "home", "Users", "mnt"]) + r""")/[\w.\-]""")
PRIVATE = re.compile("-----BEGIN " r"(?:[A-Z]+ )?PRIVATE KEY-----\s+[\w+/=]{24,}|AGE-SECRET" "-KEY-1[0-9A-Z]{58}")


def files() -> Iterator[Path]:
    """Every file that is kept with the house: nothing built, nothing installed, nothing of a running one."""
    for path in sorted(ROOT.iterdir()):
        if path.name not in LEFT_OUT and not path.name.startswith(".venv"):
            yield from _files(path)


def _files(path: Path) -> Iterator[Path]:
    if path.is_symlink() or path.name in LEFT_OUT or path.name.endswith(".egg-info"):
        return
    if path.is_dir():
        for inner in sorted(path.iterdir()):
            yield from _files(inner)
    elif path.stat().st_size <= LARGEST:
        yield path


@cache
def texts() -> dict[str, str]:
    """Path inside the house → its text; what is not UTF-8 is no source."""
    found = {}
    for path in files():
        data = path.read_bytes()
        if b"\0" not in data[:4096]:
            found[str(path.relative_to(ROOT))] = data.decode("utf-8", "replace")
    assert len(found) > 400, "the house was looked at"
    return found


@pytest.mark.parametrize("host", HOSTS)
def test_no_registry_is_named(host: str) -> None:
    assert [name for name, text in texts().items() if host in text] == []


def test_no_path_of_one_machine_is_named() -> None:
    found = [f"{name}: {hit.group(0)}" for name, text in texts().items() for hit in PATHS.finditer(text)]
    assert found == []


def test_no_private_key_lies_about() -> None:
    """Keys of published vectors are public by their nature; everything else makes its keys when it needs them."""
    kept = "".join(text for name, text in texts().items() if name.startswith("tests/vectors/"))
    found = {
        hit for name, text in texts().items() for hit in PRIVATE.findall(text) if not name.startswith("tests/vectors/")
    }
    assert {key for key in found if key not in kept} == set()


def test_nothing_outgrew_what_is_looked_at() -> None:
    large = [
        path.relative_to(ROOT)
        for folder in ("app", "bidding", "kernel", "migrations", "storage", "supervision", "tests", "docs", "bench")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.stat().st_size > LARGEST and not LEFT_OUT & set(path.parts) and path != COUNTY
    ]
    assert large == []


def test_the_kept_county_tells_nothing_of_where_it_was_played() -> None:
    found = {
        name: hits
        for name, content in read_county().items()
        if (hits := [m.group(0) for m in PATHS.finditer(content.decode("latin-1"))])
        or (hits := [host for host in HOSTS if host.encode() in content])
    }
    assert found == {}
