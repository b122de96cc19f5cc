"""名单: the list of candidates is fixed at one instant, with who must avoid and why; nobody can change it after."""

import json
from datetime import datetime
from uuid import UUID

from experts import pool
from experts.case import PanelCase, Tools, Unmoved, panel_act, touch_pool
from experts.stages import Stage
from kernel.clock import CHINA, when
from kernel.identity import Actor
from kernel.law import LawInForce
from kernel.toss import steps as toss
from kernel.toss.schemas import CallTerms


async def fix_panel_list(tools: Tools, actor: Actor, lot: UUID) -> None:
    """D0 of a panel's draw, by the clock; where too few are left, the panel is void and can be asked for again."""
    async with panel_act("fix_panel_list", actor, lot) as case:
        if case.panel.stage != Stage.REQUESTED or case.row["fixed_at"] is not None:
            raise Unmoved
        await touch_pool(case.beat, alone=True)
        if late := _out_of_window(case):
            await _give_up(tools, case, late)
            return
        await case.change(fixed_at=case.beat.at)
        terms = await pool.terms_of(case.beat.connection, case.panel.id)
        listed = await pool.listed(case.beat.connection, terms, tools.grounds)
        wanted = {s["profession"]: s["quota"] + s["spares"] for s in json.loads(case.row["strata"])}
        few = [code for code, number in wanted.items() if len(listed.candidates[code]) < number]
        if few:
            await _give_up(tools, case, "、".join(map(tools.professions.full_name, few)) + "可抽取的人数不足")
            return
        counts = await pool.counted(case.beat.connection, terms)
        left = {code: len(listed.candidates[code]) for code in wanted}
        shown = {code: counts.get(code, {}) | {"eligible": n} for code, n in left.items()}
        await case.move(Stage.LISTED, pool_root=listed.root, counts=json.dumps(shown))
        await toss.fix_list(
            case.beat, tools.hand, case.toss, strata=list(wanted.items()), candidates=listed.candidates,
            avoided=listed.avoided, pool_root=listed.root, employer_cap=case.row["employer_cap"], call=_call(case),
        )  # fmt: skip
        await case.record("fix_panel_list", counts=shown, avoided=len(listed.avoided))


def _out_of_window(case: PanelCase) -> str:
    """Why it is too early, as the law has it, or too late: the evaluation has begun."""
    law = LawInForce.from_json(case.row["law"])
    planned = case.row["evaluation_at"].astimezone(CHINA)
    found = law.problems({"panel_drawn": case.beat.at, "evaluation_planned": planned})
    return found[0].says if found else "评审时间已到，名单仍未固定" if case.beat.at >= planned else ""


async def _give_up(tools: Tools, case: PanelCase, why: str) -> None:
    await toss.void(case.beat, tools.hand, case.toss, why)
    await case.move(Stage.VOID, why=why)
    await case.record("void_panel", why=why)


def _call(case: PanelCase) -> CallTerms:
    """Time, place and trade; nothing else is ever told to who is asked."""
    begins: datetime = case.row["evaluation_at"]
    return CallTerms(when(begins), case.row["place"], case.row["trade"], case.row["reply_minutes"])
