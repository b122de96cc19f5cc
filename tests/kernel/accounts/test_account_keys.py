"""Hashes that match without telling, and copies that only their key opens."""

import pytest

from kernel.accounts.keys import Keys, WrongKey

ONE = Keys.derive(b"first secret, thirty-two bytes long")
TWO = Keys.derive(b"other secret, thirty-two bytes long")
NUMBER = "33010619850517001X"


def test_the_same_number_has_the_same_hash_however_its_x_is_typed() -> None:
    assert ONE.identity(NUMBER) == ONE.identity(" 33010619850517001x ")
    assert len(ONE.identity(NUMBER)) == 32


def test_without_the_secret_the_hash_cannot_be_recomputed() -> None:
    assert ONE.identity(NUMBER) != TWO.identity(NUMBER)


def test_two_sites_with_one_identity_secret_know_one_person() -> None:
    shared = b"shared by both sites, 32 bytes long"
    trading = Keys.derive(b"first secret, thirty-two bytes long", identity_secret=shared)
    supervision = Keys.derive(b"other secret, thirty-two bytes long", identity_secret=shared)
    assert trading.identity(NUMBER) == supervision.identity(NUMBER)
    assert trading.form != supervision.form


def test_a_sealed_copy_opens_with_its_key_only() -> None:
    sealed = ONE.seal_identity(NUMBER)
    assert ONE.open_identity(sealed) == NUMBER
    assert NUMBER.encode() not in sealed
    with pytest.raises(WrongKey):
        TWO.open_identity(sealed)


def test_two_seals_of_one_number_differ() -> None:
    assert ONE.seal_identity(NUMBER) != ONE.seal_identity(NUMBER)


@pytest.mark.parametrize("cut", [0, 5, 12, 20])
def test_a_cut_copy_is_refused(cut: int) -> None:
    with pytest.raises(WrongKey):
        ONE.open_identity(ONE.seal_identity(NUMBER)[:cut])


def test_a_one_time_code_key_cannot_be_moved_to_another_person() -> None:
    sealed = ONE.seal_totp(b"k" * 20, b"person one")
    with pytest.raises(WrongKey):
        ONE.open_totp(sealed, b"person two")


def test_no_key_stands_in_a_printed_line() -> None:
    assert repr(ONE) == "Keys(light=False)"


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Keys.derive(b"short")
    with pytest.raises(ValueError, match="32 bytes"):
        Keys.derive(b"s" * 32, identity_secret=b"short")
