"""The hierarchy that decides which official sees which case."""

import pytest

from kernel.regions import NATION, below, check, full_name, level, lineage, name, within


@pytest.mark.parametrize(
    ("child", "parent", "inside"),
    [
        ("330106", "330106", True),
        ("330106", "330100", True),
        ("330106", "330000", True),
        ("330106", NATION, True),
        ("330106", "330105", False),
        ("330100", "330106", False),
        ("330000", "330100", False),
        ("330200", "330100", False),
        ("320106", "330000", False),
        (NATION, "330000", False),
        (NATION, NATION, True),
    ],
)
def test_a_region_lies_within_itself_and_what_is_above_it(child: str, parent: str, inside: bool) -> None:
    assert within(child, parent) is inside


def test_the_levels_are_read_off_the_code() -> None:
    assert [level(c) for c in lineage("330106")] == ["county", "city", "province", "nation"]
    assert lineage("330000") == ("330000", NATION)


def test_names_of_provinces_and_of_the_complete_province() -> None:
    assert name("330000") == "浙江省"
    assert full_name("330106") == "浙江省杭州市西湖区"
    assert name(NATION) == full_name(NATION) == "全国"
    assert full_name("440305") == "广东省440305"


def test_the_table_holds_34_provinces_and_all_of_zhejiang() -> None:
    assert len(below(NATION)) == 34
    cities = below("330000")
    assert len(cities) == 11
    assert sum(len(below(city)) for city in cities) == 90
    assert below("330106") == ()


def test_every_named_county_lies_in_a_named_city() -> None:
    cities = below("330000")
    assert all(within(county, city) and name(county) for city in cities for county in below(city))


@pytest.mark.parametrize("code", ["330106", "330100", "330000", "440305", "659001", "810000"])
def test_a_code_of_a_known_province_is_accepted(code: str) -> None:
    assert check(code) is None


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("33010", "region_malformed"),
        ("33010a", "region_malformed"),
        ("３３０１０６", "region_malformed"),
        ("330106\n", "region_malformed"),
        ("990000", "region_unknown"),
        (NATION, "region_unknown"),
        ("339999", "region_unknown"),
        ("440005", "region_unknown"),
    ],
)
def test_a_code_that_cannot_be_is_refused_with_its_field(code: str, problem: str) -> None:
    found = check(code, "project.region")
    assert found is not None
    assert (found.code, found.field) == (problem, "project.region")
