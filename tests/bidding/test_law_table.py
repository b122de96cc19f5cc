"""The table of limits of bidding, against the figures of the statutes."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from kernel.law import Fact, Law, LawInForce
from kernel.workdays import CHINA

TABLE = Path(__file__).parents[2] / "bidding" / "law.toml"
CONSTRUCTION, PROCUREMENT = "construction_open_tender", "procurement_open_tender"
DAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def law() -> Law:
    return Law.load([TABLE])


@pytest.fixture(scope="module")
def construction(law: Law) -> LawInForce:
    return law.in_force(DAY, "330106", CONSTRUCTION)


@pytest.fixture(scope="module")
def procurement(law: Law) -> LawInForce:
    return law.in_force(DAY, "330106", PROCUREMENT)


@pytest.mark.parametrize(
    ("limit_id", "bound", "figure", "unit"),
    [
        ("T01", "at_least", "5", "day"),
        ("T01A", "at_least", "5", "day"),
        ("T02", "at_least", "5", "day"),
        ("T03", "at_least", "20", "day"),
        ("T04", "at_least", "15", "day"),
        ("T05", "at_least", "3", "day"),
        ("T06", "at_least", "2", "day"),
        ("T07", "at_least", "10", "day"),
        ("T08", "at_most", "3", "day"),
        ("T10", "at_most", "3", "day"),
        ("T11", "at_least", "3", "day"),
        ("T13", "at_most", "3", "day"),
        ("T14", "at_most", "10", "day"),
        ("T15", "at_most", "3", "workday"),
        ("T16", "at_most", "30", "workday"),
        ("T18", "at_most", "30", "day"),
        ("T19", "at_most", "15", "day"),
        ("T20", "at_most", "5", "day"),
        ("T21", "at_most", "5", "day"),
        ("T22", "at_most", "0.02", "ratio"),
        ("T24", "at_most", "0.10", "ratio"),
        ("T26A", "at_most", "12", "hour"),
        ("T26B", "at_most", "1", "workday"),
        ("T26C", "at_most", "3", "workday"),
        ("T27", "at_least", "10", "year"),
        ("T28", "at_most", "3", "count"),
        ("T30", "at_least", "5", "workday"),
        ("T31", "at_most", "15", "day"),
    ],
)
def test_construction_is_bound_by_the_figures_of_the_statutes(
    construction: LawInForce, limit_id: str, bound: str, figure: str, unit: str
) -> None:
    limit = construction[limit_id]
    assert (getattr(limit, bound), limit.unit) == (Decimal(figure), unit)


@pytest.mark.parametrize(
    ("limit_id", "bound", "figure", "unit"),
    [
        ("G01", "at_least", "5", "workday"),
        ("G02", "at_least", "5", "workday"),
        ("G04", "at_least", "20", "day"),
        ("G05", "at_least", "15", "day"),
        ("G09", "at_most", "2", "workday"),
        ("G10", "at_most", "5", "workday"),
        ("G11", "at_most", "2", "workday"),
        ("G12", "at_most", "30", "day"),
        ("G13", "at_most", "2", "workday"),
        ("G14", "at_most", "7", "workday"),
        ("G15", "at_most", "0.02", "ratio"),
        ("G16A", "at_most", "5", "workday"),
        ("G16B", "at_most", "5", "workday"),
        ("G17", "at_most", "5", "workday"),
        ("G17B", "at_most", "5", "workday"),
        ("G18", "at_most", "0.10", "ratio"),
        ("G40", "at_least", "30", "count"),
        ("G41", "at_least", "10", "count"),
        ("G42", "at_most", "20", "count"),
        ("G43", "at_most", "5", "count"),
    ],
)
def test_procurement_is_bound_by_the_figures_of_the_statutes(
    procurement: LawInForce, limit_id: str, bound: str, figure: str, unit: str
) -> None:
    limit = procurement[limit_id]
    assert (getattr(limit, bound), limit.unit) == (Decimal(figure), unit)


def test_the_two_procedures_share_no_limit(construction: LawInForce, procurement: LawInForce) -> None:
    assert {limit.id[0] for limit in construction} == {"T"}
    assert {limit.id[0] for limit in procurement} == {"G"}


def test_what_is_local_binds_only_there(law: Law) -> None:
    zhejiang = law.in_force(DAY, "330106", CONSTRUCTION)
    chongqing = law.in_force(DAY, "500103", CONSTRUCTION)
    elsewhere = law.in_force(DAY, "320106", CONSTRUCTION)
    assert ("T30" in zhejiang, "T30" in chongqing, "T30" in elsewhere) == (True, False, False)
    assert ("T17" in zhejiang, "T17" in chongqing, "T17" in elsewhere) == (False, True, False)
    assert (zhejiang["T31"].unit, chongqing["T31"].unit) == ("day", "workday")
    assert "T31" not in elsewhere


def test_a_case_of_2010_is_not_bound_by_the_regulation_of_2012(law: Law) -> None:
    then = law.in_force(date(2010, 6, 1), "320106", CONSTRUCTION)
    assert {limit.id for limit in then} == {"T03", "T18", "T19"}
    assert "T04" in law.in_force(date(2012, 2, 1), "320106", CONSTRUCTION)


def test_every_limit_cites_an_article_and_quotes_it_or_says_that_it_does_not(law: Law) -> None:
    for limit in law.limits:
        assert re.fullmatch(r"第[一二三四五六七八九十百]+条", limit.article), limit.id
        assert limit.says.endswith("。"), limit.id
        assert limit.paraphrase == (limit.region != "000000"), limit.id


def test_only_the_longest_allowed_periods_in_days_move_over_days_of_rest(law: Law) -> None:
    for limit in law.limits:
        assert limit.rolls == (limit.unit == "day" and limit.at_most is not None), limit.id


def test_a_timetable_that_keeps_every_limit_is_accepted(construction: LawInForce) -> None:
    issued = datetime(2026, 3, 2, 9, 0, tzinfo=CHINA)
    facts: dict[str, Fact] = {
        "documents_filed": date(2026, 2, 13),
        "notice_received": issued - timedelta(hours=12),
        "notice_published": issued,
        "document_issued": issued,
        "document_closed": date(2026, 3, 7),
        "document_clarified": date(2026, 3, 7),
        "document_objected": date(2026, 3, 12),
        "document_answered": date(2026, 3, 16),
        "bid_deadline": datetime(2026, 3, 22, 9, 30, tzinfo=CHINA),
        "estimate": Decimal(40_000_000),
        "deposit": Decimal(800_000),
        "candidates": 3,
    }
    assert construction.problems(facts) == []


def test_a_timetable_that_breaks_them_is_refused_for_each(construction: LawInForce) -> None:
    facts: dict[str, Fact] = {
        "document_issued": date(2026, 3, 2),
        "document_closed": date(2026, 3, 6),
        "document_clarified": date(2026, 3, 7),
        "bid_deadline": date(2026, 3, 21),
        "estimate": Decimal(40_000_000),
        "deposit": Decimal("800000.01"),
        "contract_price": Decimal(38_000_000),
        "performance_bond": Decimal(3_803_800),
    }
    problems = construction.problems(facts)
    assert [p.code for p in problems] == ["law_t01", "law_t03", "law_t04", "law_t22", "law_t24"]
    assert all(p.article and p.remedy and p.field in facts for p in problems)


def test_after_the_award_each_day_too_many_is_refused(construction: LawInForce) -> None:
    notified, signed = date(2026, 4, 8), date(2026, 5, 11)
    late = {
        "award_notified": notified,
        "contract_signed": signed,
        "deposit_refunded": date(2026, 5, 19),
        "winner_fixed": date(2026, 4, 7),
        "report_filed": date(2026, 4, 23),
    }
    assert [p.code for p in construction.problems(late)] == ["law_t18", "law_t19", "law_t20"]
    kept = late | {
        "contract_signed": date(2026, 5, 8),
        "deposit_refunded": date(2026, 5, 13),
        "report_filed": date(2026, 4, 22),
    }
    assert construction.problems(kept) == []


def test_the_time_for_answering_an_objection_is_not_part_of_the_time_for_complaining(
    construction: LawInForce,
) -> None:
    facts = {"cause_known": date(2026, 3, 2), "complaint_filed": date(2026, 3, 15)}
    assert [p.code for p in construction.problems(facts)] == ["law_t14"]
    assert construction.problems(facts, excluded={"T14": 3}) == []


def test_five_working_days_of_procurement_run_over_a_weekend(procurement: LawInForce) -> None:
    published = {"notice_published": date(2026, 3, 2), "document_issued": date(2026, 3, 2)}
    short = published | {"notice_ended": date(2026, 3, 8), "document_closed": date(2026, 3, 8)}
    assert [p.code for p in procurement.problems(short)] == ["law_g01", "law_g02"]
    assert procurement.problems(published | {"notice_ended": date(2026, 3, 9)}) == []
