"""A bidder complains: in time, to two officers who held no key, with days that do not count, decided on paper."""

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from conftest import TestClock
from house_databases import Databases
from house_faces import Faces
from road import DEPARTMENT, County
from story import at
from supervision_site import ORIGIN, Watching, officer, supervision_site

from bidding import records as bidding
from experts.records import grounds
from kernel.clock import CHINA
from kernel.db import HOME, transaction
from kernel.errors import Forbidden, NotFound, Refusal, WrongStage
from kernel.identity import Actor
from kernel.introduction import LIVES, introduce, read_introduction
from kernel.proofs.anchors import build_anchors
from supervision import card_records
from supervision.complaints import clockwork, desk, filing, records, steps
from supervision.complaints.schemas import Decide, Exclude, FileAtCounter, FileComplaint, Say, Serve, Undertake
from supervision.complaints.stages import Stage
from supervision.complaints.tracks import tracks
from supervision.patrol import Patrol
from supervision.todos import todos

CLEAR = Undertake(avoids="none")

HTML = {"accept": "text/html"}
RECEIVED = datetime(2026, 4, 30, 10, 0, tzinfo=CHINA)
FILING: dict[str, Any] = {
    "topic": "result",
    "respondent": "浙江第2建设有限公司",
    "claims": "请求认定其投标无效",
    "grounds": "其投标文件中的项目经理业绩与公示不符，附住建部门平台截图。",
    "cause_known": "2026-04-24",
    "objected": "2026-04-25",
    "replied": "2026-04-28",
    "phone": "13800000000",
}


@pytest.fixture
async def watching(house: Databases, clock: TestClock, faces: Faces, tmp_path: Path) -> AsyncIterator[Watching]:
    county = await County.make(tmp_path, house)
    async with supervision_site(county, house, faces, tmp_path / "supervision") as site:
        receipts = county.tools.receipts
        anchors = build_anchors(issuer="测试", issued=RECEIVED, officers=[], receipts=[receipts.public])
        site.settings.anchors.parent.mkdir(parents=True, exist_ok=True)
        site.settings.anchors.write_bytes(anchors)
        yield site


async def case(watching: Watching, clock: TestClock) -> UUID:
    """A published lot, and the clock at the moment at which the complaint comes in."""
    await watching.there()
    lot = await watching.county.announced()
    await clock.freeze(RECEIVED)
    await watching.here()
    return lot


async def filed(watching: Watching, lot: UUID, **other: Any) -> filing.Filed:
    await watching.there()
    bidder = await watching.county.bidder(1)
    letter = introduce(bidder.actor, lot, RECEIVED, watching.county.tools.receipts)
    await watching.here()
    read = read_introduction(letter, [watching.county.tools.receipts.public], RECEIVED)
    return await filing.file_introduced(read, FileComplaint.model_validate(FILING | other), [])


async def two(watching: Watching) -> tuple[Actor, ...]:
    return tuple([await officer("regulator", "某区住建局", departments=(DEPARTMENT,)) for _ in range(2)])


def evening(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), CHINA) + timedelta(hours=18)


async def test_whether_to_admit_is_due_after_three_working_days_past_the_holiday(
    watching: Watching, clock: TestClock
) -> None:
    """Scenario 17: received Thursday 2026-04-30, due 2026-05-08, red from then on: 1 to 5 May are days off."""
    lot = await case(watching, clock)
    view = await records.complaint((await filed(watching, lot)).id)
    assert (await desk.clocks(view)).accept_by == date(2026, 5, 8)
    assert await desk.due(view) == datetime(2026, 5, 9, tzinfo=CHINA)
    assert (await records.facts([lot]))[view.id] == {"complaint_received": RECEIVED}
    patrol = Patrol(watching.app.state.own_keys.process)
    levels = {}
    for moment in ("2026-05-07 23:59", "2026-05-08 00:00", "2026-05-08 23:59:59", "2026-05-09 00:00"):
        await clock.freeze(at(moment))
        await patrol.walk()
        levels[moment] = {card.point: card.level for card in await card_records.cards_of(view.id)}.get("P701")
    assert list(levels.values()) == ["remind", "yellow", "yellow", "red"]
    (card,) = await card_records.cards_of(view.id)
    assert (card.party, card.article, card.stands) == ("regulator", "招标投标法实施条例第六十一条", True)
    waits = [todo["href"] for todo in await todos(await officer("inspector", "区监察委"))]
    assert waits == [f"/cards/{card.id}"], "whoever watches the regulators is shown that one is late"


