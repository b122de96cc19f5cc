"""Every act about people leaves one event, in its own transaction; whose it is stands in the private half alone."""

import base64
import json
import time
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest
from conftest import START
from house_databases import Databases
from house_faces import Faces
from seeded_people import (
    AGENCY,
    BUILDER,
    BUREAU,
    CENTRE,
    KEYS,
    ORGANISATIONS,
    PASSWORD,
    PEOPLE,
    actor,
    identity,
    seeded,
    signed_in,
)

from kernel.accounts import credentials, grants, records
from kernel.accounts.delegations import delegate, revoke_delegation
from kernel.accounts.events import CASE
from kernel.accounts.mandates import give_mandate, revoke_mandate
from kernel.accounts.register import create_official, register_person_and_organisation
from kernel.accounts.schemas import (
    AskRole,
    CreateOfficial,
    Delegate,
    GiveMandate,
    MakeToken,
    RegisterOrganisation,
)
from kernel.accounts.seeding import seed
from kernel.accounts.sessions import admit
from kernel.accounts.tokens import make_token, revoke_token
from kernel.db import HOME, connected, transaction
from kernel.errors import Forbidden
from kernel.log import events_of


async def _events(start: int = 0) -> list[dict[str, Any]]:
    """The bodies of the account events of this site, in their order."""
    async with transaction(HOME) as connection:
        return [json.loads(event.body) for event in await events_of(connection, CASE)][start:]


async def _acts() -> list[str]:
    return [event["act"] for event in await _events()]


async def _private(database: str) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(database)
    try:
        rows = await connection.fetch("select private from kernel.log_event where case_key = $1 order by n", CASE)
        return [json.loads(row["private"]) for row in rows]
    finally:
        await connection.close()


def _official(login: str = "newcomer", side: str = "operate") -> CreateOfficial:
    return CreateOfficial(
        person_name="新同事", identity_number=identity(60), phone="13912345678", login=login, password=PASSWORD,
        side=side,
    )  # fmt: skip


async def _unit(code: str) -> records.OrganisationView:
    found = await records.organisation_by_code(code)
    assert found is not None
    return found


async def test_a_registration_leaves_an_event_that_names_nobody_in_public(house: Databases) -> None:
    await seeded()
    form = RegisterOrganisation(
        person_name="第二人", identity_number=identity(61), phone="13912345678", login="colleague", password=PASSWORD,
        credit_code=BUILDER, organisation_name="东方建设有限公司", region="330106", role="bidder",
    )  # fmt: skip
    done = await register_person_and_organisation(form, KEYS, "203.0.113.7", "a browser", "api")
    (event,) = await _events()
    assert (event["act"], event["subject"]) == ("person_registered", str(done.membership))
    assert event["facts"] == {"role": "bidder", "organisation": BUILDER, "pending": True}
    assert not any(name in json.dumps(event, ensure_ascii=False) for name in ("第二人", "colleague", identity(61)))
    (private,) = await _private(house.admin)
    assert (private["whose_name"], private["login"]) == ("第二人", "colleague")
    assert (private["address"], private["client"], private["door"]) == ("203.0.113.7", "a browser", "api")
    assert identity(61) not in json.dumps(private)


async def test_an_official_comes_by_four_acts_of_three_people(house: Databases) -> None:
    await seeded()
    made = await create_official(await actor("operator"), _official(), "trading", KEYS)
    asked = AskRole(person=made.person, organisation=(await _unit(CENTRE)).id, role="operator")
    first = await grants.ask_role(await actor("operator2"), asked)
    await grants.refuse_role(await actor("operator4"), first)
    second = await grants.ask_role(await actor("operator2"), asked)
    await grants.grant_role(await actor("operator4"), second)
    await grants.revoke_role(await actor("operator2"), second)
    acts = ["official_created", "role_asked", "role_refused", "role_asked", "role_granted", "role_revoked"]
    assert await _acts() == acts
    assert {event["facts"]["role"] for event in await _events(1)} == {"operator"}
    people = [private["person"] for private in await _private(house.admin)]
    assert len(set(people)) == 3
    assert {private.get("whose_name") for private in await _private(house.admin)} == {"新同事"}


