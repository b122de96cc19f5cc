"""The two faces of an error; bad input is never a 500, and a 500 tells nothing."""

import logging
from typing import Any

import asyncpg
import pytest
from gated_app import browser, gated, refusal
from house_databases import Databases
from litestar import get, post
from litestar.exceptions import HTTPException
from litestar.params import JSONBody
from seeded_people import PASSWORD, seeded

from kernel.db import TRADING, transaction
from kernel.web.faults import PROBLEM_JSON

SECRET = "sealed-price-1234567"  # noqa: S105


@get(["/api/v1/law", "/law"], opt={"act": "read_public"})
async def law() -> None:
    raise refusal("too_short", "too_cheap")


@get(["/api/v1/broken", "/broken"], opt={"act": "read_public"})
async def broken() -> None:
    raise RuntimeError(f"the bid was {SECRET}")


@get("/api/v1/locked", opt={"act": "read_public"})
async def locked() -> None:
    async with transaction(TRADING) as connection:
        await connection.execute("set local lock_timeout = '50ms'")
        await connection.execute("select pg_advisory_xact_lock(99)")


@post("/api/v1/text", opt={"act": "read_public"})
async def text(data: JSONBody[dict[str, str]]) -> str:
    async with transaction(TRADING) as connection:
        return str(await connection.fetchval("select $1::text", data["text"]))


@get("/api/v1/teapot", opt={"act": "read_public"})
async def teapot() -> None:
    raise HTTPException(status_code=418, detail=SECRET)


def _site(**options: Any) -> Any:
    return gated(law, broken, locked, text, teapot, **options)


async def test_a_program_gets_problem_json_with_every_problem_and_its_article(house: Databases) -> None:
    async with browser(_site()) as client:
        answer = await client.get("/api/v1/law")
        assert answer.status_code == 422
        assert answer.headers["content-type"].startswith(PROBLEM_JSON)
        body = answer.json()
        assert (body["code"], body["status"]) == ("too_short", 422)
        assert [problem["code"] for problem in body["problems"]] == ["too_short", "too_cheap"]
        assert body["problems"][0]["article"] == "某法第一条"


async def test_a_reader_gets_a_page_with_every_problem_and_its_article(house: Databases) -> None:
    async with browser(_site()) as client:
        answer = await client.get("/law")
        assert answer.status_code == 422
        assert answer.headers["content-type"].startswith("text/html")
        assert all(word in answer.text for word in ("说明too_short", "说明too_cheap", "某法第一条"))
        as_json = await client.get("/law", headers={"accept": "application/json"})
        assert as_json.headers["content-type"].startswith(PROBLEM_JSON)


@pytest.mark.parametrize("pages", [True, False])
async def test_an_incident_tells_its_number_and_nothing_else(
    house: Databases, caplog: pytest.LogCaptureFixture, pages: bool
) -> None:
    async with browser(_site(pages=pages)) as client:
        with caplog.at_level(logging.WARNING):
            answer = await client.get("/api/v1/broken?" + SECRET)
            page = await client.get("/broken")
    assert (answer.status_code, page.status_code) == (500, 500)
    assert SECRET not in answer.text + page.text + caplog.text
    assert "RuntimeError" not in answer.text + page.text
    number = answer.json()["detail"].rpartition(" ")[2]
    assert f"incident {number} GET /api/v1/broken: RuntimeError" in caplog.text
    assert "in broken" in caplog.text, "the log has the frames"


