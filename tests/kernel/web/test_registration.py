"""A unit registers itself by the page or by a program, and sees all that is wrong at once."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from gated_app import browser, gated
from house_databases import Databases
from jinja2 import ChoiceLoader, DictLoader
from seeded_people import BUILDER, CENTRE, PASSWORD, code, identity, seeded

from kernel.accounts.tables import Person
from kernel.ids import new_id
from kernel.web.registration import registration_handlers

PAGE = """{% extends "shell.html" %}{% import "macros/forms.html" as f with context %}{% set title = "注册" %}
{% block main %}{{ f.summary() }}{% call f.form("/register") %}{{ f.text("person_name", "姓名") }}
{{ f.text("identity_number", "身份证号码") }}{{ f.select("region", "地区", regions) }}{% endcall %}{% endblock %}"""


def _site() -> Any:
    app = gated(*registration_handlers("register_test.html"))
    environment = app.state.renderer.environment
    environment.loader = ChoiceLoader([DictLoader({"register_test.html": PAGE}), environment.loader])
    return app


def _fields(**changes: str) -> dict[str, str]:
    return {
        "person_name": "新来的人",
        "identity_number": identity(70),
        "phone": "13912345678",
        "login": "newcomer",
        "password": PASSWORD,
        "credit_code": code(70),
        "organisation_name": "新来的公司",
        "region": "330106",
        "role": "intermediary",
    } | changes


async def _send(client: httpx.AsyncClient, **changes: str) -> httpx.Response:
    found = re.search(r'name="_csrf_token" value="([^"]+)"', (await client.get("/register")).text)
    assert found
    return await client.post("/register", data=_fields(**changes) | {"_csrf_token": found.group(1)})


async def test_an_owner_registers_by_the_page_and_signs_in(house: Databases) -> None:
    async with browser(_site()) as client:
        done = await _send(client, controller_code="", legal_rep_identity="")
        assert (done.status_code, done.headers["location"]) == (303, "/signin")
        body = {"login": "newcomer", "password": PASSWORD}
        assert (await client.post("/api/v1/session", json=body)).json()["role"] == "intermediary"


async def test_the_form_comes_back_with_everything_wrong_but_without_secrets(house: Databases) -> None:
    async with browser(_site()) as client:
        again = await _send(client, phone="1", credit_code="x", password="short")  # noqa: S106
        assert again.status_code == 422
        assert "电话号码格式不对" in again.text
        assert "统一社会信用代码应为" in again.text
        assert "密码至少" in again.text
        assert 'value="新来的人"' in again.text
        assert identity(70) not in again.text
        assert not await Person.exists()


async def test_a_program_registers_and_is_told_when_the_unit_must_agree(house: Databases) -> None:
    await seeded()
    async with browser(_site()) as client:
        body, key = _fields(credit_code=BUILDER), {"idempotency-key": str(new_id())}
        done = await client.post("/api/v1/registrations", json=body, headers=key)
        assert (done.status_code, done.json()["pending"]) == (201, True)
        again = await client.post("/api/v1/registrations", json=body, headers=key)
        assert (again.status_code, again.json()) == (201, done.json())
        other = await client.post("/api/v1/registrations", json={**body, "password": "another one"}, headers=key)
        assert (other.status_code, other.json()["code"]) == (409, "request_id_reused")


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
async def test_the_centres_group_is_refused_with_the_article(house: Databases, accept: str) -> None:
    await seeded()
    async with browser(_site()) as client:
        if accept == "text/html":
            refused = await _send(client, role="bidder", controller_code=CENTRE)
        else:
            body = _fields(role="bidder", controller_code=CENTRE)
            refused = await client.post("/api/v1/registrations", json=body)
        assert refused.status_code == 422
        assert "电子招标投标办法第二十三条" in refused.text


def test_the_sites_own_template_posts_the_fields_of_the_command() -> None:
    root = Path(__file__).resolve().parents[3]
    template = (root / "app" / "templates" / "register_account.html").read_text(encoding="utf-8")
    for name in _fields():
        assert f'("{name}"' in template, name
