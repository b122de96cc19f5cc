"""The story itself: two lots of one project, four bidders, six share holders, from registration to the packages."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from app.bidder.after import closed_list, recovery_of, reveal
from app.bidder.lot import Lot
from app.bidder.submission import check_proof, fetch_proof, submit
from app.client import Refused
from app.demo.house import House
from app.demo.papers import bid_documents, size_of, tender_documents
from app.demo.parties import Bidder, Holder, Purchaser, bidder_of, fetch, signed_in
from app.demo.steps import DemoFailed, Step, Steps, rate, until
from app.demo_people import CODE_OF, HOLDERS, ORGANISATIONS
from kernel.clock import CHINA
from kernel.proofs.anchors import Anchors, read_anchors
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
FIRST = ("operator1", "regulator1", "purchaser1")
"""One holder of each role is enough to open; the second stands by."""
NAMES = {organisation.code: organisation.name for organisation in ORGANISATIONS}
P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class Story:
    """Where the story stands."""

    house: House
    steps: Steps
    folder: Path
    big: int
    anchors: Anchors = field(init=False)
    holders: dict[str, Holder] = field(default_factory=dict)
    bidders: dict[str, Bidder] = field(default_factory=dict)
    cases: list[str] = field(default_factory=list)
    lots: list[Lot] = field(default_factory=list)

    async def play(self) -> None:
        """All of it, in order."""
        self.anchors = read_anchors(self.house.settings.anchors.read_bytes())
        for act in (
            self.people, self.registered, self.keys, self.published, self.deadlines_signed, self.sealed,
            self.lowered, self.late, self.closed, self.revealed, self.released, self.fallback,
            self.recorded, self.proven,
        ):  # fmt: skip
            await act()

    async def people(self) -> None:
        async with self.steps.step("各方登录，六位持钥人登记公钥") as step:
            for login in HOLDERS:
                client = await _run(signed_in, self.house.site_of(login), login)
                self.holders[login] = Holder(client, self.house.holders[login])
                await _run(self.holders[login].register)
            for login in PRICES:
                place = self.folder / "bidders" / login
                name = NAMES[CODE_OF[login]]
                self.bidders[login] = await _run(bidder_of, self.house.site_of(login), login, name, place)
            step.say("交易端、监督端各自登录；私钥都留在本人处")

    async def registered(self) -> None:
        async with self.steps.step("招标人进场登记，交易中心受理") as step:
            project, self.cases = await _run(Purchaser(self.holders["purchaser1"].client).register, MODES)
            await _run(self.holders["operator1"].client.post, f"/projects/{project}/accept", {})
            step.say(f"{len(self.cases)} 个标段：{'、'.join(MODES)}")

    async def keys(self) -> None:
        async with self.steps.step("三方持钥人生成密钥，签署开标设定") as step:
            whole = len(HOLDERS) * len(self.cases)
            unlocks = await self._unlock_until({"key": whole, "setup": whole}, *HOLDERS)
            step.say(f"六人共解锁 {unlocks} 次，每标段六把密钥、六个签名")

    async def published(self) -> None:
        async with self.steps.step("发布招标公告和招标文件") as step:
            documents = await asyncio.to_thread(tender_documents, self.folder)
            for case in self.cases:
                purchaser = Purchaser(self.holders["purchaser1"].client)
                await _run(purchaser.publish, case, write_moment(DEADLINE), documents)
            step.say(f"投标截止 {DEADLINE:%Y-%m-%d %H:%M}，附件 {'、'.join(path.name for path in documents)}")

    async def deadlines_signed(self) -> None:
        async with self.steps.step("招标人持钥人签署截止时间，标箱就绪") as step:
            await self._unlock_until({"deadline": len(self.cases)}, "purchaser1")
            for case in self.cases:
                self.lots.append(await _run(fetch, self.bidders["bidder1"].client, case, self.anchors))
            step.say("投标工具已按锚点核对设定的六个签名和截止时间的签名")

    async def sealed(self) -> None:
        async with self.steps.step("四家投标人离线封装并递交") as step:
            plain = sent = 0
            sealing = sending = 0.0
            for n, (login, prices) in enumerate(PRICES.items()):
                bidder = self.bidders[login]
                for at, lot in enumerate(self.lots):
                    place = bidder.folder / f"文件-{lot.setup.lot}"
                    documents = await _run(bid_documents, place, bidder.name, self.big if n == at == 0 else 0)
                    started = time.monotonic()
                    folder = await _run(bidder.seal, lot, prices[at], documents)
                    sealed = time.monotonic()
                    await _run(submit, bidder.client, folder, self.anchors)
                    sealing, sending = sealing + sealed - started, sending + time.monotonic() - sealed
                    plain += size_of(documents)
                    sent += sum(path.stat().st_size for path in folder.to_send().values())
            step.say(f"封装 {rate(plain, sealing)}")
            step.say(f"递交 {rate(sent, sending)}，{len(PRICES) * len(self.lots)} 份回执签名均已核对")

    async def lowered(self) -> None:
        async with self.steps.step("一家投标人只改报价，重新递交") as step:
            bidder, lot = self.bidders["bidder1"], self.lots[0]
            folder = await _run(bidder.seal, lot, LOWERED, None)
            await _run(submit, bidder.client, folder, self.anchors)
            sent = sum(path.stat().st_size for path in folder.to_send().values())
            step.say(f"只送出 {sent / 1024:.0f} KB，技术文件沿用")

    async def late(self) -> None:
        async with self.steps.step("到截止时间：名单公布，迟到的标书被拒收") as step:
            bidder, lot = self.bidders["bidder2"], self.lots[0]
            folder = await _run(bidder.seal, lot, "36000000.00", None)
            await self.house.forward(DEADLINE)
            await self._until_each("截标名单公布", "close", lambda shown: True)
            bidder.bids[lot.case].pop()
            try:
                await _run(submit, bidder.client, folder, self.anchors)
            except Refused as refused:
                step.say(f"平台答复：{refused.problems[0].says}")
            else:
                raise DemoFailed("迟到的标书被收下了")

    async def closed(self) -> None:
        async with self.steps.step("名单五分钟后固定，监督方会签") as step:
            await self.house.forward(DEADLINE + timedelta(minutes=5))
            shown = await self._until_each("截标名单会签", "close", lambda shown: bool(shown["countersignature"]))
            step.say(f"{'、'.join(str(len(each['bids'])) for each in shown)} 份标书在册，只公布指纹")

    async def revealed(self) -> None:
        async with self.steps.step("一标段：三家投标人在线解密") as step:
            lot = self.lots[0]
            for login in ("bidder1", "bidder2", "bidder3"):
                bidder = self.bidders[login]
                folder = bidder.standing(lot)
                close = await _run(closed_list, bidder.client, folder, self.anchors)
                recovery = await _run(recovery_of, folder, bidder.passphrase)
                await _run(reveal, bidder.client, folder, close, recovery, bidder.signer)
            step.say(f"{self.bidders['bidder4'].name}丢了恢复文件，等待补救；此时一个报价也不公布")
            if (await self._lot(lot.case))["opened_at"]:
                raise DemoFailed("窗口未结束就公布了报价")

    async def released(self) -> None:
        async with self.steps.step("二标段：三方核验并交出份额，共同开启") as step:
            stages = len(self.lots[1].setup.stages)
            await self._unlock_until({"attest": 3 * stages, "release": 3 * stages}, *FIRST)
            await until("二标段开启", lambda: self._opened(self.lots[1].case))
            step.say("交易中心、监督部门、招标人依次交出份额，齐了才开")

    async def fallback(self) -> None:
        async with self.steps.step("一标段：解密时间结束，三方补救开启一份") as step:
            close = await _run(self.bidders["bidder1"].client.get, f"/lots/{self.lots[0].case}/close")
            await self.house.forward(datetime.fromisoformat(close["reveal_until"]))
            stages = len(self.lots[0].setup.stages)
            await self._unlock_until({"attest": 3 * stages, "release": 3 * stages}, *FIRST)
            await until("一标段开启", lambda: self._opened(self.lots[0].case))
            step.say("四家报价同时公布")

    async def recorded(self) -> None:
        async with self.steps.step("异议时间结束，开标记录自动生成") as step:
            await self.house.forward(await self.house.now() + timedelta(minutes=11))
            await self.house.hurry(*(UUID(case) for case in self.cases))
            await until("开标记录", self._all_recorded)
            await self._say_prices(step)

    async def proven(self) -> None:
        async with self.steps.step("回执经见证方会签，成为最终证明") as step:
            await self.house.hurry()
            sizes = []
            for bidder in self.bidders.values():
                folder = bidder.standing(self.lots[0])
                await until("最终证明", lambda b=bidder, f=folder: _run(fetch_proof, b.client, f))  # type: ignore[misc]
                sizes.append((await _run(check_proof, folder, self.anchors)).size)
            step.say(f"四份回执都在见证过的日志里，日志共 {max(sizes)} 条")

    async def _say_prices(self, step: Step) -> None:
        for lot in self.lots:
            record = (await _run(self.bidders["bidder1"].client.get_raw, f"/lots/{lot.case}/opening")).json()
            prices = sorted(bid["form"]["price"] for bid in record["bids"])
            step.say(f"{lot.setup.lot} 标段报价：{'、'.join(prices)}")

    async def _unlock_until(self, wanted: dict[str, int], *logins: str) -> int:
        """These people unlock in turn until so many of each act are done; how many unlocks it took."""
        done: dict[str, set[tuple[str, ...]]] = {act: set() for act in wanted}
        unlocks = 0

        async def round_of_unlocks() -> bool:
            nonlocal unlocks
            for login in logins:
                results = await _run(self.holders[login].unlock, self.anchors)
                if refused := [f"{each.words}：{each.says}" for each in results if each.says]:
                    raise DemoFailed("；".join(refused))
                unlocks += bool(results)
                for each in results:
                    done.setdefault(each.task["do"], set()).add((each.task["case"], each.task.get("stage", ""), login))
            return all(len(done[act]) >= count for act, count in wanted.items())

        await until(f"持钥人办完 {wanted}", round_of_unlocks)
        return unlocks

    async def _until_each(self, what: str, part: str, good: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        """Wait until this part of every lot is good."""
        client, found = self.bidders["bidder1"].client, list[dict[str, Any]]()

        async def all_good() -> bool:
            found.clear()
            for case in self.cases:
                try:
                    found.append(await _run(client.get, f"/lots/{case}/{part}"))
                except Refused:
                    return False
            return all(good(each) for each in found)

        await until(what, all_good)
        return found

    async def _lot(self, case: str) -> dict[str, Any]:
        return await _run(self.bidders["bidder1"].client.get, f"/lots/{case}")

    async def _opened(self, case: str) -> bool:
        return bool((await self._lot(case))["opened_at"])

    async def _all_recorded(self) -> bool:
        return all([(await self._lot(case))["opening"] for case in self.cases])


async def _run(act: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """The tools are blocking programs: each runs in a thread, as on the party's own machine."""
    return await asyncio.to_thread(act, *arguments, **named)
