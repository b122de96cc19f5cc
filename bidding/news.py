"""What is new in a hall since it was last shown, region by region: the same for programs and for pages."""

import hashlib
import json
from collections.abc import AsyncGenerator
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from bidding.hall import Hall, Halls


@dataclass(frozen=True, slots=True)
class News:
    """The hall, the regions of it that changed, and the number under which a cut line is taken up again."""

    view: Hall
    regions: dict[str, Any]
    id: str


async def follow(halls: Halls, lot: UUID, last: str) -> AsyncGenerator[News | None, None]:
    """Every change of the hall, first all that `last` did not know; None in a long silence, then the end."""
    sent: dict[str, str] | None = None
    async for view in halls.follow(lot):
        if view is None:
            yield None
            continue
        regions = regions_of(view)
        known, number = sent, number_of(view)
        sent = {name: _text(value) for name, value in regions.items()}
        if known is None:
            known = sent if number == last else {}
        fresh = {name: value for name, value in regions.items() if known.get(name) != sent[name]}
        if fresh:
            yield News(view, fresh, number)


def number_of(view: Hall) -> str:
    """What names this state of the hall and nothing else: no count, no place in the log."""
    return hashlib.sha256(_text(regions_of(view)).encode()).hexdigest()[:32]


def regions_of(view: Hall) -> dict[str, Any]:
    """Event → what that region shows."""
    lot = view.lot
    stage = {
        "phase": view.phase,
        "stage": lot.stage,
        "stage_name": lot.stage_name,
        "deadline": lot.deadline,
        "window_ends": view.window_ends,
        "failure": lot.failure,
    }
    objections = [
        {
            "id": one.id,
            "organisation_name": one.organisation_name,
            "text": one.text,
            "raised_at": one.raised_at,
            "answer": one.answer,
            "answered_at": one.answered_at,
        }
        for one in view.objections
    ]
    return {
        "stage": stage,
        "sign_in": [asdict(one) for one in view.present],
        "progress": asdict(view.progress) if view.progress else None,
        "prices": [asdict(one) for one in view.prices],
        "objection": objections,
    }


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
