"""Signing in, the one-time code, the growing wait, and how sessions end."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest
from house_databases import Databases
from house_faces import Faces
from seeded_people import (
    BUILDER,
    BUREAU,
    KEYS,
    ORGANISATIONS,
    PASSWORD,
    PEOPLE,
    TOTP_KEY,
    WRONG,
    actor,
    marked,
    seeded,
    signed_in,
)

from kernel.accounts import credentials
from kernel.accounts.delegations import delegate, revoke_delegation
from kernel.accounts.keys import Keys
from kernel.accounts.records import memberships_of
from kernel.accounts.schemas import Delegate, SignIn
from kernel.accounts.seeding import seed
from kernel.accounts.sessions import IDLE, LONGEST, actor_of, admit, sign_in, sign_out, switch_role
from kernel.accounts.tables import Credential, Session
from kernel.accounts.throttle import WaitFirst
from kernel.clock import wall
from kernel.db import connected
from kernel.errors import BadInput, Forbidden, NotSignedIn, Refusal, Throttled
from kernel.identity import PUBLIC
from kernel.ids import new_id


@pytest.fixture
async def supervisors(supervision_house: Databases, faces: Faces) -> Databases:
    """The supervision site with its people, whom the owner of the trading database put in."""
    await faces.close()
    async with connected(supervision_house.owner, supervision_house.supervision):
        await seed(PEOPLE, ORGANISATIONS, "supervision", KEYS)
    await faces.turn("supervision")
    return supervision_house


async def _age(house: Databases, seconds: int, column: str) -> None:
    """Make every session older, as the machine's own clock would."""
    connection = await asyncpg.connect(house.owner)
    try:
        await connection.execute(
            f"update accounts.session set {column} = {column} - make_interval(secs => $1)",  # noqa: S608
            seconds,
        )
    finally:
        await connection.close()


async def test_a_session_stands_for_one_role_of_one_organisation(house: Databases) -> None:
    people = await seeded()
    session = await signed_in("bidder")
    found = await admit(session.token, "trading", "203.0.113.9", "a browser")
    assert found is not None
    who = found.actor
    assert (who.person, who.role, who.organisation_code) == (people["bidder"], "bidder", BUILDER)
    assert (who.region, who.address, who.client) == ("330106", "203.0.113.9", "a browser")
    assert (found.session.kind, found.session.csrf) == ("session", session.csrf)


async def test_only_the_digest_of_a_token_is_stored(house: Databases) -> None:
    await seeded()
    session = await signed_in("bidder")
    assert len(session.token) >= 43
    row = await Session.select().first()
    assert session.token not in str(row)
    assert session.token.encode() not in bytes(row["digest"])


@pytest.mark.parametrize("token", ["", "nothing", "x" * 10_000, "\x00", "\ud800"])
async def test_an_unknown_token_is_the_public(house: Databases, token: str) -> None:
    await seeded()
    assert await admit(token, "trading") is None
    assert await actor_of(token, "trading") == PUBLIC


async def test_every_sign_in_gives_another_token(house: Databases) -> None:
    await seeded()
    assert (await signed_in("bidder")).token != (await signed_in("bidder")).token


async def test_a_wrong_password_and_an_unknown_name_are_refused_in_the_same_words(house: Databases) -> None:
    await seeded()
    said = []
    for login in ("bidder", "nobody.here"):
        with pytest.raises(NotSignedIn) as refused:
            await sign_in(SignIn(login=login, password=WRONG), "trading", KEYS)
        said.append(refused.value.problems)
    assert said[0] == said[1]
    assert (await Credential.select().where(Credential.login == "bidder").first())["failed"] == 1


async def test_login_names_are_compared_without_case_and_width(house: Databases) -> None:
    await seeded()
    assert await sign_in(SignIn(login="ＢＩＤＤＥＲ", password=PASSWORD), "trading", KEYS)


async def test_each_site_admits_its_own_sides_only(house: Databases) -> None:
    await seeded()
    for login in ("purchaser", "agent", "bidder", "expert", "operator"):
        session = await signed_in(login)
        assert (await actor_of(session.token, "trading")).role == login
        assert await admit(session.token, "supervision") is None
        with pytest.raises(Forbidden) as refused:
            await signed_in(login, "supervision")
        assert refused.value.code == "wrong_site"
    with pytest.raises(NotSignedIn):
        await signed_in("regulator")


