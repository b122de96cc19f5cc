"""What another site makes a browser send is refused; what a page of ours sends is not."""

import re

import httpx
import pytest
from gated_app import browser, gated
from house_databases import Databases
from seeded_people import PASSWORD, seeded

FIELD = re.compile(r'name="_csrf_token" value="([^"]+)"')


def _field(page: httpx.Response) -> str:
    found = FIELD.search(page.text)
    assert found, page.text
    return found.group(1)


async def _enter(client: httpx.AsyncClient, login: str = "bidder") -> str:
    done = await client.post("/api/v1/session", json={"login": login, "password": PASSWORD})
    assert done.status_code == 201
    return str(done.json()["csrf"])


async def test_a_session_needs_its_own_token_in_the_header_or_the_form(house: Databases) -> None:
    await seeded()
    async with browser(gated()) as client:
        csrf = await _enter(client)
        assert (await client.post("/form", data={"name": "x"})).status_code == 403
        assert (await client.post("/form", data={"name": "x", "_csrf_token": "guess"})).status_code == 403
        sent = await client.post("/form", data={"name": "x", "_csrf_token": csrf})
        assert (sent.status_code, sent.text) == (201, "x")
        assert (await client.post("/form", data={"name": "x"}, headers={"x-csrftoken": csrf})).status_code == 201


async def test_one_sessions_token_is_of_no_use_in_another(house: Databases) -> None:
    await seeded()
    async with browser(gated()) as mine, browser(gated()) as other:
        csrf = await _enter(mine)
        await _enter(other, "rival")
        refused = await other.post("/api/v1/bids", json={"name": "abc"}, headers={"x-csrftoken": csrf})
        assert (refused.status_code, refused.json()["code"]) == (403, "csrf_token")


@pytest.mark.parametrize(
    "lies",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://yangguang.test.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_another_origin_is_refused_even_with_the_right_token(house: Databases, lies: dict[str, str]) -> None:
    await seeded()
    async with browser(gated()) as client:
        csrf = await _enter(client)
        headers = {"x-csrftoken": csrf} | lies
        refused = await client.post("/api/v1/bids", json={"name": "abc"}, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "cross_site")


async def test_reading_needs_no_token(house: Databases) -> None:
    await seeded()
    async with browser(gated()) as client:
        await _enter(client)
        answer = await client.get("/page", headers={"origin": "https://evil.example"})
        assert answer.status_code == 200


async def test_an_anonymous_form_needs_the_cookie_of_the_page_it_came_from(house: Databases) -> None:
    await seeded()
    app = gated()
    sign_in = {"login": "bidder", "password": PASSWORD}
    async with browser(app) as client, browser(app) as attacker:
        token = _field(await client.get("/signin"))
        foreign = _field(await attacker.get("/signin"))
        assert (await client.post("/signin", data=sign_in)).status_code == 403
        assert (await client.post("/signin", data=sign_in | {"_csrf_token": foreign})).status_code == 403
        done = await client.post("/signin", data=sign_in | {"_csrf_token": token})
        assert done.status_code == 303


async def test_a_planted_form_cookie_is_not_ours(house: Databases) -> None:
    await seeded()
    async with browser(gated()) as client:
        planted = "nonce.0123"
        client.cookies.set("yg_trading_form", planted)
        refused = await client.post("/signin", data={"login": "bidder", "password": PASSWORD, "_csrf_token": planted})
        assert refused.status_code == 403


async def test_one_form_cookie_serves_all_pages_of_a_visitor(house: Databases) -> None:
    async with browser(gated()) as client:
        first = await client.get("/signin")
        assert "yg_trading_form=" in first.headers["set-cookie"]
        again = await client.get("/signin")
        assert "set-cookie" not in again.headers
        assert _field(first) == _field(again)


async def test_an_anonymous_upload_is_refused_without_reading_it(house: Databases) -> None:
    async with browser(gated()) as client:
        read = 0

        async def endless() -> object:
            nonlocal read
            for _ in range(1000):
                read += 1
                yield b"x" * 65536

        refused = await client.post(
            "/form", content=endless(), headers={"content-type": "multipart/form-data; boundary=b"}
        )
        assert refused.status_code == 403
        assert read <= 1


async def test_a_form_with_a_file_is_looked_into_only_where_a_route_asks_for_it(house: Databases) -> None:
    await seeded()
    async with browser(gated()) as client:
        csrf = await _enter(client)
        sent = {"data": {"_csrf_token": csrf}, "files": {"sheet": ("a.xlsx", b"PK")}}
        assert (await client.post("/form", **sent)).status_code == 403
        assert (await client.post("/form-with-file", **sent)).text == "a.xlsx"
        wrong = {"data": {"_csrf_token": "guess"}, "files": {"sheet": ("a.xlsx", b"PK")}}
        assert (await client.post("/form-with-file", **wrong)).status_code == 403
    async with browser(gated()) as nobody:
        assert (await nobody.post("/form-with-file", **sent)).status_code == 403


async def test_a_form_with_a_file_from_nobody_needs_the_cookie_of_its_page_too(house: Databases) -> None:
    async with browser(gated()) as nobody:
        token = _field(await nobody.get("/signin"))
        file = {"sheet": ("a.xlsx", b"PK")}
        assert (await nobody.post("/form-with-file", data={"_csrf_token": token}, files=file)).status_code == 403
        sent = await nobody.post("/anybodys-file", data={"_csrf_token": token}, files=file)
        assert sent.text == "a.xlsx"
        assert (await nobody.post("/anybodys-file", data={"_csrf_token": "x.y"}, files=file)).status_code == 403
    async with browser(gated()) as other:
        assert (await other.post("/anybodys-file", data={"_csrf_token": token}, files=file)).status_code == 403
