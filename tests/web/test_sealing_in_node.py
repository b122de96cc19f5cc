"""The sealing page's own arithmetic: amounts as Python writes them, the workbook's bytes, and when to start."""

import random
from decimal import Decimal

import pytest
from sealing_driver import ask, ask_all

from bidding import workbook
from bidding.scoring import rounded
from bidding.workbook import Pointer
from kernel.money import capitals, figures

MIB = 1024 * 1024
ROWS = [
    {"id": "signed", "name": "签字盖章", "kind": "review", "article": "", "maximum": ""},
    {"id": "technical", "name": "施工组织设计", "kind": "score", "article": "", "maximum": "30"},
]


def test_capitals_and_figures_are_those_of_the_house() -> None:
    draw = random.Random(20260420)
    edges = [1, 10, 100, 1001, 100_000, 10_000_00, 100_000_000_00, 10_000_0005_0000_00, 9_999_999_999_999_999_99]
    amounts = [
        Decimal(fen) / 100 for fen in [*edges, *(draw.randrange(1, 10 ** draw.randint(2, 17)) for _ in range(300))]
    ]
    texts = [f"{amount:.2f}" for amount in amounts]
    assert ask_all([{"duty": "capitals", "amount": text} for text in texts]) == [capitals(a) for a in amounts]
    assert ask_all([{"duty": "figures", "amount": text} for text in texts]) == [figures(a) for a in amounts]


@pytest.mark.parametrize("given", ["38000000", "38,000,000.5", " 38 000 000.05 ", "0.01"])
def test_an_amount_is_taken_as_people_type_it_and_written_with_two_decimals(given: str) -> None:
    taken, written = ask_all([{"duty": "isAmount", "given": given}, {"duty": "canonical", "given": given}])
    assert taken
    assert Decimal(written) == Decimal(given.replace(",", "").replace(" ", ""))
    assert written[-3] == "."


@pytest.mark.parametrize("given", ["", "0", "0.00", "1.005", "-1", "1e3", "３８", "abc", "1" * 17, "."])
def test_what_is_no_amount_is_not_taken(given: str) -> None:
    assert not ask("isAmount", given=given)


def test_a_lines_total_is_rounded_half_up_as_the_panel_rounds_it() -> None:
    pairs = [("3", "0.335"), ("1000.5", "12.34"), ("0.000001", "0.01"), ("99999.999999", "12345.678912")]
    totals = ask_all([{"duty": "total", "quantity": q, "unit": u} for q, u in pairs])
    assert totals == [f"{rounded(Decimal(q) * Decimal(u), 2):.2f}" for q, u in pairs]
    assert ask("sum", of=["0.10", "0.20", "99999999999999.99"]) == "100000000000000.29"


def test_the_pages_workbook_is_the_houses_byte_for_byte() -> None:
    pointers = [Pointer("signed", "投标函.pdf", 3), Pointer("technical", "技术标.docx", 0)]
    plain = [{"id": p.item, "file": p.file, "page": p.page} for p in pointers]
    assert ask("workbook", notice="ab" * 32, pointers=plain).encode() == workbook.build("ab" * 32, pointers)


@pytest.mark.parametrize("pointers", [[], [Pointer("signed", "投标函.pdf", 3)], [Pointer("signed", "丢了.pdf", 1)]])
def test_gaps_are_said_in_the_same_words_here_and_there(pointers: list[Pointer]) -> None:
    plain = [{"id": p.item, "file": p.file, "page": p.page} for p in pointers]
    files = ["投标函.pdf"]
    assert ask("gaps", rows=ROWS, pointers=plain, files=files) == workbook.gaps(ROWS, pointers, files)


def test_who_has_300_mb_and_a_slow_line_is_told_when_to_start() -> None:
    deadline = {"deadline": "2026-04-20T09:30:00+08:00", "bytes": 300 * MIB, "sealing": 30 * MIB, "sending": MIB / 8}
    assert ask("startBy", **deadline, now="2026-04-20T06:00:00+08:00") == "08:34"
    assert ask("startBy", **deadline, now="2026-04-19T23:00:00+08:00") == "4月20日 08:34"


def test_speed_and_time_left_follow_the_last_quarter_of_a_minute() -> None:
    slow_then_fast = [[0, 0], [1 * MIB, 10], [2 * MIB, 20], [12 * MIB, 30], [22 * MIB, 40]]
    rate, left = ask("pace", total=100 * MIB, told=slow_then_fast)
    assert rate == pytest.approx(MIB)
    assert left == pytest.approx(78)
    assert ask("pace", total=MIB, told=[[0, 0]]) == [0, None]


def test_times_and_sizes_are_written_for_people() -> None:
    spans = [0.2, 59.2, 60, 200, 3600, 4000]
    assert ask_all([{"duty": "duration", "seconds": s} for s in spans]) == [
        "1 秒", "1 分钟", "1 分钟", "3 分 20 秒", "1 小时 0 分", "1 小时 6 分",
    ]  # fmt: skip
    assert ask_all([{"duty": "size", "bytes": b} for b in (5, 2048, 300 * MIB)]) == ["5 字节", "2.0 KB", "300.0 MB"]
