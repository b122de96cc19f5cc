"""Region and department scope, sides and sites."""

import pytest

from kernel.accounts.rules import MAY_GRANT, MAY_MAKE, SITE_SIDES, in_scope, side_problem
from kernel.identity import PUBLIC, SIDES, Actor


def _official(role: str, region: str, *departments: str) -> Actor:
    return Actor(role=role, region=region, departments=departments)


@pytest.mark.parametrize(
    ("own", "case", "seen"),
    [
        ("330000", "330000", True),
        ("330000", "330100", True),
        ("330000", "330106", True),
        ("330100", "330106", True),
        ("330106", "330106", True),
        ("330100", "330000", False),
        ("330106", "330100", False),
        ("330100", "330200", False),
        ("330106", "330108", False),
        ("330100", "331000", False),
        ("331000", "331002", True),
        ("330000", "310000", False),
        ("000000", "110101", True),
        ("330000", "33", False),
        ("330000", "", False),
        ("", "330000", False),
        ("330000", "33010x", False),
    ],
)
def test_an_official_sees_his_region_and_below(own: str, case: str, seen: bool) -> None:
    assert in_scope(_official("inspector", own), case, "任何部门") is seen
    assert in_scope(_official("operator", own), case) is seen
    assert in_scope(_official("regulator", own, "住建"), case, "住建") is seen


def test_a_regulator_sees_only_his_departments() -> None:
    regulator = _official("regulator", "330100", "住建", "水利")
    assert in_scope(regulator, "330106", "水利")
    assert not in_scope(regulator, "330106", "财政")
    assert not in_scope(regulator, "330106")


@pytest.mark.parametrize("role", ["purchaser", "agent", "bidder", "intermediary", "expert", "clockwork"])
def test_who_is_no_official_is_not_scoped_by_region(role: str) -> None:
    assert not in_scope(_official(role, "330000", "住建"), "330000", "住建")


def test_the_public_is_in_no_scope() -> None:
    assert not in_scope(PUBLIC, "330000")


def test_every_side_enters_exactly_one_site() -> None:
    for side in set(SIDES.values()):
        assert sum(side in admitted for admitted in SITE_SIDES.values()) == 1


def test_traders_and_the_centre_make_and_grant_no_supervisors() -> None:
    assert MAY_MAKE["supervise"] == MAY_GRANT["supervise"] == {"supervise"}
    assert "operate" not in MAY_GRANT["judge"]


@pytest.mark.parametrize("side", ["trade", "judge", "operate", "supervise"])
def test_a_role_of_another_side_is_refused(side: str) -> None:
    for role, stands_on in SIDES.items():
        assert (side_problem(side, role) is None) == (stands_on == side)
