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
    await _so_far(story, targets)
    await _ended(story)
    async with story.steps.step("归档，取得证据包") as step:
        await story.house.hurry(*(UUID(lot.case) for lot in story.lots))
        for lot in story.lots:
            await until("归档", partial(_archived, story, lot.case))
        fetched = [path for n, lot in enumerate(story.lots) for path in await _fetch(story, lot.case, targets, n)]
        step.say("、".join(f"{path.name} {amount(path.stat().st_size)}" for path in fetched))
    async with story.steps.step("用锚点独立核验证据包") as step:
        for path in fetched:
            report = await asyncio.to_thread(checked, path, story)
            if not report.good:
                raise DemoFailed(f"{path.name} 核验不通过：\n{report.text()}")
            step.say(f"{path.name}：{len(report.passed)} 项核验全部通过")


async def _so_far(story: Story, targets: Targets) -> None:
    """A loser has the public package on the day of the opening."""
    async with story.steps.step("开标记录公布后，落标者当天就能核验公开包") as step:
        await story.house.hurry(*(UUID(lot.case) for lot in story.lots))
        target = targets.public.with_name(f"{targets.public.stem}-so-far{targets.public.suffix}")
        place = f"/lots/{story.lots[0].case}/public.zip"
        await until("截至开标的公开包", partial(_there, story.bidders["bidder2"].client.download, place, target))
        report = await asyncio.to_thread(checked, target, story)
        if not report.good:
            raise DemoFailed(f"{target.name} 核验不通过：\n{report.text()}")
        step.say(f"{amount(target.stat().st_size)}，{len(report.passed)} 项核验全部通过")
        target.unlink()


async def _ended(story: Story) -> None:
    async with story.steps.step("招标人依法终止这两个标段的招标") as step:
        ended = {"ground": "terminated", "reason": "演示到开标为止，不再评标"}
        for lot in story.lots:
            await asyncio.to_thread(story.holders["purchaser1"].client.post, f"/lots/{lot.case}/end", ended)
        step.say("终止公告写明理由和依据；没有解密的内容永不再解密")


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


async def _archived(story: Story, case: str) -> bool:
    """Before this the public address still gives the package as of the opening record."""
    shown = await asyncio.to_thread(story.bidders["bidder1"].client.get, f"/lots/{case}")
    return bool(shown["archived"])


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
