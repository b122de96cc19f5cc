"""What the regulator does in the county: a suspension by two, a complaint from its filing to the decision, letters."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from importlib import import_module
from uuid import UUID

from app.county.world import World
from kernel import letters
from kernel.clock import now
from kernel.identity import Actor
from kernel.introduction import introduce, read_introduction

DAY = timedelta(days=1)
NEVER: tuple[datetime, ...] = ()
"""The moments at which a story of one act goes on."""


async def suspend(world: World, lot: UUID, *, confirmed: bool) -> None:
    """Two officers: one drafts, and the other confirms, unless he still has it before him."""
    direct, confirm = import_module("supervision.direct"), import_module("supervision.confirm")
    says = "接到投诉，调查期间暂停本标段招标投标活动"
    order = direct.GiveOrder(kind="suspend", says=says, article="招标投标法实施条例第六十二条")
    with world.at("supervision"):
        draft = await direct.draft_order(world.people["regulator1"], lot, order)
        if confirmed:
            await confirm.confirm(world.people["regulator3"], draft, world.process)


async def complaint(world: World, bidder: Actor, lot: UUID, objected: datetime) -> AsyncIterator[datetime]:
    """Introduced by the trading site, filed with the regulator; two who hold no share look into it and decide."""
    schemas, steps = import_module("supervision.complaints.schemas"), import_module("supervision.complaints.steps")
    yield objected + 3 * DAY
    filed = await _file(world, bidder, lot, objected)
    yield objected + 4 * DAY
    first, second = world.people["regulator3"], world.people["regulator4"]
    with world.at("supervision"):
        clear = schemas.Undertake(avoids="none")
        await steps.admit(first, filed, clear)
        await steps.join(second, filed, clear)
    yield objected + 6 * DAY
    with world.at("supervision"):
        await steps.note(first, filed, schemas.Say(says="向招标人调取项目经理在建项目证明，向社保部门核查。"))
    yield objected + 12 * DAY
    with world.at("supervision"):
        says = "经查，第一候选人拟派项目经理没有在建项目，投诉不成立。"
        article = "招标投标法实施条例第六十一条"
        await steps.draft(first, filed, schemas.Decide(says=says, outcome="rejected", article=article))
    yield objected + 13 * DAY
    with world.at("supervision"):
        await steps.confirm(second, filed)


async def answered(world: World, login: str, text: str) -> AsyncIterator[datetime]:
    """Somebody answers the first letter that has come to his unit; the next round puts it on the card."""
    for view in (await letters.letters_to(world.people[login]))[-1:]:
        await letters.answer(world.people[login], view.paper.id, text)
    for moment in NEVER:
        yield moment


async def _file(world: World, bidder: Actor, lot: UUID, objected: datetime) -> UUID:
    filing, schemas = import_module("supervision.complaints.filing"), import_module("supervision.complaints.schemas")
    at, signer = await now(), world.player.tools.receipts
    letter = read_introduction(introduce(bidder, lot, at, signer), [signer.public], at)
    command = schemas.FileComplaint(
        topic="result", respondent="第一中标候选人", claims="请求核查第一候选人项目经理的在建情况。",
        grounds="该项目经理在外县另有在建工程，施工许可证公开可查。", cause_known=(objected - DAY).date(),
        objected=objected.date(), replied=(objected + DAY).date(), phone="13800138003",
    )  # fmt: skip
    with world.at("supervision"):
        return UUID(str((await filing.file_introduced(letter, command, [])).id))
