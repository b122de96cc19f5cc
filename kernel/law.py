"""Which statutory limits bind a case: those in force on the day of its notice, there, for its procedure.

The answer is stored with the case as JSON, so that a later change of a table never reaches back. Of the texts
of one limit the most local region wins, then the newest.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final, Self

from kernel import regions, workdays
from kernel.errors import LawRefuses, Problem
from kernel.law_table import read_limits
from kernel.limits import Limit, Moment
from kernel.workdays import LocalDays

Fact = Moment | Decimal | int | None
_NO_LOCAL_DAYS: Final[LocalDays] = {}


@dataclass(frozen=True, slots=True)
class LawInForce:
    """The limits that bind one case, as of the day its notice was published; each id once, in order of id."""

    day: date
    region: str
    procedure: str
    limits: tuple[Limit, ...]

    def __getitem__(self, limit_id: str) -> Limit:
        return next(limit for limit in self if limit.id == limit_id)

    def __contains__(self, limit_id: object) -> bool:
        return any(limit.id == limit_id for limit in self)

    def __iter__(self) -> Iterator[Limit]:
        return iter(self.limits)

    def problems(
        self,
        facts: Mapping[str, Fact],
        *,
        excluded: Mapping[str, int] | None = None,
        local: LocalDays = _NO_LOCAL_DAYS,
    ) -> list[Problem]:
        """Every limit all of whose measures are among the facts, checked; what is None is not known yet.

        `excluded` maps a limit's id to the units of its period that do not count.
        """
        apart = excluded or {}
        checked = (_weigh(limit, facts, apart.get(limit.id, 0), local) for limit in self)
        return [problem for problem in checked if problem is not None]

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, no spaces, UTF-8 text."""
        value = {
            "day": self.day.isoformat(),
            "region": self.region,
            "procedure": self.procedure,
            "limits": [limit.as_json() for limit in self],
        }
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The law stored with a case."""
        value = json.loads(text)
        limits = tuple(Limit.of_json(row) for row in value["limits"])
        return cls(date.fromisoformat(value["day"]), value["region"], value["procedure"], limits)

    def sha256(self) -> str:
        """The digest of `to_json`, in hexadecimal: what a notice publishes and an archive repeats."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Law:
    """Every limit of every duty, checked."""

    limits: tuple[Limit, ...]

    @classmethod
    def load(cls, paths: Iterable[Path]) -> Self:
        """Read and check the duties' `law.toml`; `BadLawTable` names every fault at once."""
        return cls(read_limits({path.as_posix(): path.read_text("utf-8") for path in paths}))

    def in_force(self, day: date, region: str, procedure: str) -> LawInForce:
        """The limits that bind a case noticed on `day`; `LawRefuses` when the procedure has none at all."""
        chosen: dict[str, Limit] = {}
        for limit in sorted(self.limits, key=lambda row: (row.id, _locality(row), row.since)):
            if limit.binds(day, region, procedure):
                chosen[limit.id] = limit
        if not chosen:
            says = f"没有登记{workdays.in_chinese(day)}起适用于该交易方式的法定时限"
            raise LawRefuses(Problem("law_unknown", says, "请联系运维人员补充法定时限表后再发布"))
        return LawInForce(day, region, procedure, tuple(chosen.values()))


def _weigh(limit: Limit, facts: Mapping[str, Fact], excluded: int, local: LocalDays) -> Problem | None:
    values = [facts.get(measure) for measure in limit.measures]
    if any(value is None for value in values):
        return None
    if limit.is_period:
        start, end = (value for value in values if isinstance(value, date))
        return limit.check(start, end, excluded=excluded, local=local)
    amounts = [Decimal(value) for value in values if isinstance(value, Decimal | int)]
    return limit.check_amount(amounts[-1], amounts[0] if limit.unit == "ratio" else None)


def _locality(limit: Limit) -> int:
    return len(regions.lineage(limit.region))
