"""Signing in through the doors: pages, the JSON session, roles and keys for programs."""

import re

import httpx
import pytest
from gated_app import browser, gated
from house_databases import Databases
from house_faces import Faces
from seeded_people import KEYS, ORGANISATIONS, PASSWORD, PEOPLE, WRONG, seeded

from kernel.accounts.seeding import seed
from kernel.accounts.tables import Session, Token
from kernel.db import connected

FIELD = re.compile(r'name="_csrf_token" value="([^"]+)"')


async def _field(client: httpx.AsyncClient, path: str = "/signin") -> str:
    found = FIELD.search((await client.get(path)).text)
    assert found
    return found.group(1)


async def _enter(client: httpx.AsyncClient, login: str, **more: str) -> httpx.Response:
    form = {"login": login, "password": PASSWORD, "_csrf_token": await _field(client)} | more
    return await client.post("/signin", data=form)


async def test_signing_in_by_the_page_leads_to_work(house: Databases) -> None:
    await seeded()
    async with browser(gated()) as client:
        done = await _enter(client, "purchaser")
        assert (done.status_code, done.headers["location"]) == (303, "/workbench")
        cookie = done.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert (await client.get("/page")).text == "purchaser"


async def test_who_has_two_roles_is_asked_which(house: Databases) -> None:
    people = await seeded()
    async with browser(gated()) as client:
        assert (await _enter(client, "bidder")).headers["location"] == "/role"
        choice = await client.get("/role")
        found = re.findall(r'type="radio" value="([0-9a-f-]{36})"', choice.text)
        assert len(found) == 2
        before = client.cookies["yg_trading"]
        seen = set()
        for membership in found:
            form = {"membership": membership, "_csrf_token": await _field(client, "/role")}
            assert (await client.post("/role", data=form)).status_code == 303
            seen.add((await client.get("/api/v1/who")).json()["role"])
        assert seen == {"bidder", "intermediary"}
        assert client.cookies["yg_trading"] != before
    sessions = await Session.select().where(Session.person == people["bidder"])
    assert sum(row["ended_at"] is None for row in sessions) == 1


@pytest.mark.parametrize("choice", ["", "nonsense", "00000000-0000-4000-8000-000000000000"])
async def test_a_role_that_is_not_ones_own_is_refused(house: Databases, choice: str) -> None:
    await seeded()
    async with browser(gated()) as client:
        await _enter(client, "bidder")
        form = {"membership": choice, "_csrf_token": await _field(client, "/role")}
        assert (await client.post("/role", data=form)).status_code in (403, 422)


async def test_a_wrong_password_shows_the_form_again_with_the_name_kept(house: Databases) -> None:
    await seeded()
    async with browser(gated()) as client:
        again = await _enter(client, "bidder", password=WRONG)
        assert again.status_code == 422
        assert "登录名或密码不正确" in again.text
        assert 'value="bidder"' in again.text
        assert WRONG not in again.text
        empty = await _enter(client, "", password="")
        assert empty.status_code == 422


async def test_too_many_tries_are_answered_with_a_wait(house: Databases) -> None:
    await seeded()
    async with browser(gated()) as client:
        body = {"login": "bidder", "password": WRONG}
        answers = [await client.post("/api/v1/session", json=body) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429]
        assert int(answers[-1].headers["retry-after"]) >= 1


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/lots/1?tab=2", "/lots/1?tab=2"),
        ("//evil.example", "/workbench"),
        ("/\\evil.example", "/workbench"),
        ("https://evil.example", "/workbench"),
        ("javascript:alert(1)", "/workbench"),
        ("/a\r\nset-cookie: x=y", "/workbench"),
    ],
)
async def test_a_sign_in_leads_only_to_places_of_this_site(house: Databases, asked: str, led: str) -> None:
    await seeded()
    async with browser(gated()) as client:
        assert (await _enter(client, "purchaser", next=asked)).headers["location"] == led


async def test_a_token_a_stranger_chose_is_never_taken_over(house: Databases) -> None:
    await seeded()
    async with browser(gated()) as client:
        client.cookies.set("yg_trading", "chosen-by-a-stranger")
        await _enter(client, "purchaser")
        issued = client.cookies.get("yg_trading", domain="yangguang.test")
        assert issued not in (None, "chosen-by-a-stranger")


async def test_signing_in_again_ends_the_session_before(house: Databases) -> None:
    await seeded()
    app = gated()
    async with browser(app) as client, browser(app) as thief:
        await _enter(client, "purchaser")
        thief.cookies.set("yg_trading", client.cookies["yg_trading"])
        assert (await thief.get("/page")).status_code == 200
        done = await client.post(
            "/api/v1/session",
            json={"login": "purchaser", "password": PASSWORD},
            headers={"x-csrftoken": await _field(client, "/role")},
        )
        assert done.status_code == 201
        assert (await thief.get("/page")).status_code == 303


async def test_signing_out_by_form_and_by_api(house: Databases) -> None:
    await seeded()
    async with browser(gated()) as client:
        await _enter(client, "purchaser")
        kept = client.cookies["yg_trading"]
        done = await client.post("/signout", data={"_csrf_token": await _field(client, "/role")})
        assert (done.status_code, done.headers["location"]) == (303, "/")
        client.cookies.set("yg_trading", kept)
        assert (await client.get("/page")).status_code == 303
    async with browser(gated()) as client:
        body = {"login": "purchaser", "password": PASSWORD}
        csrf = (await client.post("/api/v1/session", json=body)).json()["csrf"]
        assert (await client.delete("/api/v1/session", headers={"x-csrftoken": csrf})).status_code == 204
        assert (await client.get("/page")).status_code == 303


