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


MINIMUM = {
    "T01": "P101", "T03": "P102", "T04 without postponement": "P103", "T08": "P104", "T13": "P403",
    "an objection at the opening unanswered": "P203", "opened before the deadline": "P201 P204",
    "opened long after it": "P206 P207", "fewer than three opened": "P202 P205", "panel not odd": "P302 P307",
    "less than two thirds experts": "P303 P308", "same employer": "P305", "draw outside its window": "P301 P311 P312",
    "expert not avoided": "P306 P310", "marks of an outlier": "P313 P314", "T10": "P401", "T11": "P402",
    "rank one skipped": "P405 P409", "T18": "P501", "contract is not the award": "P503 P515", "T19": "P505",
    "T20": "P506", "G10": "P407", "G11": "P408", "G12": "P502", "G13": "P511", "G14": "P509", "G16": "P512 P507",
    "deposit above two percent": "P105 P109", "result not published": "P411 P412",
    "one address, one person for several bidders": "P208 P209 P210 P211", "an order not carried out": "P601",
    "a stored file altered or lost": "P212",
}  # fmt: skip
"""What must be watched at least, and the points that do."""


@pytest.mark.parametrize("watched", MINIMUM)
def test_what_must_be_watched_at_least_is_a_point_with_its_article(watched: str) -> None:
    there = {point.id: point for point in points()}
    for number in MINIMUM[watched].split():
        point = there[number]
        assert point.article or point.limit


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
