"""What supervision watches of the supermarket: requests, their moments and road, and what waits for its decision.

Nothing here counts or names who applied or quoted.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg

from intermediaries.records.items import ProposalView, waiting_items
from intermediaries.stages import AGENCY_NAMES, NAMES, ROAD, AgencyStage, Stage
from kernel import workdays
from kernel.clock import CHINA
from kernel.db import TRADING, reading
from kernel.errors import LawRefuses
from kernel.watched import Fact, Waiting, WatchedCase

_WATCHED = """
select id, code, name, region, department, stage, published_at, owner, by_agent, a.organisation as agency
from intermediaries.request r
    left join lateral (select organisation from intermediaries.agency where id = r.agency) a on true
where ($1::uuid is null or id > $1) order by id limit $2
"""
_FACTS = """
select r.id, r.published_at as request_published, r.apply_until as applications_closed, r.service_days,
    case when s.answer <> 'declined' then s.at end as agency_selected,
    case when s.answer = 'accepted' then s.answered_at end as selection_accepted,
    c.signed_on, c.confirmed_at as contract_filed, c.service_days as contract_days, d.delivered_at as result_delivered,
    case when d.outcome = 'accepted' then d.decided_at end as result_accepted, g.at as service_rated,
    f.opened_at as rating_received, f.done_at as rating_followed,
    case when r.fiscal_percent > 0 then r.amount end as fiscal_amount
from intermediaries.request r
    left join lateral (select at, answer, answered_at from intermediaries.selection
        where request = r.id order by n desc limit 1) s on true
    left join lateral (select signed_on, confirmed_at, service_days from intermediaries.service_contract
        where request = r.id and confirmed_at is not null order by n desc limit 1) c on true
    left join lateral (select delivered_at, outcome, decided_at from intermediaries.delivery
        where request = r.id order by n desc limit 1) d on true
    left join lateral (select at from intermediaries.rating where request = r.id and rater = 'owner') g on true
    left join lateral (select opened_at, done_at from intermediaries.follow_up
        where request = r.id order by opened_at desc limit 1) f on true
where r.id = any($1)
"""
_UNRATED = """
select r.id, r.code, r.name, r.region, r.department, r.agency_name, r.owner_name, r.finished_at
from intermediaries.request r where r.stage = 'completed' and r.finished_at is not null
    and not exists (select from intermediaries.rating g where g.request = r.id and g.rater = 'department')
order by r.finished_at limit 200
"""
_ITEMS = """
select id, code, name, department, since from intermediaries.item
where state = 'listed' and (code = $1 or name ilike '%' || $2 || '%') order by code limit $3
"""
_AGENCIES = """
select id, code, name, region, stage, halted_why, entered_at from intermediaries.agency
where stage in ('publicity', 'active', 'suspended') and (code = $1 or name ilike '%' || $2 || '%')
order by name limit $3
"""
STEP_NAMES = {
    "request": "发布采购公告",
    "apply": "报名",
    "close": "报名截止",
    "select": "选取中介机构",
    "confirm": "机构确认",
    "contract": "签订合同",
    "deliver": "交付成果",
    "receive": "验收",
    "rate": "好差评",
}
ARTICLES = {"select": "中介超市选取规则", "rate": "政务服务好差评制度"}
ENDED = {Stage.COMPLETED, Stage.FAILED, Stage.WITHDRAWN}


async def watched(after: UUID | None, limit: int) -> list[WatchedCase]:
    """The requests after this one in the order of their ids, whatever their stage."""
    return [_case(row) for row in await _fetch(_WATCHED, after, limit)]


async def laws(cases: Sequence[UUID]) -> dict[UUID, str]:
    """The limits fixed for these requests, as `LawInForce.to_json`."""
    rows = await _fetch("select id, law from intermediaries.request where id = any($1)", list(cases))
    return {row["id"]: row["law"] for row in rows}


async def facts(cases: Sequence[UUID]) -> dict[UUID, dict[str, Fact]]:
    """{request: {measure: moment or yuan}}; `service_due` is the end of the service's working days from signature."""
    return {row["id"]: _facts(row) for row in await _fetch(_FACTS, list(cases))}


async def timeline(case: UUID) -> list[dict[str, Any]]:
    """The road of a request, each step done, now, or still to come."""
    (row,) = await _fetch("select stage, failure from intermediaries.request where id = $1", case)
    known, stage = (await facts([case]))[case], Stage(row["stage"])
    order = list(dict.fromkeys(ROAD.values()))
    reached = order.index(stage) if stage in order else -1
    return [_step(step, stage, order.index(end) <= reached, known) for step, end in ROAD.items()]


async def waiting_decisions() -> list[Waiting]:
    """Items that departments propose, and finished results that their approving departments have not rated."""
    proposals = [_proposed(view) for view in await waiting_items()]
    return [*proposals, *(_unrated(row) for row in await _fetch(_UNRATED))]