async def test_a_refused_act_leaves_no_event(house: Databases) -> None:
    await seeded()
    asked = AskRole(
        person=(await actor("bidder")).person,
        organisation=(await _unit(CENTRE)).id,
        role="operator",  # type: ignore[arg-type]
    )
    with pytest.raises(Forbidden):
        await grants.ask_role(await actor("bidder"), asked)
    with pytest.raises(Forbidden):
        await create_official(await actor("bidder"), _official(), "trading", KEYS)
    assert await _acts() == []


async def test_mandates_leave_of_absence_keys_and_passwords_leave_events(house: Databases) -> None:
    await seeded()
    purchaser, operator = await actor("purchaser"), await actor("operator")
    given = await give_mandate(
        purchaser,
        GiveMandate(
            agent=(await _unit(AGENCY)).id, acts=("publish_notice",), since=START, until=START + timedelta(days=9),
            document="ab" * 32,
        ),
    )  # fmt: skip
    await revoke_mandate(purchaser, given)
    held = [view.id for view in await records.members_of((await _unit(CENTRE)).id)][:2]
    leave = Delegate(absent=held[0], substitute=held[1], since=START, until=START + timedelta(days=9), reason="年休假")
    decided = await delegate(operator, leave)
    await revoke_delegation(operator, decided)
    session = await admit((await signed_in("rival")).token, "trading")
    assert session is not None
    made = await make_token(session.actor, session.session, MakeToken(name="程序", acts=("submit_bid",)))
    await revoke_token(session.actor, made.id)
    await credentials.change_password(session.actor, PASSWORD, "another long password", KEYS)
    assert await _acts() == [
        "mandate_given", "mandate_revoked", "delegation_decided", "delegation_revoked", "token_made", "token_revoked",
        "password_changed",
    ]  # fmt: skip
    told = json.dumps(await _events(), ensure_ascii=False) + json.dumps(await _private(house.admin))
    assert not any(secret in told for secret in (made.token, PASSWORD, "another long password"))


async def test_an_event_that_cannot_be_written_takes_its_act_with_it(house: Databases) -> None:
    await seeded()
    admin = await asyncpg.connect(house.admin)
    await admin.execute("revoke insert on kernel.log_event from trading")
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await create_official(await actor("operator"), _official(), "trading", KEYS)
    finally:
        await admin.execute("grant insert on kernel.log_event to trading")
        await admin.close()
    assert await records.person_by_hash(KEYS.identity(identity(60))) is None
    assert await credentials.login_taken("newcomer") is None


async def test_supervisors_are_let_in_at_their_own_site_and_on_their_own_log(
    supervision_house: Databases, faces: Faces
) -> None:
    """With its narrow login on the trading database: two regulators and an inspector are enough."""
    await faces.close()
    async with connected(supervision_house.owner, supervision_house.supervision):
        await seed(PEOPLE, ORGANISATIONS, "supervision", KEYS)
    await faces.turn("supervision")
    regulator, inspector = await actor("regulator", "supervision"), await actor("inspector", "supervision")
    made = await create_official(inspector, _official("new.regulator", "supervise"), "supervision", KEYS)
    asked = AskRole(
        person=made.person, organisation=(await _unit(BUREAU)).id, role="regulator", departments=("住建", "住建", "")
    )
    membership = await grants.ask_role(regulator, asked)
    await grants.grant_role(await actor("inspector2", "supervision"), membership)
    assert await _acts() == ["official_created", "role_asked", "role_granted"]
    found = await records.membership(membership)
    assert found is not None
    assert (found.state, found.departments) == ("held", ("住建",))
    assert await _private(supervision_house.admin) == [], "nothing of it stands in the trading log"
    entered = await signed_in("new.regulator", "supervision", credentials.code_at(*_key_of(made.totp_uri)))
    assert entered.membership == membership


def _key_of(uri: str) -> tuple[bytes, float]:
    """The key in an otpauth address, and now."""

    return base64.b32decode(parse_qs(urlsplit(uri).query)["secret"][0]), time.time()
