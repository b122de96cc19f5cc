"""Stories of the judges: scenarios 28, 29, 31, 32 and 34, from the pool to the names; avoidance in between."""

import hashlib
import json
import math
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from conftest import TestClock
from expert_pool import BUILD, COST, DRAWING, EVALUATION, Court, Row, busy, put_in, seat_actor, unit
from house_databases import Databases
from judging_road import Hearing, opened
from purchase_road import decided, purchase
from road import DEADLINE, County
from small_keeper import SmallKeeper
from story import at, refused
from trading_site import Site
from walking import mandated_agent

from bidding import judging
from bidding import records as lots
from bidding.stages import Stage
from experts import clockwork, pool, records
from experts.schemas import AvoidedUnit, LeaveSeat, Quota
from experts.steps.leave import leave_seat
from kernel.acts import acting
from kernel.db import TRADING, reading
from kernel.errors import LawRefuses, WrongStage
from kernel.identity import Actor
from kernel.law import Law
from kernel.log import events_of
from kernel.proofs.draw import DrawList, Stratum, draw
from kernel.proofs.draw_verify import verify_draw
from kernel.toss import steps as toss
from kernel.toss.transcript import transcript

HTML = {"accept": "text/html"}
AFTERNOON = DEADLINE + timedelta(hours=4, minutes=30)
AVOIDED = [unit(n) for n in (901, 902, 903)]
BIG = [unit(n) for n in range(911, 925)]


async def pool_of_scenario_28(admin: str) -> dict[str, set[str]]:
    """Two hundred experts, sixty of them builders; who of those is left out, and why."""
    owned = [AVOIDED[n % 3] for n in range(7)]
    builders = [Row(employer=employer) for employer in owned]
    builders += [Row(stage="suspended") for _ in range(4)]
    builders += [Row() for _ in range(6)]
    builders += [Row(born=date(1956, 4, 21)), Row(born=date(1950, 1, 1))]
    builders += [Row(employer=BIG[n % 14]) for n in range(41)]
    ids = [str(one) for one in await put_in(admin, builders + [Row(professions=(COST,)) for _ in range(140)])]
    for one in ids[11:17]:
        await busy(UUID(one), EVALUATION + timedelta(hours=1), EVALUATION + timedelta(hours=3))
    return {
        "avoided": set(ids[:7]), "suspended": set(ids[7:11]), "busy": set(ids[11:17]), "over_age": set(ids[17:19]),
        "eligible": set(ids[19:60]),
    }  # fmt: skip


ASKED: dict[str, Any] = {
    "size": 5, "owners": 0, "professions": [Quota(profession=BUILD, quota=5, spares=2)],
    "avoided": [AvoidedUnit(name=f"回避单位{n}", code=code) for n, code in enumerate(AVOIDED)],
}  # fmt: skip


async def test_28_forty_one_of_sixty_may_be_drawn_and_none_of_the_nineteen_ever_is(
    house: Databases, clock: TestClock, tmp_path: Path
) -> None:
    """Scenario 28."""
    court = await Court.make(house, tmp_path)
    people = await pool_of_scenario_28(house.admin)
    async with court.keeper() as keeper:
        panel = await court.seated(keeper, clock, **ASKED)
        [row] = await records.panels_where(lot=court.facts.lot)
        openings = (await keeper.keeper.openings(row["toss"]))[BUILD]
        seated = [openings[call.n].record for call in keeper.book.asked.values() if call.slip]
    assert json.loads(row["counts"])[BUILD] == {
        "pool": 60, "suspended": 4, "expired": 0, "over_age": 2, "busy": 6, "eligible": 41,
    }  # fmt: skip
    assert {opening.record["id"] for opening in openings} == people["eligible"]
    excluded = people["avoided"] | people["suspended"] | people["busy"] | people["over_age"]
    assert len(excluded) == 19
    assert not {record["id"] for record in seated} & excluded
    assert [seat.spare for seat in panel.seats] == [False] * 5 + [True] * 2
    employers = Counter(record["employer"] for record in seated)
    assert max(employers.values()) == 1, "a third of five is one"
    async with reading(TRADING) as connection:
        found = await transcript(connection, row["toss"])
        terms = await pool.terms_of(connection, row["id"])
        again = await pool.listed(connection, terms, court.tools.grounds)
    assert found is not None
    assert verify_draw(found) == [], "anybody replays the draw and its walk"
    assert again.root == row["pool_root"], "the regulator finds the same list again"
    assert {record["id"] for record, _ in again.avoided} == people["avoided"]


