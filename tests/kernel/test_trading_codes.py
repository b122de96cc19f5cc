"""Codes of what is traded: their parts, their lengths, their chain from project to section."""

from datetime import date

import pytest

from kernel.trading_codes import (
    TradingCode,
    check_investment_code,
    check_project_code,
    check_section_code,
    check_tender_code,
    check_trading_code,
    make_project_code,
    make_section_code,
    make_tender_code,
    make_trading_code,
    mod_37_36,
    read_trading_code,
)

PARTS = TradingCode("A01", "12350100MB02709751", date(2026, 3, 2), 42)


def test_a_trading_code_has_forty_characters_and_reads_back() -> None:
    code = make_trading_code(PARTS)
    assert len(code) == 40
    assert code.startswith("A01-12350100MB02709751-20260302-000042-")
    assert read_trading_code(code) == PARTS
    assert check_trading_code(code) is None


def test_every_single_wrong_digit_of_a_trading_code_is_found() -> None:
    code = make_trading_code(PARTS)
    for at, character in enumerate(code):
        if character.isdigit():
            wrong = code[:at] + str((int(character) + 1) % 10) + code[at + 1 :]
            assert check_trading_code(wrong) is not None, wrong


def test_the_check_function_can_be_replaced_by_the_authoritys_own() -> None:
    sample = "D03-12350100MB02709751-20200319-102642-5"
    assert read_trading_code(sample, check=lambda _: "5") == TradingCode(
        "D03", "12350100MB02709751", date(2020, 3, 19), 102642
    )


def test_a_trading_code_of_no_real_day_is_refused() -> None:
    first39 = "A01-12350100MB02709751-20260230-000042-"
    found = check_trading_code(first39 + mod_37_36(first39), "lot.trading_code")
    assert found is not None
    assert found.field == "lot.trading_code"


@pytest.mark.parametrize("bad", [PARTS._replace(category="a1"), PARTS._replace(serial=10**6)])
def test_a_trading_code_is_not_made_of_wrong_parts(bad: TradingCode) -> None:
    with pytest.raises(ValueError, match="parts"):
        make_trading_code(bad)


def test_mod_37_36_agrees_with_the_published_example() -> None:
    # The example of ISO 7064 for MOD 37,36: A12425GABC1234002 has the check character M.
    assert mod_37_36("A12425GABC1234002") == "M"


def test_project_tender_and_section_codes_grow_out_of_each_other() -> None:
    project = make_project_code("E3301060001", 1)
    tender = make_tender_code(project, 1)
    section = make_section_code(tender, 2)
    assert (len(project), len(tender), len(section)) == (17, 20, 23)
    assert section == "E3301060001" + "000001" + "001" + "002"
    assert check_project_code(project) is None
    assert check_tender_code(tender, project) is None
    assert check_section_code(section, tender) is None
    assert check_project_code("E3505050602100001") is None


def test_a_section_of_another_tender_is_refused() -> None:
    found = check_section_code("E3301060001000001001002", "E3301060001000001009")
    assert found is not None
    assert found.code == "section_code_wrong"


@pytest.mark.parametrize(
    "code", ["", "E330106000100000", "33010600010000011", "E9901060001000001", "E33010600010000０1"]
)
def test_malformed_project_codes_are_refused(code: str) -> None:
    found = check_project_code(code, "project.code")
    assert found is not None
    assert (found.code, found.field) == ("project_code_wrong", "project.code")


@pytest.mark.parametrize("serial", [0, -1, 1000])
def test_a_serial_that_does_not_fit_is_never_cut(serial: int) -> None:
    with pytest.raises(ValueError, match="serial"):
        make_section_code("E3301060001000001001", serial)


def test_the_investment_code_has_24_characters_and_a_real_region() -> None:
    assert check_investment_code("2602-330106-04-01-123456") is None
    for wrong in ("2602-990106-04-01-123456", "260233010604011234560000", "2602-330106-04-01-12345"):
        assert check_investment_code(wrong) is not None
