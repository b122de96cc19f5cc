"""The table of supervision points: sane, named, and enough by itself."""

import pytest
from house_databases import ROOT

from kernel.law import Law
from supervision.points import BadPointTable, points, read_points

NAMES = {"bidding": {"document_issued": "招标文件开始发出", "bid_deadline": "投标截止"}}
GOOD = """
[[point]]
id = "P900"
title = "试"
node = "发布公告"
duty = "bidding"
kind = "time"
measures = ["document_issued", "bid_deadline"]
limit = "T03"
party = "purchaser"
"""


def test_every_point_that_names_a_limit_names_one_of_the_law_with_the_same_measures() -> None:
    law = Law.load([ROOT / duty / "law.toml" for duty in ("bidding", "intermediaries")])
    measures = {limit.id: limit.measures for limit in law.limits}
    named = {point.id: point for point in points() if point.limit}
    assert len(named) > 15
    assert {p.id: p.measures for p in named.values()} == {p.id: measures[p.limit] for p in named.values()}


def test_the_minimum_points_of_the_rules_are_all_there() -> None:
    titles = " ".join(point.title for point in points())
    for word in (
        "发售期",
        "编制投标文件",
        "澄清",
        "异议",
        "少于三个",
        "单数",
        "三分之二",
        "同一单位",
        "回避",
        "公示期",
        "书面报告",
    ):
        assert word in titles, word
    assert len(points()) >= 40


def test_a_good_row_is_read_with_the_levels_of_the_table() -> None:
    (point,) = read_points(f"{GOOD}\n[levels]\nremind = {{ share = 0.5 }}\n", NAMES)
    assert (point.id, point.names, str(point.remind.share), point.yellow.workdays) == (
        "P900", ("招标文件开始发出", "投标截止"), "0.5", None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('kind = "time"', 'kind = "guess"'), "unknown kind guess"),
        (('party = "purchaser"', 'party = "nobody"'), "unknown party nobody"),
        (('limit = "T03"', ""), "a time has a limit"),
        (('limit = "T03"', 'at_most = 3\nunit = "workday"'), "its own bounds need an article"),
        (('"bid_deadline"]', '"somewhen"]'), "measure somewhen has no name"),
        (('node = "发布公告"', ""), "node is missing"),
        (('limit = "T03"', 'limit = "T03"\nmood = "bad"'), "unknown key mood"),
    ],
)
def test_a_bad_row_is_refused_by_name(change: tuple[str, str], fault: str) -> None:
    with pytest.raises(BadPointTable, match=fault):
        read_points(GOOD.replace(*change), NAMES)


def test_all_faults_are_told_at_once_and_a_number_stands_for_one_point_only() -> None:
    with pytest.raises(BadPointTable) as refused:
        read_points(GOOD.replace('party = "purchaser"', 'party = "nobody"') + GOOD, NAMES)
    assert len(refused.value.faults) == 2
