"""The judges of a demonstration: a pool that is brought in and admitted, a draw that is attended, calls and answers."""

import asyncio
import re
import time
from datetime import date, timedelta
from uuid import UUID

from app.demo.browser import Browser
from app.demo.panel import Panel
from app.demo.papers import XLSX
from app.demo.steps import DemoFailed, until
from app.demo.story import Story, run
from app.demo_people import REGION
from app.officer.attend import attend, party_of
from experts.sheets import COLUMNS
from kernel.codes import make_identity_number
from kernel.paper import xlsx
from kernel.paper.workbook import Value

POOL, SIZE = 48, 5
PROFESSION = "A080104"
FAMILY, GIVEN = "王李张刘陈杨赵黄周吴徐孙", "伟芳娜敏静磊军洋勇艳杰涛明超平"
PLACES = ("杭州", "宁波", "温州", "嘉兴", "湖州", "绍兴", "金华", "衢州", "舟山", "台州", "丽水", "义乌")
UNITS = [f"{place}{kind}" for kind in ("建筑设计院", "市政设计院", "工程学院", "建科院") for place in PLACES]
"""One for each: nobody has to wait for what a colleague answers."""
_DECIDE = re.compile(r"/decisions/people/[0-9a-f-]{36}")


async def pool(story: Story) -> None:
    async with story.steps.step("专家名册导入，监督部门批准入库") as step:
        sheet = await asyncio.to_thread(xlsx, "专家名册", COLUMNS, [_line(n) for n in range(POOL)])
        made = await run(story.operator.post_bytes, "/experts/sheet", sheet, XLSX)
        if made["problems"]:
            raise DemoFailed(made["problems"][0]["says"])
        officer = await run(Browser, story.house.settings.supervision_origin, "regulator1")
        place = _DECIDE.search(await run(officer.read, "/decisions"))
        if place is None:
            raise DemoFailed("审批页面没有等待决定的名册")
        await run(officer.send, place.group(), kind="admit_expert", says="材料齐全，准予入库")
        await until("专家入库", lambda: _admitted(story))
        step.say(f"{POOL} 名专家入库；名册由交易中心导入，入库由监督部门决定")


async def drawn(story: Story) -> Panel:
    """The panel is asked for after the opening; the purchaser attends the draw with his own key."""
    async with story.steps.step("抽取评标专家：招标人到场，三方各出随机片段") as step:
        begins = (await story.house.now() + timedelta(hours=4)).replace(minute=0, second=0, microsecond=0)
        lot, holder = story.lots[0].case, story.holders["purchaser1"]
        await run(
            holder.client.post,
            f"/lots/{lot}/panel",
            {
                "size": SIZE, "professions": [{"profession": PROFESSION, "quota": SIZE}],
                "evaluation_at": begins.isoformat(), "place": "交易中心三楼评标室", "reply_minutes": 30,
                "purchaser_key": party_of(holder.home).signer.public.hex(),
            },
        )  # fmt: skip
        ended = await run(attend, holder.client, holder.home, UUID(lot), story.anchors, lambda word: None, _soon)
        if ended == "void":
            raise DemoFailed("抽取作废")
        panel = Panel(story, lot, begins)
        eligible = (await panel.shown())["strata"][0]["eligible"]
        step.say(f"名单先固定，三方片段封存后同时出示，次序自此不能更改；{eligible} 人中抽 {SIZE} 人")
        return panel


async def called(panel: Panel) -> None:
    """Five are called; one declines, and the next of the order is."""
    story = panel.story
    async with story.steps.step("监督端逐一通知，一位专家谢绝，按次序递补") as step:
        first = await panel.rung(SIZE)
        await run(first[2].reply, "decline")
        await panel.accept(*first[:2], *first[3:])
        (instead,) = await panel.rung(1)
        await panel.accept(instead)
        step.say(f"共通知 {len(panel.called)} 人，{SIZE} 人接受；交易端只见次序，不见姓名")


async def _admitted(story: Story) -> bool:
    shown = (await run(story.operator.get, "/experts/statistics"))["professions"]
    return bool(sum(row["admitted"] for row in shown) >= POOL)


def _soon(seconds: float) -> None:
    """The demonstration does not wait as long as a person would."""
    time.sleep(min(seconds, 0.2))


def _line(n: int) -> list[Value]:
    born = date(1962 + n % 28, 1 + n % 12, 1 + n % 27)
    name = FAMILY[n % len(FAMILY)] + GIVEN[n % len(GIVEN)] + GIVEN[(4 * n + 1) % len(GIVEN)]
    return [
        name, make_identity_number(REGION, born, 300 + n), f"139{n:08}", REGION, "高级", "高级工程师", 12 + n % 20,
        UNITS[n % len(UNITS)], "", date(2010, 1, 1), PROFESSION, date(2028, 12, 31),
    ]  # fmt: skip
