"""Into the pool: applied for with evidence, admitted by its owner only, kept true by the expert himself."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import road
from conftest import TestClock
from expert_pool import BUILD, COST, Court, Row, decide, put_in
from house_databases import Databases
from road import upload
from statement_counter import statements

from experts import admissions, clockwork, records
from experts.case import EVIDENCE
from experts.schemas import ApplyExpert, EndTie, GiveTime, Paper, SaidTie, TakeTime
from experts.steps.apply import apply_expert, end_tie, give_time, say_tie, take_time
from kernel import decisions
from kernel.db import TRADING, reading
from kernel.errors import BadInput, Forbidden, NotFound, WrongStage
from kernel.identity import Actor
from kernel.log import events_of
from kernel.proofs.signers import Ed25519Signer


@pytest.fixture
async def court(house: Databases, clock: TestClock, tmp_path: Path) -> Court:
    return await Court.make(house, tmp_path)


@pytest.fixture
async def expert(court: Court) -> Actor:
    return await road.actor("expert", "12330106MB0000077X", "某设计院")


async def asked(court: Court, expert: Actor, **changes: Any) -> ApplyExpert:
    values: dict[str, Any] = {
        "phone": "13800000001", "born": date(1975, 5, 17), "region": "330106", "title_level": "senior",
        "title": "高级工程师", "years": 20, "employer_name": "某设计院", "professions": [BUILD, COST],
        "evidence": [Paper(upload=await upload(court.tools, expert, EVIDENCE, b"%PDF title"), label="职称证书")],
        "committed": True, **changes,
    }  # fmt: skip
    return ApplyExpert(**values)


async def stage(person: UUID | None) -> str:
    assert person is not None
    async with reading(TRADING) as connection:
        found = await admissions.expert_of(connection, person)
    assert found is not None
    return found.stage


async def test_an_application_waits_for_the_owner_and_is_admitted_by_his_decision(court: Court, expert: Actor) -> None:
    one = await apply_expert(court.tools, expert, await asked(court, expert))
    [waiting] = await records.waiting_decisions()
    assert (waiting.subject, waiting.kinds) == (one, ("admit_expert", "refuse_expert"))
    assert waiting.facts["evidence"], "what he decides on is in the decision"
    await decide("admit_expert", one)
    assert await clockwork.turn(court.tools) == 1
    assert await stage(expert.person) == "admitted"
    assert await records.waiting_decisions() == []
    async with reading(TRADING) as connection:
        found = await admissions.expert_of(connection, expert.person or uuid4())
        acts = [event.act for event in await events_of(connection, str(one))]
    assert found is not None
    assert found.expires_on == date(2029, 3, 2)
    assert [tie["kind"] for tie in found.ties] == ["staff"], "his employer is a tie"
    assert acts == ["apply_expert", "admit_expert"]


async def test_all_that_is_lacking_is_said_at_once(court: Court, expert: Actor) -> None:
    wrong = await asked(court, expert, years=2, evidence=[], committed=False, professions=["A999999"], region="999999")
    with pytest.raises(BadInput) as caught:
        await apply_expert(court.tools, expert, wrong)
    assert [problem.code for problem in caught.value.problems] == [
        "years_lacking", "profession_unknown", "evidence_missing", "not_committed", "region_unknown",
    ]  # fmt: skip


async def test_nobody_but_a_judge_applies(court: Court) -> None:
    with pytest.raises(Forbidden):
        await apply_expert(court.tools, court.purchaser, await asked(court, court.purchaser))


async def test_suspension_and_restoration_are_decisions_too(court: Court) -> None:
    [one] = await put_in(court.house.admin, [Row()])
    assert [each.kinds for each in await records.removable("专家")] == [("suspend_expert",)]
    await decide("suspend_expert", one, "两年内三次无故缺席")
    await clockwork.turn(court.tools)
    assert [each.kinds for each in await records.removable("专家")] == [("restore_expert",)]
    await decide("restore_expert", one, "复核后恢复")
    await clockwork.turn(court.tools)
    async with reading(TRADING) as connection:
        found = await admissions.expert(connection, one)
    assert found is not None
    assert (found.stage, found.says) == ("admitted", "复核后恢复")


async def test_a_decision_that_cannot_be_carried_out_says_why(court: Court) -> None:
    [one] = await put_in(court.house.admin, [Row()])
    await decide("restore_expert", one)
    await decide("admit_expert", uuid4())
    await clockwork.turn(court.tools)
    [course] = await decisions.course(one)
    assert "在库" in course.problem
    assert await clockwork.turn(court.tools) == 0, "taken once"


async def test_a_decision_past_the_site_is_never_carried_out(court: Court) -> None:
    [one] = await put_in(court.house.admin, [Row(stage="applied")])
    await decide("admit_expert", one, signer=Ed25519Signer.generate())
    assert await clockwork.turn(court.tools) == 0
    assert (await records.removable("专家")) == []


async def test_ties_and_times_are_kept_true_by_the_expert_himself(court: Court, expert: Actor) -> None:
    await apply_expert(court.tools, expert, await asked(court, expert))
    tie = await say_tie(court.tools, expert, SaidTie(kind="shareholder", name="东方建设有限公司"))
    with pytest.raises(BadInput):
        await say_tie(court.tools, expert, SaidTie(kind="friend", name="东方建设有限公司"))
    await end_tie(expert, EndTie(tie=tie, ended=date(2026, 1, 31)))
    with pytest.raises(NotFound):
        await end_tie(expert, EndTie(tie=tie, ended=date(2026, 1, 31)))
    since = road.DEADLINE
    slot = await take_time(expert, TakeTime(begins=since, ends=since + timedelta(hours=3)))
    await give_time(expert, GiveTime(slot=slot))
    with pytest.raises(NotFound):
        await give_time(expert, GiveTime(slot=slot))
    async with reading(TRADING) as connection:
        found = await admissions.expert_of(connection, expert.person or uuid4())
    assert found is not None
    assert [(tie["kind"], tie["until"]) for tie in found.ties] == [("staff", None), ("shareholder", date(2026, 1, 31))]
    assert found.slots == ()


async def test_a_suspended_expert_cannot_apply_his_way_back(court: Court, expert: Actor) -> None:
    one = await apply_expert(court.tools, expert, await asked(court, expert))
    for kind in ("admit_expert", "suspend_expert"):
        await decide(kind, one)
        await clockwork.turn(court.tools)
    with pytest.raises(WrongStage):
        await apply_expert(court.tools, expert, await asked(court, expert))


async def test_waiting_is_asked_in_few_statements(court: Court) -> None:
    await put_in(court.house.admin, [Row() for _ in range(500)])
    async with statements() as seen:
        assert await records.waiting_decisions() == []
        assert len(await records.removable("专家")) == 20
    assert len(seen) == 4
