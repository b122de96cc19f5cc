"""The end of a demonstration: fetch the evidence packages over HTTP and verify them as an outsider would."""

import asyncio
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.client import Refused
from app.demo.steps import DemoFailed, until
from app.demo.story import Story, run
from app.progress import amount
from bidding.score_check import CHECKS
from kernel.proofs.verify import Report, verify


@dataclass(frozen=True, slots=True)
class Targets:
    """Where the packages of the first lot go; those of the second and of the request beside them, marked."""

    public: Path
    archive: Path | None


async def so_far(story: Story, targets: Targets) -> None:
    """A loser has the public package on the day of the opening."""
    async with story.steps.step("开标记录公布后，落标者当天就能核验公开包") as step:
        target = targets.public.with_name(f"{targets.public.stem}-so-far{targets.public.suffix}")
        place = f"/lots/{story.lots[0].case}/public.zip"
        await story.until_hurried(
            "截至开标的公开包", partial(_there, story.bidders["bidder2"].client.download, place, target)
        )
        report = await asyncio.to_thread(checked, target, story)
        if not report.good:
            raise DemoFailed(f"{target.name} 核验不通过：\n{report.text()}")
        step.say(f"{amount(target.stat().st_size)}，{len(report.passed)} 项核验全部通过")
        target.unlink()


async def ended(story: Story) -> None:
    """The second lot goes no further; its packages show how a lot that failed is kept."""
    async with story.steps.step("招标人依法终止二标段的招标") as step:
        said = {"ground": "terminated", "reason": "二标段施工图须重新设计，终止招标"}
        await run(story.purchaser.post, f"/lots/{story.lots[1].case}/end", said)
        step.say("终止公告写明理由和依据；没有解密的内容永不再解密")


async def packages(story: Story, targets: Targets) -> None:
    """Fetch both lots' packages and the request's, and verify each; `DemoFailed` on the first thing wrong."""
    async with story.steps.step("归档，取得证据包") as step:
        for lot in story.lots:
            await story.until_hurried("归档", partial(_archived, story, lot.case))
        fetched = [path for n, lot in enumerate(story.lots) for path in await _fetch(story, lot.case, targets, n)]
        fetched.append(await _fetch_request(story, targets))
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
        wanted.append((story.purchaser, "archive.zip", archive))
    for client, name, path in wanted:
        await until(name, partial(_there, client.download, f"/lots/{case}/{name}", path))
    return [path for _, _, path in wanted]


async def _fetch_request(story: Story, targets: Targets) -> Path:
    """The request has one package, for everybody."""
    path = targets.public.with_name(f"{targets.public.stem}-request{targets.public.suffix}")
    place = f"/requests/{story.request}/public.zip"
    await story.until_hurried(
        "采购需求的证据包", partial(_there, story.bidders["bidder1"].client.download, place, path)
    )
    return path


async def _archived(story: Story, case: str) -> bool:
    """Before this the public address still gives the package as of the opening record."""
    return bool((await story.lot(case))["archived"])


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
