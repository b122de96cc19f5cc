"""Plays a demonstration in a folder of its own and leaves the evidence behind."""

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.demo.evidence import Targets, packages
from app.demo.house import opened, prepared
from app.demo.steps import Steps
from app.demo.story import Story
from kernel.settings import Settings


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
        print("▸  0. 建立数据库、密钥，启动两个网站", flush=True)
        with prepared(folder) as (settings, _):
            asyncio.run(_play(order, settings, steps))
    return steps


async def _play(order: Order, settings: Settings, steps: Steps) -> None:
    async with opened(settings) as house:
        story = Story(house, steps, settings.var / "demo", order.big)
        await story.play()
        if order.anchors is not None:
            shutil.copyfile(settings.anchors, order.anchors)
        await packages(story, Targets(order.public, order.archive))


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True, mode=0o700)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="yangguang-demo-") as folder:
        yield Path(folder)
