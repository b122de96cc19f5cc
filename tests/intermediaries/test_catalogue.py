"""The founding list: real items, each with its basis, and a row that says everything once."""

import json
from copy import deepcopy
from typing import Any

import pytest

from intermediaries.catalogue import CATEGORIES, FOUNDING, QUALIFICATIONS, Need, ServiceItem, item_id, need_name
from intermediaries.rules.items import item_problems

ROW = FOUNDING.items[0].row


def codes(**changes: Any) -> set[str]:
    return {problem.field for problem in item_problems(deepcopy(ROW) | changes)}


def test_the_list_holds_at_least_thirty_items_over_every_category() -> None:
    assert len(FOUNDING.items) >= 30
    assert {item.category for item in FOUNDING.items} == set(CATEGORIES)
    assert len({item.code for item in FOUNDING.items}) == len(FOUNDING.items)


@pytest.mark.parametrize("item", FOUNDING.items, ids=lambda item: item.code)
def test_an_item_of_the_list_keeps_the_rules_that_proposals_are_held_to(item: ServiceItem) -> None:
    assert item_problems(item.row) == []
    assert item.legal
    assert all(need.kind in QUALIFICATIONS for need in item.needs)


def test_a_row_comes_back_from_its_bytes_and_its_number_from_its_code() -> None:
    for item in FOUNDING.items:
        assert ServiceItem.of(json.loads(item.data)) == item
        assert item.id == item_id(item.code)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"legal": []}, "legal"),
        ({"legal": [{"law": "某法", "article": "第一条"}]}, "legal"),
        ({"legal": "优化营商环境条例"}, "legal"),
        ({"code": "EIA1"}, "code"),
        ({"category": "cooking"}, "category"),
        ({"needs": [{"kind": "wisdom"}]}, "needs"),
        ({"needs": [{"kind": "survey", "least": "特级"}]}, "needs"),
        ({"needs": None}, "needs"),
        ({"limit": {"days": 0, "unit": "workday", "by": "清单承诺"}}, "limit"),
        ({"limit": {"days": True, "unit": "workday", "by": "清单承诺"}}, "limit"),
        ({"limit": 30}, "limit"),
        ({"price": {"basis": "随便", "document": "x"}}, "price"),
        ({"payer": "neighbour"}, "payer"),
        ({"workflow": []}, "workflow"),
        ({"approval": {"name": "x"}}, "approval"),
        ({"name": ""}, "name"),
        ({"secret": "x"}, "secret"),
    ],
)
def test_a_row_that_is_not_one_is_refused_at_its_place(changes: dict[str, Any], field: str) -> None:
    assert field in codes(**changes)


def test_an_empty_row_is_refused_everywhere_at_once() -> None:
    assert len(item_problems({})) >= 10


def test_a_higher_grade_meets_a_lower_need_and_not_the_other_way_round() -> None:
    survey = QUALIFICATIONS["survey"]
    assert survey.reaches("甲级", "乙级")
    assert survey.reaches("乙级", "乙级")
    assert not survey.reaches("乙级", "甲级")
    assert not survey.reaches("", "乙级")
    assert QUALIFICATIONS["safety"].reaches("", "")
    assert need_name(Need("survey", "乙级")) == "测绘资质证书（乙级及以上）"
    assert need_name(Need("survey", "甲级")) == "测绘资质证书（甲级）"
    assert need_name(Need("safety", "")) == "安全评价机构资质证书"
