"""The pool by API: the classification, one's own application and data, the centre's sheets and figures."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import JSONBody

from experts import admissions
from experts.doors import AnyRequest, tools_of
from experts.looking import own_page
from experts.professions import PROFESSIONS
from experts.schemas import ApplyExpert, EndTie, GiveTime, SaidTie, TakeTime
from experts.sheets import template
from experts.steps.apply import apply_expert, end_tie, give_time, say_tie, take_time
from experts.steps.import_pool import import_experts
from experts.views import MePage
from kernel.errors import NotFound, Problem
from kernel.paper.workbook import MAX_BYTES
from kernel.web.auth import actor_of
from kernel.web.download import send_exact
from kernel.web.once import RequestId, once
from kernel.web.openapi import besides, refusals

TAGS = ["专家库"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OWN = {"act": "keep_own_data"}
WRITES = refusals(404, 409, 423)


@get("/api/v1/professions", opt={"act": "read_public"}, tags=TAGS, summary="评标专家专业分类（国家标准的一部分）")
async def professions() -> dict[str, Any]:
    return {"items": [{"code": code, "name": PROFESSIONS.full_name(code)} for code in sorted(PROFESSIONS.names)]}


@get("/api/v1/experts/me", opt=OWN, tags=TAGS, summary="本人的入库信息", responses=refusals(404))
async def mine(request: AnyRequest) -> MePage:
    found = await own_page(actor_of(request))
    if found is None:
        raise NotFound(Problem("no_expert", "您还没有申请入库", "请先填写入库申请"))
    return found


@post("/api/v1/experts/application", opt={"act": "apply_expert"}, tags=TAGS, summary="申请入库，由专家库管理部门批准",
      responses=WRITES)  # fmt: skip
async def apply(request: AnyRequest, data: JSONBody[ApplyExpert], key: RequestId = None) -> dict[str, str]:
    return {"expert": str(await apply_expert(tools_of(request), actor_of(request), data, key))}


@post("/api/v1/experts/me/ties", opt=OWN, tags=TAGS, summary="申报利害关系，立即生效", responses=WRITES)
async def tie(request: AnyRequest, data: JSONBody[SaidTie], key: RequestId = None) -> dict[str, str]:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        return {"tie": str(await say_tie(tools_of(request), actor, data))}

    return await once("say_tie", actor, key, data.model_dump(mode="json"), do)


@post("/api/v1/experts/me/ties/end", opt=OWN, status_code=200, tags=TAGS, summary="填写利害关系的终止日期",
      responses=WRITES)  # fmt: skip
async def untie(request: AnyRequest, data: JSONBody[EndTie], key: RequestId = None) -> dict[str, str]:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        await end_tie(actor, data)
        return {"tie": str(data.tie)}

    return await once("end_tie", actor, key, data.model_dump(mode="json"), do)


@post("/api/v1/experts/me/times", opt=OWN, tags=TAGS, summary="填写不能参加评审的时间", responses=WRITES)
async def take(request: AnyRequest, data: JSONBody[TakeTime], key: RequestId = None) -> dict[str, str]:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        return {"slot": str(await take_time(actor, data))}

    return await once("take_time", actor, key, data.model_dump(mode="json"), do)


@post("/api/v1/experts/me/times/free", opt=OWN, status_code=200, tags=TAGS, summary="取消不能参加的时间",
      responses=WRITES)  # fmt: skip
async def give(request: AnyRequest, data: JSONBody[GiveTime], key: RequestId = None) -> dict[str, str]:
    actor = actor_of(request)

    async def do() -> dict[str, str]:
        await give_time(actor, data)
        return {"slot": str(data.slot)}

    return await once("give_time", actor, key, data.model_dump(mode="json"), do)


@get("/api/v1/experts/sheet", opt={"act": "import_experts"}, tags=TAGS, summary="专家名册模板", responses=besides(304))
async def sheet(request: AnyRequest) -> Response[Any]:
    return send_exact(request, template(), XLSX, label="专家名册.xlsx")


@post("/api/v1/experts/sheet", opt={"act": "import_experts"}, status_code=200, tags=TAGS,
      request_max_body_size=MAX_BYTES, responses=WRITES,
      summary="导入专家名册：正确的行入库待批，错误的行逐项列出")  # fmt: skip
async def bring_in(request: AnyRequest, key: RequestId = None) -> dict[str, Any]:
    made = await import_experts(tools_of(request), actor_of(request), await request.body(), key)
    problems = [{"field": p.field, "code": p.code, "says": p.says, "remedy": p.remedy} for p in made.problems]
    batch: UUID | None = made.batch
    return {"batch": str(batch) if batch else "", "count": made.count, "problems": problems}


@get("/api/v1/experts/statistics", opt={"act": "import_experts"}, tags=TAGS, summary="专家库的数字，没有姓名")
async def figures() -> dict[str, Any]:
    return await admissions.statistics()


HANDLERS = [professions, mine, apply, tie, untie, take, give, sheet, bring_in, figures]
