"""What came of a tender, for everybody: ranked candidates, the award, and texts that stopped or ended a case."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import FromPath

from app.lot_page import PUBLIC, has_package
from bidding import records, results
from bidding.pages.forms import go, of_lot
from bidding.records import LotRow, NoticeView
from experts import records as experts
from kernel import clock
from kernel.box import records as box_records
from kernel.db import TRADING, reading
from kernel.errors import NotFound, Problem
from kernel.identity import Actor
from kernel.permissions import permission
from kernel.web.auth import actor_of
from kernel.web.door import page

AnyRequest = Request[Any, Any, Any]
LotId = FromPath[UUID]
CLOCKS = {
    "documents_until": "招标文件获取截止",
    "deadline": "投标截止（开标）",
    "publicity_until": "候选人公示期满",
    "reveal_until": "投标人解密截止",
    "fallback_until": "三方解密截止",
    "cure_until": "密封件证明截止",
    "session_until": "开标异议截止",
}
JUDGES = {"expert": "评审专家", "owner": "招标人（采购人）代表"}


@get("/lots/{lot:uuid}/candidates", opt=PUBLIC, include_in_schema=False)
async def candidates_page(request: AnyRequest, lot: LotId) -> Response[str]:
    row = await records.public_lot(lot)
    notice = await _last(lot, "candidates", Problem("no_publicity", "还没有公示中标候选人", "评标结束后即公示"))
    content = notice.content["content"]
    return await page(
        request,
        "app/candidates.html",
        notice=notice,
        said=content,
        candidates=[_priced(one) for one in content["candidates"]],
        until=row.publicity_until or datetime.fromisoformat(content["until"]),
        objections=await records.objections(lot, "result"),
        can_object=await _may_object(row, actor_of(request)),
        awarded=await results.paper(lot, "award") is not None,
        archived=await has_package(lot),
        **await of_lot(row),
    )


@get("/lots/{lot:uuid}/award", opt=PUBLIC, include_in_schema=False)
async def award_page(request: AnyRequest, lot: LotId) -> Response[str]:
    row, actor = await records.public_lot(lot), actor_of(request)
    notice = await _last(lot, "award", Problem("no_result", "还没有公示评标结果", "评标结束后即公示"))
    content, award = notice.content["content"], await results.paper(lot, "award")
    filed, confirmed = await results.paper(lot, "contract"), await results.paper(lot, "confirmation")
    own = actor.role == "bidder" and bool(await box_records.chain(lot, actor.organisation_code))
    return await page(
        request,
        "app/award.html",
        notice=notice,
        said=content,
        winner=_priced(content["winner"]),
        award=award,
        contract=_priced(filed.content) if filed and confirmed else None,
        contract_at=confirmed.at if confirmed else None,
        own_result=own and award is not None and award.content["bidder"] != actor.organisation_code,
        archived=await has_package(lot),
        judges=await _judges(lot),
        **await of_lot(row),
    )


async def _judges(lot: UUID) -> list[dict[str, Any]]:
    """评标委员会名单, once the regulator's process has opened it: published with the result (财库〔2016〕198号 20)."""
    async with reading(TRADING) as connection:
        found = await experts.names(connection, lot)
    return [{"name": one.name, "kind": JUDGES[one.kind], "chair": one.chair} for one in found]


@get("/lots/{lot:uuid}/award.pdf", opt=PUBLIC, include_in_schema=False)
async def award_on_paper(lot: LotId) -> Response[Any]:
    return go(f"/api/v1/lots/{lot}/award.pdf")


@get("/lots/{lot:uuid}/texts/{number:int}", opt=PUBLIC, include_in_schema=False)
async def text_page(request: AnyRequest, lot: LotId, number: FromPath[int]) -> Response[str]:
    """A text that stopped a case, let it go on or ended it."""
    row = await records.public_lot(lot)
    notice = next((one for one in await records.notices(lot) if one.n == number), None)
    if notice is None:
        raise NotFound(Problem("no_notice", "没有这份公告", "请从标段页面进入"))
    return await page(
        request, "app/case_text.html", notice=notice, facts=_facts(notice.content["content"]), **await of_lot(row)
    )


async def _last(lot: UUID, kind: str, missing: Problem) -> NoticeView:
    found = [notice for notice in await records.notices(lot) if notice.kind == kind]
    if not found:
        raise NotFound(missing)
    return found[-1]


async def _may_object(lot: LotRow, actor: Actor) -> bool:
    """Whether this visitor sees the way to an objection: a bidder of this lot, while the publicity runs."""
    runs = lot.publicity_until is not None and await clock.now() < lot.publicity_until
    if not runs or not permission("object_result", actor.role):
        return False
    return bool(await box_records.chain(lot.id, actor.organisation_code))


def _priced(said: dict[str, Any]) -> dict[str, Any]:
    return {**said, "price": Decimal(said["price"])}


def _facts(said: dict[str, Any]) -> list[dict[str, Any]]:
    """The text in one column: what was ordered or decided, why, and where the clocks stand."""
    told = {"issued_by": "作出机关", "ground": "情形", "says": "事由", "reason": "事实和理由", "article": "依据"}
    told |= {"sealed": "投标文件", "returns": "费用和保证金"}
    found = [{"label": label, "value": said[name]} for name, label in told.items() if said.get(name)]
    for name, label in (("since", "暂停自"), ("until", "暂停至")):
        if said.get(name):
            found.append({"label": label, "value": datetime.fromisoformat(said[name]), "kind": "when"})
    for since, until in said.get("stretches", ()):
        found.append({"label": "暂停自", "value": datetime.fromisoformat(since), "kind": "when"})
        found.append({"label": "恢复于", "value": datetime.fromisoformat(until), "kind": "when"})
    for name, at in said.get("moved", {}).items():
        moved = {"label": f"顺延后的{CLOCKS[name]}", "value": datetime.fromisoformat(at), "kind": "when"}
        found.append(moved)
    return found


HANDLERS = [candidates_page, award_page, award_on_paper, text_page]
