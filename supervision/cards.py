"""Cards (红黄牌): who is late is reminded, then carded yellow, then red; made by the clock or by two officers.

A card and what happened to it are rows that nobody can change or take away; each thing happens once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import asyncpg

from kernel import inbox, letters
from kernel.accounts import records as accounts
from kernel.clock import CHINA
from kernel.db import HOME, reading, transaction
from kernel.identity import Actor, clockwork
from kernel.ids import new_id
from kernel.letter import build_letter
from kernel.proofs import dsse
from kernel.watched import WatchedCase
from supervision.acts import record
from supervision.judging import Judged
from supervision.points import LEVEL_NAMES, LEVELS, Level
from supervision.scope import watches

ACTOR = clockwork("supervision")
AUTHORITY = "行政监督平台（自动监察）"
_NAMESPACE = UUID("6f4f5c0e-2c8b-5d3a-9d3e-7a1f0e4b9c21")
_MAKE = """
insert into supervision.card (id, "case", duty, code, case_title, region, department, point, occasion, title, article,
    party, organisation, due_at, issued_by, made_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) on conflict do nothing
"""
_EVENT = """
insert into supervision.card_event (id, card, kind, subject, person, name, says, at)
values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (card, kind, subject) do nothing returning id
"""
_OPEN = """
select id, "case", point, occasion from supervision.card_state where "case" = $1 and point <> '' and not settled
"""
_WAITING = "select id from supervision.card_state where stands and organisation is not null"
_ASK = {
    "remind": "请尽快办理",
    "yellow": "现发出黄牌警示，请立即办理并书面说明原因",
    "red": "现发出红牌，请立即改正，并书面说明原因和责任人",
}


async def with_open_matters(cases: Sequence[UUID]) -> set[UUID]:
    """Those of these cases that have a card whose matter is not settled."""
    async with reading(HOME) as connection:
        rows = await connection.fetch(_OPEN.replace("= $1", "= any($1)"), list(cases))
    return {row["case"] for row in rows}


async def raise_cards(case: WatchedCase, found: Sequence[Judged], process: dsse.Signer) -> None:
    """Put what the points say of a case on its cards: a level once reached, a matter once settled; nothing twice."""
    async with transaction(HOME) as connection:
        at = await law_now(connection)
        for judged in found:
            if judged.level is not None and not await _over(connection, case, judged):
                await _raise(connection, case, judged, process, at)
        now = {(each.point.id, each.occasion): each for each in found}
        for row in await connection.fetch(_OPEN, case.id):
            matter = now.get((row["point"], row["occasion"]))
            if matter is None or matter.done:
                await happen(connection, row["id"], "settled", ACTOR, "事项已办理", at)


async def make(connection: asyncpg.Connection, case: WatchedCase, values: Mapping[str, Any], at: datetime) -> UUID:
    """The card's row; the same matter again is the same card. `values`: point, occasion, title, article, party, due_at,
    issued_by."""
    card = card_id(case.id, values["point"], values["occasion"])
    organisation = case.parties.get(values["party"]) or case.parties.get("purchaser")
    to = None if values["party"] == "regulator" else organisation
    await connection.execute(
        _MAKE, card, case.id, case.duty, case.code, case.title[:420], case.region, case.department, values["point"],
        values["occasion"][:200], values["title"][:120], values["article"][:200], values["party"], to,
        values.get("due_at"), values.get("issued_by"), at,
    )  # fmt: skip
    return card


async def happen(
    connection: asyncpg.Connection, card: UUID, kind: str, actor: Actor, says: str, at: datetime, subject: str = ""
) -> bool:
    """Write that this happened to a card; False when it had happened before."""
    row = await connection.fetchval(_EVENT, new_id(), card, kind, subject, actor.person, _name(actor), says, at)
    return row is not None


def _name(actor: Actor) -> str:
    """The person's; the clock has none."""
    return "" if actor.role == "clockwork" else actor.name


