"""Reads professions.toml: what experts may be experts in, by the national classification's codes."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

_CODE = re.compile(r"[ABC][0-9]{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Professions:
    """Code → name, and the names of the classes above."""

    names: Mapping[str, str]
    classes: Mapping[str, str]

    def __contains__(self, code: object) -> bool:
        return code in self.names

    def name(self, code: str) -> str:
        """The profession's name; of a code the table no longer holds, the code."""
        return self.names.get(code, code)

    def full_name(self, code: str) -> str:
        """工程施工 · 土建工程."""
        above = self.classes.get(code[:3]) or self.classes.get(code[:1], "")
        return f"{above} · {self.name(code)}" if above else self.name(code)

    def options(self) -> list[dict[str, str]]:
        """For a list to choose from, in the order of the codes."""
        return [{"value": code, "label": f"{code} {self.full_name(code)}"} for code in sorted(self.names)]


def read(text: str) -> Professions:
    """The table; ValueError names every code that is none of the standard's, or has no class."""
    table = tomllib.loads(text)
    names, classes = table["professions"], table["classes"]
    faults = [code for code in names if not _CODE.fullmatch(code) or code[:1] not in classes or not names[code].strip()]
    if faults:
        raise ValueError(", ".join(faults))
    return Professions(MappingProxyType(names), MappingProxyType(classes))


PROFESSIONS = read((Path(__file__).parent / "professions.toml").read_text("utf-8"))
