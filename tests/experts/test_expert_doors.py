"""The doors of the experts: by API and by plain forms; what each role is told, and what nobody is."""

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from browsing import account
from check_case import check_cases
from conftest import TestClock
from expert_pool import BUILD, DRAWING, EVALUATION, Court, Row, put_in, unit
from expert_sheets import row, sheet
from house_databases import Databases
from road import County, actor
from seeded_people import KEYS, PASSWORD
from trading_site import ORIGIN, Site, trading_site

from experts import records
from experts.schemas import Quota
from kernel.db import TRADING, reading
from kernel.ids import new_id

FIELD = re.compile(r'name="_csrf_token" value="([^"]+)"')
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ALL = [{"profession": BUILD, "quota": 5}]


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> Any:
    county = await County.make(tmp_path, house)
    yield county
    await check_cases(house, county.tools)


@pytest.fixture
async def site(county: County) -> Any:
    async with trading_site(county) as site:
        yield site


@pytest.fixture
async def court(county: County, house: Databases) -> Court:
    await put_in(house.admin, [Row() for _ in range(9)])
    return await Court.of_county(county, house, await county.announced())


def asked(**changes: Any) -> dict[str, Any]:
    return {
        "size": 5, "owners": 0, "professions": ALL, "evaluation_at": EVALUATION.isoformat(), "place": "三楼评标室",
        **changes,
    }  # fmt: skip


def browser(site: Site) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=site.app), base_url=ORIGIN)


async def token(client: httpx.AsyncClient, path: str) -> str:
    page = await client.get(path)
    assert page.status_code == 200, page.text
    found = FIELD.search(page.text)
    assert found
    return found[1]


async def signed_in(client: httpx.AsyncClient, someone: Any) -> None:
    sent = {"login": await account(someone, KEYS), "password": PASSWORD, "_csrf_token": await token(client, "/signin")}
    done = await client.post("/signin", data=sent)
    assert done.status_code == 303, done.text


async def test_a_panel_by_api_from_the_request_to_the_seat(
    court: Court, county: County, site: Site, clock: TestClock
) -> None:
    await clock.freeze(DRAWING)
    lot, purchaser = court.facts.lot, await site.of(county.purchaser)
    wrong = await purchaser.post(f"/lots/{lot}/panel", json=asked(size=6))
    assert (wrong.status_code, [p["code"] for p in wrong.json()["problems"]]) == (422, ["panel_even", "quotas_wrong"])
    key = {"idempotency-key": str(new_id())}
    made = await purchaser.post(f"/lots/{lot}/panel", json=asked(), headers=key)
    assert (await purchaser.post(f"/lots/{lot}/panel", json=asked(), headers=key)).json() == made.json()
    async with court.keeper() as keeper:
        await court.answer_all(keeper)
        slips = [call.slip for call in keeper.book.asked.values() if call.slip]
    shown = (await purchaser.get(f"/lots/{lot}/panel")).json()
    assert (shown["stage"], len(shown["walk"]), shown["draws"]) == ("seated", 5, 1)
    await clock.freeze(EVALUATION)
    async with browser(site) as desk:
        assert (await desk.post("/api/v1/desk", json={"slip": "AAAA-BBBB-CCCC"})).status_code == 404
        here = (await desk.post("/api/v1/desk", json={"slip": slips[0]})).json()
        sent = {"x-csrftoken": here["csrf"]}
        chair = await desk.post(f"/api/v1/lots/{lot}/panel/chair", json={"seat": here["seat"]}, headers=sent)
        assert chair.status_code == 200, chair.text
        gone = await desk.post(f"/api/v1/lots/{lot}/panel/leave", json={"reason": "身体不适"}, headers=sent)
        assert gone.json() == {"lot": str(lot)}
        avoid = await desk.post(f"/api/v1/lots/{lot}/panel/avoidance", json={"ground": "REG46"}, headers=sent)
        assert avoid.status_code == 403
        assert (await desk.get("/api/v1/experts/me")).status_code == 404, "a seat is nobody of the pool"
    replaced = {"seat": shown["seats"][1]["id"], "reason": "未到场"}
    await clock.freeze(EVALUATION)
    after = await purchaser.post(f"/lots/{lot}/panel/replacements", json=replaced)
    assert [seat["state"] for seat in after.json()["seats"]][:2] == ["已离席", "已离席"]
    refused = await purchaser.post(f"/lots/{lot}/panel/dissolution", json={"says": "换一批"})
    assert refused.status_code == 409
    due = await purchaser.get(f"/lots/{lot}/panel/attendance")
    assert due.json()["due"] == []
    none = await purchaser.post(f"/lots/{lot}/panel/attendance", json={})
    assert none.json()["code"] == "wrong_panel_stage", "it is drawn"


