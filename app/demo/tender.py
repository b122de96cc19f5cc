"""The first half of the tender: everybody signs in, keys and setting, the notice, and bids sealed at home."""

import asyncio
import time
from datetime import datetime

from app.bidder.submission import submit
from app.demo.papers import bid_documents, size_of, tender_documents
from app.demo.parties import Holder, Purchaser, bidder_of, fetch, signed_in
from app.demo.steps import rate
from app.demo.story import Story, run
from app.demo_people import CODE_OF, HOLDERS, ORGANISATIONS
from kernel.clock import CHINA
from kernel.proofs.deadline import write_moment

DEADLINE = datetime(2026, 3, 24, 9, 30, tzinfo=CHINA)
MODES = {"一标段（投标人自行解密）": "bidder", "二标段（三方共同开启）": "roles"}
PRICES = {
    "bidder1": ("38260000.00", "38110000.00"),
    "bidder2": ("37980000.00", "37860000.00"),
    "bidder3": ("39120000.00", "38990000.00"),
    "bidder4": ("38450000.00", "38300000.00"),
}
LOWERED = "37880000.00"
NAMES = {organisation.code: organisation.name for organisation in ORGANISATIONS}


async def people(story: Story) -> None:
    async with story.steps.step("各方登录，六位持钥人登记公钥") as step:
        for login in HOLDERS:
            client = await run(signed_in, story.house.site_of(login), login)
            story.holders[login] = Holder(client, story.house.holders[login])
            await run(story.holders[login].register)
        for login in PRICES:
            place = story.folder / "bidders" / login
            name = NAMES[CODE_OF[login]]
            story.bidders[login] = await run(bidder_of, story.house.site_of(login), login, name, place)
        step.say("交易端、监督端各自登录；私钥都留在本人处")


async def registered(story: Story) -> None:
    async with story.steps.step("招标人进场登记，交易中心受理") as step:
        project, story.cases = await run(Purchaser(story.holders["purchaser1"].client).register, MODES)
        await run(story.holders["operator1"].client.post, f"/projects/{project}/accept", {})
        step.say(f"{len(story.cases)} 个标段：{'、'.join(MODES)}")


async def keys(story: Story) -> None:
    async with story.steps.step("三方持钥人生成密钥，签署开标设定") as step:
        whole = len(HOLDERS) * len(story.cases)
        unlocks = await story.unlock_until({"key": whole, "setup": whole}, *HOLDERS)
        step.say(f"六人共解锁 {unlocks} 次，每标段六把密钥、六个签名")


async def published(story: Story) -> None:
    async with story.steps.step("发布招标公告和招标文件") as step:
        documents = await asyncio.to_thread(tender_documents, story.folder)
        for case in story.cases:
            purchaser = Purchaser(story.holders["purchaser1"].client)
            await run(purchaser.publish, case, write_moment(DEADLINE), documents)
        step.say(f"投标截止 {DEADLINE:%Y-%m-%d %H:%M}，附件 {'、'.join(path.name for path in documents)}")


async def deadlines_signed(story: Story) -> None:
    async with story.steps.step("招标人持钥人签署截止时间，标箱就绪") as step:
        await story.unlock_until({"deadline": len(story.cases)}, "purchaser1")
        for case in story.cases:
            story.lots.append(await run(fetch, story.bidders["bidder1"].client, case, story.anchors))
        step.say("投标工具已按锚点核对设定的六个签名和截止时间的签名")


async def sealed(story: Story) -> None:
    async with story.steps.step("四家投标人离线封装并递交") as step:
        plain = sent = 0
        sealing = sending = 0.0
        for n, (login, prices) in enumerate(PRICES.items()):
            bidder = story.bidders[login]
            for at, lot in enumerate(story.lots):
                place = bidder.folder / f"文件-{lot.setup.lot}"
                documents = await run(bid_documents, place, bidder.name, story.big if n == at == 0 else 0)
                started = time.monotonic()
                folder = await run(bidder.seal, lot, prices[at], documents)
                sealed = time.monotonic()
                await run(submit, bidder.client, folder, story.anchors)
                sealing, sending = sealing + sealed - started, sending + time.monotonic() - sealed
                plain += size_of(documents)
                sent += sum(path.stat().st_size for path in folder.to_send().values())
        step.say(f"封装 {rate(plain, sealing)}")
        step.say(f"递交 {rate(sent, sending)}，{len(PRICES) * len(story.lots)} 份回执签名均已核对")


async def lowered(story: Story) -> None:
    async with story.steps.step("一家投标人只改报价，重新递交") as step:
        bidder, lot = story.bidders["bidder1"], story.lots[0]
        folder = await run(bidder.seal, lot, LOWERED, None)
        await run(submit, bidder.client, folder, story.anchors)
        sent = sum(path.stat().st_size for path in folder.to_send().values())
        step.say(f"只送出 {sent / 1024:.0f} KB，技术文件沿用")
