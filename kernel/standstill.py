"""Clocks of a case that stood still under a suspension: where they stand after it. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from kernel.workdays import local_date, next_workday

Stretch = tuple[datetime, datetime]
"""[since, until) for which a case stood still."""
BY_DAYS = ("documents_until", "deadline", "publicity_until", "apply_until", "answer_until")
"""Clocks announced as a day and an hour; all others are counted in minutes of a session."""
ON_WORKDAYS = ("documents_until", "deadline", "apply_until", "answer_until")
"""Moments at which people must come: never moved onto a day of rest."""


def merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Stretches of time without overlap, in order: under two orders at once time is lost only once."""
    found: list[Stretch] = []
    for since, until in sorted(stretches):
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(until, found[-1][1]))
        else:
            found.append((since, until))
    return found


def resumed(clocks: Mapping[str, datetime | None], since: datetime, until: datetime) -> dict[str, datetime]:
    """Where a case's clocks stand after it stood still in [since, until); what had run out before is not in it.

    A suspension counts in no period. What is announced by day moves by whole days, rounded up, so that nobody has
    less time than he had and the hour stays the announced one; what a session counts moves by exactly the time lost.
    """
    lost = until - since
    whole = -(-lost // timedelta(days=1)) * timedelta(days=1)
    moved = {}
    for name, at in clocks.items():
        if at is None or at <= since:
            continue
        later = at + (whole if name in BY_DAYS else lost)
        if name in ON_WORKDAYS:
            later += next_workday(local_date(later)) - local_date(later)
        moved[name] = later
    return moved


def after(clocks: Mapping[str, datetime | None], stretches: Iterable[Stretch]) -> dict[str, datetime]:
    """The clocks that stand elsewhere after all these stretches, and where."""
    stand = dict(clocks)
    for since, until in merged(stretches):
        stand |= resumed(stand, since, until)
    return {name: at for name, at in stand.items() if at is not None and at != clocks[name]}
