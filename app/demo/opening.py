"""The opening: the close and who is late, three ways to open, the record, and what a loser may check that day."""

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from app.bidder.after import closed_list, recovery_of, reveal, turn_of
from app.bidder.submission import check_proof, fetch_proof, submit
from app.client import Refused
from app.demo.steps import DemoFailed, Step, until
from app.demo.story import Story, run
from app.demo.tender import DEADLINE

FIRST = ("operator1", "regulator1", "purchaser1")
"""One holder of each role is enough to open; the second stands by."""


async def late(story: Story) -> None:
    async with story.steps.step("到截止时间：名单公布，迟到的标书被拒收") as step:
        bidder, lot = story.bidders["bidder2"], story.lots[0]
        folder = await run(bidder.seal, lot, "36000000.00", None)
        await story.house.forward(DEADLINE)
        await story.until_each("截标名单公布", "close", lambda shown: True)
        bidder.bids[lot.case].pop()
        try:
            await run(submit, bidder.client, folder, story.anchors)
        except Refused as refused:
            step.say(f"平台答复：{refused.problems[0].says}")
        else:
            raise DemoFailed("迟到的标书被收下了")


async def closed(story: Story) -> None:
    async with story.steps.step("名单五分钟后固定，监督方会签") as step:
        await story.house.forward(DEADLINE + timedelta(minutes=5))
        shown = await story.until_each("截标名单会签", "close", lambda shown: bool(shown["countersignature"]))
        step.say(f"{'、'.join(str(len(each['bids'])) for each in shown)} 份标书在册，只公布指纹")


async def revealed(story: Story) -> None:
    async with story.steps.step("一标段：三家投标人在线解密") as step:
        lot = story.lots[0]
        for login in ("bidder1", "bidder2", "bidder3"):
            bidder = story.bidders[login]
            folder = bidder.standing(lot)
            close = await run(closed_list, bidder.client, folder, story.anchors)
            recovery = await run(recovery_of, folder, bidder.passphrase)
            turn = await run(turn_of, bidder.client, folder, close, story.anchors)
            await run(reveal, bidder.client, folder, close, recovery, bidder.signer, turn)
        step.say(f"{story.bidders['bidder4'].name}丢了恢复文件，等待补救；此时一个报价也不公布")
        if (await story.lot(lot.case))["opened_at"]:
            raise DemoFailed("窗口未结束就公布了报价")


async def released(story: Story) -> None:
    async with story.steps.step("二标段：三方核验并交出份额，共同开启") as step:
        stages = len(story.lots[1].setup.stages)
        await story.unlock_until({"attest": 3 * stages, "release": 3 * stages}, *FIRST)
        await until("二标段开启", lambda: story.opened(story.lots[1].case))
        step.say("交易中心、监督部门、招标人依次交出份额，齐了才开")


async def fallback(story: Story) -> None:
    async with story.steps.step("一标段：解密时间结束，三方补救开启一份") as step:
        close = await run(story.bidders["bidder1"].client.get, f"/lots/{story.lots[0].case}/close")
        await story.house.forward(datetime.fromisoformat(close["reveal_until"]))
        stages = len(story.lots[0].setup.stages)
        await story.unlock_until({"attest": 3 * stages, "release": 3 * stages}, *FIRST)
        await until("一标段开启", lambda: story.opened(story.lots[0].case))
        step.say("四家报价同时公布")


async def recorded(story: Story) -> None:
    async with story.steps.step("异议时间结束，开标记录自动生成") as step:
        await story.house.forward(await story.house.now() + timedelta(minutes=11))
        await story.house.hurry(*(UUID(case) for case in story.cases))
        await until("开标记录", partial(_all_recorded, story))
        await _say_prices(story, step)


async def proven(story: Story) -> None:
    async with story.steps.step("回执经见证方会签，成为最终证明") as step:
        await story.house.hurry()
        sizes = []
        for bidder in story.bidders.values():
            folder = bidder.standing(story.lots[0])
            await until("最终证明", lambda b=bidder, f=folder: run(fetch_proof, b.client, f))  # type: ignore[misc]
            sizes.append((await run(check_proof, folder, story.anchors)).size)
        step.say(f"四份回执都在见证过的日志里，日志共 {max(sizes)} 条")


async def _say_prices(story: Story, step: Step) -> None:
    for lot in story.lots:
        record = (await run(story.bidders["bidder1"].client.get_raw, f"/lots/{lot.case}/opening")).json()
        prices = sorted(bid["form"]["price"] for bid in record["bids"])
        step.say(f"{lot.setup.lot} 标段报价：{'、'.join(prices)}")


async def _all_recorded(story: Story) -> bool:
    return all([(await story.lot(case))["opening"] for case in story.cases])
