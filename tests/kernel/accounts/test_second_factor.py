"""An authenticator is bound by whoever knows the password, holds the old one, and has the new one in his hand."""

import asyncio
import base64
import time

import pytest
from house_databases import Databases
from seeded_people import KEYS, PASSWORD, TOTP_KEY, WRONG, seeded, signed_in

from kernel.accounts import credentials, second_factor
from kernel.accounts.my_sessions import open_sessions
from kernel.accounts.schemas import ConfirmFactor
from kernel.accounts.second_factor import Enrolment, begin, confirm
from kernel.accounts.sessions import Admission, admit
from kernel.accounts.tables import Credential
from kernel.accounts.throttle import WaitFirst
from kernel.errors import BadInput, NotSignedIn, Refusal


async def _in(login: str, totp: str = "") -> Admission:
    found = await admit((await signed_in(login, totp=totp)).token, "trading")
    assert found is not None
    return found


def _code(key: bytes, steps: int = 0) -> str:
    return credentials.code_at(key, time.time() + 30 * steps)


def _key(offered: Enrolment) -> bytes:
    return base64.b32decode(offered.secret)


def _command(offered: Enrolment, **changes: str) -> ConfirmFactor:
    return ConfirmFactor(**{"enrolment": offered.sealed, "password": PASSWORD, "code": _code(_key(offered)), **changes})


async def test_a_bound_authenticator_is_asked_for_from_then_on(house: Databases) -> None:
    people = await seeded()
    one = await _in("rival")
    offered = await begin(one.actor, "trading", KEYS)
    assert offered.secret in offered.uri
    assert not await second_factor.is_bound(people["rival"]), "a key that was only shown binds nobody"
    await confirm(one.actor, one.session, _command(offered), KEYS)
    assert await second_factor.is_bound(people["rival"])
    with pytest.raises(NotSignedIn) as refused:
        await signed_in("rival")
    assert refused.value.code == "totp_needed"
    with pytest.raises(NotSignedIn):
        await signed_in("rival", totp=_code(_key(offered)))
    await signed_in("rival", totp=_code(_key(offered), 1))


async def test_binding_ends_every_other_session(house: Databases) -> None:
    await seeded()
    other, mine = await _in("rival"), await _in("rival")
    assert len(await open_sessions(mine.session)) == 2
    await confirm(mine.actor, mine.session, _command(await begin(mine.actor, "trading", KEYS)), KEYS)
    left = await open_sessions(other.session)
    assert [(view.id, view.current) for view in left] == [(mine.session.id, False)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"password": WRONG}, "password_wrong"),
        ({"code": "000000"}, "code_wrong"),
        ({"code": "一二三四五六"}, "code_wrong"),
        ({"enrolment": "AAAA"}, "enrolment_over"),
        ({"enrolment": "不是密文"}, "enrolment_over"),
    ],
)
async def test_what_does_not_fit_binds_nothing(house: Databases, changes: dict[str, str], code: str) -> None:
    people = await seeded()
    one = await _in("rival")
    offered = await begin(one.actor, "trading", KEYS)
    with pytest.raises(BadInput) as refused:
        await confirm(one.actor, one.session, _command(offered, **changes), KEYS)
    assert refused.value.code == code
    assert not await second_factor.is_bound(people["rival"])


async def test_a_key_shown_to_one_is_of_no_use_to_another(house: Databases) -> None:
    await seeded()
    one, other = await _in("rival"), await _in("purchaser")
    offered = await begin(other.actor, "trading", KEYS)
    with pytest.raises(BadInput) as refused:
        await confirm(one.actor, one.session, _command(offered), KEYS)
    assert refused.value.code == "enrolment_over"


async def test_a_key_that_was_shown_too_long_ago_is_over(house: Databases) -> None:
    await seeded()
    one = await _in("rival")
    person = one.session.person
    past = int(time.time()) - 1
    sealed = KEYS.seal_enrolment(past.to_bytes(8, "big") + TOTP_KEY, person.bytes)
    late = ConfirmFactor(enrolment=base64.urlsafe_b64encode(sealed).decode(), password=PASSWORD, code=_code(TOTP_KEY))
    with pytest.raises(BadInput) as refused:
        await confirm(one.actor, one.session, late, KEYS)
    assert refused.value.code == "enrolment_over"


async def test_another_authenticator_needs_a_code_of_the_one_bound_so_far(house: Databases) -> None:
    await seeded()
    one = await _in("operator3", totp=_code(TOTP_KEY))
    offered = await begin(one.actor, "trading", KEYS)
    for current in ("", "000000", _code(TOTP_KEY), _code(_key(offered))):
        with pytest.raises(BadInput) as refused:
            await confirm(one.actor, one.session, _command(offered, current=current), KEYS)
        assert refused.value.code == "code_wrong"
    await confirm(one.actor, one.session, _command(offered, current=_code(TOTP_KEY, 1)), KEYS)
    row = await Credential.select().where(Credential.person == one.session.person).first()
    assert row is not None
    assert KEYS.open_totp(bytes(row["totp_sealed"]), one.session.person.bytes) == _key(offered)


async def test_guessing_at_an_open_browser_is_slowed_down(house: Databases) -> None:
    await seeded()
    one = await _in("rival")
    tries = [credentials.change_password(one.actor, WRONG, "another long password", KEYS) for _ in range(8)]
    done = await asyncio.gather(*tries, return_exceptions=True)
    kinds = {type(result) for result in done}
    assert kinds == {BadInput, WaitFirst}
    assert all(isinstance(result, Refusal) for result in done)
