"""What a hall shows, region by region, and what of it is new to one who knows an earlier state."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bidding.hall import Hall


@dataclass(frozen=True, slots=True)
class Scene:
    """One state of a hall, taken apart once for everybody who watches: `texts` are the regions as canonical text.

    `number` names this state and nothing else: it is no count and no place in the log. `made` is for doors that keep
    what they made of it.
    """

    view: Hall
    regions: Mapping[str, Any]
    texts: Mapping[str, str]
    number: str
    made: dict[Any, Any] = field(default_factory=dict, compare=False)

    def since(self, known: Mapping[str, str]) -> dict[str, Any]:
        """The regions that are not as in `known`, a scene's texts."""
        return {name: value for name, value in self.regions.items() if known.get(name) != self.texts[name]}


@dataclass(frozen=True, slots=True)
class News:
    """A scene, and the regions of it that the watcher does not have yet."""

    scene: Scene
    regions: Mapping[str, Any]


def scene_of(view: Hall) -> Scene:
    """The hall as watchers get it."""
    regions = regions_of(view)
    texts = {name: _text(value) for name, value in regions.items()}
    return Scene(view, regions, texts, _number(texts))


def number_of(view: Hall) -> str:
    """What names this state of the hall: a page says from where its watching goes on."""
    return scene_of(view).number


def regions_of(view: Hall) -> dict[str, Any]:
    """Event → what that region shows."""
    lot = view.lot
    stage = {
        "phase": view.phase,
        "envelope": view.envelope,
        "stage": lot.stage,
        "stage_name": lot.stage_name,
        "deadline": lot.deadline,
        "window_ends": view.window_ends,
        "officers_until": view.officers_until,
        "failure": lot.failure,
        "room": view.room,
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


def _number(texts: Mapping[str, str]) -> str:
    return hashlib.sha256(_text(texts).encode()).hexdigest()[:32]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
