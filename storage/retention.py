"""How long bytes are kept: the longest of the terms that apply, from retention.toml."""

import calendar
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from kernel.workdays import CHINA


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One term: a kind of record, years or months from the day named in `starts`, and the source."""

    id: str
    name: str
    starts: str
    law: str
    article: str
    says: str
    years: int = 0
    months: int = 0

    def last_day(self, start: date) -> date:
        """The last day on which the record must still be there, the term beginning on `start`."""
        month = start.month - 1 + self.months
        year, month = start.year + self.years + month // 12, month % 12 + 1
        length = calendar.monthrange(year, month)[1]
        # 29 February has no anniversary in most years: the day after, for a term is a minimum.
        return date(year, month, min(start.day, length)) + timedelta(days=int(start.day > length))


@cache
def terms() -> Mapping[str, Term]:
    """Every term by its id."""
    rows = tomllib.loads(files("storage").joinpath("retention.toml").read_text(encoding="utf-8"))["term"]
    return MappingProxyType({row["id"]: Term(**row) for row in rows})


def locked_until(categories: Iterable[str], day: date) -> date:
    """The last day to keep what falls in all of `categories`, their terms beginning on `day`.

    ValueError for no category or an unknown one: bytes without a term would be kept by nobody.
    """
    wanted, known = set(categories), terms()
    if not wanted or wanted - known.keys():
        raise ValueError(f"no term for {sorted(wanted - known.keys()) or 'no category'}")
    return max(known[category].last_day(day) for category in wanted)


def lock_moment(last_day: date) -> datetime:
    """The end of that day in China: what `Vault.lock` is given."""
    return datetime.combine(last_day + timedelta(days=1), time(), CHINA)
