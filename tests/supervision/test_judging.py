"""One case under one point: reminded, yellow, red; in the words and with the dates of the law."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from house_databases import ROOT

from kernel.clock import CHINA
from kernel.law import Law
from kernel.watched import ENDED, Fact
from supervision.judging import Judged, judge
from supervision.points import Point, points, read_points

CONSTRUCTION = "construction_open_tender"
LAWS = Law.load([ROOT / "bidding" / "law.toml"])
POINTS = {point.id: point for point in points()}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def judged(point: str | Point, facts: dict[str, Fact], now: str, procedure: str = CONSTRUCTION) -> Judged | None:
    chosen = POINTS[point] if isinstance(point, str) else point
    law = LAWS.in_force(date(2026, 3, 2), "330106", procedure) if procedure == CONSTRUCTION else None
    return judge(chosen, procedure, "330106", law, facts, at(now))


def level(point: str | Point, facts: dict[str, Fact], now: str, procedure: str = CONSTRUCTION) -> str:
    found = judged(point, facts, now, procedure)
    assert found is not None
    return found.level or ""


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-26 09:00", ""),
        ("2026-03-27 09:00", "remind"),
        ("2026-03-31 23:59", "remind"),
        ("2026-04-01 00:00", "yellow"),
        ("2026-04-01 23:59:59", "yellow"),
        ("2026-04-02 00:00", "red"),
    ],
)
def test_a_contract_unsigned_on_day_31_after_the_notice_is_red(now: str, expected: str) -> None:
    """Scenario 21: notice on 2 March, the thirtieth day is 1 April."""
    assert level("P501", {"award_notified": at("2026-03-02 10:00")}, now) == expected


def test_a_refund_six_days_after_the_contract_is_red() -> None:
    signed: dict[str, Fact] = {"contract_signed": at("2026-03-11 15:00")}
    assert level("P506", signed, "2026-03-16 23:59") == "yellow"
    assert level("P506", signed, "2026-03-17 00:00") == "red"
    rolled: dict[str, Fact] = {"contract_signed": at("2026-03-09 15:00")}
    assert level("P506", rolled, "2026-03-15 12:00") == "remind", "14 March is a Saturday: the last day moves on"
    assert level("P506", rolled, "2026-03-17 00:00") == "red"


def test_the_written_report_on_day_16_is_red() -> None:
    fixed: dict[str, Fact] = {"winner_fixed": at("2026-03-02 10:00")}
    assert level("P505", fixed, "2026-03-17 23:59") == "yellow"
    assert level("P505", fixed, "2026-03-18 00:00") == "red"


def test_what_was_done_in_time_is_done_and_what_was_done_late_is_red_all_the_same() -> None:
    facts: dict[str, Fact] = {"award_notified": at("2026-03-02 10:00"), "contract_signed": at("2026-04-01 17:00")}
    found = judged("P501", facts, "2026-05-01 00:00")
    assert found is not None
    assert (found.level, found.done) == (None, True)
    late = judged("P501", facts | {"contract_signed": at("2026-04-02 09:00")}, "2026-05-01 00:00")
    assert late is not None
    assert (late.level, late.done) == ("red", True)
    assert "最迟应为2026年4月1日" in late.says


def test_days_of_suspension_do_not_count() -> None:
    facts: dict[str, Fact] = {"award_notified": at("2026-03-02 10:00")}
    stood = "2026-03-10T09:00:00+08:00/2026-03-20T09:00:00+08:00"
    assert level("P501", facts | {"suspended": stood}, "2026-04-02 00:00") == ""
    assert level("P501", facts | {"suspended": stood}, "2026-04-13 23:59") == "yellow", "the 11th is a Saturday"
    assert level("P501", facts | {"suspended": stood}, "2026-04-14 00:00") == "red"


def test_excluded_working_days_of_a_complaint_do_not_count() -> None:
    facts: dict[str, Fact] = {"complaint_admitted": at("2026-03-02 10:00")}
    assert level("P702", facts, "2026-04-15 00:00", "tender") == "red"
    assert level("P702", facts | {"excluded:complaint_decided": 10}, "2026-04-15 00:00", "tender") == ""


def test_a_complaint_before_the_holidays_is_late_after_them() -> None:
    """Scenario 17: received on Thursday 30 April, due on 8 May, red at midnight."""
    facts: dict[str, Fact] = {"complaint_received": at("2026-04-30 09:00")}
    assert level("P701", facts, "2026-05-08 23:59", "tender") == "yellow"
    assert level("P701", facts, "2026-05-09 00:00", "tender") == "red"


def test_too_short_a_time_is_red_at_once() -> None:
    facts: dict[str, Fact] = {"document_issued": at("2026-03-02 09:00"), "bid_deadline": at("2026-03-21 09:30")}
    found = judged("P102", facts, "2026-03-02 09:01")
    assert found is not None
    assert found.level == "red"
    assert found.article == "招标投标法第二十四条"
    assert level("P102", facts | {"bid_deadline": at("2026-03-22 09:30")}, "2026-03-02 09:01") == ""


@pytest.mark.parametrize(
    ("point", "facts", "expected"),
    [
        ("P105", {"estimate": Decimal(40_000_000), "deposit": Decimal(800_000)}, ""),
        ("P105", {"estimate": Decimal(40_000_000), "deposit": Decimal(800_001)}, "red"),
        ("P202", {"bidders_opened": 2}, "red"),
        ("P202", {"bidders_opened": 3}, ""),
        ("P203", {"objections_open": 1}, "red"),
        ("P302", {"panel_even": "even"}, "red"),
        ("P302", {"panel_even": "odd"}, ""),
        ("P303", {"panel_experts": 3, "panel_size": 5}, "red"),
        ("P303", {"panel_experts": 4, "panel_size": 6}, ""),
        ("P305", {"panel_same_employer": 1}, "yellow"),
        ("P405", {"passed_over": "unreasoned"}, "red"),
        ("P503", {"contract_price": Decimal("37500000.00"), "award_price": Decimal("37500000")}, ""),
        ("P503", {"contract_price": Decimal("37500000.01"), "award_price": Decimal("37500000")}, "red"),
    ],
)
def test_numbers_and_relations_are_judged_once_their_facts_are_there(
    point: str, facts: dict[str, Fact], expected: str
) -> None:
    assert level(point, facts, "2026-03-02 09:00") == expected


def test_what_is_not_known_yet_is_not_judged() -> None:
    assert judged("P501", {}, "2026-03-02 09:00") is None
    assert judged("P503", {"contract_price": Decimal(1)}, "2026-03-02 09:00") is None
    assert judged("P502", {"award_notified": at("2026-03-02 10:00")}, "2026-05-02 09:00") is None, "not this procedure"


def test_a_year_whose_holidays_nobody_knows_is_not_guessed() -> None:
    signed: dict[str, Fact] = {"complaint_received": at("2099-03-02 10:00")}
    assert judged("P701", signed, "2099-06-01 09:00", "tender") is None


def test_the_level_changes_at_the_moment_it_says() -> None:
    facts: dict[str, Fact] = {"award_notified": at("2026-03-02 10:00")}
    now, seen = at("2026-03-02 10:00"), []
    while True:
        found = judge(
            POINTS["P501"], CONSTRUCTION, "330106", LAWS.in_force(date(2026, 3, 2), "330106", CONSTRUCTION), facts, now
        )
        assert found is not None
        seen.append(found.level)
        if found.changes is None:
            break
        before = judged("P501", facts, (found.changes - timedelta(microseconds=1)).replace(tzinfo=None).isoformat(" "))
        assert before is not None
        assert before.level == found.level
        now = found.changes
    assert seen == [None, "remind", "yellow", "red"]


@pytest.mark.parametrize(
    ("point", "facts", "expected"),
    [
        ("P208", {"bidders_of_one_address": 1}, ""),
        ("P208", {"bidders_of_one_address": 2}, "remind"),
        ("P210", {"bidders_of_one_person": 1}, ""),
        ("P210", {"bidders_of_one_person": 2}, "yellow"),
        ("P212", {"files_damaged": 1}, "red"),
        ("P313", {"marks_apart": 20}, ""),
        ("P313", {"marks_apart": 21}, "remind"),
        ("P411", {"winner_fixed": at("2026-03-02 10:00"), "result_published": at("2026-03-30 23:59")}, ""),
        ("P411", {"winner_fixed": at("2026-03-02 10:00"), "result_published": at("2026-03-31 00:00")}, "red"),
        ("P311", {"panel_drawn": at("2026-03-02 09:00"), "evaluation_begun": at("2026-03-05 08:59")}, ""),
        ("P311", {"panel_drawn": at("2026-03-02 09:00"), "evaluation_begun": at("2026-03-05 09:01")}, "red"),
    ],
)
def test_signs_are_reminders_for_the_officers_and_a_late_result_or_an_early_draw_is_red(
    point: str, facts: dict[str, Fact], expected: str
) -> None:
    assert level(point, facts, "2026-04-02 09:00") == expected


def test_an_opening_that_does_not_begin_at_the_deadline_rises_within_the_hour_to_red() -> None:
    due: dict[str, Fact] = {"opening_due": at("2026-03-02 09:30")}
    moments = ("09:29", "09:44", "09:45", "10:00", "10:30")
    assert [level("P206", due, f"2026-03-02 {time}") for time in moments] == ["", "", "remind", "yellow", "red"]
    assert level("P206", due | {"opening_begun": at("2026-03-02 09:35")}, "2026-03-02 12:00") == ""
    assert level("P206", due | {"opening_begun": at("2026-03-02 10:31")}, "2026-03-02 12:00") == "red"


def test_a_panel_that_waits_for_its_day_is_no_matter_for_a_card() -> None:
    drawn: dict[str, Fact] = {"panel_drawn": at("2026-05-06 09:00")}
    assert level("P301", drawn, "2026-05-08 08:59", "procurement_open_tender") == ""


def test_a_case_that_came_to_nothing_is_not_hurried_on_and_what_was_late_by_then_stays_late() -> None:
    received: dict[str, Fact] = {"report_received": at("2026-03-02 10:00")}
    assert level("P401", received, "2026-03-09 09:00") == "red"
    assert judged("P401", received | {ENDED: at("2026-03-04 09:00")}, "2026-03-09 09:00") is None
    late = judged("P401", received | {ENDED: at("2026-03-06 09:00")}, "2026-03-09 09:00")
    assert late is not None
    assert (late.level, late.done, late.changes) == ("red", True, None)
    signed: dict[str, Fact] = {"contract_signed": at("2026-03-02 00:00"), ENDED: at("2026-03-03 09:00")}
    assert level("P506", signed, "2026-03-10 09:00") == "red", "deposits go back whatever became of the case"


def test_a_new_point_works_by_data_alone() -> None:
    (point,) = read_points(
        """
        [measures]
        minutes_sent = "送出会议纪要"
        [levels]
        remind = { share = 0.5 }
        yellow = { share = 0.9 }
        [[point]]
        id = "X001"
        title = "逾期送出开标会议纪要"
        node = "开标"
        duty = "bidding"
        kind = "time"
        measures = ["minutes_sent_due", "minutes_sent"]
        at_most = 10
        unit = "hour"
        article = "某市招标投标管理办法第九条"
        party = "agent"
        """,
        {"bidding": {"minutes_sent_due": "开标结束"}},
    )
    ended: dict[str, Fact] = {"minutes_sent_due": at("2026-03-02 08:00")}
    assert [level(point, ended, f"2026-03-02 {time}") for time in ("12:59", "13:00", "17:00", "18:00")] == [
        "", "remind", "yellow", "red",
    ]  # fmt: skip
