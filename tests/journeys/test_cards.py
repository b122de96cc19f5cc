"""The stories of cards: late is red on the day the law names (21); a red card is made once and never lost (53)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from award_road import awarded, contracted, reported, settled
from conftest import TestClock
from house_databases import Databases
from house_faces import Faces
from patrolling import employ, patrolled, telephone
from road import DEPARTMENT, County, actor, as_admin
from story import at, refused
from supervision_site import Watching, as_supervision_admin, officer, supervision_site

from kernel import letters
from kernel.clock import now
from kernel.errors import Forbidden, WrongStage
from kernel.identity import Actor
from kernel.letters import File
from kernel.workdays import midnight, next_workday
from supervision import card_records, hall, issue
from supervision.card_records import CardView
from supervision.confirm import confirm
from supervision.hall import Filters
from supervision.issue import IssueCard, Reason
from supervision.todos import todos

HTML = {"accept": "text/html"}


@pytest.fixture
async def watching(county: County, house: Databases, faces: Faces, tmp_path: Path) -> AsyncIterator[Watching]:
    async with supervision_site(county, house, faces, tmp_path / "supervision") as site:
        await site.there()
        await county.lived("officers employed", lambda: _employed(site))
        yield site


async def _employed(site: Watching) -> None:
    for holder in site.officers():
        await employ(holder.actor)


async def standing(watching: Watching, lot: UUID) -> dict[str, CardView]:
    """Point → its card in this lot; the engines stand at trading again."""
    await watching.here()
    found = {card.point: card for card in await card_records.cards_of(lot)}
    await watching.there()
    return found


async def waits_for(someone: Actor) -> list[str]:
    """Where what waits for this officer is done."""
    return [todo["href"] for todo in await todos(someone)]


async def levels(watching: Watching, lot: UUID) -> dict[str, str]:
    return {point: card.level for point, card in (await standing(watching, lot)).items()}


# 21 ------------------------------------------------------------------------------------------------------------


async def test_a_contract_unsigned_on_day_31_is_red_and_so_is_the_report_on_day_16(
    watching: Watching, clock: TestClock
) -> None:
    """Scenario 21."""
    lot = await reported(watching.county, clock)
    await awarded(watching.county, clock, lot)
    notified = await now()
    last = {"P505": notified + timedelta(days=15), "P501": notified + timedelta(days=30)}
    for point, unrolled in last.items():
        day = midnight(next_workday(unrolled.date()))
        await clock.freeze(day)
        await patrolled(watching)
        assert (await levels(watching, lot))[point] == "yellow", f"{point} on its last day"
        await clock.freeze(day + timedelta(days=1))
        await patrolled(watching)
        assert (await levels(watching, lot))[point] == "red", f"{point} on the day after"


async def test_a_refund_six_days_after_the_contract_is_red_and_is_settled_when_it_is_paid(
    watching: Watching, clock: TestClock
) -> None:
    """Scenario 21."""
    lot = await reported(watching.county, clock)
    await contracted(watching.county, clock, lot)
    signed = await now()
    await patrolled(watching)
    assert "P506" not in await levels(watching, lot)
    day = next_workday((signed + timedelta(days=5)).date())
    await clock.freeze(midnight(day + timedelta(days=1)))
    await patrolled(watching)
    card = (await standing(watching, lot))["P506"]
    assert (card.level, card.stands, card.article) == ("red", True, "招标投标法实施条例第五十七条")
    await settled(watching.county, lot)
    await patrolled(watching)
    paid = (await standing(watching, lot))["P506"]
    assert (paid.level, paid.settled, paid.stands) == ("red", True, True), (
        "a red card stands until somebody looks at it"
    )


# 53 ------------------------------------------------------------------------------------------------------------


@pytest.fixture
async def red(watching: Watching, clock: TestClock) -> CardView:
    """The county's purchaser is late with the contract; two of his people can be reached."""
    lot = await watching.county.lived("late with the contract", lambda: _late(watching.county, clock))
    await patrolled(watching, rounds=3)
    return (await standing(watching, lot))["P501"]