async def test_supervisors_enter_the_supervision_site_and_no_trader_does(supervisors: Databases) -> None:
    for login, role in (("regulator", "regulator"), ("inspector", "inspector")):
        session = await signed_in(login, "supervision")
        assert (await actor_of(session.token, "supervision")).role == role
        assert await admit(session.token, "trading") is None
        with pytest.raises(Forbidden):
            await signed_in(login, "trading")
    for login in ("bidder", "operator"):
        with pytest.raises(NotSignedIn):
            await signed_in(login, "supervision")


async def test_a_regulators_region_and_departments_come_with_him(supervisors: Databases) -> None:
    regulator = await actor("regulator", "supervision")
    assert (regulator.region, regulator.departments) == ("330106", ("住建",))
    assert regulator.organisation_code == BUREAU


async def test_a_leave_lends_departments_to_the_substitute_while_it_lasts(
    house: Databases, supervisors: Databases, faces: Faces
) -> None:
    await faces.close()
    async with connected(supervisors.owner, supervisors.supervision):
        absent, substitute = await actor("regulator2", "supervision"), await actor("regulator", "supervision")
        assert absent.person is not None
        assert substitute.person is not None
        (from_,), (to,) = await memberships_of(absent.person), await memberships_of(substitute.person)
        at = await wall()
        leave = Delegate(
            absent=from_.id,
            substitute=to.id,
            since=at - timedelta(days=1),
            until=at + timedelta(days=1),
            reason="年休假",
        )
        with pytest.raises(Forbidden):
            await delegate(substitute, leave)
        made = await delegate(absent, leave)
        assert (await actor("regulator", "supervision")).departments == ("住建", "水利", "交通")
        await revoke_delegation(absent, made)
        assert (await actor("regulator", "supervision")).departments == ("住建",)
        over = leave.model_copy(update={"until": at - timedelta(hours=1)})
        await delegate(absent, over)
        assert (await actor("regulator", "supervision")).departments == ("住建",)
        with pytest.raises(BadInput):
            await delegate(absent, leave.model_copy(update={"until": leave.since}))
        inspector = await actor("inspector", "supervision")
        assert inspector.person is not None
        (other,) = await memberships_of(inspector.person)
        with pytest.raises(BadInput) as refused:
            await delegate(absent, leave.model_copy(update={"substitute": other.id}))
        assert refused.value.code == "substitute_unlike"
    await faces.turn("trading")


async def test_a_session_ends_after_half_an_hour_without_a_request(house: Databases) -> None:
    await seeded()
    session = await signed_in("bidder")
    await _age(house, IDLE - 60, "last_seen")
    assert await admit(session.token, "trading"), "a request keeps it alive"
    await _age(house, IDLE - 60, "last_seen")
    assert await admit(session.token, "trading")
    await _age(house, IDLE + 1, "last_seen")
    assert await admit(session.token, "trading") is None


async def test_a_session_ends_after_twelve_hours_whatever_is_done(house: Databases) -> None:
    await seeded()
    session = await signed_in("bidder")
    await _age(house, LONGEST, "expires_at")
    assert await admit(session.token, "trading") is None


async def test_signing_out_ends_the_session(house: Databases) -> None:
    await seeded()
    session, other = await signed_in("bidder"), await signed_in("bidder")
    await sign_out(session.token)
    assert await admit(session.token, "trading") is None
    assert await admit(other.token, "trading")


async def test_changing_the_role_changes_the_token_and_keeps_the_end(house: Databases) -> None:
    people = await seeded()
    session = await signed_in("bidder")
    other = next(m for m in await memberships_of(people["bidder"]) if m.id != session.membership)
    changed = await switch_role(session.token, other.id, "trading")
    assert await admit(session.token, "trading") is None
    assert (await actor_of(changed.token, "trading")).role == other.role
    assert changed.expires_at == session.expires_at
    assert changed.csrf != session.csrf


async def test_nobody_changes_into_anothers_role(house: Databases) -> None:
    people = await seeded()
    session = await signed_in("bidder")
    (foreign,) = await memberships_of(people["purchaser"])
    for membership in (foreign.id, new_id()):
        with pytest.raises(Forbidden):
            await switch_role(session.token, membership, "trading")
    assert (await actor_of(session.token, "trading")).role == "bidder"


async def _code(steps: int = 0) -> str:
    return credentials.code_at(TOTP_KEY, (await wall()).timestamp() + steps * 30)


async def test_an_official_with_a_second_factor_needs_it(house: Databases) -> None:
    await seeded()
    with pytest.raises(NotSignedIn) as refused:
        await signed_in("operator3")
    assert refused.value.code == "totp_needed"
    assert (await signed_in("operator3", totp=await _code())).token