def test_29_over_ten_thousand_draws_each_of_the_forty_one_is_as_likely_as_any_other() -> None:
    """Scenario 29."""
    draws, seats, people = 10_000, 7, 41
    leaves = tuple(sorted(hashlib.sha256(f"leaf {n}".encode()).digest() for n in range(people)))
    counts: Counter[int] = Counter()
    for trial in range(draws):
        listing = DrawList(f"panel/{trial}", ("operator", "regulator"), (Stratum(BUILD, seats, leaves),))
        pieces = {
            role: [hashlib.sha256(f"scenario 29: {role} {trial} {j}".encode()).digest() for j in (0, 1)]
            for role in listing.roles
        }
        counts.update(draw(listing, pieces).orders[BUILD][:seats])
    chance = seats / people
    deviation = math.sqrt(draws * chance * (1 - chance))
    assert len(counts) == people
    # The randomness is fixed, so this never flickers.
    assert all(abs(count - draws * chance) < 3 * deviation for count in counts.values()), counts


def random_bytes(purpose: str) -> bytes:
    return hashlib.sha256(f"scenario 29: {purpose}".encode()).digest()


async def test_29_the_operator_can_change_nothing_once_the_pieces_are_sealed(
    house: Databases, clock: TestClock, tmp_path: Path
) -> None:
    """Scenario 29."""
    court = await Court.make(house, tmp_path)
    await pool_of_scenario_28(house.admin)
    await clock.freeze(DRAWING)
    async with court.keeper() as keeper:
        await court.request(**ASKED)
        [row] = await records.panels_where(lot=court.facts.lot)
        assert row["fixed_at"] is None, "pieces are exchanged before there is a list"
        await court.go_round(keeper)
        [row] = await records.panels_where(lot=court.facts.lot)
        async with reading(TRADING) as connection:
            terms = await pool.terms_of(connection, row["id"])
            listed = await pool.listed(connection, terms, court.tools.grounds)
        fewer = {BUILD: list(listed.candidates[BUILD])[:9]}

        async def change() -> None:
            async with acting("request_panel", court.purchaser, court.facts.lot) as beat:
                await toss.fix_list(beat, court.tools.hand, row["toss"], strata=[(BUILD, 7)], candidates=fewer)

        assert (await refused(WrongStage, change())).code == "list_fixed_already"


async def test_31_a_procurement_panel_is_drawn_two_working_days_before_and_not_three(
    house: Databases, clock: TestClock, tmp_path: Path
) -> None:
    """Scenario 31."""
    court = await Court.make(house, tmp_path, procedure="procurement_open_tender", category="D03")
    await put_in(house.admin, [Row() for _ in range(8)])
    review = at("2026-05-08 09:00")  # 5/1 to 5/5 are holidays: 4/30, 5/6 and 5/7 are the working days before
    asked = {"evaluation_at": review, "owners": 0, "professions": [Quota(profession=BUILD, quota=5)]}
    await clock.freeze(at("2026-04-30 16:00"))
    early = await refused(LawRefuses, court.request(**asked))
    assert [problem.article for problem in early.problems] == ["政府采购评审专家管理办法第十四条"]
    assert "2个工作日" in early.problems[0].says
    await clock.freeze(at("2026-05-06 09:00"))
    assert await court.request(**asked)


async def test_31_another_regions_window_is_a_row_of_the_law_and_nothing_else(
    house: Databases, clock: TestClock, tmp_path: Path
) -> None:
    court = await Court.make(house, tmp_path)
    text = """
[measures]
panel_drawn = "抽取评审专家"
evaluation_planned = "评审活动开始"
[[limit]]
id = "E90"
title = "某市抽取窗口"
law = "某市评标专家管理细则"
article = "第三条"
says = "评标专家在评标开始前十二小时内抽取。"
measures = ["panel_drawn", "evaluation_planned"]
at_most = 12
unit = "hour"
region = "330100"
in_force = { since = 2026-01-01 }
procedures = ["construction_open_tender"]
"""
    (tmp_path / "law.toml").write_text(text, "utf-8")
    added = Law.load([tmp_path / "law.toml"]).limits
    court.tools = replace(court.tools, law=Law((*court.tools.law.limits, *added)))
    await put_in(house.admin, [Row() for _ in range(8)])
    await clock.freeze(EVALUATION - timedelta(hours=13))
    assert (await refused(LawRefuses, court.request())).problems[0].article == "某市评标专家管理细则第三条"
    await clock.freeze(EVALUATION - timedelta(hours=12))
    assert await court.request()


async def drawn(court: Court, clock: TestClock, keeper: SmallKeeper) -> list[dict[str, Any]]:
    """A panel of five on a lot of the road, every expert's accepted; what the opened leaves would say."""
    await put_in(court.house.admin, [Row() for _ in range(15)])
    await clock.freeze(DEADLINE - timedelta(hours=20))
    await court.request(
        owners=0,
        professions=[Quota(profession=BUILD, quota=5)],
        evaluation_at=DEADLINE + timedelta(hours=4, minutes=30),
    )
    await court.answer_all(keeper)
    [row] = await records.panels_where(lot=court.facts.lot)
    openings = (await keeper.keeper.openings(row["toss"]))[BUILD]
    return [dict(openings[call.n].record) for call in keeper.book.asked.values() if call.slip]


