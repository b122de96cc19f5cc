"""Plays a demonstration in a folder of its own and leaves the evidence behind."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.demo import award, evaluation, evidence, judges, market, opening, tender
from app.demo.evidence import Targets
from app.demo.house import opened, prepared
from app.demo.steps import Steps
from app.demo.story import Story


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked: where the packages and the anchors go, how many MiB the large file has, what is kept."""

    public: Path
    archive: Path | None
    anchors: Path | None
    big: int = 200
    keep: Path | None = None


def play(order: Order) -> Steps:
    """The whole demonstration; raises `DemoFailed`, or a refusal that nobody expected."""
    steps = Steps()
    with _folder(order.keep) as folder:
        asyncio.run(_play(order, folder, steps))
    return steps


async def _play(order: Order, folder: Path, steps: Steps) -> None:
    async with AsyncExitStack() as running:
        async with steps.step("建立数据库和密钥，启动两个网站") as step:
            settings = await running.enter_async_context(prepared(folder))
            house = await running.enter_async_context(opened(settings))
            step.say(f"交易端 {settings.trading_origin}，监督端 {settings.supervision_origin}")
        if order.anchors is not None:
            shutil.copyfile(settings.anchors, order.anchors)
        await _tell(Story(house, steps, settings.var / "demo", order.big), Targets(order.public, order.archive))


async def _tell(story: Story, targets: Targets) -> None:
    """From the first sign-in to the verified packages, in the order of the county's calendar."""
    await tender.people(story)
    await judges.pool(story)
    agencies = await market.entered(story)
    for act in (tender.registered, tender.keys, tender.published, tender.deadlines_signed):
        await act(story)
    owner = await market.requested(story)
    for act in (tender.sealed, tender.lowered):
        await act(story)
    await market.drawn(story, agencies)
    await market.served(story, agencies, owner)
    await market.rated(story, owner)
    for act in (opening.late, opening.closed, opening.revealed, opening.released, opening.fallback):
        await act(story)
    for act in (opening.recorded, opening.proven):
        await act(story)
    await evidence.so_far(story, targets)
    await evidence.ended(story)
    panel = await judges.drawn(story)
    for sitting in (judges.called, evaluation.signed_in, evaluation.judged, evaluation.reported):
        await sitting(panel)
    for act in (award.publicised, award.awarded, award.contracted, award.settled):
        await act(story)
    await evidence.packages(story, targets)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="yangguang-demo-") as folder:
        yield Path(folder)