async def _late(county: County, clock: TestClock) -> UUID:
    lot = await reported(county, clock)
    approver = await actor("purchaser", county.purchaser.organisation_code, county.purchaser.organisation_name)
    await telephone(approver, "13911110002")
    await telephone(county.purchaser, "13911110001")
    await employ(approver)
    await employ(county.purchaser, granted_by=approver.person)
    await awarded(county, clock, lot)
    await clock.freeze(await now() + timedelta(days=40))
    return lot


async def test_a_red_card_is_made_once_and_handler_and_approver_are_told(watching: Watching, red: CardView) -> None:
    """Scenario 53."""

    async def count(sql: str, *values: object) -> object:
        return await as_supervision_admin(watching.house, sql, *values)

    assert await count("select count(*) from supervision.card where point = 'P501'") == 1
    assert await count("select count(*) from supervision.card_event where card = $1 and kind = 'red'", red.id) == 1
    sent = await as_admin(
        "select string_agg(o.address, ' ' order by o.address) from kernel.outbox o"
        " join kernel.message m on m.id = o.message"
        " where m.template = 'letter_notice' and m.subject = '督办提醒·督办通知：红牌：逾期未订立书面合同'"
    )
    assert sent == "13911110001 13911110002"
    told = (
        "select count(*) from kernel.message"
        " where template = 'card_raised' and subject like '监督预警·红牌：逾期未订立%'"
    )
    assert await count(told) == len(watching.officers())


async def test_a_card_can_be_neither_deleted_nor_changed_nor_dated_back(watching: Watching, red: CardView) -> None:
    """Scenario 53."""
    for login in (watching.house.supervision, watching.house.supervision_owner):
        connection = await asyncpg.connect(login)
        try:
            for sql in (
                "delete from supervision.card where id = $1",
                "delete from supervision.card_event where card = $1",
                "update supervision.card_event set at = at - interval '1 day' where card = $1",
                "update supervision.card set made_at = made_at - interval '1 day' where id = $1",
            ):
                with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.RestrictViolationError)):
                    await connection.execute(sql, red.id)
        finally:
            await connection.close()


async def test_lifting_needs_a_reason_and_a_second_person_and_the_inspector_sees_it(
    watching: Watching, red: CardView
) -> None:
    """Scenario 53."""
    first, second = [holder.actor for holder in watching.officers()]
    process = watching.app.state.own_keys.process
    await watching.here()
    draft = await issue.draft_lift(first, red.id, Reason(says="因台风停工，属不可抗力"))
    assert (await refused(Forbidden, confirm(first, draft, process))).code == "drafted_yourself"
    assert not (await card_records.card_of(first, red.id)).lifted, "half of it is nothing"
    await confirm(second, draft, process)
    lifted = await card_records.card_of(first, red.id)
    assert (lifted.lifted, lifted.stands, lifted.level) == (True, False, "red")
    assert [event.kind for event in await card_records.events_of(red.id)] == ["red", "lifted"]
    inspector = await watching.client(await officer("inspector", "区监察委"))
    seen = (await inspector.get("/reads", headers=HTML)).text
    assert "解除红黄牌：因台风停工，属不可抗力" in seen
    assert (await inspector.get(f"/cards/{red.id}", headers=HTML)).status_code == 200
    await watching.there()
    await patrolled(watching)
    assert (await standing(watching, red.case))["P501"].stands is False, "the clock does not raise it again"


