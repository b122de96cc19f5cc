"""The end of a demonstration: fetch the evidence packages over HTTP and verify them as an outsider would."""

import asyncio
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from app.client import Refused
from app.demo.steps import DemoFailed, until
from app.demo.story import Story
from app.progress import amount
from bidding.score_check import CHECKS
from kernel.proofs.verify import Report, verify


@dataclass(frozen=True, slots=True)
class Targets:
    """Where the packages of the first lot go; those of the second beside them, marked with its number."""

    public: Path
    archive: Path | None


async def packages(story: Story, targets: Targets) -> None:
    """Fetch both lots' packages and verify each against the anchors; `DemoFailed` on the first thing wrong."""
    async with story.steps.step("归档，取得证据包") as step:
        await story.house.hurry(*(UUID(lot.case) for lot in story.lots))
        fetched = [path for n, lot in enumerate(story.lots) for path in await _fetch(story, lot.case, targets, n)]
        step.say("、".join(f"{path.name} {amount(path.stat().st_size)}" for path in fetched))
    async with story.steps.step("用锚点独立核验证据包") as step:
        for path in fetched:
            report = await asyncio.to_thread(checked, path, story)
            if not report.good:
                raise DemoFailed(f"{path.name} 核验不通过：\n{report.text()}")
            step.say(f"{path.name}：{len(report.passed)} 项核验全部通过")


def checked(path: Path, story: Story) -> Report:
    """What anybody finds who has the package and the anchors, and nothing else."""
    with path.open("rb") as file:
        return verify(file, story.anchors, CHECKS)


async def _fetch(story: Story, case: str, targets: Targets, n: int) -> list[Path]:
    public = _beside(targets.public, n)
    wanted = [(story.bidders["bidder1"].client, "public.zip", public)]
    if targets.archive is not None:
        archive = _beside(targets.archive, n)
        wanted.append((story.holders["purchaser1"].client, "archive.zip", archive))
    for client, name, path in wanted:
        await until(f"{name} 归档", partial(_there, client.download, f"/lots/{case}/{name}", path))
    return [path for _, _, path in wanted]


async def _there(download: "object", path: str, target: Path) -> bool:
    try:
        await asyncio.to_thread(download, path, target)  # type: ignore[arg-type]
    except Refused as refused:
        if refused.status == 404:
            return False
        raise
    return True


def _beside(path: Path, n: int) -> Path:
    return path if n == 0 else path.with_name(f"{path.stem}-{n + 1}{path.suffix}")
