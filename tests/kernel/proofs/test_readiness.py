"""试开: only the key it was made for opens a test envelope, and what it shows opens nothing of a bid."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from kernel.proofs import age, dsse
from kernel.proofs.canonical import decode, encode, to_base64
from kernel.proofs.errors import Forged, Malformed, NoMatch
from kernel.proofs.readiness import KeyTest, build_test, build_tested, open_test, read_test, read_tested
from kernel.proofs.setup import ROLES, Setup, build_setup, read_setup
from kernel.proofs.signers import Ed25519Signer
from kernel.proofs.trustee import Officer, answer

AT = "2026-04-20T09:30:00.000+08:00"
PRIVATE = {role: [X25519PrivateKey.generate().private_bytes_raw() for _ in range(2)] for role in ROLES}


def public(private: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


@pytest.fixture
def setup() -> Setup:
    keys = {role: [public(one) for one in PRIVATE[role]] for role in ROLES}
    return read_setup(build_setup(mode="bidder", tender="T-1", lot="01", keys=keys))


@pytest.fixture
def test(setup: Setup) -> KeyTest:
    return read_test(build_test(setup, AT))


def sha(test: KeyTest) -> str:
    return hashlib.sha256(test.data).hexdigest()


def test_every_key_of_the_set_up_opens_its_own_and_no_other(setup: Setup, test: KeyTest) -> None:
    pairs = [(role, n) for role in setup.roles for n in (0, 1)]
    kids = {role.keys[n].kid: PRIVATE[role.role][n] for role, n in pairs}
    assert set(test.tried) == set(kids)
    for kid, private in kids.items():
        tested = read_tested(build_tested(test, sha(test), kid, open_test(test, kid, private)), test, sha(test))
        assert (tested.kid, tested.role) == (kid, test.of(kid).role)
        for other in set(kids) - {kid}:
            with pytest.raises(Forged):
                open_test(test, other, private)


def test_a_guess_and_an_answer_to_another_test_are_refused(setup: Setup, test: KeyTest) -> None:
    kid, private = setup.roles[0].keys[0].kid, PRIVATE["operator"][0]
    with pytest.raises(Forged) as refused:
        read_tested(build_tested(test, sha(test), kid, bytes(32)), test, sha(test))
    assert refused.value.code == "test_not_opened"
    later = read_test(build_test(setup, AT))
    said = build_tested(test, sha(test), kid, open_test(test, kid, private))
    with pytest.raises(Malformed):
        read_tested(said, later, sha(later))


def test_a_test_of_another_shape_is_refused(test: KeyTest) -> None:
    value = decode(test.data)
    for wrong in ({"extra": 1}, {"at": "soon"}, {"keys": value["keys"][:3]}, {"k": 4}):
        with pytest.raises(Malformed):
            read_test(encode(value | wrong))


def test_an_officers_machine_answers_with_his_own_key_only(setup: Setup, test: KeyTest) -> None:
    officer = Officer(Ed25519Signer.generate(), age.new_identity())
    wrap = age.lock(PRIVATE["operator"][0], age.recipient_of(officer.master))
    task = {"do": "tested", "tender": "T-1", "lot": "01", "role": "operator", "body": to_base64(test.data)}
    given = answer(officer, task | {"wrap": to_base64(wrap)})
    body = dsse.require(given.signed, [officer.signer.public])
    assert read_tested(body, test, sha(test)).kid == setup.roles[0].keys[0].kid
    anothers = age.lock(PRIVATE["operator"][0], age.recipient_of(age.new_identity()))
    with pytest.raises(NoMatch):
        answer(officer, task | {"wrap": to_base64(anothers)})
    with pytest.raises(Malformed):
        answer(officer, task | {"wrap": to_base64(wrap), "lot": "02"})
