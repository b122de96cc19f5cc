"""The law that binds a case: by day, by region, by procedure; and tables that are refused at the start."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from kernel.errors import LawRefuses
from kernel.law import Law, LawInForce
from kernel.law_table import BadLawTable, read_limits

ROW = """
[[limit]]
id = "{id}"
title = "编制投标文件的时间"
law = "某法"
article = "第一条"
says = "不得少于若干日。"
measures = ["issued", "deadline"]
at_least = {n}
unit = "day"
region = "{region}"
in_force = {{ since = {since}{until} }}
procedures = ["open_tender"]
"""
NAMES = '[measures]\nissued = "发出"\ndeadline = "截止"\n'


def a_row(
    limit_id: str = "T03", n: object = 20, region: str = "000000", since: str = "2000-01-01", until: str = ""
) -> str:
    return ROW.format(id=limit_id, n=n, region=region, since=since, until=f", until = {until}" if until else "")


def a_law(*rows: str) -> Law:
    return Law(read_limits({"law.toml": NAMES + "".join(rows)}))


def days(law: Law, day: date, region: str = "330106") -> Decimal | None:
    return law.in_force(day, region, "open_tender")["T03"].at_least


def faults_of(text: str) -> list[str]:
    with pytest.raises(BadLawTable) as refused:
        read_limits({"law.toml": text})
    return refused.value.faults


def test_the_text_in_force_on_the_day_binds_and_the_next_one_from_its_first_day() -> None:
    law = a_law(a_row(until="2026-06-01"), a_row(n=25, since="2026-06-01"))
    assert days(law, date(2026, 5, 31)) == 20
    assert days(law, date(2026, 6, 1)) == 25


def test_the_most_local_text_wins_over_the_newer_one_above_it() -> None:
    law = a_law(
        a_row(n=22, region="330000", since="2010-01-01"),
        a_row(n=24, region="330100", since="2005-01-01"),
        a_row(n=20, since="2020-01-01"),
    )
    assert days(law, date(2026, 3, 2), "330106") == 24
    assert days(law, date(2026, 3, 2), "330200") == 22
    assert days(law, date(2026, 3, 2), "320100") == 20


def test_before_its_first_day_a_law_binds_nobody() -> None:
    with pytest.raises(LawRefuses) as refused:
        a_law(a_row()).in_force(date(1999, 12, 31), "330106", "open_tender")
    assert refused.value.code == "law_unknown"


def test_a_procedure_without_any_limit_is_refused_rather_than_left_unbound() -> None:
    with pytest.raises(LawRefuses):
        a_law(a_row()).in_force(date(2026, 3, 2), "330106", "no_such_procedure")


def test_the_law_of_a_case_survives_json_byte_for_byte() -> None:
    law = a_law(a_row(), a_row("T04", 15)).in_force(date(2026, 3, 2), "330106", "open_tender")
    again = LawInForce.from_json(law.to_json())
    assert again == law
    assert again.to_json() == law.to_json()
    assert len(again.sha256()) == 64
    other = a_law(a_row(), a_row("T04", 16)).in_force(date(2026, 3, 2), "330106", "open_tender")
    assert other.sha256() != law.sha256()


def test_all_limits_of_which_the_facts_are_known_are_checked_at_once() -> None:
    law = a_law(a_row(), a_row("T04", 15)).in_force(date(2026, 3, 2), "330106", "open_tender")
    facts = {"issued": date(2026, 3, 2), "deadline": date(2026, 3, 10)}
    assert [problem.code for problem in law.problems(facts)] == ["law_t03", "law_t04"]
    assert law.problems(facts | {"deadline": None}) == []
    assert law.problems({"issued": date(2026, 3, 2)}) == []
    assert "T03" in law
    assert "T99" not in law


def test_a_table_is_read_from_files(tmp_path: Path) -> None:
    (tmp_path / "law.toml").write_text(NAMES + a_row(), "utf-8")
    assert [limit.id for limit in Law.load([tmp_path / "law.toml"]).limits] == ["T03"]


def test_two_texts_of_one_limit_in_force_on_the_same_day_are_refused() -> None:
    both = NAMES + a_row(until="2026-06-02") + a_row(n=25, since="2026-06-01")
    assert faults_of(both) == ["T03: two texts in force on 2026-06-01 in 000000"]
    assert read_limits({"law.toml": NAMES + a_row() + a_row(region="330000")})


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('id = "T03"', 'id = "3"', "id is a capital letter"),
        ('article = "第一条"', "", "article is missing"),
        ('says = "不得少于若干日。"', 'says = " "', "says is missing"),
        ('unit = "day"', 'unit = "moon"', "unknown unit moon"),
        ("at_least = 20", "", "neither at_least nor at_most"),
        ("at_least = 20", 'at_least = "20"', "'20' is not an amount"),
        ("at_least = 20", "at_least = true", "True is not an amount"),
        ("at_least = 20", "at_least = 2.5", "2.5 is not whole"),
        ("at_least = 20", "at_least = -1", "-1 is not an amount"),
        ("at_least = 20", "at_least = 20\ncap = 5", "cap belongs to a ratio"),
        ("at_least = 20", "at_least = 20\nrolls = 1", "rolls is true or false"),
        ("at_least = 20", "at_lest = 20\nat_most = 1", "unknown key at_lest"),
        ('["issued", "deadline"]', '["issued"]', "measures names 2 facts"),
        ('["issued", "deadline"]', '["issued", "issued"]', "measures names 2 facts"),
        ('["issued", "deadline"]', "[1, 2]", "measures names 2 facts"),
        ('["issued", "deadline"]', '["issued", "opened"]', "measure opened has no Chinese name"),
        ('region = "000000"', 'region = "339999"', "unknown region 339999"),
        ('region = "000000"', "region = 330000", "unknown region 330000"),
        ("{ since = 2000-01-01 }", "{ since = 2000-01-01, until = 1999-01-01 }", "which is not after"),
        ("{ since = 2000-01-01 }", "{ since = 2000-01-01T00:00:00 }", "in_force needs the day it began"),
        ("{ since = 2000-01-01 }", "{ }", "in_force needs the day it began"),
        ("{ since = 2000-01-01 }", "7", "in_force needs the day it began"),
        ('["open_tender"]', "[]", "at least one procedure"),
        ('["open_tender"]', '["Open Tender"]', "at least one procedure"),
        ('["open_tender"]', '"open_tender"', "procedures is a list of names"),
    ],
)
def test_a_row_that_is_not_sane_is_refused_by_name(old: str, new: str, fault: str) -> None:
    row = a_row()
    assert old in row
    faults = faults_of(NAMES + row.replace(old, new))
    assert any(fault in found for found in faults), faults


def test_all_faults_of_all_files_are_named_at_once() -> None:
    with pytest.raises(BadLawTable) as refused:
        read_limits(
            {
                "a.toml": NAMES + a_row(n="-1"),
                "b.toml": '[measures]\nissued = "另一个名字"\n[limits]\n',
                "c.toml": "not toml",
            }
        )
    text = str(refused.value)
    assert "a.toml T03: -1 is not an amount" in text
    assert "b.toml: issued has two names" in text
    assert "b.toml: unknown table limits" in text
    assert "c.toml:" in text


def test_texts_of_one_limit_measure_the_same_facts() -> None:
    other = a_row(region="330000").replace('"issued", "deadline"', '"deadline", "issued"')
    assert "measure different things" in faults_of(NAMES + a_row() + other)[0]
