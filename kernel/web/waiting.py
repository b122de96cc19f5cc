"""What waits for a person, whichever duty it comes from: every duty gives its own list, a workbench shows one."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from litestar import Request

from kernel.identity import Actor

Todo = Mapping[str, Any]
"""title · case · href · action · due (or None) · article · urgent."""

Source = Callable[[Actor, datetime], Awaitable[Sequence[Todo]]]
"""A duty's own list of what waits for this actor now."""

_NEVER = timedelta(days=3650)


def todo(
    title: str, case: str, due: datetime | None, article: str, href: str, action: str, urgent: bool = False
) -> dict[str, Any]:
    """One thing that waits: what, of which case, until when and by which article, and where it is done."""
    legal = {"due": due, "article": article, "urgent": urgent}
    return {"title": title, "case": case, "href": href, "action": action, **legal}


async def waiting_for(request: Request[Any, Any, Any], actor: Actor, now: datetime) -> list[Todo]:
    """What every duty of this site (`app.state.todos`) has for this actor, the first due first."""
    sources: Sequence[Source] = request.app.state.todos
    found = [todo for source in sources for todo in await source(actor, now)]
    return sorted(found, key=lambda todo: todo["due"] or now + _NEVER)
