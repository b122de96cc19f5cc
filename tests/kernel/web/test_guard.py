"""Every route names its act, and the table of acts decides who may take it."""

from typing import Any

import pytest
from gated_app import browser, gated
from house_databases import Databases
from litestar import Litestar, get, post
from litestar.handlers import asgi
from litestar.openapi import OpenAPIConfig
from seeded_people import PASSWORD, actor, seeded, signed_in

from kernel.accounts.grants import revoke_role
from kernel.web.guard import RouteWithoutAct, check_routes

LOGIN = {"password": PASSWORD}


async def _enter(client: Any, login: str) -> str:
    done = await client.post("/api/v1/session", json=LOGIN | {"login": login})
    assert done.status_code == 201, done.text
    return str(done.json()["csrf"])


def test_a_route_without_an_act_stops_the_start() -> None:
    @get("/open")
    async def open_to_all() -> str:
        return "anybody"

    @post("/misspelt", opt={"act": "submit_bids"})
    async def misspelt() -> str:
        return "anybody"

    with pytest.raises(RouteWithoutAct, match=r"/misspelt submit_bids, /open"):
        check_routes(gated(open_to_all, misspelt))


def test_mounted_applications_and_schema_pages_need_an_act_too() -> None:
    @asgi("/mounted", is_mount=True, copy_scope=True)
    async def mounted(scope: Any, receive: Any, send: Any) -> None: ...

    with pytest.raises(RouteWithoutAct, match="/mounted"):
        check_routes(gated(mounted))
    with pytest.raises(RouteWithoutAct, match="schema"):
        check_routes(Litestar([], openapi_config=OpenAPIConfig("x", "1")))


def test_the_small_site_names_all_its_acts() -> None:
    check_routes(gated())


async def test_the_public_reads_what_is_public_and_is_asked_to_sign_in_for_the_rest(house: Databases) -> None:
    async with browser(gated()) as client:
        assert (await client.get("/api/v1/who")).json()["role"] == "public"
        refused = await client.post("/api/v1/bids", json={"name": "abc"})
        assert (refused.status_code, refused.json()["code"]) == (401, "sign_in_first")
        assert refused.headers["www-authenticate"].startswith("Bearer")
        sent = await client.get("/page")
        assert (sent.status_code, sent.headers["location"]) == (303, "/signin?next=/page")


@pytest.mark.parametrize(
    ("login", "status"),
    [("bidder", 201), ("purchaser", 403), ("agent", 403), ("expert", 403), ("operator", 403)],
)
async def test_each_role_gets_what_the_table_says(house: Databases, login: str, status: int) -> None:
    await seeded()
    async with browser(gated()) as client:
        csrf = await _enter(client, login)
        answer = await client.post("/api/v1/bids", json={"name": "abc"}, headers={"x-csrftoken": csrf})
        assert answer.status_code == status


async def test_options_is_answered_to_everybody_and_never_fails(house: Databases) -> None:
    async with browser(gated()) as client:
        for path in ("/api/v1/bids", "/page", "/signin", "/api/v1/who"):
            answer = await client.options(path)
            assert answer.status_code == 204
            assert "OPTIONS" in answer.headers["allow"]


async def test_who_is_signed_in_without_a_role_is_told_so(house: Databases) -> None:
    await seeded()
    session = await signed_in("rival")
    assert session.membership is not None
    await revoke_role(await actor("rival"), session.membership)
    async with browser(gated()) as client:
        await _enter(client, "rival")
        refused = await client.get("/page")
        assert refused.status_code == 403
        assert "choose_role" in refused.text
        assert "测试4" in refused.text, "he sees that he is signed in"
