"""Administrative regions of GB/T 2260: six digits from which province, city and county are read, and names.

Names are known for every province and for all areas of the provinces marked complete in `regions.toml`; a
well-formed code of another province is accepted without a name.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final, Literal

from kernel.errors import Problem

NATION: Final = "000000"
"""Not a code of the standard: the whole country, for law and for offices of the centre."""

Level = Literal["nation", "province", "city", "county"]

_SIX: Final = re.compile(r"[0-9]{6}", re.ASCII)


def level(code: str) -> Level:
    """Which of the four levels a well-formed code stands on."""
    if code == NATION:
        return "nation"
    if code.endswith("0000"):
        return "province"
    return "city" if code.endswith("00") else "county"


def within(child: str, parent: str) -> bool:
    """Whether `child` is `parent` or lies below it; every region lies within the nation."""
    if parent == NATION:
        return True
    significant = {"province": 2, "city": 4, "county": 6, "nation": 0}[level(parent)]
    return child[:significant] == parent[:significant]


def lineage(code: str) -> tuple[str, ...]:
    """The region and what it lies in, from the nearest outwards: 330106, 330100, 330000, 000000."""
    chain = (code, code[:4] + "00", code[:2] + "0000", NATION)
    return tuple(dict.fromkeys(chain))


def name(code: str) -> str:
    """The region's own name, 全国 for the nation, or the empty string for an area not named here."""
    return "全国" if code == NATION else _table()[0].get(code, "")


def full_name(code: str) -> str:
    """浙江省杭州市西湖区; an unnamed area gives what is known above it, followed by its code."""
    if code == NATION:
        return name(code)
    known = [name(part) for part in reversed(lineage(code)) if part != NATION]
    return "".join(known) if known[-1] else "".join(known) + code


def below(code: str) -> tuple[str, ...]:
    """The named regions one level below, in the order of their codes."""
    steps: dict[Level, Level] = {"nation": "province", "province": "city", "city": "county"}
    wanted = steps.get(level(code))
    return tuple(c for c in sorted(_table()[0]) if c != code and level(c) == wanted and within(c, code))


def check(code: str, field: str = "region") -> Problem | None:
    """None for a region a case or an office may stand in; the nation (000000) is none."""
    if not _SIX.fullmatch(code):
        return Problem("region_malformed", "行政区划代码应为6位数字", "请填6位代码，例如330106", field=field)
    names, complete = _table()
    if code[:2] + "0000" not in names:
        return Problem("region_unknown", f"没有以{code[:2]}开头的省级区划", "请核对前两位", field=field)
    if (code[2:4] == "00" and code[4:] != "00") or (code[:2] in complete and code not in names):
        return Problem("region_unknown", f"行政区划代码{code}不存在", "请从列表中选择", field=field)
    return None


@cache
def _table() -> tuple[Mapping[str, str], frozenset[str]]:
    table = tomllib.loads(files("kernel").joinpath("regions.toml").read_text("utf-8"))
    return table["names"], frozenset(table["complete"])
