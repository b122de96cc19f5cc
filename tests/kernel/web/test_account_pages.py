"""The account's pages as people use them: password, second factor, devices, roles, officials, leave."""

import base64
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from uuid import UUID

import httpx
import pytest
from gated_app import browser, gated
from house_databases import Databases
from house_faces import Faces
from seeded_people import (
    BUILDER,
    BUREAU,
    CENTRE,
    KEYS,
    ORGANISATIONS,
    PASSWORD,
    PEOPLE,
    ROADS,
    WRONG,
    code,
    identity,
    seeded,
)

from kernel.accounts import records
from kernel.accounts.credentials import code_at
from kernel.accounts.register import register_person_and_organisation
from kernel.accounts.schemas import RegisterOrganisation
from kernel.accounts.seeding import seed
from kernel.db import connected
from kernel.web.account import account_handlers
from kernel.web.account.mandates import mandate_handlers
from kernel.web.guard import check_routes

FIELD = re.compile(r'name="_csrf_token" value="([^"]+)"')
PROJECT = UUID(int=17)
CHANGED = "another long password"
NEW = {
    "person_name": "新同事",
    "identity_number": identity(60),
    "phone": "13912345678",
    "login": "newcomer",
    "password": PASSWORD,
}


async def _projects(actor: object) -> list[tuple[UUID, str]]:
    return [(PROJECT, "清江大桥加固")]


class Reader:
    """Somebody at a browser."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path)

    async def send(self, path: str, seen_on: str = "/role", **fields: str | list[str]) -> httpx.Response:
        token = FIELD.search((await self.client.get(seen_on)).text)
        assert token, seen_on
        return await self.client.post(path, data={**fields, "_csrf_token": token.group(1)})

    async def enter(self, login: str, totp: str = "", password: str = PASSWORD) -> httpx.Response:
        return await self.send("/signin", "/signin", login=login, password=password, totp=totp)


@asynccontextmanager
async def at(login: str, site: str = "trading") -> AsyncIterator[Reader]:
    """A reader signed in at the small site with the account's doors, in his first role."""
    app = gated(*account_handlers(), *mandate_handlers(_projects), site=site)
    check_routes(app)
    async with browser(app) as client:
        reader = Reader(client)
        assert (await reader.enter(login)).status_code == 303
        yield reader


def _words(answer: httpx.Response) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", answer.text))


def _register(number: int, unit: str, role: str = "bidder") -> RegisterOrganisation:
    return RegisterOrganisation.model_validate(
        {
            "person_name": f"新人{number}",
            "identity_number": identity(number),
            "phone": "13912345678",
            "login": f"new.{number}",
            "password": PASSWORD,
            "credit_code": unit,
            "organisation_name": "某公司",
            "region": "330106",
            "role": role,
        }
    )


@pytest.mark.parametrize("path", ["/account", "/account/password", "/account/second-factor", "/account/sessions"])
async def test_a_stranger_is_sent_to_sign_in_and_a_person_without_a_role_is_not(house: Databases, path: str) -> None:
    await seeded()
    await register_person_and_organisation(_register(61, BUILDER), KEYS)
    async with browser(gated(*account_handlers())) as stranger:
        sent = await stranger.get(path)
        assert (sent.status_code, sent.headers["location"]) == (303, f"/signin?next={path}")
    async with at("new.61") as waiting:
        assert (await waiting.get(path)).status_code == 200
        assert (await waiting.get("/account/people")).status_code == 403


async def test_the_tabs_lead_only_to_what_the_reader_may_see(house: Databases) -> None:
    await seeded()
    for login in ("purchaser", "agent", "bidder", "expert", "operator"):
        async with at(login) as reader:
            page = await reader.get("/account")
            tabs = re.search(r'<nav class="tabs".*?</nav>', page.text, re.DOTALL)
            assert tabs
            for href in re.findall(r'href="([^"]+)"', tabs.group(0)):
                assert (await reader.get(href)).status_code == 200, (login, href)


async def test_a_changed_password_signs_out_and_the_new_one_signs_in(house: Databases) -> None:
    await seeded()
    async with at("rival") as reader:
        short = await reader.send("/account/password", "/account/password", old=PASSWORD, new="short")
        assert (short.status_code, "密码至少10个字符" in _words(short)) == (422, True)
        wrong = await reader.send("/account/password", "/account/password", old=WRONG, new=CHANGED)
        assert (wrong.status_code, 'id="e-old"' in wrong.text) == (422, True)
        assert CHANGED not in wrong.text
        missing = await reader.send("/account/password", "/account/password")
        assert missing.text.count("这一项必须填写") >= 2
        done = await reader.send("/account/password", "/account/password", old=PASSWORD, new=CHANGED)
        assert done.status_code == 303
        assert "密码已更改" in _words(await reader.get(done.headers["location"]))
        assert (await reader.get("/account")).status_code == 303
        assert (await reader.enter("rival", password=CHANGED)).status_code == 303