async def removable(words: str, limit: int = 20) -> list[Waiting]:
    """Items and agencies that stand, found by code or name."""
    plain = words.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")[:80]
    items = await _fetch(_ITEMS, words.strip(), plain, limit)
    agencies = await _fetch(_AGENCIES, words.strip(), plain, limit)
    return [*map(_listed, items), *map(_standing, agencies)]


def _case(row: asyncpg.Record) -> WatchedCase:
    parties = {"purchaser": row["owner"], "agent": row["by_agent"], "agency": row["agency"]}
    stage = Stage(row["stage"])
    return WatchedCase(
        duty="intermediaries",
        id=row["id"],
        code=row["code"],
        title=row["name"],
        region=row["region"],
        department=row["department"],
        procedure="service_request",
        stage=row["stage"],
        stage_name=NAMES[stage],
        open=stage not in ENDED,
        law=None,
        since=row["published_at"].astimezone(CHINA),
        parties={party: unit for party, unit in parties.items() if unit is not None},
    )


def _facts(row: asyncpg.Record) -> dict[str, Fact]:
    apart = ("id", "service_days", "contract_days", "signed_on", "fiscal_amount")
    found: dict[str, Fact] = {
        name: value.astimezone(CHINA) for name, value in row.items() if name not in apart and value is not None
    }
    if row["fiscal_amount"] is not None:
        found["fiscal_amount"] = Decimal(row["fiscal_amount"])
    if row["signed_on"] is not None:
        found["contract_signed"] = signed = workdays.midnight(row["signed_on"])
        with suppress(LawRefuses):  # a year whose holidays nobody has announced: not guessed
            found["service_due"] = workdays.deadline(signed, row["contract_days"], "workday")
    return found


def _step(step: str, stage: Stage, done: bool, known: Mapping[str, Fact]) -> dict[str, Any]:
    moments = {
        "request": "request_published", "close": "applications_closed", "select": "agency_selected",
        "confirm": "selection_accepted", "contract": "contract_signed", "deliver": "result_delivered",
        "receive": "result_accepted", "rate": "service_rated",
    }  # fmt: skip
    at = known.get(moments.get(step, ""))
    state = "done" if done and (step != "rate" or at) else "next"
    if stage in (Stage.FAILED, Stage.WITHDRAWN) and not at:
        state = "stopped"
    due = known.get("service_due") if step == "deliver" and not done else None
    return {
        "title": STEP_NAMES[step], "state": state, "article": ARTICLES.get(step, ""),
        "at": at if state == "done" else None, "due": due,
    }  # fmt: skip


def _proposed(view: ProposalView) -> Waiting:
    name = str(view.row.get("name", view.code))
    lines = [("事项编码", view.code), ("申报单位", view.organisation_name), ("理由", view.says)]
    lines += [(key, str(value)) for key, value in view.row.items() if isinstance(value, str | int) and value != ""]
    title = f"{'取消' if view.kind == 'withdraw' else '列入'}服务事项：{name}"
    kinds = ("withdraw_item", "refuse_item") if view.kind == "withdraw" else ("approve_item", "refuse_item")
    since = view.proposed_at.astimezone(CHINA)
    return Waiting(view.item, kinds, title, tuple(lines), since, view.region, view.department, view.row)


def _unrated(row: asyncpg.Record) -> Waiting:
    lines = (("编号", row["code"]), ("业主", row["owner_name"]), ("中介机构", row["agency_name"]))
    since = row["finished_at"].astimezone(CHINA)
    title = f"评价成果：{row['name']}"
    return Waiting(row["id"], ("rate_result",), title, lines, since, row["region"], row["department"])


def _listed(row: asyncpg.Record) -> Waiting:
    since = row["since"].astimezone(CHINA)
    lines = (("事项编码", row["code"]),)
    return Waiting(row["id"], ("withdraw_item",), f"服务事项：{row['name']}", lines, since, "", row["department"])


def _standing(row: asyncpg.Record) -> Waiting:
    stage = AgencyStage(row["stage"])
    suspended = stage == AgencyStage.SUSPENDED
    kinds = ("restore_agency", "clear_agency") if suspended else ("suspend_agency", "clear_agency")
    lines = [("信用代码", row["code"]), ("状态", AGENCY_NAMES[stage])]
    lines += [("暂停原因", row["halted_why"])] if row["halted_why"] else []
    since = row["entered_at"].astimezone(CHINA)
    return Waiting(row["id"], kinds, f"中介机构：{row['name']}", tuple(lines), since, row["region"], "")


async def _fetch(sql: str, *values: Any) -> list[asyncpg.Record]:
    async with reading(TRADING) as connection:
        return list(await connection.fetch(sql, *values))