async def test_nobody_decided_and_only_where_the_track_says_so_it_counts_as_admitted(
    watching: Watching, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scenario 17: the product's habit, off by default; the system acts at 2026-05-09 00:00."""
    lot = await case(watching, clock)
    complaint = (await filed(watching, lot)).id
    await clock.freeze(datetime(2026, 5, 9, tzinfo=CHINA))
    await clockwork.admit_lapsed()
    assert (await records.complaint(complaint)).stage == Stage.FILED
    clockwork.admits_by_lapse.cache_clear()
    monkeypatch.setattr(clockwork, "admits_by_lapse", lambda: ("tender",))
    await clock.freeze(datetime(2026, 5, 8, 23, 59, 59, tzinfo=CHINA))
    assert await clockwork.admit_lapsed() == 0
    await clock.freeze(datetime(2026, 5, 9, tzinfo=CHINA))
    assert await clockwork.admit_lapsed() == 1
    view = await records.complaint(complaint)
    assert (view.stage, view.first) == (Stage.ADMITTED, None)
    assert (await records.entries(complaint))[-1].person is None


async def test_twelve_days_in_the_laboratory_move_the_decision_by_twelve_working_days(
    watching: Watching, clock: TestClock
) -> None:
    """Scenario 18."""
    lot = await case(watching, clock)
    one, other = await two(watching)
    complaint = (await filed(watching, lot)).id
    await clock.freeze(datetime(2026, 5, 8, 9, 0, tzinfo=CHINA))
    await steps.admit(one, complaint, CLEAR)
    await steps.join(other, complaint, CLEAR)
    before = (await desk.clocks(await records.complaint(complaint))).decide_by
    assert before == date(2026, 6, 18)
    first, last = date(2026, 5, 18), date(2026, 6, 2)
    await steps.exclude(one, complaint, Exclude(first=first, last=last, says="送检测机构检测混凝土试块"))
    assert await records.excluded_days(complaint) == 12
    after = (await desk.clocks(await records.complaint(complaint))).decide_by
    assert after == date(2026, 7, 7)


async def test_nothing_is_closed_without_a_paper_and_two_officers(watching: Watching, clock: TestClock) -> None:
    """Scenario 18: a decision is drafted by one, confirmed by the other, made on paper, and served with proof."""
    lot = await case(watching, clock)
    one, other = await two(watching)
    complaint = (await filed(watching, lot)).id
    decide = Decide(outcome="upheld", says="经查，业绩材料不实。", article="招标投标法第五十四条")
    served = Serve(to="浙江第1建设有限公司", way="direct", proof="送达回证一份")
    await steps.admit(one, complaint, CLEAR)
    with pytest.raises(WrongStage) as alone:
        await steps.draft(one, complaint, decide)
    assert alone.value.code == "two_needed"
    await steps.join(other, complaint, CLEAR)
    with pytest.raises(WrongStage):
        await steps.serve(one, complaint, served)
    await steps.draft(one, complaint, decide)
    with pytest.raises(Forbidden) as own:
        await steps.confirm(one, complaint)
    assert own.value.code == "own_draft"
    assert await records.papers(complaint) == []
    await steps.confirm(other, complaint)
    (paper,) = await records.papers(complaint)
    _, body = await records.paper(complaint, paper.id)
    assert paper.kind == "decision"
    assert body.startswith(b"%PDF")
    await steps.serve(other, complaint, served)
    assert (await records.complaint(complaint)).stage == Stage.SERVED
    assert [e.act for e in await records.entries(complaint)] == ["file", "admit", "join", "draft", "confirm", "serve"]


async def test_who_held_a_key_of_the_case_or_sits_elsewhere_handles_nothing(
    watching: Watching, clock: TestClock
) -> None:
    lot = await case(watching, clock)
    complaint = (await filed(watching, lot)).id
    for holder in watching.officers():
        with pytest.raises(Forbidden) as refused:
            await steps.admit(holder.actor, complaint, CLEAR)
        assert refused.value.code == "must_avoid"
    strangers = (
        await officer("regulator", "另一县住建局", region="330109", departments=(DEPARTMENT,)),
        await officer("regulator", "某区水利局", departments=("水利",)),
    )
    for stranger in strangers:
        with pytest.raises(Forbidden) as refused:
            await steps.admit(stranger, complaint, CLEAR)
        assert refused.value.code == "out_of_region"


async def test_who_declares_a_ground_of_the_table_keeps_his_hands_off_and_the_book_keeps_what_the_others_declare(
    watching: Watching, clock: TestClock
) -> None:
    lot = await case(watching, clock)
    one, other = await two(watching)
    complaint = (await filed(watching, lot)).id
    for ground in grounds("handler"):
        with pytest.raises(Forbidden) as refused:
            await steps.admit(one, complaint, Undertake(avoids=ground.code))
        assert [(p.code, p.article) for p in refused.value.problems] == [("must_avoid", ground.article)]
    await steps.admit(one, complaint, CLEAR)
    with pytest.raises(Forbidden) as unknown:
        await steps.join(other, complaint, Undertake(avoids="O11_99"))
    assert unknown.value.code == "avoidance_unknown"
    told = (await records.entries(complaint))[-1].facts["no_ground_of"]
    assert told == "、".join(ground.code for ground in grounds("handler"))


async def test_what_speaks_against_it_is_said_at_once_and_decided_by_the_officer(
    watching: Watching, clock: TestClock
) -> None:
    lot = await case(watching, clock)
    made = await filed(watching, lot, cause_known="2026-04-01", objected=None, replied=None)
    view = await records.complaint(made.id)
    assert {d["code"] for d in view.doubts} == {"complaint_late", "objection_first"}
    one, _ = await two(watching)
    await steps.refuse(one, made.id, Say(says="未先提出异议，且已超过期限"))
    assert (await records.papers(made.id))[0].kind == "refusal"


async def test_the_days_an_objection_waited_for_its_answer_do_not_count(watching: Watching, clock: TestClock) -> None:
    lot = await case(watching, clock)
    waited = await filed(watching, lot, cause_known="2026-04-18", objected="2026-04-19", replied="2026-04-22")
    assert (await records.complaint(waited.id)).doubts == []
    late = await filed(watching, lot, cause_known="2026-04-16", objected="2026-04-17", replied="2026-04-20")
    assert [d["code"] for d in (await records.complaint(late.id)).doubts] == ["complaint_late"]


async def test_an_officer_at_the_counter_enters_it_for_who_comes_in_person(
    watching: Watching, clock: TestClock
) -> None:
    lot = await case(watching, clock)
    one, _ = await two(watching)
    code = await code_of(watching, lot)
    made = await filing.file_at_counter(
        one, FileAtCounter.model_validate(FILING | {"case_code": code, "name": "王某"}), []
    )
    view = await records.complaint(made.id)
    assert (view.door, view.entered_by, view.complainant) == ("counter", one.person, "王某")


async def code_of(watching: Watching, lot: UUID) -> str:
    return (await bidding.lot(lot)).code


async def test_who_knows_number_and_code_sees_how_it_stands_and_nobody_else(
    watching: Watching, clock: TestClock
) -> None:
    lot = await case(watching, clock)
    made = await filed(watching, lot)
    assert (await records.of_number(made.number, made.code.lower())).id == made.id
    for number, code in ((made.number, "AAAAAAAAAA"), ("TS20260430-0002", made.code)):
        with pytest.raises(NotFound):
            await records.of_number(number, code)


async def test_a_letter_lives_two_hours_and_is_the_trading_sites_own(watching: Watching, clock: TestClock) -> None:
    lot = await case(watching, clock)
    await watching.there()
    bidder = (await watching.county.bidder(1)).actor
    signer = watching.county.tools.receipts
    letter = introduce(bidder, lot, RECEIVED, signer)
    await watching.here()
    keys = [signer.public]
    assert read_introduction(letter, keys, RECEIVED + LIVES - timedelta(milliseconds=1)).person == bidder.person
    for read in (
        lambda: read_introduction(letter, keys, RECEIVED + LIVES),
        lambda: read_introduction(letter, [b"\1" * 32], RECEIVED),
        lambda: read_introduction(letter[:-8] + "AAAAAAAA", keys, RECEIVED),
        lambda: read_introduction("", keys, RECEIVED),
        lambda: read_introduction("A" * 9000, keys, RECEIVED),
    ):
        with pytest.raises(Refusal):
            read()


async def test_what_was_filed_is_never_changed_and_nothing_is_deleted(watching: Watching, clock: TestClock) -> None:
    lot = await case(watching, clock)
    await filed(watching, lot)
    for statement in (
        "update complaints.complaint set grounds = '改过'",
        "update complaints.complaint set filed_at = filed_at - interval '1 day'",
        "delete from complaints.entry",
        "update complaints.entry set says = '改过'",
        "delete from complaints.complaint",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with transaction(HOME) as connection:
                await connection.execute(statement)


async def test_the_whole_of_it_by_pages(watching: Watching, clock: TestClock) -> None:
    """Letter → form → receipt → list → admitted → asked after by number and code; on the supervision site alone."""
    lot = await case(watching, clock)
    await watching.there()
    bidder = await watching.county.bidder(1)
    letter = introduce(bidder.actor, lot, RECEIVED, watching.county.tools.receipts)
    await watching.here()
    public = await watching.client()
    guide = await public.get("/complaints/new", headers=HTML)
    assert "介绍信" in guide.text
    form = await public.get(f"/complaints/new?letter={letter}", headers=HTML)
    assert "浙江第1建设有限公司" in form.text
    sent = FILING | {"letter": letter, "_csrf_token": token(form.text)}
    bad = await public.post("/complaints", data=sent | {"phone": "1", "grounds": ""}, headers=HTML | {"origin": ORIGIN})
    assert bad.status_code == 422
    assert "联系电话" in bad.text
    done = await public.post("/complaints", data=sent, headers=HTML | {"origin": ORIGIN})
    assert done.status_code == 201
    number = done.text.split("编号 ")[1].split("　")[0]
    code = done.text.split("查询码 ")[1][:10]
    one, _ = await two(watching)
    client = await watching.client(one)
    listed = await client.get("/complaints", headers=HTML)
    assert number in listed.text
    view = await records.of_number(number, code)
    shown = await client.get(f"/complaints/{view.id}", headers=HTML)
    assert "予以受理" in shown.text
    inspector = await watching.client(await officer("inspector", "某区监察"))
    assert "予以受理" not in (await inspector.get(f"/complaints/{view.id}", headers=HTML)).text
    asking = await public.get("/complaints/ask", headers=HTML)
    asked = {"number": number, "code": code, "_csrf_token": token(asking.text)}
    answer = await public.post("/complaints/ask", data=asked, headers=HTML | {"origin": ORIGIN})
    assert "待受理" in answer.text


def token(html: str) -> str:
    return html.split('name="_csrf_token" value="')[1].split('"', maxsplit=1)[0]


def test_a_track_is_data() -> None:
    assert {track.first for track in tracks().values()} == {"异议", "质疑"}