async def test_an_authenticator_is_bound_by_the_page_and_a_mistyped_code_keeps_the_qr(house: Databases) -> None:
    await seeded()
    async with at("rival") as reader:
        path = "/account/second-factor"
        page = await reader.get(path)
        assert page.headers["cache-control"] == "no-store"
        assert 'src="data:image/svg+xml' in page.text
        secret, sealed = _shown(page)
        mistyped = await reader.send(path, path, enrolment=sealed, code="000000", password=PASSWORD)
        assert mistyped.status_code == 422
        assert _shown(mistyped) == (secret, sealed)
        lost = await reader.send(path, path, enrolment="lost", code="000000", password=PASSWORD)
        assert (lost.status_code, _shown(lost)[0] != secret) == (422, True)
        now = code_at(base64.b32decode(secret), time.time())
        done = await reader.send(path, path, enrolment=sealed, code=now, password=PASSWORD)
        assert (done.status_code, done.headers["location"]) == (303, "/account")
        assert "已绑定" in _words(await reader.get("/account"))
        assert "原验证器显示的 6 位数字" in _words(await reader.get(path))


def _shown(page: httpx.Response) -> tuple[str, str]:
    secret = re.search(r'<code class="hash">([A-Z2-7]{32})</code>', page.text)
    sealed = re.search(r'name="enrolment" value="([^"]+)"', page.text)
    assert secret
    assert sealed
    return secret.group(1), sealed.group(1)


async def test_a_device_one_does_not_know_is_ended(house: Databases) -> None:
    await seeded()
    async with at("rival") as mine, at("rival") as strange, at("purchaser") as somebody:
        page = await mine.get("/account/sessions")
        (other,) = re.findall(r"/account/sessions/([0-9a-f-]{36})/end", page.text)
        assert (await somebody.send(f"/account/sessions/{other}/end")).status_code == 404
        assert (await strange.get("/account")).status_code == 200
        assert (await mine.send(f"/account/sessions/{other}/end")).status_code == 303
        assert (await strange.get("/account")).status_code == 303
        assert (await mine.send("/account/sessions/others/end")).status_code == 303
        assert (await mine.get("/account")).status_code == 200


async def test_a_person_without_a_role_asks_for_one_and_a_colleague_grants_it(house: Databases) -> None:
    await seeded()
    first = await register_person_and_organisation(_register(61, BUILDER), KEYS)
    async with at("new.61") as newcomer, at("rival") as roads, at("bidder") as builder:
        assert "撤回申请" in _words(await newcomer.get("/account"))
        assert (await newcomer.send(f"/account/roles/{first.membership}/end")).status_code == 303
        nowhere = await newcomer.send("/account/roles", organisation_code="1", role="bidder")
        assert (nowhere.status_code, "没有登记这个单位" in _words(nowhere)) == (404, True)
        wrong = await newcomer.send("/account/roles", organisation_code=ROADS, role="operator")
        assert wrong.status_code == 422
        assert (await newcomer.send("/account/roles", organisation_code=ROADS, role="bidder")).status_code == 303
        asked = next(r for r in await records.memberships_of(first.person) if r.state == "asked")
        assert "新人61" in _words(await roads.get("/account/people"))
        assert "新人61" not in _words(await builder.get("/account/people"))
        assert (await builder.send(f"/account/people/roles/{asked.id}/grant")).status_code == 403
        assert (await roads.send(f"/account/people/roles/{asked.id}/grant")).status_code == 303
        assert (await roads.send(f"/account/people/roles/{asked.id}/grant")).status_code == 409
        confirm = await roads.send(f"/account/people/roles/{asked.id}/revoke")
        assert "确认撤销" in _words(confirm)
        assert (await records.memberships_of(first.person))[-1].state == "held"
        assert (await roads.send(f"/account/people/roles/{asked.id}/revoke", confirmed="yes")).status_code == 303
        assert (await records.memberships_of(first.person))[-1].state == "ended"


async def test_one_gives_up_ones_own_role_only_and_after_a_question(house: Databases) -> None:
    people = await seeded()
    (own,) = await records.memberships_of(people["rival"])
    async with at("rival") as reader, at("purchaser") as stranger:
        assert (await stranger.send(f"/account/roles/{own.id}/end", confirmed="yes")).status_code == 403
        assert "确认放弃" in _words(await reader.send(f"/account/roles/{own.id}/end"))
        assert (await reader.send(f"/account/roles/{own.id}/end", confirmed="yes")).status_code == 303
        assert (await reader.get("/page")).status_code == 403


