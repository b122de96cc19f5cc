"""The account's JSON routes: for people who signed in themselves, never for a program's key; repeats change nothing."""

import base64
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from conftest import START
from gated_app import ORIGIN, gated
from house_databases import Databases
from seeded_people import AGENCY, BUILDER, CENTRE, PASSWORD, ROADS, WATER, WRONG, code, identity, seeded

from kernel.accounts import records
from kernel.accounts.credentials import code_at
from kernel.accounts.schemas import MakeToken
from kernel.accounts.sessions import admit
from kernel.accounts.tokens import make_token
from kernel.ids import new_id
from kernel.web.account import account_handlers
from kernel.web.account.mandates import mandate_handlers

PROJECT = UUID(int=17)
CHANGED = "another long password"
NEW = {
    "person_name": "新同事",
    "identity_number": identity(60),
    "phone": "13912345678",
    "login": "newcomer",
    "password": PASSWORD,
    "side": "operate",
}


async def _projects(actor: object) -> list[tuple[UUID, str]]:
    return [(PROJECT, "清江大桥加固")]


class Program(httpx.AsyncClient):
    """A person's own program, signed in as he is."""

    async def ask(self, path: str, body: Any = None, *, key: UUID | None = None) -> httpx.Response:
        return await self.post(f"/api/v1{path}", json=body or {}, headers={"idempotency-key": str(key or new_id())})

    async def told(self, path: str) -> Any:
        answer = await self.get(f"/api/v1{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()


def _client() -> Program:
    app = gated(*account_handlers(), *mandate_handlers(_projects))
    return Program(transport=httpx.ASGITransport(app=app, client=("203.0.113.9", 4711)), base_url=ORIGIN)


@asynccontextmanager
async def at(login: str) -> AsyncIterator[Program]:
    async with _client() as client:
        done = await client.post("/api/v1/session", json={"login": login, "password": PASSWORD})
        client.headers["x-csrftoken"] = done.json()["csrf"]
        yield client


async def _unit(code: str) -> str:
    found = await records.organisation_by_code(code)
    assert found is not None
    return str(found.id)


async def as_owner(house: Databases, sql: str, *values: object) -> Any:
    owner = await asyncpg.connect(house.owner)
    try:
        return await owner.fetchval(sql, *values)
    finally:
        await owner.close()


async def _membership(person: UUID) -> str:
    return str((await records.memberships_of(person))[0].id)


async def test_a_password_is_changed_once_it_is_known(house: Databases) -> None:
    await seeded()
    async with at("rival") as rival:
        wrong = await rival.ask("/me/password", {"old": WRONG, "new": CHANGED})
        assert (wrong.status_code, wrong.json()["code"]) == (422, "password_wrong")
        assert (await rival.ask("/me/password", {"old": PASSWORD, "new": CHANGED})).status_code == 204
        assert (await rival.get("/api/v1/me/sessions")).status_code == 401


async def test_an_authenticator_is_bound_in_two_requests(house: Databases) -> None:
    await seeded()
    async with at("rival") as rival:
        offered = await rival.told("/me/second-factor")
        now = code_at(base64.b32decode(offered["secret"]), time.time())
        done = {"enrolment": offered["enrolment"], "password": PASSWORD, "code": now}
        assert (await rival.ask("/me/second-factor/confirm", {**done, "code": "1"})).status_code == 422
        key = new_id()
        for _ in range(2):
            assert (await rival.ask("/me/second-factor/confirm", done, key=key)).json() == {"bound": True}


async def test_sessions_are_listed_and_ended(house: Databases) -> None:
    await seeded()
    async with at("rival") as mine, at("rival") as other:
        listed = await mine.told("/me/sessions")
        assert [one["address"] for one in listed] == ["203.0.113.9"] * 2
        (strange,) = [one["id"] for one in listed if not one["current"]]
        assert (await mine.delete(f"/api/v1/me/sessions/{strange}")).status_code == 204
        assert (await mine.delete(f"/api/v1/me/sessions/{strange}")).status_code == 404
        assert (await other.get("/api/v1/me/sessions")).status_code == 401
        assert (await mine.ask("/me/sessions/end-others")).json() == {"ended": 0}


async def test_an_official_comes_in_by_three_and_a_repeat_is_no_second_act(house: Databases) -> None:
    await seeded()
    async with at("operator") as maker, at("operator2") as asker, at("operator4") as granter:
        key = new_id()
        made = (await maker.ask("/officials", NEW, key=key)).json()
        assert made["totp_uri"].startswith("otpauth://totp/")
        assert (await maker.ask("/officials", NEW, key=key)).json() == made
        kept = await as_owner(house, "select answer from kernel.request where id = $1", key)
        assert made["totp_uri"].partition("secret=")[2][:32] not in kept
        again = await maker.ask("/officials", NEW)
        assert again.status_code == 422
        assert {"person_known", "login_taken"} <= {problem["code"] for problem in again.json()["problems"]}
        ask = {"person": made["person"], "organisation": await _unit(CENTRE), "role": "operator"}
        key = new_id()
        first = (await asker.ask("/memberships", ask, key=key)).json()
        assert (await asker.ask("/memberships", ask, key=key)).json() == first
        reused = await asker.ask("/memberships", {**ask, "role": "expert"}, key=key)
        assert (reused.status_code, reused.json()["code"]) == (409, "request_id_reused")
        (waiting,) = await granter.told("/memberships")
        assert (waiting["id"], waiting["person_name"]) == (first["membership"], "新同事")
        path, key = f"/memberships/{first['membership']}", new_id()
        assert (await asker.ask(f"{path}/grant")).json()["code"] == "granter_asked"
        assert (await granter.ask(f"{path}/elevate")).status_code in (404, 422)
        for _ in range(2):
            assert (await granter.ask(f"{path}/grant", key=key)).json() == {"membership": first["membership"]}
        assert (await granter.ask(f"{path}/refuse")).status_code == 409
        assert first["membership"] in {one["id"] for one in await granter.told("/memberships?state=held")}
        assert (await granter.ask(f"{path}/revoke")).status_code == 200
        assert first["membership"] not in {one["id"] for one in await granter.told("/memberships?state=held")}


async def test_a_unit_is_added_in_the_own_region_only(house: Databases) -> None:
    await seeded()
    unit = {"name": "西湖分中心", "code": code(80, "12"), "region": "330106", "kind": "institution"}
    async with at("operator") as operator:
        outside = await operator.ask("/units", {**unit, "region": "330200"})
        assert (outside.status_code, outside.json()["code"]) == (422, "not_your_region")
        added = await operator.ask("/units", unit)
        assert added.json()["organisation"] == await _unit(unit["code"])


async def test_a_role_is_asked_for_oneself_by_the_units_code(house: Databases) -> None:
    await seeded()
    async with at("rival") as rival:
        asked = await rival.ask("/me/roles", {"organisation_code": BUILDER, "role": "bidder"})
        assert asked.status_code == 201
        toxic = await rival.ask("/me/roles", {"organisation_code": WATER, "role": "purchaser"})
        assert (toxic.status_code, toxic.json()["code"]) == (422, "toxic_9_ever")
        assert (await rival.ask("/me/roles", {"organisation_code": ROADS, "role": "expert"})).status_code == 422


async def test_leave_is_decided_and_ended(house: Databases) -> None:
    people = await seeded()
    leave = {
        "absent": await _membership(people["operator"]), "substitute": await _membership(people["operator2"]),
        "since": START.isoformat(), "until": START.replace(day=9).isoformat(), "reason": "年休假",
    }  # fmt: skip
    async with at("operator") as absent, at("operator2") as substitute:
        assert (await substitute.ask("/delegations", leave)).json()["code"] == "substitute_decides"
        made = (await absent.ask("/delegations", leave)).json()
        (listed,) = await substitute.told("/delegations")
        assert (listed["id"], listed["revoked_at"]) == (made["delegation"], None)
        assert (await absent.ask(f"/delegations/{made['delegation']}/revoke")).status_code == 200
        assert (await absent.ask(f"/delegations/{made['delegation']}/revoke")).status_code == 404


async def test_a_mandate_is_bounded_to_a_project_of_the_purchasers_own(house: Databases) -> None:
    await seeded()
    mandate = {
        "agent": await _unit(AGENCY), "project": str(PROJECT), "acts": ["publish_notice"],
        "since": START.isoformat(), "until": START.replace(month=9).isoformat(), "document": "ab" * 32,
    }  # fmt: skip
    async with at("purchaser") as purchaser, at("agent") as agent, at("bidder") as bidder:
        strange = await purchaser.ask("/mandates", {**mandate, "project": str(new_id())})
        assert (strange.status_code, strange.json()["code"]) == (422, "no_such_project")
        given = (await purchaser.ask("/mandates", mandate)).json()
        for reader in (purchaser, agent):
            (listed,) = await reader.told("/mandates")
            assert (listed["id"], listed["project"], listed["document"]) == (
                given["mandate"],
                str(PROJECT),
                "ab" * 32,
            )
        assert (await bidder.get("/api/v1/mandates")).status_code == 403
        assert (await agent.ask(f"/mandates/{given['mandate']}/revoke")).status_code == 403
        assert (await purchaser.ask(f"/mandates/{given['mandate']}/revoke")).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/me/sessions", "/me/sessions/end-others", "/memberships", "/officials", "/units", "/delegations", "/mandates"],
)
async def test_no_programs_key_opens_an_account(house: Databases, path: str) -> None:
    await seeded()
    async with at("operator") as operator:
        found = await admit(operator.cookies["yg_trading"], "trading")
        assert found is not None
        made = await make_token(found.actor, found.session, MakeToken(name="程序", acts=("read_workbench",)))
    headers = {"authorization": f"Bearer {made.token}"}
    async with _client() as program:
        for answer in (
            await program.get(f"/api/v1{path}", headers=headers),
            await program.post(f"/api/v1{path}", headers=headers, json={}),
        ):
            assert answer.status_code in (403, 405)
