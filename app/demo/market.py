"""The supermarket of a demonstration: agencies come in and are checked, one is drawn, serves and is rated."""

from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from app.client import Client
from app.demo.parties import signed_in
from app.demo.steps import until
from app.demo.story import Story, run
from app.demo_people import REGION
from app.uploading import send_whole
from intermediaries.catalogue import item_id
from kernel.paper import as_pdf_document

ITEM, LICENCE, GRADE = "SUR-02", "survey", "乙级"
LOGINS = ("agency1", "agency2", "agency3")
AMOUNT = "30000"
DAY = timedelta(days=1)


async def entered(story: Story) -> dict[str, Client]:
    """Agencies with their licence, let in by the centre; who they are, by their number in the market."""
    async with story.steps.step("中介机构入驻，交易中心形式核验") as step:
        found = {}
        for login in LOGINS:
            client = await run(signed_in, story.house.site_of(login), login)
            agency = await run(_enter, client, login, story.folder)
            await run(story.operator.post, f"/entries/{agency}/check", {"decision": "pass"})
            found[agency] = client
        step.say(f"{len(found)} 家机构承诺并上传资质，即日入驻")
        return found


async def requested(story: Story) -> Client:
    """A request by draw is published, whose pieces both processes seal before anybody has applied; its owner."""
    async with story.steps.step("业主在中介超市发布采购需求，随机选取") as step:
        owner = await run(signed_in, story.house.site_of("owner1"), "owner1")
        said = {"contact": "蒋帆", "complaints_phone": "0571-87650000", "accepted": True}
        await run(owner.put_json, "/owner", said)
        close = (await story.house.now() + 3 * DAY).replace(hour=17, minute=0, second=0, microsecond=0)
        story.request = (await run(owner.post, "/requests", _asked(close.isoformat())))["request"]
        step.say(f"报名至 {close:%Y-%m-%d %H:%M}；交易端、监督端的随机片段在报名前各自封存")
        return owner


async def drawn(story: Story, agencies: dict[str, Client]) -> None:
    """They apply; at the close the list is fixed and the order follows."""
    async with story.steps.step("机构报名，截止后随机选取") as step:
        for client in agencies.values():
            await run(client.post, f"{_place(story)}/applications", {"says": "具备条件，愿意承接。"})
        await until("双方片段封存", partial(story.house.sealed, UUID(story.request)))
        await story.house.forward(datetime.fromisoformat((await _shown(story))["apply_until"]))
        await until("选取结果", partial(_reached, story, "selected"))
        step.say(f"{len(agencies)} 家报名，截止前无人可见；中选：{(await _shown(story))['agency_name']}")


async def served(story: Story, agencies: dict[str, Client], owner: Client) -> None:
    """Accepted, contracted, delivered, taken over."""
    async with story.steps.step("中选机构确认、签约备案、交付、验收") as step:
        name, place = (await _shown(story))["agency_name"], _place(story)
        agency = await run(_of_name, agencies, name)
        await story.house.forward(await story.house.now() + DAY)
        await run(agency.post, f"{place}/answer", {"answer": "accept"})
        today = (await story.house.now()).date()
        terms = {"price": AMOUNT, "service_days": 7, "signed_on": str(today)}
        await run(owner.post, f"{place}/contracts", terms)
        await run(agency.post, f"{place}/contracts/answer", {"answer": "confirm"})
        await story.house.forward(await story.house.now() + 4 * DAY)
        report = _written(story.folder / "竣工测绘报告.pdf", "竣工规划核实测绘报告")
        upload = await run(send_whole, agency, report, "service_result")
        files = [{"label": report.name, "upload": upload}]
        await run(agency.post, f"{place}/results", {"says": "成果报告", "files": files})
        await run(owner.post, f"{place}/results/answer", {"answer": "accept"})
        step.say(f"{name}七个工作日的服务按期完成")


async def rated(story: Story, owner: Client) -> None:
    """好差评: once, by the real user."""
    async with story.steps.step("业主评价") as step:
        said = {"stars": 5, "says": "专业、及时，沟通顺畅。"}
        await run(owner.post, f"{_place(story)}/rating", said)
        step.say("五级评价和四项客观事项，一项服务只评一次，不删不改")


def _enter(client: Client, login: str, folder: Path) -> str:
    """Everything an agency hands in; its number in the market."""
    n = int(login.removeprefix("agency"))
    said = {
        "legal_rep": "王明",
        "office": f"文三路 {n} 号",
        "phone": f"0571-8888{n:04}",
        "bank_account": f"33010{n:05}",
    }
    agency = str(client.put_json("/entry", said)["agency"])
    scan = send_whole(client, _written(folder / f"{login}-资质证书.pdf", "测绘资质证书"), "certificate")
    paper = {
        "kind": LICENCE, "grade": GRADE, "number": f"乙测资字331{n:04}", "issuer": "浙江省自然资源厅",
        "issued_on": str(date(2024, 3, 1)), "valid_through": str(date(2029, 3, 1)), "upload": scan,
    }  # fmt: skip
    client.post("/entry/certificates", paper)
    client.put_json("/entry/promises", {"item": str(item_id(ITEM)), "price": AMOUNT, "days": 7})
    client.post("/entry/filing", {"accepted": True})
    return agency


def _asked(close: str) -> dict[str, Any]:
    return {
        "item": str(item_id(ITEM)), "name": "厂房竣工规划核实测绘", "region": REGION, "mode": "draw", "amount": AMOUNT,
        "service_days": 7, "apply_until": close, "content": "按清单约定的内容和深度完成。",
        "complaints_phone": "0571-87650000",
    }  # fmt: skip


def _of_name(agencies: dict[str, Client], name: str) -> Client:
    return next(c for number, c in agencies.items() if c.get(f"/agencies/{number}")["name"] == name)


async def _shown(story: Story) -> dict[str, Any]:
    return await run(story.operator.get, _place(story))


async def _reached(story: Story, stage: str) -> bool:
    return bool((await _shown(story))["stage"] == stage)


def _place(story: Story) -> str:
    return f"/requests/{UUID(story.request)}"


def _written(path: Path, title: str) -> Path:
    path.write_bytes(as_pdf_document(title, (title,)))
    return path