async def test_a_stranger_learns_nothing_of_a_panel(court: Court, county: County, site: Site) -> None:
    lot = court.facts.lot
    stranger = await site.of(await actor("purchaser", unit(5), "别的单位"))
    for path in (f"/lots/{lot}/panel", f"/lots/{new_id()}/panel"):
        assert (await stranger.get(path)).status_code == 404
    bidder = await site.of(await actor("bidder", unit(6), "某投标人"))
    assert (await bidder.get(f"/lots/{lot}/panel")).status_code == 403
    assert (await site.public().get(f"/lots/{lot}/panel")).status_code == 401


async def test_the_desk_works_by_a_plain_form_without_an_account(
    court: Court, county: County, site: Site, clock: TestClock
) -> None:
    lot = court.facts.lot
    async with court.keeper() as keeper:
        await court.seated(keeper, clock, owners=0, professions=[Quota(profession=BUILD, quota=5)])
        slip = next(call.slip for call in keeper.book.asked.values() if call.slip)
    await clock.freeze(EVALUATION)
    async with browser(site) as client:
        wrong = await client.post("/desk", data={"slip": "AAAA-BBBB-CCCC", "_csrf_token": await token(client, "/desk")})
        assert (wrong.status_code, "签到码不正确" in wrong.text, "AAAA" in wrong.text) == (404, True, False)
        here = await client.post("/desk", data={"slip": slip, "_csrf_token": await token(client, "/desk")})
        assert here.headers["location"] == f"/lots/{lot}/panel/me"
        page = await client.get(f"/lots/{lot}/panel/me")
        assert "1 号席" in page.text
        assert "专家1" not in page.text
        csrf = FIELD.search(page.text)
        assert csrf
        sent = {"ground": "REG46", "says": "", "_csrf_token": csrf[1]}
        gone = await client.post(f"/lots/{lot}/panel/me/avoidance", data=sent)
        assert gone.status_code == 303
        assert "您已离席" in (await client.get(f"/lots/{lot}/panel/me")).text
    async with reading(TRADING) as connection:
        panel = await records.panel_of(connection, lot)
    assert panel is not None
    assert panel.seats[0].left_at is not None


async def test_the_request_form_says_all_that_is_wrong_and_then_takes_it(
    court: Court, county: County, site: Site, clock: TestClock
) -> None:
    await clock.freeze(DRAWING)
    path = f"/lots/{court.facts.lot}/panel"
    async with browser(site) as client:
        await signed_in(client, county.purchaser)
        form = {
            "size": "5", "owners": "0", "professions-0-profession": BUILD, "professions-0-quota": "4",
            "evaluation_at": EVALUATION.strftime("%Y-%m-%dT%H:%M"), "hours": "8", "place": "三楼",
            "reply_minutes": "15",
            "avoided": f"东方建设有限公司 {unit(1003)}\n无代码的单位", "_csrf_token": await token(client, path),
            "request_id": str(new_id()),
        }  # fmt: skip
        wrong = await client.post(path, data=form)
        assert (wrong.status_code, "各专业人数合计 4，应为 5" in wrong.text) == (422, True)
        done = await client.post(path, data=form | {"professions-0-quota": "5"})
        assert done.status_code == 303, done.text
        assert "等待抽取" in (await client.get(path)).text
        assert court.facts.code in (await client.get("/panels")).text


