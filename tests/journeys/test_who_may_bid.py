"""The stories of who may come in (11) and of the numbers that name people and units (60)."""

from datetime import date

import pytest
from house_databases import Databases
from seeded_people import CENTRE, KEYS, PASSWORD, code, identity, seeded
from story import refused

from kernel.accounts.register import register_person_and_organisation
from kernel.accounts.schemas import RegisterOrganisation
from kernel.codes import check_credit_code, check_identity_number
from kernel.errors import BadInput, LawRefuses

TODAY = date(2026, 3, 2)


def registration(credit_code: str, serial: int, **more: str) -> RegisterOrganisation:
    return RegisterOrganisation(
        person_name="钱进", identity_number=identity(serial), phone="13912345678", login=f"newcomer{serial}",
        password=PASSWORD, credit_code=credit_code, organisation_name="数智建设有限公司", region="330106",
        role="bidder", **more,
    )  # fmt: skip


# 11 ------------------------------------------------------------------------------------------------------------


async def test_the_51_percent_subsidiary_of_the_centre_cannot_register_as_a_bidder(house: Databases) -> None:
    """Who holds more than half controls it: 电子招标投标办法第二十三条 keeps the platform's own group out."""
    await seeded()
    daughter = registration(code(77), 77, controller_code=CENTRE)
    shut_out = await refused(LawRefuses, register_person_and_organisation(daughter, KEYS))
    assert [(p.code, p.article) for p in shut_out.problems] == [("toxic_2_group", "电子招标投标办法第二十三条")]
    stranger = await register_person_and_organisation(registration(code(78), 78), KEYS)
    assert stranger.person


# 60 ------------------------------------------------------------------------------------------------------------


def test_a_credit_code_is_judged_by_its_check_character() -> None:
    assert check_credit_code("91350100M000100Y43") is None
    wrong = check_credit_code("91350100M000100Y4A")
    assert wrong is not None
    assert "校验位" in wrong.says


@pytest.mark.parametrize(
    ("number", "code_"),
    [
        ("11010519491231002X", ""),
        ("110105194912310021", "identity_number_check"),
        ("11010519490230002X", "identity_number_birth"),
    ],
)
def test_an_identity_number_is_judged_by_its_check_character_and_birthday(number: str, code_: str) -> None:
    found = check_identity_number(number, TODAY)
    assert (found.code if found else "") == code_


async def test_a_wrong_number_is_told_next_to_its_field_with_everything_else(house: Databases) -> None:
    await seeded()
    wrong = registration("91350100M000100Y4A", 79).model_copy(update={"identity_number": "110105194912310021"})
    told = await refused(BadInput, register_person_and_organisation(wrong, KEYS))
    assert {problem.field for problem in told.problems} == {"credit_code", "identity_number"}
