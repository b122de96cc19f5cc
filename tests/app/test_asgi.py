"""The site as a whole: every route has an act, describes itself, tells machines how it stands, and counts no bids."""

import json
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from conftest import TestClock
from house_databases import Databases
from house_faces import Faces
from litestar import Litestar, get
from road import County
from trading_site import ORIGIN, SECRET, Site, settings, trading_site

from app.asgi import build, live
from app.migrate import DEMO_START
from kernel.accounts.keys import Keys
from kernel.proofs.anchors import build_anchors
from kernel.proofs.signers import Ed25519Signer
from kernel.settings import UnsafeStart
from kernel.web.guard import RouteWithoutAct, check_routes

KEYS = Keys.derive(SECRET.encode(), light=True)


@pytest.fixture
async def site(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Site]:
    county = await County.make(tmp_path, house)
    async with trading_site(county) as site:
        yield site


def test_every_route_names_an_act_of_the_table(tmp_path: Path) -> None:
    check_routes(build(settings(tmp_path), KEYS, live(settings(tmp_path))))


def test_a_route_without_an_act_stops_the_start(tmp_path: Path) -> None:
    @get("/forgotten", sync_to_thread=False)
    def forgotten() -> str:
        return ""

    app = build(settings(tmp_path), KEYS, live(settings(tmp_path)))
    app.register(forgotten)
    with pytest.raises(RouteWithoutAct, match="/forgotten"):
        check_routes(app)


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method} {path}", operation


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for member in value.values():
            yield from references(member)
    elif isinstance(value, list):
        for member in value:
            yield from references(member)


async def test_the_api_describes_itself_in_chinese_with_every_refusal(site: Site) -> None:
    answer = await site.public().get("/openapi.json")
    document = answer.json()
    assert document["openapi"].startswith("3.1")
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert set(references(document)) <= known
    identifiers = [operation["operationId"] for _, operation in operations(document)]
    assert len(identifiers) == len(set(identifiers))
    for name, operation in operations(document):
        assert any("一" <= letter <= "鿿" for letter in operation["summary"]), name
        assert {"401", "403", "422", "429", "500", "503"} <= set(operation["responses"]), name
        assert "400" not in operation["responses"], name
        declared = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert declared == {part[1:-1] for part in name.split("/") if part.startswith("{")}, name
    again = await site.public().get("/openapi.json", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "number": (int, float),
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
}


async def test_every_default_is_of_the_type_it_is_declared_with(site: Site) -> None:
    schemas = (await site.public().get("/openapi.json")).json()["components"]["schemas"]
    members = [(name, m) for name, schema in schemas.items() for m in schema.get("properties", {}).items()]
    with_default = [(n, m, d) for n, (m, d) in members if "default" in d and "type" in d]
    assert len(with_default) > 5
    assert [(n, m) for n, m, d in with_default if not isinstance(d["default"], KINDS[d["type"]])] == []


TELLS_A_SECRET = {
    "post /api/v1/registrations",
    "post /api/v1/me/password",
    "post /api/v1/me/second-factor",
    "post /api/v1/me/second-factor/confirm",
    "post /api/v1/officials",
    "post /api/v1/desk",
}
"""Asked or answered with a password, a token or an authenticator's key: nothing of these is kept to be told again."""


async def test_every_write_takes_an_idempotency_key(site: Site) -> None:
    document = (await site.public().get("/openapi.json")).json()
    exempt = {
        "post /api/v1/session",
        "post /api/v1/me/messages/{message}/read",
        "post /api/v1/me/sessions/end-others",
        "post /api/v1/box/holders/challenge",  # gives a word to sign and keeps nothing
        *TELLS_A_SECRET,
    }
    posts = {name: op for name, op in operations(document) if name.startswith("post ") and name not in exempt}
    without = [name for name, op in posts.items() if "Idempotency-Key" not in str(op.get("parameters"))]
    assert without == []


async def machine(site: Site, path: str) -> httpx.Response:
    return await site.public().get(f"{ORIGIN}{path}")


async def test_machines_are_told_that_all_is_well_and_what_is_away(site: Site) -> None:
    assert (await machine(site, "/health")).json() == {"status": "ok"}
    assert (await machine(site, "/ready")).json() == {"status": "ok", "database": "ok", "store": "ok"}
    site.app.state.store = None
    away = await machine(site, "/ready")
    assert (away.status_code, away.json()["store"]) == (503, "away")


async def test_the_clock_is_the_laws_and_the_servers(site: Site) -> None:
    told = (await site.public().get("/clock")).json()
    assert told["now"].startswith("2026-03-02T09:00")
    assert (told["mode"], told["wall"] != told["now"]) == ("test", True)