async def test_an_expert_applies_and_keeps_his_data_by_forms(
    county: County, site: Site, court: Court, clock: TestClock
) -> None:
    one = await actor("expert", "12330106MB0000077X", "某设计院")
    async with browser(site) as client:
        await signed_in(client, one)
        assert (await client.get("/workbench")).headers["location"] == "/experts/me"
        csrf = await token(client, "/experts/application")
        form = {
            "phone": "13800000001", "born": "1975-05-17", "region": "330106", "title_level": "senior",
            "title": "高级工程师", "years": "20", "employer_name": "某设计院", "professions": [BUILD, "", ""],
            "committed": "yes", "_csrf_token": csrf, "request_id": str(new_id()),
        }  # fmt: skip
        wrong = await client.post("/experts/application", data=form)
        assert "没有上传证明材料" in wrong.text
        sent = await client.post(
            "/api/v1/uploads", json={"purpose": "expert_evidence", "size": 4}, headers={"x-csrftoken": csrf}
        )
        assert sent.status_code == 201, sent.text
        upload = sent.json()["id"]
        part = await client.put(
            f"/api/v1/uploads/{upload}/parts/1", content=b"%PDF", headers={"x-csrftoken": csrf, **_digest(b"%PDF")}
        )
        assert part.status_code < 300, part.text
        done = await client.post("/experts/application", data=form | {"evidence": upload, "evidence_label": "证书.pdf"})
        assert done.status_code == 303, done.text
        again = (await client.get("/experts/application")).text
        assert ("高级工程师" in again, "已送达" in again) == (True, False)
        tie = {"kind": "shareholder", "name": "东方建设有限公司", "_csrf_token": csrf}
        assert (await client.post("/experts/me/ties", data=tie)).status_code == 303
        time = {"begins": "2026-05-01T09:00", "ends": "2026-05-02T09:00", "_csrf_token": csrf}
        assert (await client.post("/experts/me/times", data=time)).status_code == 303
        backwards = await client.post("/experts/me/times", data=time | {"ends": "2026-04-02T09:00"})
        assert "结束时间不晚于开始时间" in backwards.text
        page = (await client.get("/experts/me")).text
        assert all(word in page for word in ("待批准", "股东、持有股份", "东方建设有限公司", "土建工程"))


def _digest(content: bytes) -> dict[str, str]:
    import hashlib  # noqa: PLC0415

    return {"x-part-sha256": hashlib.sha256(content).hexdigest()}


async def test_the_centre_brings_a_sheet_in_by_form_and_sees_numbers_only(
    county: County, site: Site, clock: TestClock
) -> None:
    async with browser(site) as client:
        await signed_in(client, county.operator)
        csrf = await token(client, "/experts/pool")
        content = sheet([row(1), row(2), row(3, 手机号码="1")])
        files = {"sheet": ("名册.xlsx", content, XLSX)}
        refused = await client.post("/experts/pool", files=files, data={"request_id": str(new_id())})
        assert refused.status_code == 403, "another site's form has no token"
        sent = {"_csrf_token": csrf, "request_id": str(new_id())}
        done = await client.post("/experts/pool", files=files, data=sent)
        assert (done.status_code, "已导入 2 人" in done.text, "第4行/手机号码" in done.text) == (200, True, True)
        page = (await client.get("/experts/pool")).text
        assert "等待批准" in page
        assert "专家1" not in page
    api = await site.of(county.operator)
    template = await api.get("/experts/sheet")
    assert template.content[:2] == b"PK"
    made = await api.post("/experts/sheet", content=sheet([row(7)]), headers={"content-type": XLSX})
    assert made.json()["count"] == 1
    figures = (await api.get("/experts/statistics")).json()
    assert figures["totals"]["待批准"] == 3
    assert UUID(made.json()["batch"])


async def test_the_classification_is_public(site: Site) -> None:
    items = (await site.public().get("/professions")).json()["items"]
    assert {"code": BUILD, "name": "工程施工 · 土建工程"} in items
