"""The evaluation of a demonstration: the desk, an avoidance, marks that are void when a member leaves, the report."""

from datetime import timedelta
from typing import Any

from app.demo.panel import Judge, Panel
from app.demo.steps import DemoFailed
from app.demo.story import run

GROUND = "O12_12_3"
"""评标委员会和评标方法暂行规定第十二条第（三）项: an interest in a bidder."""
CREDIT = "8"
"""Marks that are counted, not judged: alike for all members, and for all bids here."""


async def signed_in(panel: Panel) -> None:
    """Everybody takes his seat; one sees who bids and avoids."""
    story = panel.story
    async with story.steps.step("专家凭签到码入席，一位知悉投标人后申请回避") as step:
        await story.house.forward(panel.begins - timedelta(minutes=30))
        avoiding, *others = list(panel.coming)
        await panel.sit(avoiding)
        said = {"ground": GROUND, "says": "本人的兄长在一家投标人任职"}
        await _post(panel, avoiding, "panel/avoidance", said)
        panel.sitting.remove(avoiding)
        await panel.sit(*others)
        await panel.next()
        step.say("桌上只认席位不问姓名；回避的席位按原次序递补")


async def judged(panel: Panel) -> None:
    """All review, one leaves after his marks; whoever takes his place begins anew."""
    story = panel.story
    async with story.steps.step("初步评审、独立评分；一位评分后离席，其评分作废") as step:
        await story.house.forward(panel.begins)
        await _until_phase(panel, panel.sitting[0], "review")
        for judge in panel.sitting:
            await _review(panel, judge)
        leaving, last = panel.sitting[1], panel.sitting[-1]
        for n, judge in enumerate(panel.sitting[:-1]):
            await _score(panel, judge, n)
        await _post(panel, leaving, "panel/leave", {"reason": "突发疾病，已送医院"})
        panel.sitting.remove(leaving)
        instead = await panel.next()
        await _review(panel, instead)
        for n, judge in enumerate((instead, last)):
            await _score(panel, judge, n)
        step.say(f"先后 {len(panel.coming)} 人入席，五人评分；全体评完之前互不可见")


async def reported(panel: Panel) -> None:
    """Every member signs the report that follows from the marks."""
    story = panel.story
    async with story.steps.step("评标报告由全体成员签署") as step:
        await _until_phase(panel, panel.sitting[0], "report")
        for judge in panel.sitting:
            await _post(panel, judge, "evaluation/signatures", {"decision": "sign"})
        report = await run(story.purchaser.get, f"/lots/{panel.lot}/report")
        first = next(row for row in report["ranking"] if row["rank"] == 1)
        name = next(bid["name"] for bid in report["bids"] if bid["bidder"] == first["bidder"])
        if len(report["void"]) != 2:
            raise DemoFailed("报告没有写明两个席位的评分作废")
        step.say(f"第一中标候选人 {name}，{first['total']} 分")


async def _review(panel: Panel, judge: Judge) -> None:
    """Every item of every bid, with one document of it opened."""
    seat = await _seat(panel, judge)
    passed = [{"item": item["id"], "passed": True} for item in seat["items"]]
    for bid in seat["bids"]:
        file = bid["files"][0]
        place = f"evaluation/documents/{bid['bidder']}/{file['stage']}/{file['place']}"
        if len((await run(_client(judge).get_raw, f"/lots/{panel.lot}/{place}")).content) != file["size"]:
            raise DemoFailed(f"{file['name']} 与所列大小不符")
        await _post(panel, judge, "evaluation/reviews", {"bidder": bid["bidder"], "findings": passed})


async def _score(panel: Panel, judge: Judge, n: int) -> None:
    seat = await _seat(panel, judge)
    marks = {bid["bidder"]: _marks(seat["evaluation"]["items"], n + place) for place, bid in enumerate(seat["bids"])}
    await _post(panel, judge, "evaluation/scores", {"scores": marks})


def _marks(items: list[dict[str, Any]], lean: int) -> dict[str, str]:
    """What is counted is alike for all; what is judged differs a little."""
    return {item["id"]: CREDIT if item["kind"] == "objective" else f"{27 - lean % 4 * 0.5:.1f}" for item in items}


async def _until_phase(panel: Panel, judge: Judge, phase: str) -> None:
    async def reached() -> bool:
        if (await panel.story.lot(panel.lot))["stage"] != "evaluating":
            return False
        return bool((await _seat(panel, judge))["phase"] == phase)

    await panel.story.until_hurried(f"评标到 {phase}", reached)


async def _seat(panel: Panel, judge: Judge) -> dict[str, Any]:
    return await run(_client(judge).get, f"/lots/{panel.lot}/evaluation")


async def _post(panel: Panel, judge: Judge, place: str, body: dict[str, Any]) -> None:
    await run(_client(judge).post, f"/lots/{panel.lot}/{place}", body)


def _client(judge: Judge) -> Any:
    if judge.client is None:
        raise DemoFailed("还没有签到")
    return judge.client