async def test_32_nobody_sees_a_name_before_the_result_and_everybody_with_its_announcement(
    county: County, house: Databases, clock: TestClock, site: Site
) -> None:
    """Scenario 32: operator, tenderer and agency look at the draw of a purchase; then its result is announced."""
    lot = await purchase(county)
    agent = await mandated_agent(county.purchaser, (await lots.lot(lot)).project, "request_panel", "read_panel")
    court = await Court.of_county(county, house, lot)
    async with court.keeper() as keeper:
        seated = await drawn(court, clock, keeper)
        hidden = {word for record in seated for word in (record["name"] + '"', record["employer"], record["id"])}
        viewers = [await site.of(viewer) for viewer in (county.purchaser, agent, county.operator)]

        async def seen() -> list[str]:
            answers = [await client.get(f"/lots/{lot}/panel") for client in viewers]
            assert [answer.status_code for answer in answers] == [200] * 3, [answer.text for answer in answers]
            assert (await site.public().get(f"/lots/{lot}/judges")).json() == {"items": []}
            texts = [await log_of(lot), *(answer.text for answer in answers)]
            assert [word for word in hidden for text in texts if word in text] == []
            return [seat["state"] for answer in answers for seat in answer.json()["seats"]]

        assert await seen() == ["待签到"] * 15
        panel = await sitting(county, court, clock, keeper, ["950000.00", "1000000.00", "1100000.00"])
        await panel.review(county.purchaser)
        await panel.review_all()
        await panel.score_all(await panel.marks(await panel.bidders()))
        await panel.sign_all()
        await court.go_round(keeper)
        assert len(await seen()) == 15, "a report is no result yet"
        await decided(county, lot)
        await court.go_round(keeper)
        judges = (await site.public().get(f"/lots/{lot}/judges")).json()["items"]
    assert {judge["name"] for judge in judges} == {record["name"] for record in seated}
    announced = (await site.public().get(f"http://127.0.0.1:8000/lots/{lot}/award", headers=HTML)).text
    assert [judge["name"] for judge in judges if judge["name"] not in announced] == []


async def sitting(county: County, court: Court, clock: TestClock, keeper: SmallKeeper, prices: list[str]) -> Hearing:
    """The lot's bids are opened, and its drawn panel has signed in at the desk."""
    lot = await opened(county, clock, court.facts.lot, prices)
    await clockwork.sweep(court.tools)
    await clock.freeze(AFTERNOON)
    panel = Hearing(county, lot, [seat_actor(seat) for seat in await court.sign_in(keeper)])
    await panel.turn()
    return panel


async def log_of(lot: UUID) -> str:
    """Both halves of the lot's events, as the trading site keeps them."""
    async with reading(TRADING) as connection:
        rows = await connection.fetch("select body, private from kernel.log_event where case_key = $1", str(lot))
    return "\n".join(f"{bytes(row['body'])!r} {bytes(row['private'] or b'')!r}" for row in rows)


async def test_34_four_of_five_do_not_go_on_and_the_next_of_the_same_draw_makes_them_five(
    county: County, house: Databases, clock: TestClock
) -> None:
    """Scenario 34, with a drawn panel."""
    lot = await county.announced()
    court = await Court.of_county(county, house, lot)
    async with court.keeper() as keeper:
        await drawn(court, clock, keeper)
        panel = await sitting(county, court, clock, keeper, ["38000000.00", "37500000.00", "39000000.00"])
        await panel.review_all()
        marks = await panel.marks(await panel.bidders())
        for judge in panel.judges[:3]:
            await panel.score(judge, marks)
        gone = panel.judges[2]
        await leave_seat(court.tools, gone, lot, LeaveSeat(reason="突发疾病"))
        locked = await refused(WrongStage, panel.score(panel.judges[3], marks))
        assert [problem.code for problem in locked.problems][:2] == ["panel_incomplete", "panel_even"]
        await panel.turn()
        await court.answer_all(keeper)
        panel.judges[2] = await newest(court, keeper)
        await panel.review(panel.judges[2])
        for judge in panel.judges[2:]:
            await panel.score(judge, marks)
        await panel.sign_all()
    async with reading(TRADING) as connection:
        acts = Counter(event.act for event in await events_of(connection, str(lot)))
    assert (acts["leave_seat"], acts["void_scores"], acts["close_report"]) == (1, 1, 1)
    assert [void["number"] for void in await judging.voids(lot)] == [3]
    assert (await lots.lot(lot)).stage == Stage.EVALUATED


async def newest(court: Court, keeper: SmallKeeper) -> Actor:
    """Who was called instead, at his seat."""
    seats = await court.sign_in(keeper)
    return seat_actor(max((seat for seat in seats if seat.left_at is None), key=lambda seat: seat.number))
