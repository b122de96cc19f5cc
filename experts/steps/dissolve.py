"""解散: a panel that cannot be filled, or whose draw is void, is given up; another may then be asked for."""

from uuid import UUID

from experts.case import PanelCase, panel_act
from experts.schemas import DissolvePanel
from experts.stages import Stage
from kernel.errors import Problem, WrongStage
from kernel.identity import Actor


async def dissolve_panel(actor: Actor, lot: UUID, command: DissolvePanel) -> None:
    """Give a panel up. Never because of who was drawn: only when its order is used up, or its draw was void."""
    async with panel_act("dissolve_panel", actor, lot) as case:
        _check(case, actor)
        await case.move(Stage.DISSOLVED, why=command.says)
        await case.record("dissolve_panel", reason=command.says)


def _check(case: PanelCase, actor: Actor) -> None:
    if case.panel.stage == Stage.SEATED and actor.door != "clockwork":
        says = "评标委员会已经满员，不能解散重抽"
        remedy = "有成员应当回避或者缺席的，按原次序递补"
        raise WrongStage(Problem("panel_full", says, remedy, "招标投标法实施条例第四十六条"))
