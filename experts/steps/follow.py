"""通知与入席: what the draw tells becomes the panel's seats; nobody's name is among it before the names are opened."""

from typing import Any
from uuid import UUID

from experts import pool, records, writing
from experts.case import PanelCase, Tools, Unmoved, panel_act
from experts.seating import promote, seated, vacancies
from experts.stages import Stage
from experts.tables import Seat
from kernel import inbox
from kernel.clock import when
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.toss import records as draws
from kernel.toss.news import take_news
from kernel.toss.schemas import News, TossView

_OVER = (Stage.VOID, Stage.DISSOLVED)


async def follow(tools: Tools, actor: Actor, news: News) -> None:
    """Deal with one piece of a draw's news, once; `Unmoved` when somebody else has."""
    async with panel_act("follow_draw", actor, news.case, obeys=False) as case:
        if not await take_news(case.beat.connection, news.id):
            raise Unmoved
        if case.row["toss"] == news.toss:
            await _hear(tools, case, news)
        await case.record("follow_draw", news=news.what, **_shown(news))


async def _hear(tools: Tools, case: PanelCase, news: News) -> None:
    stage = Stage(case.panel.stage)
    if news.what in ("refused", "void"):
        if stage not in _OVER:
            await case.move(Stage.VOID, why=str(news.facts.get("says") or news.facts.get("why") or "抽取作废")[:400])
        await _tell(case, "panel_lacking", reason=case.row["why"])
    elif news.what == "ordered" and stage == Stage.LISTED:
        await case.move(Stage.CALLING)
    elif news.what == "seat":
        await _take_seat(case, news.facts)
    elif news.what == "withdrawn":
        await _withdrawn(case, news.facts)
    elif news.what == "exhausted" and stage == Stage.CALLING:
        await case.move(Stage.LACKING, why="抽取名单已经用尽")
        await _tell(case, "panel_lacking", reason="抽取名单已经用尽，人数不足")
    elif news.what == "opened":
        await _open(tools, case)


async def _take_seat(case: PanelCase, facts: Any) -> None:
    """A drawn expert has accepted: his seat, a spare one when his profession is complete."""
    known = {seat.toss_seat for seat in case.panel.seats}
    if facts["seat"] in known:
        return
    profession = str(facts["stratum"])
    vacant = vacancies(case.panel, profession)
    row = Seat(
        id=new_id(), panel=case.panel.id, number=max((seat.number for seat in case.panel.seats), default=0) + 1,
        kind="expert", profession=profession, toss_seat=facts["seat"], slip_sha256=facts["slip_sha256"],
        spare=not vacant, taken_at=case.beat.at,
    )  # fmt: skip
    await Seat.insert(row)
    case.panel = await records.panel(case.beat.connection, case.panel.id)
    gone = next((seat for seat in case.panel.seats if vacant and seat.left_at and seat.profession == profession
                 and seat.replaced_by is None and not seat.spare), None)  # fmt: skip
    if gone is not None:
        await case.change_seat(gone.id, replaced_by=UUID(str(row.id)))
    await _full(case)


async def _full(case: PanelCase) -> None:
    if seated(case.panel) and case.panel.stage in (Stage.CALLING, Stage.LACKING):
        await case.move(Stage.SEATED, why="")
        await _tell(case, "panel_seated", at=when(case.row["evaluation_at"]))


async def _withdrawn(case: PanelCase, facts: Any) -> None:
    """The regulator's process has taken a seat back: a ground came to light once the bidders were known."""
    seat = next((seat for seat in case.panel.seats if seat.toss_seat == facts["seat"] and seat.left_at is None), None)
    if seat is not None:
        await promote(case, seat, str(facts.get("code") or "回避"))


async def _open(tools: Tools, case: PanelCase) -> None:
    """The names are here: kept with the seats, their time counted as load, avoidance looked at for the last time."""
    view = await draws.toss_of(case.beat.connection, case.toss)
    found = _opened(view)
    terms = await pool.terms_of(case.beat.connection, case.panel.id, case.beat.at)
    avoiding, employers = 0, []
    for seat in case.panel.seats:
        record = found.get(seat.toss_seat or 0)
        if record is None:
            continue
        await case.change_seat(seat.id, name=record["name"], record=dict(record))
        if seat.left_at is None and not seat.spare:
            code = await pool.screened(case.beat.connection, terms, UUID(record["id"]), tools.grounds)
            avoiding += code not in ("", "suspended", "expired")
            employers.append(record["employer"])
            await writing.take_time(UUID(record["id"]), case.beat.at, terms.since, terms.until, "panel")
    most = max((employers.count(one) for one in set(employers)), default=0)
    over = max(0, most - case.row["employer_cap"])
    await case.change(names_at=case.beat.at, same_employer=over, not_avoided=avoiding)


def _opened(view: TossView) -> dict[int, Any]:
    return {seat.number: view.opened[seat.leaf] for seat in view.seats if seat.leaf in view.opened}


def _shown(news: News) -> dict[str, Any]:
    """Of a piece of news what the log shows: no slip's hash."""
    return {key: value for key, value in news.facts.items() if key != "slip_sha256"}


async def _tell(case: PanelCase, template: str, **fields: str) -> None:
    known = {"project": case.row["title"], "code": case.row["code"], **fields}
    link = f"/lots/{case.panel.lot}/panel"
    await inbox.send(case.beat.connection, template, fields=known, organisation=case.row["purchaser"], link=link)
