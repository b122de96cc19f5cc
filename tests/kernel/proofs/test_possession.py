"""读回备份: who answers the site's challenge has both private keys in his hand, and no other answer will do."""

import os

import pytest

from kernel.proofs import age, dsse
from kernel.proofs.canonical import decode, encode
from kernel.proofs.errors import BadSignature, Forged, Malformed, NoMatch
from kernel.proofs.possession import challenge, check, prove
from kernel.proofs.signers import Ed25519Signer
from kernel.proofs.trustee import Officer


@pytest.fixture
def officer() -> Officer:
    return Officer(Ed25519Signer.generate(), age.new_identity())


def test_the_keys_that_were_read_back_prove_themselves(officer: Officer) -> None:
    secret, recipient = os.urandom(32), age.recipient_of(officer.master)
    check(prove(officer, challenge(recipient, secret)), officer.signer.public, recipient, secret)


def test_without_the_master_nothing_is_proved(officer: Officer) -> None:
    other = Officer(officer.signer, age.new_identity())
    with pytest.raises(NoMatch):
        prove(other, challenge(age.recipient_of(officer.master), os.urandom(32)))


def test_another_secret_another_recipient_and_another_signer_are_refused(officer: Officer) -> None:
    secret, recipient = os.urandom(32), age.recipient_of(officer.master)
    signed = prove(officer, challenge(recipient, secret))
    with pytest.raises(Forged):
        check(signed, officer.signer.public, recipient, os.urandom(32))
    with pytest.raises(Malformed):
        check(signed, officer.signer.public, age.recipient_of(age.new_identity()), secret)
    with pytest.raises(BadSignature):
        check(signed, Ed25519Signer.generate().public, recipient, secret)
    strange = dsse.sign(encode(decode(signed.payload) | {"more": 1}), officer.signer)
    with pytest.raises(Malformed):
        check(strange, officer.signer.public, recipient, secret)
