"""One rating of a finished service is written once and never again; a bad one calls for a return visit."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from intermediaries.profile import count_rating
from intermediaries.records import requests as records
from intermediaries.request_case import RequestCase
from intermediaries.request_news import tell
from intermediaries.rules.requests import GRADES, is_bad
from intermediaries.tables.services import FollowUp, Rating
from kernel.clock import iso
from kernel.errors import Problem, WrongStage
from kernel.ids import new_id
from kernel.proofs.canonical import encode


@dataclass(frozen=True, slots=True)
class Grade:
    """What a rater says: one to five stars, the objective items, words; `counts` in the agency's mean."""

    rater: str
    stars: int
    items: Mapping[str, bool]
    says: str
    by_default: bool = False
    counts: bool = True


async def write_rating(case: RequestCase, grade: Grade) -> str:
    """Append the rating, count it, tell the agency, open the return visit of a bad one; its SHA-256."""
    row, at = case.request, case.beat.at
    if await Rating.exists().where(Rating.request == row.id, Rating.rater == grade.rater):
        raise WrongStage(Problem("rated_already", "这项服务已经评价，一项服务只评价一次", "评价不能修改或删除"))
    asked = (await records.selections(row.id))[-1]
    body = encode(
        {"type": "market.rating/1", "request": row.code, "agency": asked.code, "rater": grade.rater,
         "stars": grade.stars, "items": dict(grade.items), "says": grade.says, "by_default": grade.by_default,
         "at": iso(at)}
    )  # fmt: skip
    sha256, rating = hashlib.sha256(body).hexdigest(), new_id()
    await Rating.insert(
        Rating(
            id=rating, request=row.id, agency=asked.agency, rater=grade.rater, by_default=grade.by_default,
            stars=grade.stars, items=encode(dict(grade.items)).decode(), says=grade.says, sha256=sha256, at=at,
        )
    )  # fmt: skip
    if grade.counts:
        await count_rating(case.beat.connection, asked.agency, grade.stars)
    if is_bad(grade.stars):
        await _open_visit(case, rating)
    facts = {"rater": grade.rater, "stars": grade.stars, "by_default": grade.by_default}
    await case.record(hashes={"rating": sha256}, facts=facts)
    await tell(case, asked.organisation, "service_rated", grade=GRADES[grade.stars])
    return sha256


async def _open_visit(case: RequestCase, rating: UUID) -> None:
    row, at = case.request, case.beat.at
    due = row.limits["S07"].deadline(at)
    await FollowUp.insert(
        FollowUp(id=new_id(), rating=rating, request=row.id, region=row.region, opened_at=at, due_at=due)
    )
    await case.wake(due)
