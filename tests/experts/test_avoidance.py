"""Every ground of avoidance as a row of a table, judged by small tests over plain values; another one is data alone."""

from datetime import date
from pathlib import Path

import pytest

from experts import avoidance
from experts.avoidance import GROUNDS
from experts.rules import TESTS, Judged, Mark, Party, Tie, avoided
from kernel.codes import make_credit_code

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 4, 21)
BIDDER, OTHER, HOLDING = (make_credit_code("91", "330106", f"{n:08}") for n in (1, 2, 3))
PARTIES = (
    Party("bidder", BIDDER, "东方建设有限公司", frozenset({HOLDING})),
    Party("purchaser", OTHER, "某区城市建设中心"),
    Party("department", "某区住房和城乡建设局", "某区住房和城乡建设局"),
)


def code(category: str, *, ties: tuple[Tie, ...] = (), marks: tuple[Mark, ...] = ()) -> str:
    return avoided(Judged(ties, marks, PARTIES, DAY), GROUNDS.of("expert", category))


def test_the_table_holds_every_ground_of_the_law_with_article_and_reason() -> None:
    articles = {ground.article[:14] for ground in GROUNDS.grounds}
    assert len(GROUNDS.grounds) >= 25
    assert {"评标委员会和评标方法暂行规定", "公路建设项目评标专家库管理办", "工程建设项目招标投标活动投诉"} <= articles
    assert {ground.test for ground in GROUNDS.grounds} <= set(TESTS)
    assert len({ground.code for ground in GROUNDS.grounds}) == len(GROUNDS.grounds)


@pytest.mark.parametrize(
    ("category", "tie", "expected"),
    [
        ("A01", Tie("relative", BIDDER, ""), "O12_12_1"),
        ("A01", Tie("staff", "", "某区住房和城乡建设局"), "O12_12_2"),
        ("A01", Tie("shareholder", HOLDING, ""), "O12_12_3"),
        ("A01", Tie("retired", BIDDER, ""), ""),
        ("A03", Tie("retired", BIDDER, "", until=date(2001, 1, 1)), "ROAD12_3"),
        ("A03", Tie("retired", OTHER, ""), "ROAD12_4"),
        ("D03", Tie("staff", OTHER, ""), "GP45"),
        ("D03", Tie("director", BIDDER, "", until=date(2023, 4, 21)), ""),
        ("D03", Tie("director", BIDDER, "", until=date(2023, 4, 22)), "GP16_2"),
        ("D03", Tie("staff", "", "东方建设有限公司", until=date(2024, 1, 1)), "GP16_1"),
        ("D03", Tie("staff", BIDDER, "", since=date(2026, 4, 22)), ""),
        ("D03", Tie("relative", BIDDER, "", until=date(2026, 4, 20)), ""),
        ("F", Tie("same_head", BIDDER, ""), "DRUG72_2"),
    ],
)
def test_a_tie_counts_for_its_trade_its_party_and_its_years(category: str, tie: Tie, expected: str) -> None:
    assert code(category, ties=(tie,)) == expected


def test_a_punishment_counts_for_ever_in_works_and_a_bad_record_for_three_years_in_procurement() -> None:
    assert code("A01", marks=(Mark("punished_tendering", date(1999, 1, 1)),)) == "O12_12_4"
    assert code("D03", marks=(Mark("misconduct", date(2023, 4, 20)),)) == ""
    assert code("D03", marks=(Mark("misconduct", date(2023, 4, 21)),)) == "GP29"
    assert code("D03", marks=(Mark("finance_staff", date(2020, 1, 1)),)) == "GP16_6"


def test_who_has_nothing_to_do_with_anybody_need_not_avoid() -> None:
    assert code("A01", ties=(Tie("staff", make_credit_code("91", "330106", "00000099"), "别的单位"),)) == ""


def test_another_ground_is_a_row_and_nothing_else() -> None:
    row = """
[[ground]]
code = "LOCAL_1"
who = "expert"
title = "与投标人同乡会任职"
categories = ["A01"]
against = ["bidder"]
test = "tied"
kinds = ["clan"]
years = 1
group = false
article = "某市补充规定第一条"
reason = "与投标人同在一个同乡会任职"
"""
    text = (ROOT / "experts" / "avoidance.toml").read_text("utf-8")
    table = avoidance.read(text.replace("[marks]", 'clan = "同乡会"\n\n[marks]', 1) + row)
    judged = Judged((Tie("clan", BIDDER, ""),), (), PARTIES, DAY)
    assert avoided(judged, table.of("expert", "A01")) == "LOCAL_1"
    assert avoided(judged, table.of("expert", "D01")) == ""
    assert table.reason("LOCAL_1") == "与投标人同在一个同乡会任职"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('kinds = ["relative"]', 'kinds = ["cousin"]'), "unknown kind cousin"),
        (('test = "tied"', 'test = "felt"'), "unknown who or test"),
        (('article = "评标委员会和评标方法暂行规定第十二条第（一）项"', 'article = " "'), "article is empty"),
        (('code = "O12_12_2"', 'code = "O12_12_1"'), "twice"),
        (('against = ["bidder"]', "against = []"), "a tie is with somebody"),
    ],
)
def test_a_table_that_is_not_sane_is_refused(change: tuple[str, str], says: str) -> None:
    text = (ROOT / "experts" / "avoidance.toml").read_text("utf-8").replace(*change, 1)
    with pytest.raises(ValueError, match=says):
        avoidance.read(text)
