"""A natural person registers for himself, as the owner of a project and as nothing else."""

import pytest
from house_databases import Databases
from seeded_people import KEYS, identity

from kernel.accounts import records
from kernel.accounts.natural import is_natural
from kernel.accounts.register import register_person_and_organisation
from kernel.accounts.schemas import RegisterOrganisation
from kernel.codes import make_credit_code
from kernel.errors import BadInput


def asked(**changes: str) -> RegisterOrganisation:
    said = {
        "kind": "person",
        "role": "purchaser",
        "region": "330106",
        "person_name": "张建房",
        "identity_number": identity(501),
        "phone": "13800000501",
        "login": "builder501",
        "password": "一句好记的话 for tests",
    }
    return RegisterOrganisation(**(said | changes))  # type: ignore[arg-type]


async def test_a_natural_person_owns_under_a_code_that_tells_no_number(house: Databases) -> None:
    made = await register_person_and_organisation(asked(), KEYS)
    unit = await records.organisation(made.organisation)
    assert unit is not None
    assert (unit.name, unit.kind, is_natural(unit.code)) == ("张建房", "individual", True)
    assert identity(501) not in unit.code
    assert len(unit.code) == 18


async def test_a_natural_person_is_neither_bidder_nor_agency(house: Databases) -> None:
    for role in ("bidder", "agent", "intermediary"):
        with pytest.raises(BadInput) as caught:
            await register_person_and_organisation(asked(role=role), KEYS)
        assert caught.value.code == "natural_person_owns"


async def test_a_unit_needs_its_code_and_its_name_and_cannot_take_a_person_s_mark(house: Databases) -> None:
    with pytest.raises(BadInput) as caught:
        await register_person_and_organisation(asked(kind="enterprise"), KEYS)
    assert {p.code for p in caught.value.problems} == {"credit_code_malformed", "organisation_name_missing"}
    disguised = make_credit_code("P1", "330106", "00000501")
    with pytest.raises(BadInput) as caught:
        await register_person_and_organisation(
            asked(kind="enterprise", credit_code=disguised, organisation_name="某公司"), KEYS
        )
    assert caught.value.code == "credit_code_malformed"
