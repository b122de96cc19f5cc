"""Reads avoidance.toml: every ground on which somebody must not judge, as data; refuses a table that is not sane."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

WHO = ("expert", "owner", "handler", "official")
TESTS = ("tied", "marked", "declared")
NO_GROUNDS = {
    "suspended": "已不在库或者暂停评审资格",
    "expired": "聘期届满或者已满年龄",
    "busy": "同一时间已接受另一次评审",
    "unreachable": "没有可用的联系方式",
}
"""Codes under which the draw passes somebody over who need not avoid anybody."""
_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,23}", re.ASCII)
_KEYS = {"code", "who", "title", "categories", "against", "test", "kinds", "years", "group", "article", "reason"}


@dataclass(frozen=True, slots=True)
class Ground:
    """One ground. `years`: how far back a tie or mark counts (0: today, -1: ever); `group`: controllers count too."""

    code: str
    who: str
    title: str
    categories: tuple[str, ...]
    against: tuple[str, ...]
    test: str
    kinds: tuple[str, ...]
    years: int
    group: bool
    article: str
    reason: str

    def binds(self, who: str, category: str) -> bool:
        """Whether it holds for these people in a trade of this category."""
        return self.who == who and (not self.categories or category.startswith(self.categories))


@dataclass(frozen=True, slots=True)
class Table:
    """The grounds with the names of the ties and marks they speak of."""

    grounds: tuple[Ground, ...]
    ties: Mapping[str, str]
    marks: Mapping[str, str]

    def of(self, who: str, category: str) -> tuple[Ground, ...]:
        """The grounds that bind these people, in the table's order."""
        return tuple(ground for ground in self.grounds if ground.binds(who, category))

    def __getitem__(self, code: str) -> Ground:
        return next(ground for ground in self.grounds if ground.code == code)

    def reason(self, code: str) -> str:
        """The reason behind a code of a draw's record; of one that the table no longer holds, the code."""
        return next((ground.reason for ground in self.grounds if ground.code == code), NO_GROUNDS.get(code, code))


def read(text: str) -> Table:
    """Every ground of the text; ValueError names every fault at once."""
    table = tomllib.loads(text)
    names = {**table["ties"], **table["marks"]}
    rows = table.get("ground", [])
    faults = [fault for row in rows for fault in _faults(row, names)]
    codes = [row.get("code") for row in rows]
    faults += [f"{code}: twice" for code in sorted({code for code in codes if codes.count(code) > 1})]
    if faults:
        raise ValueError("\n".join(faults))
    lists = {"categories", "against", "kinds"}
    made: list[dict[str, Any]] = [{k: tuple(v) if k in lists else v for k, v in row.items()} for row in rows]
    grounds = tuple(Ground(**values) for values in made)
    return Table(grounds, MappingProxyType(table["ties"]), MappingProxyType(table["marks"]))


def _faults(row: Mapping[str, Any], names: Mapping[str, str]) -> list[str]:
    code = str(row.get("code", "?"))
    found = [f"{code}: {key} is missing" for key in sorted(_KEYS - row.keys())]
    found += [f"{code}: unknown key {key}" for key in sorted(row.keys() - _KEYS)]
    if found:
        return found
    if not _CODE.fullmatch(code):
        found.append(f"{code}: a code is capitals, digits and low lines")
    if row["who"] not in WHO or row["test"] not in TESTS:
        found.append(f"{code}: unknown who or test")
    found += [f"{code}: unknown kind {kind}" for kind in row["kinds"] if kind not in names]
    found += [f"{code}: {key} is empty" for key in ("title", "article", "reason") if not row[key].strip()]
    if row["test"] == "tied" and not row["against"]:
        found.append(f"{code}: a tie is with somebody")
    if row["test"] != "declared" and not row["kinds"]:
        found.append(f"{code}: a test without kinds never fails")
    return found


GROUNDS = read((Path(__file__).parent / "avoidance.toml").read_text("utf-8"))