async def tell(
    connection: asyncpg.Connection, case: WatchedCase, card: UUID, level: Level, told: Mapping[str, str],
    process: dsse.Signer,
) -> None:  # fmt: skip
    """Word to the late party by letter, and to the officers in scope by message. `told`: title, says, article, by."""
    organisation = await connection.fetchval("select organisation from supervision.card where id = $1", card)
    if organisation is not None:
        says = f"{case.title}（{case.code}）{told['says']}。{_ASK[level]}。".replace("\n", " ")
        body = build_letter(
            id=uuid5(card, level), case=case.id, matter=card, kind="card", to=organisation,
            title=f"{LEVEL_NAMES[level]}：{told['title']}", says=says[:2000], article=told["article"][:200],
            written_by=told.get("by") or AUTHORITY,
        )  # fmt: skip
        await letters.post(dsse.sign(body, process).to_bytes(), keys=[process.public])
    fields = {"level": LEVEL_NAMES[level], "title": told["title"], "case": case.title, "code": case.code}
    for officer in await _officers(case.region, case.department):
        link = f"/cards/{card}"
        await inbox.send(connection, "card_raised", fields={**fields, "says": told["says"]}, person=officer, link=link)


async def take_replies() -> int:
    """Put the answers to the letters about standing cards on those cards; how many were new."""
    async with transaction(HOME) as connection:
        waiting = [row["id"] for row in await connection.fetch(_WAITING)]
        written = {view.paper.id: view.paper.matter for view in await letters.of_matters(waiting)}
        new = 0
        for reply in await letters.replies(list(written)):
            actor = Actor(role="", name=reply.name)
            new += await happen(
                connection, written[reply.letter], "replied", actor, reply.text, reply.at, str(reply.id)
            )
    return new


async def law_now(connection: asyncpg.Connection) -> datetime:
    """The instant of supervision's own clock of the law."""
    at: datetime = await connection.fetchval("select kernel.law_now()")
    return at.astimezone(CHINA)


def card_id(case: UUID, point: str, occasion: str) -> UUID:
    """The number of the card of this matter: the same from every worker that finds it."""
    return uuid5(_NAMESPACE, f"{case}/{point}/{occasion}")


async def _raise(
    connection: asyncpg.Connection, case: WatchedCase, judged: Judged, process: dsse.Signer, at: datetime
) -> None:
    point, level = judged.point, judged.level
    assert level is not None
    values = {
        "point": point.id, "occasion": judged.occasion, "title": point.title, "article": judged.article,
        "party": point.party, "due_at": judged.due,
    }  # fmt: skip
    card = await make(connection, case, values, at)
    graver = LEVELS[LEVELS.index(level) + 1 :]
    if await _reached(connection, card, graver) or not await happen(connection, card, level, ACTOR, judged.says, at):
        return
    told = {"title": point.title, "says": judged.says, "article": judged.article}
    await tell(connection, case, card, level, told, process)
    facts = {"level": level, "point": point.id, "says": judged.says, "occasion": judged.occasion}
    await record("raise_card", ACTOR, case.id, str(card), facts=facts)


async def _reached(connection: asyncpg.Connection, card: UUID, levels: Sequence[Level]) -> bool:
    return bool(
        await connection.fetchval(
            "select exists (select from supervision.card_event where card = $1 and kind = any($2))", card, list(levels)
        )
    )


async def _over(connection: asyncpg.Connection, case: WatchedCase, judged: Judged) -> bool:
    """Whether this very matter was lifted or reviewed by people: the clock does not raise it again."""
    return bool(
        await connection.fetchval(
            "select exists (select from supervision.card_state where id = $1 and (lifted or reviewed))",
            card_id(case.id, judged.point.id, judged.occasion),
        )
    )


async def _officers(region: str, department: str) -> list[UUID]:
    """The regulators whose own region and department this is; those above see it in the hall."""
    held = await accounts.memberships_in("held", ["supervise"], region=region)
    return list({m.person for m in held if m.role == "regulator" and watches(m.departments, department)})
