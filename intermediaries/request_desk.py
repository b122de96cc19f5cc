"""What waits for whom in requests, with its deadline and the article behind it; and what one reader's page offers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from intermediaries.records import agencies, applicants, services
from intermediaries.records import requests as records
from intermediaries.records.requests import RequestRow, SelectionView
from intermediaries.records.services import ContractView, DeliveryView, RatingView
from intermediaries.request_look import part_of
from intermediaries.sealing import has_opened
from intermediaries.shortlist import Shortlist, shortlist
from intermediaries.stages import AgencyStage, Stage
from kernel.box import records as box_records
from kernel.clock import now
from kernel.identity import Actor
from kernel.web.waiting import todo

Todo = dict[str, Any]
PLACES = {"reveal": "/reveal"}
"""Acts that have a page of their own below the request's."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A request as one reader sees it. `offers` are the acts its page offers him now; `applied` his own application."""

    row: RequestRow
    part: str
    offers: frozenset[str]
    asked: SelectionView | None
    contracts: Sequence[ContractView]
    deliveries: Sequence[DeliveryView]
    ratings: Sequence[RatingView]
    applied: datetime | None
    listed: Shortlist | None
    reveal_until: datetime | None


async def desk(actor: Actor, case: UUID) -> Desk:
    """Everything the page of a request needs for this reader."""
    row = await records.request(case)
    part, asked = await part_of(actor, row), await records.last_selection(case)
    contracts, given = await services.contracts(case), await services.ratings(case)
    own = await applicants.own_application(case, actor.organisation) if actor.role == "intermediary" else None
    applied = own[0] if own and own[1] else None
    offers = await _offers(actor, row, part, contracts, given, applied)
    until = (await box_records.box(case)).reveal_until if _has_box(row) and row.stage == Stage.CLOSED else None
    if applied and until is not None and await now() < until and not await has_opened(actor, case):
        offers |= {"reveal"}
    listed = await shortlist(row) if "choose" in offers else None
    deliveries = await services.deliveries(case)
    return Desk(row, part, offers, asked, contracts, deliveries, given, applied, listed, until)


async def turns(actor: Actor, at: datetime) -> list[Todo]:
    """Every request in which it is this actor's turn; of those that ended without a service none."""
    if actor.role in ("purchaser", "agent") and actor.organisation is not None:
        rows = await records.requests_where(owner=actor.organisation)
    elif actor.role == "intermediary" and actor.organisation is not None:
        waiting = [row for row in await applicants.applied_by(actor.organisation) if row.stage == Stage.CLOSED]
        rows = [*waiting, *await records.requests_where(agency=actor.organisation)]
    elif actor.role == "operator":
        return [await _visit(rating) for rating in await services.visits_due(f"{actor.region.rstrip('0')}%")]
    else:
        return []
    going = [row for row in rows if row.stage not in (Stage.FAILED, Stage.WITHDRAWN)]
    return [turn for row in going if (turn := await _turn(actor, row)) is not None]


async def own_requests(actor: Actor) -> list[RequestRow]:
    """The requests an owner published, or an agency applied for and was selected in; the newest first."""
    if actor.organisation is None or actor.role not in ("purchaser", "agent", "intermediary"):
        return []
    if actor.role != "intermediary":
        return await records.requests_where(owner=actor.organisation)
    won = await records.requests_where(agency=actor.organisation)
    known = {row.id: row for row in [*await applicants.applied_by(actor.organisation), *won]}
    return sorted(known.values(), key=lambda row: row.published_at, reverse=True)


async def _offers(
    actor: Actor,
    row: RequestRow,
    part: str,
    contracts: Sequence[ContractView],
    given: Sequence[RatingView],
    applied: datetime | None,
) -> frozenset[str]:
    found = set()
    if part == "owner":
        found |= _of_owner(row, contracts, given)
    elif part == "intermediary":
        found |= _of_agency(row, contracts, given)
    elif actor.role == "operator" and any(r.due_at and not r.done_at for r in given):
        found.add("visit")
    if actor.role == "intermediary" and await _may_apply(actor, row):
        found.add("leave" if applied else "apply")
    return frozenset(found)


def _of_owner(row: RequestRow, contracts: Sequence[ContractView], given: Sequence[RatingView]) -> set[str]:
    choice = row.mode_row["picks"] == "choice"
    ready = Stage.CLOSED if row.mode_row["applies"] else Stage.OPEN
    found = {"withdraw"} if row.stage == Stage.OPEN else set()
    found |= {"choose"} if choice and row.stage == ready else set()
    found |= _contract(row, contracts, "owner")
    found |= {"accept"} if row.stage == Stage.DELIVERED else set()
    rated = any(rating.rater == "owner" for rating in given)
    return found | ({"rate"} if row.stage == Stage.COMPLETED and not rated else set())


def _of_agency(row: RequestRow, contracts: Sequence[ContractView], given: Sequence[RatingView]) -> set[str]:
    found = {"answer"} if row.stage == Stage.SELECTED else set()
    found |= _contract(row, contracts, "intermediary")
    found |= {"deliver"} if row.stage == Stage.CONTRACTED else set()
    return found | ({"reply"} if any(not rating.answer for rating in given) else set())


def _contract(row: RequestRow, contracts: Sequence[ContractView], side: str) -> set[str]:
    if row.stage != Stage.ACCEPTED:
        return set()
    waiting = contracts[-1] if contracts and not contracts[-1].refused else None
    return {"confirm"} if waiting is not None and waiting.filed_by != side else {"file"}


async def _may_apply(actor: Actor, row: RequestRow) -> bool:
    if row.stage != Stage.OPEN or not row.mode_row["applies"] or row.apply_until is None:
        return False
    agency = await agencies.agency_of(actor.organisation)
    return agency is not None and agency.stage == AgencyStage.ACTIVE and await now() < row.apply_until


async def _turn(actor: Actor, row: RequestRow) -> Todo | None:
    found = await desk(actor, row.id)
    limits = row.limits
    asked = found.asked
    last = found.deliveries[-1].delivered_at if found.deliveries else None
    words: dict[str, tuple[str, str, datetime | None, str]] = {
        "reveal": ("开启报价", "去开启", found.reveal_until, ""),
        "choose": ("选取机构", "选取", None, ""),
        "answer": ("确认中选", "确认", asked.answer_until if asked else None, "S02"),
        "confirm": ("确认服务合同", "核对", None, "S04"),
        "file": ("签订并备案合同", "备案", _due(row, "S03", asked.answered_at if asked else None), "S03"),
        "deliver": ("交付成果", "交付", None, ""),
        "accept": ("验收成果", "验收", _due(row, "S05", last), "S05"),
        "rate": ("评价服务", "评价", _due(row, "S06", row.finished_at), "S06"),
    }
    for act, (title, action, due, limit) in words.items():
        if act in found.offers:
            article = limits[limit].citation if limit in limits else ""
            return todo(title, row.name, due, article, f"/requests/{row.id}{PLACES.get(act, '')}", action)
    return None


async def _visit(rating: RatingView) -> Todo:
    row = await records.request(rating.request)
    article = row.limits["S07"].citation
    return todo("差评回访", row.name, rating.due_at, article, f"/requests/{row.id}", "回访")


def _due(row: RequestRow, limit: str, start: datetime | None) -> datetime | None:
    return row.limits[limit].deadline(start) if start is not None else None


def _has_box(row: RequestRow) -> bool:
    return bool(row.mode_row["quotes"])
