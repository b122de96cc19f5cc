"""The account's pages in a browser, with real rows: at a telephone's and a desk's width, under the real policy."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from gated_app import gated
from house_databases import Databases
from house_faces import Faces
from looking import eye_of, faults_at_widths, served
from playwright.async_api import Browser, Page
from seeded_people import AGENCY, BUILDER, BUREAU, KEYS, ORGANISATIONS, PASSWORD, PEOPLE, actor, identity, seeded

from kernel.accounts import records
from kernel.accounts.delegations import delegate
from kernel.accounts.grants import ask_role
from kernel.accounts.mandates import MANDATABLE, give_mandate
from kernel.accounts.register import create_official, register_person_and_organisation
from kernel.accounts.schemas import AskRole, CreateOfficial, Delegate, GiveMandate, RegisterOrganisation, SignIn
from kernel.accounts.seeding import seed
from kernel.accounts.sessions import sign_in
from kernel.clock import now
from kernel.db import connected
from kernel.web.account import account_handlers
from kernel.web.account.mandates import mandate_handlers

pytest_plugins = ("looking",)

OWN = ("/account", "/account/password", "/account/second-factor", "/account/sessions", "/account/people")
OFFICIALS = ("/account/people/new", "/account/people/ask", "/account/people/unit", "/account/leave", "/tokens")


async def _projects(someone: object) -> list[tuple[UUID, str]]:
    return [(UUID(int=17), "E3301060001000017　文二路道路及雨污水管网改造工程")]


@asynccontextmanager
async def _at(browser: Browser, login: str, origin: str) -> AsyncIterator[Page]:
    """A tab of somebody signed in; what the browser complains of fails the test."""
    context = await browser.new_context(locale="zh-CN")
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if "Policy" in message.text else None)
    await page.goto(f"{origin}/signin")
    await page.fill("#f-login", login)
    await page.fill("#f-password", PASSWORD)
    await page.get_by_role("button", name="登录", exact=True).click()
    await page.wait_for_url(lambda url: not url.endswith("/signin"))
    yield page
    await context.close()
    assert complaints == []


async def _look(browser: Browser, origin: str, site: str, login: str, paths: Sequence[str]) -> dict[str, list[str]]:
    """What is wrong with these pages for somebody who has signed in."""
    session = await sign_in(SignIn(login=login, password=PASSWORD), site, KEYS)
    eye = await eye_of(browser)
    found: dict[str, list[str]] = {}
    await eye.become([{"name": f"yg_{site}", "value": session.token, "url": origin}])
    for path in paths:
        found |= await eye.judge(f"{login} {path}", origin + path, f"{login}{path.replace('/', '-')}")
    return found


async def _county() -> None:
    """One of everything the pages list."""
    await seeded()
    for number, unit in ((61, BUILDER), (62, AGENCY)):
        form = {
            "person_name": f"新人{number}", "identity_number": identity(number), "phone": "13912345678",
            "login": f"new.{number}", "password": PASSWORD, "credit_code": unit, "organisation_name": "某公司",
            "region": "330106", "role": "bidder" if unit == BUILDER else "agent",
        }  # fmt: skip
        await register_person_and_organisation(RegisterOrganisation.model_validate(form), KEYS)
    await _new_official("operate", "trading", "operator")
    moment = await now()
    agency = await records.organisation_by_code(AGENCY)
    assert agency is not None
    mandate = GiveMandate(
        agent=agency.id, project=UUID(int=17), acts=MANDATABLE, since=moment, until=moment.replace(year=2027),
        document="ab" * 32,
    )  # fmt: skip
    await give_mandate(await actor("purchaser"), mandate)
    await _leave("operator", "operator2", "trading")


async def _new_official(side: str, site: str, maker: str) -> UUID:
    command = {
        "person_name": "新同事", "identity_number": identity(60), "phone": "13912345678", "login": "newcomer",
        "password": PASSWORD, "side": side,
    }  # fmt: skip
    return (await create_official(await actor(maker, site), CreateOfficial.model_validate(command), site, KEYS)).person


async def _leave(absent: str, substitute: str, site: str) -> None:
    moment, people = await now(), [(await actor(login, site)).person for login in (absent, substitute)]
    held = [(await records.memberships_of(person))[0].id for person in people if person]
    leave = Delegate(absent=held[0], substitute=held[1], since=moment, until=moment.replace(year=2027), reason="年休假")
    await delegate(await actor(absent, site), leave)


async def test_the_accounts_pages_of_the_trading_site_are_usable_by_everybody(
    house: Databases, chromium: Browser, assets: object
) -> None:
    await _county()
    faults: dict[str, list[str]] = {}
    async with served(gated(*account_handlers(), *mandate_handlers(_projects), origin="")) as origin:
        for login, paths in (
            ("purchaser", (*OWN, "/mandates", "/account/roles/new")),
            ("agent", ("/mandates", "/account/people")),
            ("operator", (*OWN, *OFFICIALS)),
            ("new.61", ("/account",)),
        ):
            faults |= await _look(chromium, origin, "trading", login, paths)
        async with _at(chromium, "operator", origin) as page:
            faults |= await _refused_and_made(page, origin)
    assert faults == {}


async def _refused_and_made(page: Page, origin: str) -> dict[str, list[str]]:
    """The pages that only a form leads to: with its problems, and with the key that is shown once."""
    await page.goto(f"{origin}/account/people/new")
    await page.get_by_role("button", name="建立账户").click()
    await page.wait_for_selector(".summary")
    found = await faults_at_widths(page, "refused", "operator-refused")
    fields = {"person_name": "又一位", "identity_number": identity(63), "phone": "13912345678", "login": "another"}
    for name, value in {**fields, "password": PASSWORD}.items():
        await page.fill(f"#f-{name}", value)
    await page.get_by_label("交易中心人员").check()
    await page.get_by_role("button", name="建立账户").click()
    await page.wait_for_selector("img.qr")
    return found | await faults_at_widths(page, "made", "operator-made")


async def test_the_accounts_pages_of_the_supervision_site_are_usable_by_everybody(
    supervision_house: Databases, faces: Faces, chromium: Browser, assets: object
) -> None:
    await faces.close()
    async with connected(supervision_house.owner, supervision_house.supervision):
        await seed(PEOPLE, ORGANISATIONS, "supervision", KEYS)
    await faces.turn("supervision")
    person, bureau = await _new_official("supervise", "supervision", "inspector"), await _bureau()
    asked = AskRole(person=person, organisation=bureau, role="regulator", departments=("住建", "水利"))
    await ask_role(await actor("regulator", "supervision"), asked)
    await _leave("regulator", "regulator2", "supervision")
    app = gated(*account_handlers(), site="supervision", origin="")
    async with served(app) as origin:
        assert await _look(chromium, origin, "supervision", "inspector", (*OWN, *OFFICIALS)) == {}


async def _bureau() -> UUID:
    found = await records.organisation_by_code(BUREAU)
    assert found is not None
    return found.id


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_role_is_granted_by_the_keyboard_alone_also_without_scripts(
    house: Databases, chromium: Browser, assets: object, scripts: bool
) -> None:
    await _county()
    async with served(gated(*account_handlers(), origin="")) as origin:
        context = await chromium.new_context(java_script_enabled=scripts)
        page = await context.new_page()
        await page.goto(f"{origin}/signin?next=/account/people")
        await page.fill("#f-login", "bidder")
        await page.fill("#f-password", PASSWORD)
        await page.keyboard.press("Enter")
        await page.get_by_text("等待批准（1）").wait_for()
        await page.get_by_role("button", name="批准", exact=True).focus()
        await page.keyboard.press("Enter")
        await page.get_by_text("等待批准（0）").wait_for()
        await context.close()
    builder = await records.organisation_by_code(BUILDER)
    assert builder is not None
    assert {view.state for view in await records.members_of(builder.id)} == {"held"}