async def test_the_json_session_tells_who_one_is(house: Databases) -> None:
    people = await seeded()
    async with browser(gated()) as client:
        done = await client.post("/api/v1/session", json={"login": "purchaser", "password": PASSWORD})
        body = done.json()
        assert (body["person"], body["role"]) == (str(people["purchaser"]), "purchaser")
        who = (await client.get("/api/v1/who")).json()
        assert (who["door"], who["address"], who["role"]) == ("api", "203.0.113.9", "purchaser")


async def test_behind_tls_the_host_bound_cookie_is_used(house: Databases) -> None:
    await seeded()
    async with browser(gated(https=True), https=True) as client:
        done = await client.post("/api/v1/session", json={"login": "purchaser", "password": PASSWORD})
        assert done.headers["set-cookie"].startswith("__Host-yg_trading=")
        assert "Secure" in done.headers["set-cookie"]
        assert (await client.get("/page")).text == "purchaser"


async def _key(client: httpx.AsyncClient, *acts: str) -> str:
    form = {"name": "我们的程序", "acts": list(acts), "days": "30", "_csrf_token": await _field(client, "/tokens")}
    page = await client.post("/tokens", data=form)
    found = re.search(r"yg1_[\w-]{43}", page.text)
    assert found, page.text
    return found.group(0)


async def test_a_program_acts_with_its_key_within_its_acts_only(house: Databases) -> None:
    await seeded()
    app = gated()
    async with (
        browser(app) as client,
        httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://yangguang.test") as program,
    ):
        await _enter(client, "rival")
        key = {"authorization": f"Bearer {await _key(client, 'submit_bid')}"}
        reader = {"authorization": f"Bearer {await _key(client, 'read_receipt')}"}
        done = await program.post("/api/v1/bids", json={"name": "abc"}, headers=key)
        assert done.status_code == 201, "no cross-site token is asked of a program"
        refused = await program.post("/api/v1/bids", json={"name": "abc"}, headers=reader)
        assert (refused.status_code, refused.json()["code"]) == (403, "token_scope")
        assert (await program.get("/page", headers=key)).status_code == 403
        assert (await program.get("/api/v1/who", headers=reader)).json()["role"] == "bidder"


async def test_a_key_makes_no_keys_and_no_sessions(house: Databases) -> None:
    await seeded()
    app = gated()
    async with browser(app) as client:
        await _enter(client, "rival")
        for act in ("manage_account", "sign_in", "grant_role", "submit_bids", "hold_key"):
            form = {"name": "x", "acts": [act], "days": "30", "_csrf_token": await _field(client, "/tokens")}
            page = await client.post("/tokens", data=form)
            assert page.status_code == 422
            assert "yg1_" not in page.text
        key = {"authorization": f"Bearer {await _key(client, 'submit_bid')}"}
        client.cookies.clear()
        assert (await client.post("/tokens", headers=key, data={"name": "x"})).status_code == 403
        body = {"login": "rival", "password": PASSWORD}
        assert (await client.post("/api/v1/session", json=body, headers=key)).status_code == 403


async def test_a_revoked_an_expired_and_an_invented_key_open_nothing(house: Databases) -> None:
    people = await seeded()
    async with browser(gated()) as client:
        await _enter(client, "rival")
        key = await _key(client, "submit_bid")
        row = await Token.select().where(Token.person == people["rival"]).first()
        assert key.encode() not in bytes(row["digest"])
        token = await _field(client, "/tokens")
        await client.post(f"/tokens/{row['id']}/revoke", data={"_csrf_token": token})
        for dead in (key, "yg1_" + "x" * 43, "x"):
            answer = await client.get("/api/v1/who", headers={"authorization": f"Bearer {dead}"})
            assert (answer.status_code, answer.json()["code"]) == (401, "token_unknown")


async def test_nobody_revokes_anothers_key(house: Databases) -> None:
    people = await seeded()
    app = gated()
    async with browser(app) as client, browser(app) as stranger:
        await _enter(client, "rival")
        key = await _key(client, "submit_bid")
        row = await Token.select().where(Token.person == people["rival"]).first()
        await _enter(stranger, "purchaser")
        token = await _field(stranger, "/tokens")
        refused = await stranger.post(f"/tokens/{row['id']}/revoke", data={"_csrf_token": token})
        assert refused.status_code == 404
        answer = await client.get("/api/v1/who", headers={"authorization": f"Bearer {key}"})
        assert answer.status_code == 200


async def test_the_supervision_site_knows_no_trader_and_reads_no_trading_cookie(
    supervision_house: Databases, faces: Faces
) -> None:
    await faces.close()
    async with connected(supervision_house.owner, supervision_house.supervision):
        await seed(PEOPLE, ORGANISATIONS, "supervision", KEYS)
    await faces.turn("supervision")
    async with browser(gated(site="supervision")) as client:
        refused = await client.post("/api/v1/session", json={"login": "bidder", "password": PASSWORD})
        assert refused.status_code == 401
        done = await client.post("/api/v1/session", json={"login": "regulator", "password": PASSWORD})
        assert done.json()["role"] == "regulator"
        assert (await client.get("/page")).text == "regulator"
        value = client.cookies["yg_supervision"]
        client.cookies.clear()
        client.cookies.set("yg_trading", value)
        assert (await client.get("/api/v1/who")).json()["role"] == "public"