async def test_an_official_is_made_asked_for_and_let_in_by_three_people(house: Databases) -> None:
    await seeded()
    async with at("operator") as maker, at("operator2") as asker, at("operator4") as granter:
        wrong = await maker.send("/account/people/new", **{**NEW, "identity_number": "1", "phone": "2"}, side="operate")
        assert wrong.status_code == 422
        assert {"e-identity_number", "e-phone"} <= set(re.findall(r'id="(e-[a-z_]+)"', wrong.text))
        assert PASSWORD not in wrong.text
        made = await maker.send("/account/people/new", **NEW, side="operate")
        assert "只显示这一次" in _words(made)
        person = re.search(r'value="([0-9a-f-]{36})"[^>]*>新同事', (await asker.get("/account/people/ask")).text)
        assert person
        assert "新同事" not in _words(await maker.get("/account/people/ask")), "his maker asks for nothing"
        ask = {"person": person.group(1), "role": "operator", "organisation_code": CENTRE}
        assert (await maker.send("/account/people/ask", **ask)).status_code == 403
        assert (await asker.send("/account/people/ask", **ask)).status_code == 303
        asked = (await records.memberships_of(UUID(person.group(1))))[0].id
        for reader, may in ((maker, False), (asker, False), (granter, True)):
            page = await reader.get("/account/people")
            assert (f"/account/people/roles/{asked}/grant" in page.text) is may
            assert (await reader.send(f"/account/people/roles/{asked}/grant")).status_code == (303 if may else 403)
    uri = re.search(r"otpauth://[^<]+", unescape(made.text))
    assert uri
    key = base64.b32decode(re.search(r"secret=([A-Z2-7]+)", uri.group(0)).group(1))  # type: ignore[union-attr]
    async with browser(gated(*account_handlers())) as client:
        assert (await Reader(client).enter("newcomer", code_at(key, time.time()))).status_code == 303
        assert (await client.get("/page")).text == "operator"


async def test_the_centre_makes_no_regulator_and_a_trader_no_official(house: Databases) -> None:
    await seeded()
    async with at("operator") as operator, at("bidder") as bidder:
        refused = await operator.send("/account/people/new", **NEW, side="supervise")
        assert (refused.status_code, "本平台不设这一方的账号" in _words(refused)) == (403, True)
        for path in ("/account/people/new", "/account/people/unit", "/account/leave"):
            assert (await bidder.get(path)).status_code == 403
            assert (await bidder.send(path)).status_code == 403


async def test_a_unit_is_entered_before_its_first_person(house: Databases) -> None:
    await seeded()
    unit = {"name": "西湖分中心", "code": code(80, "12"), "region": "330106", "kind": "institution"}
    async with at("operator") as operator:
        wrong = await operator.send("/account/people/unit", **{**unit, "code": "1", "region": "330200"})
        assert {"e-code", "e-region"} <= set(re.findall(r'id="(e-[a-z_]+)"', wrong.text)) or wrong.status_code == 422
        assert (await operator.send("/account/people/unit", **unit)).status_code == 303
    found = await records.organisation_by_code(unit["code"])
    assert found is not None
    assert found.region == "330106"


async def test_leave_is_decided_seen_and_ended(house: Databases) -> None:
    people = await seeded()
    own, other = [(await records.memberships_of(people[n]))[0].id for n in ("operator", "operator2")]
    leave = {"absent": str(own), "substitute": str(other), "since": "2026-03-02", "until": "2026-03-06"}
    async with at("operator") as absent, at("operator2") as substitute, at("operator4") as colleague:
        assert f'value="{own}" selected' in (await absent.get("/account/leave")).text
        wrong = await absent.send("/account/leave", **{**leave, "until": "2026-02-01"}, reason="年休假")
        assert (wrong.status_code, "结束时间应晚于开始时间" in _words(wrong)) == (422, True)
        assert (await absent.send("/account/leave", **{**leave, "since": "没有"}, reason="年休假")).status_code == 422
        assert (await substitute.send("/account/leave", **leave, reason="年休假")).status_code == 403
        for _ in range(2):
            sent = await absent.send("/account/leave", **leave, reason="年休假", request_id=str(UUID(int=6)))
            assert sent.status_code == 303, "the same form twice is one leave"
        page = await substitute.get("/account/leave")
        assert "2026年3月7日 00:00:00" in _words(page), "the last day is whole"
        assert "提前结束" not in _words(page)
        (delegation,) = re.findall(r"/account/leave/([0-9a-f-]{36})/revoke", (await absent.get("/account/leave")).text)
        assert (await colleague.send(f"/account/leave/{delegation}/revoke")).status_code == 404
        assert (await absent.send(f"/account/leave/{delegation}/revoke")).status_code == 303
        assert "提前结束" in _words(await colleague.get("/account/leave"))