async def test_the_party_answers_with_a_file_and_the_officer_reviews(watching: Watching, red: CardView) -> None:
    purchaser, regulator = watching.county.purchaser, watching.officers()[0].actor
    await watching.here()
    early = await refused(WrongStage, issue.review(regulator, red.id, Reason(says="看过")))
    assert early.code == "nothing_to_review"
    await watching.there()
    [letter] = [view for view in await letters.letters_to(purchaser) if view.paper.matter == red.id]
    answer = "合同文本正在法务审查，三日内签订"
    await letters.answer(purchaser, letter.paper.id, answer, File("说明.pdf", "application/pdf", b"%PDF-1.7"))
    await patrolled(watching, rounds=2)
    await watching.here()
    assert [event.says for event in await card_records.events_of(red.id) if event.kind == "replied"] == [answer]
    assert f"/cards/{red.id}" in await waits_for(regulator)
    await issue.rectified(regulator, red.id, Reason(says="合同已于今日签订"))
    await issue.review(regulator, red.id, Reason(says="已整改，予以办结"))
    closed = await card_records.card_of(regulator, red.id)
    assert (closed.stands, closed.reviewed, closed.level) == (False, True, "red")
    assert f"/cards/{red.id}" not in await waits_for(regulator)
    client = await watching.client(regulator)
    [reply] = await letters.replies([letter.paper.id])
    file = await client.get(f"/letters/{letter.paper.id}/answers/{reply.id}/file")
    assert file.content == b"%PDF-1.7"
    await watching.there()


async def test_who_issues_a_card_by_hand_never_lifts_it(watching: Watching, clock: TestClock) -> None:
    lot = await watching.county.announced()
    await patrolled(watching)
    first, second = [holder.actor for holder in watching.officers()]
    third = await officer("regulator", first.organisation_name, departments=(DEPARTMENT,))
    process = watching.app.state.own_keys.process
    await watching.here()
    asked = IssueCard(
        level="red", party="purchaser", title="拒不配合检查", says="两次拒绝提供资料", article="实施条例第六十二条"
    )
    draft = await issue.draft_card(first, lot, asked)
    assert await card_records.cards_of(lot) == []
    inspector = await officer("inspector", "区监察委")
    told = [f"/drafts/{draft}" in await waits_for(someone) for someone in (first, second, third, inspector)]
    assert told == [False, True, True, False], "whoever may confirm it, and nobody else"
    await confirm(second, draft, process)
    assert f"/drafts/{draft}" not in await waits_for(third)
    [card] = await card_records.cards_of(lot)
    assert (card.level, card.point, card.stands, card.issued_by) == ("red", "", True, first.person)
    asking = Reason(says="已补交资料")
    assert (await refused(Forbidden, issue.draft_lift(first, card.id, asking))).code == "toxic_16_same_case"
    lifting = await issue.draft_lift(second, card.id, asking)
    assert (await refused(Forbidden, confirm(first, lifting, process))).code == "toxic_16_same_case"
    await confirm(third, lifting, process)
    assert (await card_records.card_of(first, card.id)).lifted
    await watching.there()


# 55 ------------------------------------------------------------------------------------------------------------


async def test_the_hall_and_its_cards_stop_at_the_border_of_region_and_department(
    watching: Watching, red: CardView
) -> None:
    """Scenario 55."""
    own = watching.officers()[0].actor
    await watching.here()
    for someone, sees in (
        (own, True),
        (await officer("regulator", "浙江省住房和城乡建设厅", region="330000", departments=(DEPARTMENT,)), True),
        (await officer("inspector", "区监察委"), True),
        (await officer("regulator", "区水利局", departments=("water",)), False),
        (await officer("regulator", "拱墅区住建局", region="330105", departments=(DEPARTMENT,)), False),
        (await officer("regulator", "没有部门的人"), False),
    ):
        found = await hall.overview(someone, Filters())
        assert [row.case for row in found.rows] == ([red.case] if sees else []), someone.name
        assert found.cards["red"] >= 1 if sees else found.cards == {"remind": 0, "yellow": 0, "red": 0}
        assert (
            (await card_records.cards_in(someone))[1] >= 1 if sees else (await card_records.cards_in(someone))[1] == 0
        )
        client = await watching.client(someone)
        expected = 200 if sees else 403
        assert (await client.get(f"/cards/{red.id}", headers=HTML)).status_code == expected, someone.name
        assert (await client.get(f"/cases/{red.case}", headers=HTML)).status_code == expected, someone.name
    late = (await hall.overview(own, Filters(state="late"))).rows
    assert [(row.state, row.level) for row in late] == [("late", "red")]
    assert late[0].due_article
    await watching.there()
    assert at("2026-04-20 09:30") < await now()
