"""A sheet of experts: right rows all together, wrong ones named by row and column; twenty thousand at once."""

import time
from datetime import date
from pathlib import Path

import pytest
import road
from conftest import TestClock
from expert_pool import Court, decide
from expert_sheets import row, sheet
from house_databases import Databases
from road import as_admin
from statement_counter import statements

from experts import admissions, clockwork, records
from experts.professions import PROFESSIONS
from experts.sheets import COLUMNS, lines_of, report, template
from experts.steps.import_pool import PART, import_experts
from kernel.errors import BadInput, Forbidden
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.paper.workbook import SheetRead, read_rows

DAY = date(2026, 3, 2)


@pytest.fixture
async def court(house: Databases, clock: TestClock, tmp_path: Path) -> Court:
    return await Court.make(house, tmp_path)


@pytest.fixture
async def operator(court: Court) -> Actor:
    return await road.actor("operator", "12330106MB0000002X", "某区公共资源交易中心")


def test_the_template_can_be_read_back_and_its_example_is_nobody() -> None:
    lines, problems = lines_of(read_rows(template(), COLUMNS), DAY, PROFESSIONS)
    assert lines == []
    assert [problem.code for problem in problems] == ["identity_number_check"], "all else is as it should be filled in"


def test_every_bad_cell_is_named_with_its_row_its_column_and_the_remedy() -> None:
    rows = [
        row(1),
        row(2, 公民身份号码="330106198505170011", 手机号码="12345"),
        row(3, 职称级别="初级", 从业年限=3, 专业代码="A080104、Z1"),
        row(4, 从业年限="很多"),
        row(1),
        row(6, 单位统一社会信用代码="91330106MA00000000", 有效期至=date(2020, 1, 1)),
    ]
    lines, problems = lines_of(read_rows(sheet(rows), COLUMNS), DAY, PROFESSIONS)
    assert [line.number for line in lines] == [2]
    where = {problem.field for problem in problems}
    assert where == {
        "第3行/公民身份号码", "第3行/手机号码", "第4行/职称级别", "第4行/从业年限", "第4行/专业代码", "第5行/从业年限",
        "第6行/公民身份号码", "第7行/单位统一社会信用代码", "第7行/有效期至",
    }  # fmt: skip
    assert all(problem.says and problem.remedy for problem in problems)
    assert len(read_rows(report(problems), COLUMNS[:0]).rows) == len(problems)


async def test_good_rows_wait_for_the_owner_and_are_admitted_as_one(court: Court, operator: Actor) -> None:
    made = await import_experts(court.tools, operator, sheet([row(1), row(2), row(3, 手机号码="1")]))
    assert (made.count, [problem.field for problem in made.problems]) == (2, ["第4行/手机号码"])
    [waiting] = await records.waiting_decisions()
    assert waiting.subject == made.batch
    assert (await admissions.statistics())["totals"]["待批准"] == 2
    assert made.batch is not None
    await decide("admit_expert", made.batch)
    await clockwork.turn(court.tools)
    assert (await admissions.statistics())["totals"]["在库"] == 2
    assert await records.waiting_decisions() == []


async def test_who_is_in_the_pool_or_stands_on_another_side_is_a_problem_of_his_row(
    court: Court, operator: Actor
) -> None:
    await import_experts(court.tools, operator, sheet([row(1)]))
    number = row(2)[1]
    await as_admin(
        "insert into accounts.person (id, id_hash, id_sealed, name, phone, side, created_at)"
        " values ($1, $2, 'x', '投标人', '138', 'trade', clock_timestamp())",
        new_id(), court.tools.keys.identity(number),
    )  # fmt: skip
    made = await import_experts(court.tools, operator, sheet([row(1), row(2), row(3)]))
    assert made.count == 1
    assert [(p.code, p.field) for p in made.problems] == [
        ("in_pool_already", "第2行/公民身份号码"),
        ("on_another_side", "第3行/公民身份号码"),
    ]


async def test_the_same_upload_again_brings_nobody_in_twice(court: Court, operator: Actor) -> None:
    content, key = sheet([row(1), row(2)]), new_id()
    first = await import_experts(court.tools, operator, content, key)
    again = await import_experts(court.tools, operator, content, key)
    assert (again.batch, again.count) == (first.batch, 2)
    assert (await admissions.statistics())["totals"]["待批准"] == 2


async def test_only_the_centre_brings_sheets_in_and_only_sheets(court: Court, operator: Actor) -> None:
    with pytest.raises(Forbidden):
        await import_experts(court.tools, court.purchaser, sheet([row(1)]))
    with pytest.raises(BadInput):
        await import_experts(court.tools, operator, b"PK no workbook")


async def test_twenty_thousand_come_in_by_few_statements(court: Court, operator: Actor) -> None:
    await import_experts(court.tools, operator, sheet([row(40_000)]))  # a connection learns the types it sends once
    counts = []
    for rows in ([row(n) for n in (40_001, 40_002)], [row(n) for n in range(20_000)]):
        content = sheet(rows)
        begun = time.monotonic()
        async with statements() as seen:
            made = await import_experts(court.tools, operator, content)
        print(f"{made.count} experts in {time.monotonic() - begun:.1f} s by {len(seen)} statements")
        assert made.problems == []
        counts.append(len(seen))
    await as_admin("analyze experts.standing, experts.practice")  # the server does it by itself a minute later
    assert (await admissions.statistics())["totals"]["待批准"] == 20_003
    tables = 5
    assert counts[1] - counts[0] == tables * (20_000 // PART - 1)


def test_a_sheet_without_rows_is_no_fault() -> None:
    assert lines_of(SheetRead(), DAY, PROFESSIONS) == ([], [])