async def test_a_mandate_for_one_project_is_seen_by_both_and_given_by_one(house: Databases) -> None:
    await seeded()
    agency = next(o.code for o in ORGANISATIONS if "代理" in o.name)
    mandate: dict[str, str | list[str]] = {
        "agent": agency, "project": str(PROJECT), "acts": ["publish_notice"], "since": "2026-03-01",
        "until": "2026-12-31", "document": "ab" * 32,
    }  # fmt: skip
    async with at("purchaser") as purchaser, at("agent") as agent, at("bidder") as bidder:
        strange = await purchaser.send("/mandates", **{**mandate, "project": str(UUID(int=1))})
        assert (strange.status_code, "没有这个项目" in _words(strange)) == (422, True)
        assert (await purchaser.send("/mandates", **{**mandate, "acts": ["grant_role"]})).status_code == 422
        assert (await agent.send("/mandates", **mandate)).status_code == 403
        assert (await bidder.get("/mandates")).status_code == 403
        for _ in range(2):
            sent = await purchaser.send("/mandates", **mandate, request_id=str(UUID(int=5)))
            assert sent.status_code == 303, "the same form twice is one mandate"
        for reader in (purchaser, agent):
            words = _words(await reader.get("/mandates"))
            assert "清江大桥加固" in words
            assert "2027年1月1日 00:00:00" in words, "the last day is whole"
        (given,) = re.findall(r"/mandates/([0-9a-f-]{36})/revoke", (await purchaser.get("/mandates")).text)
        assert (await agent.send(f"/mandates/{given}/revoke")).status_code == 403
        assert (await purchaser.send(f"/mandates/{given}/revoke")).status_code == 303
        assert "收回" in _words(await agent.get("/mandates"))


async def test_supervisors_have_the_same_pages_at_their_own_site(supervision_house: Databases, faces: Faces) -> None:
    await faces.close()
    async with connected(supervision_house.owner, supervision_house.supervision):
        await seed(PEOPLE, ORGANISATIONS, "supervision", KEYS)
    await faces.turn("supervision")
    async with (
        at("inspector", "supervision") as maker,
        at("regulator", "supervision") as asker,
        at("inspector2", "supervision") as granter,
    ):
        for path in ("/account", "/account/people", "/account/people/unit", "/account/leave", "/account/sessions"):
            assert (await maker.get(path)).status_code == 200
        assert (await maker.send("/account/people/new", **NEW, side="judge")).status_code == 403
        assert (await maker.send("/account/people/new", **NEW, side="supervise")).status_code == 200
        known = await records.person_by_hash(KEYS.identity(identity(60)))
        assert known is not None
        ask = {"person": str(known.id), "role": "regulator", "organisation_code": BUREAU}
        none = await asker.send("/account/people/ask", **ask, departments=" 、")
        assert (none.status_code, "至少对应一个监督部门" in _words(none)) == (422, True)
        assert (await asker.send("/account/people/ask", **ask, departments="住建、水利")).status_code == 303
        asked = (await records.memberships_of(known.id))[0]
        assert asked.departments == ("住建", "水利")
        assert (await granter.send(f"/account/people/roles/{asked.id}/grant")).status_code == 303
        unit = {"name": "西湖区水利局", "code": code(82, "11"), "region": "330106", "kind": "government"}
        assert (await granter.send("/account/people/unit", **unit)).status_code == 303
        leave = {"absent": str(asked.id), "since": "2026-03-02", "until": "2026-03-06", "reason": "年休假"}
        (own,) = await records.memberships_of((await _regulator()).person)
        assert (await granter.send("/account/leave", **leave, substitute=str(own.id))).status_code == 303
        (delegation,) = re.findall(r"/account/leave/([0-9a-f-]{36})/revoke", (await granter.get("/account/leave")).text)
        assert (await granter.send(f"/account/leave/{delegation}/revoke")).status_code == 303
        own_password = await asker.send("/account/password", old=PASSWORD, new=CHANGED)
        assert own_password.status_code == 303


async def _regulator() -> records.MembershipView:
    found = await records.memberships_in("held", ["supervise"])
    return next(view for view in found if view.role == "regulator" and view.departments == ("住建",))
