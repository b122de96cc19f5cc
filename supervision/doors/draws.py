"""抽取: the draws of a case as this side sees them, every list counted, and its own reading of a beacon."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from kernel.errors import BadInput, NotFound, Problem, WrongStage
from kernel.permissions import permission
from kernel.toss.schemas import TossView
from kernel.web.auth import actor_of
from kernel.web.commands import tried
from kernel.web.door import form_of, page
from supervision import cases, drafts
from supervision.acts import record
from supervision.direct import ordered
from supervision.doors.calls import keeper_in

AnyRequest = Request[Any, Any, Any]
TEMPLATE = "supervision/draws.html"
STAGES = {
    "begun": "交换随机片段", "sealed": "片段已封存", "listed": "名单已固定", "ordered": "次序已产生，正在通知",
    "walked": "席位已定", "void": "作废",
}  # fmt: skip
OUTCOMES = {
    "accept": "参加", "declined": "谢绝", "no_answer": "未应答", "avoidance": "回避", "employer_cap": "同一单位已满",
    "withdrawn": "退出，已递补",
}  # fmt: skip


@get("/cases/{case:uuid}/draws", opt={"act": "supervise_case"}, include_in_schema=False)
async def draws_page(request: AnyRequest, case: FromPath[UUID]) -> Response[str]:
    """No name stands here: who was drawn is told when the procedure says so, to everybody at once."""
    shown = await _shown(request, case)
    await record("supervise_case", actor_of(request), case, "抽取")
    return await page(request, TEMPLATE, **shown)


@post("/cases/{case:uuid}/draws/{toss:uuid}/beacon", opt={"act": "order_directive"}, include_in_schema=False)
async def say_beacon(request: AnyRequest, case: FromPath[UUID], toss: FromPath[UUID]) -> Response[Any]:
    """What this officer reads at the public source; the draw goes on when the trading side has read the same."""
    form = await form_of(request)

    async def do() -> Response[Any]:
        about, value = await _shown(request, case), str(form.get("value", "")).strip()
        found = next((one for one in about["draws"] if one.id == toss), None)
        if found is None:
            raise NotFound(Problem("no_toss", "没有这次抽取", "请从项目页面进入"))
        if not found.beacon_rule or found.stage not in ("sealed", "listed"):
            raise WrongStage(Problem("no_beacon_now", "这次抽取现在不需要公共随机数", "请刷新后查看"))
        if not value or len(value) > 200:
            raise BadInput(
                Problem("beacon_empty", "请填写公共随机数，不超过200字", "请照公布的原样填写", field="value")
            )
        await keeper_in(request).say_beacon(toss, value)
        await record("say_beacon", actor_of(request), case, str(toss), facts={"value": value})
        return Redirect(f"/cases/{case}/draws", status_code=303)

    async def again() -> Mapping[str, Any]:
        return await _shown(request, case)

    return await tried(request, do, TEMPLATE, form, again)


async def _shown(request: AnyRequest, case: UUID) -> dict[str, Any]:
    about, actor = await ordered(case), actor_of(request)
    drafts.check_scope(actor, about.region, about.department)
    found = await cases.draws(case)
    said = {one.id: _counted(one) for one in found}
    may = bool(permission("order_directive", actor.role))
    place = (await cases.places([case]))[case]
    return {"about": about, "place": place, "draws": found, "said": said, "stages": STAGES, "may": may}


def _counted(toss: TossView) -> str:
    """How many came to which end; nobody's number in the list is told."""
    ends = [one.outcome for row in toss.outcomes.values() for one in row.values()]
    return "，".join(f"{name}{ends.count(what)}" for what, name in OUTCOMES.items() if what in ends)


HANDLERS = [draws_page, say_beacon]
