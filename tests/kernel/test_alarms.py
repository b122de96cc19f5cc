"""Trouble with the house is told to those who answer for it, once; an account's own news to its owner."""

import logging
from datetime import timedelta
from pathlib import Path

import pytest
import road
from conftest import START, TestClock
from house_databases import Databases
from road import actor
from seeded_people import AGENCY, KEYS, PASSWORD, identity, seeded
from seeded_people import actor as seeded_actor
from trading_site import settings, token_of

from app.rounds import check_log
from kernel import inbox, log
from kernel.accounts import records
from kernel.accounts.mandates import AHEAD, EXPIRING, give_mandate, revoke_mandate, tell_expiring
from kernel.accounts.register import register_person_and_organisation
from kernel.accounts.schemas import GiveMandate, RegisterOrganisation, SignIn
from kernel.accounts.sessions import sign_in
from kernel.alarms import alarm
from kernel.db import HOME, transaction
from kernel.identity import Actor
from kernel.jobs import Duty, run_one


@pytest.fixture
async def operator(house: Databases) -> Actor:
    """An operator whose role is in force; the purchaser beside him has no part in this."""
    road.ADMIN = house.admin
    someone = await actor("operator", "12330106MB0000002X", "某区公共资源交易中心")
    await token_of(someone)
    await token_of(await actor("purchaser", "12330106MB0000001X", "某区城市建设中心"))
    return someone


async def told(someone: Actor, template: str) -> list[str]:
    return [m.text for m in await inbox.unread(someone.person, someone.organisation) if m.template == template]


async def test_an_alarm_reaches_everybody_of_its_roles_once_a_day(operator: Actor) -> None:
    fields = {"says": "log_event 17"}
    assert await alarm(("operator",), "log_altered", fields, once="17") == 1
    assert await alarm(("operator",), "log_altered", fields, once="17") == 0
    assert await alarm(("operator",), "log_altered", {"says": "log_event 18"}, once="18") == 1
    assert len(await told(operator, "log_altered")) == 2


async def test_an_altered_log_is_told_to_the_operators_when_it_is_read_back(
    operator: Actor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with transaction(HOME) as connection:
        await log.record(connection, case_key="lot", act="submit_bid", actor=operator, subject="1", at=START)
    await road.as_admin("alter table kernel.log_event disable trigger user")
    try:
        await road.as_admin("update kernel.log_event set body = body || ' '::bytea")
        with caplog.at_level(logging.CRITICAL, "yangguang.worker"):
            for _ in range(2):
                assert await check_log(settings(tmp_path)) > 0
    finally:
        await road.as_admin("alter table kernel.log_event enable trigger user")
    texts = await told(operator, "log_altered")
    assert len(texts) == len(set(texts)) > 0, "each finding once"


async def test_whoever_signs_in_from_a_new_place_is_told_and_from_a_known_one_is_not(house: Databases) -> None:
    await seeded()
    someone = await seeded_actor("bidder")
    for address in ("192.0.2.1", "192.0.2.1", "192.0.2.9"):
        await sign_in(SignIn(login="bidder", password=PASSWORD), "trading", KEYS, address)
    (text,) = await told(someone, "signed_in_elsewhere")
    assert "192.0.2.9" in text


async def test_a_new_account_finds_its_first_message(house: Databases) -> None:
    await seeded()
    form = RegisterOrganisation(
        person_name="钱进", identity_number=identity(81), phone="13912345678", login="newcomer81", password=PASSWORD,
        credit_code=AGENCY, organisation_name="某公司", region="330106", role="agent",
    )  # fmt: skip
    made = await register_person_and_organisation(form, KEYS)
    (message,) = await inbox.unread(made.person)
    assert (message.template, "钱进" in message.text) == ("account_created", True)


@pytest.mark.parametrize("revoked", [False, True])
async def test_both_parties_are_told_a_week_before_a_mandate_ends_unless_it_was_withdrawn(
    house: Databases, clock: TestClock, revoked: bool
) -> None:
    await seeded()
    agency, purchaser = await records.organisation_by_code(AGENCY), await seeded_actor("purchaser")
    assert agency is not None
    until = START + timedelta(days=30)
    command = GiveMandate(
        agent=agency.id, project=None, acts=("publish_notice",), since=START, until=until, document="ab" * 32
    )
    given = await give_mandate(purchaser, command)
    if revoked:
        await revoke_mandate(purchaser, given)
    duties = {EXPIRING: Duty(tell_expiring)}
    await clock.freeze(until - AHEAD - timedelta(seconds=1))
    assert not await run_one(HOME, duties)
    await clock.freeze(until - AHEAD)
    assert await run_one(HOME, duties)
    for organisation in (purchaser.organisation, agency.id):
        found = [m.template for m in await inbox.unread(None, organisation)]
        assert found.count("mandate_expiring") == (0 if revoked else 1)