async def test_neither_figures_nor_lines_count_bids(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    lot = await site.county.announced()
    quiet = (await machine(site, "/metrics")).text
    with caplog.at_level(logging.INFO, "yangguang.access"):
        caplog.clear()
        await bid(site, lot)
        await site.public().get(f"/lots/{lot}?secret=1")
    lines = [record.getMessage() for record in caplog.records if record.name == "yangguang.access"]
    assert [line.rpartition(" 200 ")[0] for line in lines] == ["GET /api/v1/lots/{lot}"]
    assert "secret" not in str(lines)
    figures = (await machine(site, "/metrics")).text
    assert _figures(figures) - _figures(quiet) == {
        'yangguang_requests_total{method="GET",route="/api/v1/lots/{lot}",status="200"}'
    }


def _figures(text: str) -> set[str]:
    """The counted requests by name; those for the figures themselves left out."""
    names = {line.rpartition(" ")[0] for line in text.splitlines() if line.startswith("yangguang_requests_total")}
    return {name for name in names if "/metrics" not in name}


async def bid(site: Site, lot: UUID) -> None:
    """A bidder goes through everything that precedes a bid and tries to hand in nonsense."""
    client = await site.of((await site.county.bidder(1)).actor)
    await client.get(f"/lots/{lot}/sealing")
    made = (await client.post("/uploads", json={"size": 3, "purpose": f"sealed_bid:{lot}"})).json()
    await client.put(f"/uploads/{made['id']}/parts/1", content=b"abc", headers={"x-part-sha256": "0" * 64})
    await client.post(f"/lots/{lot}/bids", json={"envelope": "e30=", "public_key": "e30="})
    await client.get(f"/lots/{lot}/receipts")


async def test_answers_carry_strict_headers_and_unknown_addresses_are_refused_in_json(site: Site) -> None:
    answer = await site.public().get("/nothing/here")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_page")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'self'" in answer.headers["content-security-policy"]


async def test_me_tells_the_signed_in_who_he_is_and_the_public_that_it_is_the_public(site: Site) -> None:
    assert (await site.public().get("/me")).json()["role"] == "public"
    mine = (await (await site.of(site.county.purchaser)).get("/me")).json()
    assert (mine["role"], mine["signed"]) == ("purchaser", "token")
    assert mine["organisation"]["code"] == site.county.purchaser.organisation_code
    assert [held["role"] for held in mine["memberships"]] == ["purchaser"]
    messages = (await (await site.of(site.county.purchaser)).get("/me/messages")).json()
    assert messages == {"unread": 0, "messages": []}


@pytest.fixture
async def closed(house: Databases, faces: Faces) -> Databases:
    """The databases with nobody's engines on them: the site opens its own."""
    await faces.close()
    return house


def anchors(folder: Path, *processes: bytes) -> bytes:
    data = build_anchors(issuer="测试", issued=DEMO_START, officers=[], processes=processes)
    (folder / "anchors.json").write_bytes(data)
    return data


async def ask(app: Litestar, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=ORIGIN) as client:
        return await client.get(path)


async def test_the_site_opens_all_it_needs_and_closes_it_again(closed: Databases, tmp_path: Path) -> None:
    data = anchors(tmp_path, Ed25519Signer.generate().public)
    chosen = settings(tmp_path, DATABASE_URL=closed.trading)
    app = build(chosen, KEYS, live(chosen))
    async with app.lifespan():
        assert (await ask(app, "/ready")).json()["status"] == "ok"
        assert (await ask(app, "/api/v1/anchors")).content == data
    assert (await ask(app, "/ready")).status_code == 503


async def test_without_anchors_or_on_a_test_database_in_production_nothing_starts(
    closed: Databases, tmp_path: Path
) -> None:
    for more, code in (({}, "anchors_missing"), ({"YANGGUANG_MODE": "production"}, "demo_database")):
        chosen = settings(tmp_path, DATABASE_URL=closed.trading, **more)
        app = build(chosen, KEYS, live(chosen))
        with pytest.raises(UnsafeStart) as refused:
            async with live(chosen)(app):
                pass
        assert code in {problem.code for problem in refused.value.problems}


async def test_a_json_face_is_given_to_programs_whatever_goes_wrong(site: Site) -> None:
    answer = await site.public().post("/projects", content=b"x", headers={"content-type": "text/plain"})
    assert answer.status_code in (401, 403)
    assert json.loads(answer.content)["problems"]
