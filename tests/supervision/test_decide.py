"""What the regulator decides for the trading duties: let in by one officer, removed by two, carried out over there."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from conftest import TestClock
from house_databases import Databases
from house_faces import Faces
from road import DEPARTMENT, REGION, County
from story import at, refused
from supervision_site import Watching, officer, supervision_site

from kernel import decisions
from kernel.db import TRADING, transaction
from kernel.decisions import Decision
from kernel.errors import BadInput, Forbidden, WrongStage
from kernel.ids import new_id
from kernel.watched import Waiting
from supervision import decide
from supervision.confirm import confirm, refuse
from supervision.decide import Decide

HTML = {"accept": "text/html"}


@pytest.fixture
async def watching(house: Databases, clock: TestClock, faces: Faces, tmp_path: Path) -> AsyncIterator[Watching]:
    county = await County.make(tmp_path, house)
    async with supervision_site(county, house, faces, tmp_path / "supervision") as site:
        yield site


def thing(*kinds: str, department: str = DEPARTMENT) -> Waiting:
    lines = (("姓名", "王建国"),)
    return Waiting(
        new_id(), kinds, "专家入库：王建国", lines, at("2026-03-02 09:00"), REGION, department, {"evidence": "x"}
    )


async def waiting_for(watching: Watching, *kinds: str) -> list[Decision]:
    """What the trading duty finds in its mailbox."""
    await watching.there()
    async with transaction(TRADING) as connection:
        found = await decisions.untaken(connection, *kinds, key=watching.app.state.own_keys.process.public)
    await watching.here()
    return found


async def test_one_officer_lets_in_and_the_duty_finds_it(watching: Watching) -> None:
    actor, process = watching.officers()[0].actor, watching.app.state.own_keys.process
    expert = thing("admit_expert", "refuse_expert")
    made = await decide.decide(actor, expert, Decide(kind="admit_expert", says="材料齐全"), process)
    assert made is not None
    [found] = await waiting_for(watching, "admit_expert")
    assert (found.subject, found.says, dict(found.facts)) == (expert.subject, "材料齐全", {"evidence": "x"})
    assert found.decided_by == actor.organisation_name


async def test_who_removes_needs_a_second_officer(watching: Watching) -> None:
    first, second = [holder.actor for holder in watching.officers()]
    process, number = watching.app.state.own_keys.process, new_id()
    agency = thing("suspend_agency", "clear_agency")
    asked = Decide(kind="clear_agency", says="提供虚假成果")
    assert await decide.decide(first, agency, asked, process, number) is None
    assert await waiting_for(watching, "clear_agency") == [], "a draft decides nothing"
    again = await refused(WrongStage, decide.decide(second, agency, asked, process))
    assert again.code == "draft_waits"
    assert (await refused(Forbidden, confirm(first, number, process))).code == "drafted_yourself"
    await confirm(second, number, process)
    [found] = await waiting_for(watching, "clear_agency")
    assert first.name in found.decided_by
    assert second.name in found.decided_by


async def test_what_is_sent_back_never_takes_effect(watching: Watching) -> None:
    first, second = [holder.actor for holder in watching.officers()]
    process, number = watching.app.state.own_keys.process, new_id()
    asked = Decide(kind="suspend_agency", says="待核查")
    await decide.decide(first, thing("suspend_agency"), asked, process, number)
    await refuse(second, number, "证据不足")
    assert (await refused(WrongStage, confirm(second, number, process))).code == "draft_ended"
    assert await waiting_for(watching, "suspend_agency") == []


async def test_a_rating_carries_its_stars_and_needs_them(watching: Watching) -> None:
    actor, process = watching.officers()[0].actor, watching.app.state.own_keys.process
    result = thing("rate_result")
    lacking = await refused(BadInput, decide.decide(actor, result, Decide(kind="rate_result", says="好"), process))
    assert lacking.code == "stars_missing"
    await decide.decide(actor, result, Decide(kind="rate_result", says="数据详实", stars=5), process)
    [found] = await waiting_for(watching, "rate_result")
    assert (found.facts["stars"], found.facts["says"]) == (5, "数据详实")


async def test_another_decision_than_those_offered_is_refused_and_scope_is_kept(watching: Watching) -> None:
    actor, process = watching.officers()[0].actor, watching.app.state.own_keys.process
    asked = Decide(kind="clear_agency", says="x")
    assert (
        await refused(BadInput, decide.decide(actor, thing("admit_expert"), asked, process))
    ).code == "no_such_decision"
    inspector = await officer("inspector", "区监察委")
    admit = Decide(kind="admit_expert", says="x")
    assert (await refused(Forbidden, decide.decide(inspector, thing("admit_expert"), admit, process))).code == (
        "not_your_decision"
    )
    assert decide.fits(actor, thing("admit_expert", department=""))
    assert not decide.fits(actor, thing("admit_expert", department="water"))
    assert not decide.fits(await officer("regulator", "邻区", region="330105"), thing("admit_expert", department=""))


async def test_the_list_is_shown_and_looking_at_it_is_on_record(watching: Watching) -> None:
    client = await watching.client(watching.officers()[0].actor)
    assert "没有等待决定的事项" in (await client.get("/decisions?q=没有的词", headers=HTML)).text
    assert (await client.get(f"/decisions/people/{new_id()}", headers=HTML)).status_code == 404
    inspector = await watching.client(await officer("inspector", "区监察委"))
    assert "查看待审批事项" in (await inspector.get("/reads", headers=HTML)).text
    assert (await inspector.get(f"/decisions/people/{new_id()}", headers=HTML)).status_code == 403
