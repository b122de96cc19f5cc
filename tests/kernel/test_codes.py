"""Check digits against the vectors of the standards, and masks that hide what they should."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.codes import (
    birth_date,
    check_credit_code,
    check_identity_number,
    check_organisation_code,
    credit_check,
    make_credit_code,
    make_identity_number,
    mask_identity_number,
    mask_name,
    mask_phone,
    organisation_check,
    tidy,
)

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize("code", ["91350100M000100Y43", "12350100MB02709751"])
def test_valid_credit_codes_are_accepted(code: str) -> None:
    assert check_credit_code(code) is None
    assert check_organisation_code(code[8:17]) is None


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("91350100M000100Y4A", "credit_code_check"),
        ("91359128593462349A", "credit_code_check"),
        ("91350100M000100Y4", "credit_code_malformed"),
        ("91350100M000100Y4I", "credit_code_malformed"),
        ("91350100m000100y43", "credit_code_malformed"),
        ("91350100M000100Y43\n", "credit_code_malformed"),
        ("９１350100M000100Y43", "credit_code_malformed"),
        ("", "credit_code_malformed"),
    ],
)
def test_wrong_credit_codes_are_refused_with_their_field(code: str, problem: str) -> None:
    found = check_credit_code(code, "bidder.credit_code")
    assert found is not None
    assert (found.code, found.field) == (problem, "bidder.credit_code")


def test_the_wrong_vector_should_have_ended_in_r() -> None:
    assert credit_check("91359128593462349") == "R"


def test_the_organisation_code_inside_a_credit_code() -> None:
    assert organisation_check("M000100Y") == "4"
    assert check_organisation_code("M000100Y5") is not None


def test_an_identity_number_of_the_standard_is_accepted() -> None:
    assert check_identity_number("11010519491231002X", TODAY) is None
    assert birth_date("11010519491231002X") == date(1949, 12, 31)


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("110105194912310021", "identity_number_check"),
        ("11010519490230002X", "identity_number_birth"),
        ("110105202612310024", "identity_number_birth"),
        ("11010518491231002X", "identity_number_birth"),
        ("99010519491231002X", "identity_number_region"),
        ("11010519491231002x", "identity_number_malformed"),
        ("110105491231002", "identity_number_malformed"),
        ("１10105194912310021", "identity_number_malformed"),
    ],
)
def test_wrong_identity_numbers_are_refused_and_never_repeated(number: str, problem: str) -> None:
    found = check_identity_number(number, TODAY, "expert.identity_number")
    assert found is not None
    assert (found.code, found.field) == (problem, "expert.identity_number")
    assert number not in found.says + found.remedy


def test_a_birth_today_is_possible_and_one_tomorrow_is_not() -> None:
    assert check_identity_number(make_identity_number("330106", TODAY, 1), TODAY) is None
    assert check_identity_number(make_identity_number("330106", date(2026, 3, 3), 1), TODAY) is not None


@given(st.integers(0, 10**8 - 1))
def test_made_credit_codes_pass_and_one_changed_digit_does_not(serial: int) -> None:
    code = make_credit_code("91", "330106", f"{serial:08}")
    assert check_credit_code(code) is None
    assert check_organisation_code(code[8:17]) is None
    other = code[:10] + str((int(code[10]) + 1) % 10) + code[11:]
    assert check_credit_code(other) is not None


@given(st.dates(date(1930, 1, 1), date(2008, 1, 1)), st.integers(0, 999))
def test_made_identity_numbers_pass(born: date, serial: int) -> None:
    number = make_identity_number("330106", born, serial)
    assert check_identity_number(number, TODAY) is None
    assert birth_date(number) == born


def test_what_people_type_is_brought_into_the_form_of_the_standard() -> None:
    assert tidy(" ９１350100 m000100y43\t") == "91350100M000100Y43"


def test_masks_keep_the_length_and_hide_the_birth_date() -> None:
    masked = mask_identity_number("11010519491231002X")
    assert masked == "110*************2X"
    assert len(masked) == 18
    assert mask_phone("13812345678") == "138****5678"
    assert mask_phone("0571-87654321") == "0571-****4321"
    assert mask_phone("1234") == "**34"
    assert mask_name("欧阳正") == "欧**"
    assert mask_name("") == ""