@pytest.mark.parametrize("wrong", ["000", "abcdef", "１２３４５６", "-1", "0" * 30])
async def test_a_wrong_code_is_refused(house: Databases, wrong: str) -> None:
    await seeded()
    with pytest.raises(NotSignedIn) as refused:
        await signed_in("operator3", totp=wrong)
    assert refused.value.code == "totp_wrong"


async def test_a_code_opens_once(house: Databases) -> None:
    await seeded()
    code = await _code()
    done = await asyncio.gather(*(signed_in("operator3", totp=code) for _ in range(4)), return_exceptions=True)
    assert sum(not isinstance(result, BaseException) for result in done) == 1
    with pytest.raises(NotSignedIn):
        await signed_in("operator3", totp=await _code(-1))


def test_one_time_codes_are_those_of_rfc_6238() -> None:
    key = b"12345678901234567890"
    for unix, code in (
        (59, "287082"),
        (1111111109, "081804"),
        (1234567890, "005924"),
        (20000000000, "353130"),
    ):
        assert credentials.code_at(key, unix) == code
        assert credentials.matching_step(key, code, unix) == unix // 30
    assert credentials.matching_step(key, "287082", 59 + 90) is None


async def test_an_official_without_a_second_factor_enters_no_production_house(house: Databases) -> None:
    await seeded()
    async with marked(house.admin, "production"):
        with pytest.raises(Forbidden) as refused:
            await signed_in("operator")
        assert refused.value.code == "second_factor_missing"
        assert (await signed_in("bidder")).token, "a trader may do without"
        with pytest.raises(Forbidden):
            await seed(PEOPLE, ORGANISATIONS, "trading", KEYS)


async def test_guessing_is_stopped_by_a_growing_wait_and_even_the_right_password_waits(
    house: Databases,
) -> None:
    await seeded()
    refusals = []
    for _ in range(7):
        with pytest.raises(Refusal) as refused:
            await sign_in(SignIn(login="bidder", password=WRONG), "trading", KEYS)
        refusals.append(refused.type)
    assert refusals == [NotSignedIn] * 5 + [WaitFirst] * 2
    with pytest.raises(WaitFirst) as waits:
        await signed_in("bidder")
    assert 1 <= waits.value.retry_after <= 3
    assert (await signed_in("rival")).token, "others are not kept waiting"


async def test_a_hundred_guesses_at_once_are_a_hundred_tries(house: Databases) -> None:
    await seeded()
    guesses = [sign_in(SignIn(login="bidder", password=f"guess {n}"), "trading", KEYS) for n in range(40)]
    done = await asyncio.gather(*guesses, return_exceptions=True)
    assert sum(isinstance(result, NotSignedIn) for result in done) == 5
    assert sum(isinstance(result, Throttled) for result in done) == 35


async def test_after_the_wait_one_more_try_is_free_and_the_next_wait_is_longer(house: Databases) -> None:
    await seeded()
    waits = []
    connection = await asyncpg.connect(house.owner)
    for _ in range(9):
        with pytest.raises(Refusal):
            await sign_in(SignIn(login="bidder", password=WRONG), "trading", KEYS)
        seconds = await connection.fetchval(
            "select round(extract(epoch from blocked_until - last_at))::int from accounts.throttle"
        )
        waits.append(seconds or 0)
        await connection.execute("update accounts.throttle set blocked_until = clock_timestamp()")
    await connection.close()
    assert waits == [0, 0, 0, 0, 2, 4, 8, 16, 32]


async def test_a_success_ends_the_count(house: Databases) -> None:
    await seeded()
    for _ in range(3):
        for _ in range(3):
            with pytest.raises(NotSignedIn):
                await sign_in(SignIn(login="bidder", password=WRONG), "trading", KEYS)
        await signed_in("bidder")


async def test_a_changed_password_ends_every_session(house: Databases) -> None:
    await seeded()
    session = await signed_in("bidder")
    bidder = await actor("bidder")
    for old, new in ((WRONG, "another long password"), (PASSWORD, "bidder2026")):
        with pytest.raises(BadInput):
            await credentials.change_password(bidder, old, new, KEYS)
    await credentials.change_password(bidder, PASSWORD, "another long password", KEYS)
    assert await admit(session.token, "trading") is None
    with pytest.raises(NotSignedIn):
        await signed_in("bidder")


async def test_passwords_are_kept_as_argon2id_with_the_house_profile() -> None:
    strong = Keys.derive(b"a secret for tests, 32 bytes or more")
    phc = await credentials.hash_password("a password", strong)
    assert phc.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await credentials.matches("a password", phc, strong)
    assert not await credentials.matches("another password", phc, strong)
    assert not await credentials.matches("nobody's password", None, strong), "no hash, no entry"