async def test_what_does_not_exist_is_said_in_both_faces(house: Databases) -> None:
    async with browser(_site()) as client:
        assert (await client.get("/api/v1/nothing")).json()["code"] == "no_such_page"
        page = await client.get("/nothing")
        assert page.status_code == 404
        assert "没有这个地址" in page.text
        wrong = await client.delete("/api/v1/who")
        assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    ("body", "field", "says"),
    [
        ({}, "name", "这一项必须填写"),
        ({"name": "a"}, "name", "至少 2 个字符"),
        ({"name": "abcdef"}, "name", "最多 5 个字符"),
        ({"name": 5}, "name", "格式不正确"),
        ({"name": "abc", "count": 10}, "count", "不能大于 9"),
        ({"name": "abc", "count": "many"}, "count", "应为整数"),
        ({"name": "abc", "colour": SECRET}, "colour", "没有这一项"),
        ([], "", "格式不正确"),
    ],
)
async def test_a_malformed_command_is_explained_in_chinese_at_its_field(
    house: Databases, body: Any, field: str, says: str
) -> None:
    await seeded()
    async with browser(_site()) as client:
        done = await client.post("/api/v1/session", json={"login": "bidder", "password": PASSWORD})
        csrf = done.json()["csrf"]
        answer = await client.post("/api/v1/bids", json=body, headers={"x-csrftoken": csrf})
        assert answer.status_code == 422
        problem = answer.json()["problems"][0]
        assert (problem["field"], problem["says"]) == (field, says)
        assert SECRET not in answer.text


async def test_all_malformed_fields_are_told_at_once(house: Databases) -> None:
    async with browser(_site()) as client:
        answer = await client.post("/api/v1/session", json={"login": "", "password": "", "more": 1})
        assert {p["field"] for p in answer.json()["problems"]} == {"login", "password", "more"}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"{", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"[" * 5000, "application/json"),
        (b"[" * 100_000 + b"]" * 100_000, "application/json"),
        (b'{"login": "\\ud800", "password": "x"}', "application/json"),
        (b'{"login": "a\\u0000b", "password": "x"}', "application/json"),
        (b"x", "text/plain"),
        (b"x", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary="),
        (b"%zz=%", "application/x-www-form-urlencoded"),
    ],
)
async def test_nonsense_is_refused_and_never_a_500(house: Databases, content: bytes, kind: str) -> None:
    async with browser(_site()) as client:
        answer = await client.post("/api/v1/session", content=content, headers={"content-type": kind})
        assert 400 <= answer.status_code < 500
        assert answer.json()["problems"][0]["says"]


async def test_a_path_that_is_no_number_is_refused(house: Databases) -> None:
    async with browser(_site()) as client:
        for path in ("/api/v1/things/x", "/api/v1/things/1%00", "/api/v1/things/" + "9" * 5000):
            assert (await client.get(path)).status_code in (404, 422)


async def test_too_much_is_refused_early(house: Databases) -> None:
    async with browser(_site()) as client:
        answer = await client.post("/api/v1/raw", content=b"x" * 101, headers={"content-type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_a_character_the_database_cannot_keep_is_bad_input(house: Databases) -> None:
    async with browser(_site()) as client:
        answer = await client.post("/api/v1/text", json={"text": "a\x00b"})
        assert (answer.status_code, answer.json()["code"]) == (422, "unreadable_text")


async def test_a_lock_held_too_long_is_a_wait_and_not_a_fault(house: Databases) -> None:
    other = await asyncpg.connect(house.trading)
    try:
        await other.execute("select pg_advisory_lock(99)")
        async with browser(_site()) as client:
            answer = await client.get("/api/v1/locked")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert int(answer.headers["retry-after"]) > 0
    finally:
        await other.close()


async def test_an_unnamed_client_error_is_bad_input_without_its_text(house: Databases) -> None:
    async with browser(_site()) as client:
        answer = await client.get("/api/v1/teapot")
        assert (answer.status_code, answer.json()["code"]) == (422, "malformed_request")
        assert SECRET not in answer.text


async def test_every_answer_carries_the_strict_headers(house: Databases) -> None:
    async with browser(_site()) as client:
        for path in ("/signin", "/api/v1/who", "/api/v1/nothing", "/broken", "/page"):
            headers = (await client.get(path)).headers
            assert "default-src 'self'" in headers["content-security-policy"]
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"]
            assert headers["permissions-policy"]
