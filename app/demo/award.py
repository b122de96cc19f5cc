"""From the report to the archive: publicity, award, contract, deposits back, the written report, everybody's names."""

from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from app.demo.steps import DemoFailed
from app.demo.story import Story, run
from app.uploading import send_whole
from kernel.paper import as_pdf_document

LATER = timedelta(days=3)
"""From the award to the contract, and from the contract to the refunds."""


async def publicised(story: Story) -> None:
    async with story.steps.step("公示中标候选人三日") as step:
        report = await run(story.purchaser.get, f"{_place(story)}/report")
        best = [row for row in report["ranking"] if 0 < row["rank"] <= 3]
        details = [
            {
                "bidder": row["bidder"], "quality": "合格", "manager": "王建国",
                "certificate": "一级注册建造师 浙1332015201600001", "qualification": "市政公用工程施工总承包二级",
            }
            for row in best
        ]  # fmt: skip
        last = (await story.house.now()).date() + timedelta(days=3)
        said = {"last_day": str(last), "details": details, "channel": "登录平台在公示页面提出，或书面送达招标人"}
        given = await run(story.purchaser.post, f"{_place(story)}/candidates", said)
        await story.house.forward(datetime.fromisoformat(given["until"]))
        step.say(f"公示至 {last}，期满没有异议")


async def awarded(story: Story) -> None:
    async with story.steps.step("定标，公布评标专家名单") as step:
        report = await run(story.purchaser.get, f"{_place(story)}/report")
        winner = next(row for row in report["ranking"] if row["rank"] == 1)
        await run(story.purchaser.post, f"{_place(story)}/award", {"bidder": winner["bidder"]})
        await story.until_hurried("评标专家名单", partial(_named, story))
        names = [judge["name"] for judge in await _judges(story)]
        step.say(f"{story.bidder_of(winner['bidder']).name}中标；评标专家 {'、'.join(names)}")


async def contracted(story: Story) -> None:
    async with story.steps.step("合同备案，中标人确认") as step:
        await story.house.forward(await story.house.now() + LATER)
        award = await _paper(story, "award")
        paper = _written(story.folder / "施工合同.pdf", "施工合同", "双方按中标结果签订本合同。")
        upload = await run(send_whole, story.purchaser, paper, "case_paper")
        terms = {key: award[key] for key in ("price", "period_days", "quality")}
        terms |= {"bond": "1000000", "signed_on": str(await _today(story))}
        terms["document"] = {"label": paper.name, "upload": upload}
        filed = await run(story.purchaser.post, f"{_place(story)}/contract", terms)
        winner = story.bidder_of(award["bidder"])
        said = {"sha256": filed["contract"]}
        await run(winner.client.post, f"{_place(story)}/contract/confirmation", said)
        step.say(f"价款 {award['price']} 元，与中标通知书逐项一致")


async def settled(story: Story) -> None:
    async with story.steps.step("退还保证金，提交书面报告") as step:
        await story.house.forward(await story.house.now() + LATER)
        today = await _today(story)
        left = len(story.bidders)
        for bidder in story.bidders.values():
            said = {"bidder": bidder.code, "interest": "120.00", "paid_on": str(today)}
            left = (await run(story.purchaser.post, f"{_place(story)}/refunds", said))["left"]
        if left:
            raise DemoFailed(f"还有 {left} 份保证金没有退还")
        said = {"remarks": "招标投标活动依法进行，无投诉。"}
        await run(story.purchaser.post, f"{_place(story)}/statement", said)
        step.say(f"{len(story.bidders)} 家的保证金和利息都已退还")


async def _named(story: Story) -> bool:
    return len(await _judges(story)) > 0


async def _judges(story: Story) -> list[dict[str, Any]]:
    found = await run(story.bidders["bidder2"].client.get, f"{_place(story)}/judges")
    return list(found["items"])


async def _paper(story: Story, kind: str) -> dict[str, Any]:
    papers = (await run(story.purchaser.get, f"{_place(story)}/papers"))["papers"]
    return dict(next(paper["content"] for paper in papers if paper["kind"] == kind))


async def _today(story: Story) -> date:
    return (await story.house.now()).date()


def _place(story: Story) -> str:
    return f"/lots/{UUID(story.lots[0].case)}"


def _written(path: Path, title: str, text: str) -> Path:
    path.write_bytes(as_pdf_document(title, (text,)))
    return path
