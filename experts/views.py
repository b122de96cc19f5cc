"""What doors show of panels and of oneself: plain values with their Chinese names, nobody's name before its moment."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from experts.professions import PROFESSIONS
from experts.schemas import ExpertView, Judge, Panel, Seat
from experts.stages import NAMES, Stage
from kernel.clock import CHINA
from kernel.toss.schemas import TossView

OUTCOMES = {
    "accept": "接受", "declined": "谢绝", "no_answer": "未答复", "avoidance": "回避", "employer_cap": "同单位人数已满",
    "withdrawn": "离席，已递补",
}  # fmt: skip


class View(BaseModel):
    """Something shown."""

    model_config = ConfigDict(frozen=True)


class SeatShown(View):
    """A seat: its number, its profession, whether its member is here."""

    id: UUID
    number: int
    kind: str
    profession: str
    profession_name: str
    state: str
    spare: bool
    chair: bool
    why: str

    @classmethod
    def of(cls, seat: Seat) -> Self:
        state = "已离席" if seat.left_at else "候补" if seat.spare else "已签到" if seat.signed_in_at else "待签到"
        name = PROFESSIONS.full_name(seat.profession) if seat.profession else "招标人代表"
        return cls(
            id=seat.id, number=seat.number, kind=seat.kind, profession=seat.profession, profession_name=name,
            state=state, spare=seat.spare, chair=seat.chair, why=seat.why,
        )  # fmt: skip


class JudgeShown(View):
    """A member by name, once the names are opened."""

    number: int
    kind: str
    name: str
    profession: str
    title: str
    employer: str
    chair: bool

    @classmethod
    def of(cls, judge: Judge) -> Self:
        profession = PROFESSIONS.full_name(judge.profession) if judge.profession else "招标人代表"
        return cls(
            number=judge.number, kind=judge.kind, name=judge.name, profession=profession, title=judge.title,
            employer=judge.employer, chair=judge.chair,
        )  # fmt: skip


class PanelPage(View):
    """A panel as those concerned see it."""

    lot: UUID
    panel: UUID
    n: int
    stage: str
    stage_name: str
    why: str
    size: int
    owners: int
    attended: bool
    evaluation_at: datetime
    place: str
    requested_at: datetime
    drawn_at: datetime | None
    strata: list[dict[str, Any]]
    walk: list[dict[str, Any]]
    seats: list[SeatShown]
    judges: list[JudgeShown]
    draw: str
    draws: int

    @classmethod
    def of(cls, row: Mapping[str, Any], panel: Panel, toss: TossView | None, judges: Sequence[Judge]) -> Self:
        strata = json.loads(row["strata"])
        counts = json.loads(row["counts"] or "{}")
        return cls(
            lot=panel.lot, panel=panel.id, n=panel.n, stage=panel.stage, stage_name=NAMES[Stage(panel.stage)],
            why=row["why"], size=panel.size, owners=panel.owners, attended=row["attended"],
            evaluation_at=panel.evaluation_at, place=row["place"], requested_at=row["requested_at"].astimezone(CHINA),
            drawn_at=row["fixed_at"].astimezone(CHINA) if row["fixed_at"] else None,
            strata=[_stratum(each, counts) for each in strata], walk=_walk(toss), draw=str(row["toss"] or ""),
            seats=[SeatShown.of(seat) for seat in panel.seats], judges=[JudgeShown.of(judge) for judge in judges],
            draws=toss.draws if toss else 0,
        )  # fmt: skip


def _stratum(asked: Mapping[str, Any], counts: Mapping[str, Any]) -> dict[str, Any]:
    left = counts.get(asked["profession"], {})
    return {
        "profession": asked["profession"],
        "name": PROFESSIONS.full_name(asked["profession"]),
        "quota": asked["quota"],
        "spares": asked["spares"],
        **{key: left.get(key) for key in ("pool", "eligible", "suspended", "busy", "over_age", "expired")},
    }


def _walk(toss: TossView | None) -> list[dict[str, Any]]:
    """How the order was gone down, so far: what came of each call, and nobody's name."""
    if toss is None:
        return []
    found = []
    for stratum, order in toss.order.items():
        outcomes = toss.outcomes.get(stratum, {})
        for place, n in enumerate(order, 1):
            if n in outcomes:
                said = outcomes[n]
                row = {"stratum": PROFESSIONS.full_name(stratum), "place": place, "at": said.at, "code": said.code}
                found.append(row | {"outcome": OUTCOMES.get(said.outcome, said.outcome)})
    return sorted(found, key=lambda row: row["at"])


class MePage(View):
    """An expert as he sees himself."""

    id: UUID
    stage: str
    stage_name: str
    says: str
    name: str
    phone: str
    born: date
    region: str
    title_level: str
    title: str
    years: int
    employer_name: str
    employer_code: str
    expires_on: date | None
    professions: list[dict[str, str]]
    ties: list[dict[str, Any]]
    times: list[dict[str, Any]]
    evidence: list[dict[str, Any]]
    panels: list[dict[str, Any]]

    @classmethod
    def of(cls, me: ExpertView, panels: Sequence[Mapping[str, Any]]) -> Self:
        return cls(
            id=me.id, stage=me.stage, stage_name=me.stage_name, says=me.says, name=me.name, phone=me.phone,
            born=me.born, region=me.region, title_level=me.title_level, title=me.title, years=me.years,
            employer_name=me.employer_name, employer_code=me.employer_code, expires_on=me.expires_on,
            professions=[{"code": code, "name": PROFESSIONS.full_name(code)} for code in me.professions],
            ties=[dict(tie) for tie in me.ties], times=[dict(slot) for slot in me.slots],
            evidence=[dict(paper) for paper in me.evidence], panels=[dict(panel) for panel in panels],
        )  # fmt: skip
