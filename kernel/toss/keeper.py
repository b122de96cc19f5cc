"""The regulator's process in draws: it rebuilds the list, makes the salts, holds the names, and walks a panel's order.

It takes nothing from the trading side on trust: every signature is checked against keys it knows by itself, the list
is found again from the trading side's own rows, and what has been drawn is never drawn again.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from kernel.clock import now
from kernel.db import HOME, TRADING, Engine, transaction
from kernel.proofs.draw_role import Party
from kernel.proofs.draw_salts import Opening, opened_leaves
from kernel.proofs.draw_state import Ceremony
from kernel.proofs.draw_walk import ACCEPT
from kernel.proofs.dsse import Signed
from kernel.toss import records
from kernel.toss.book import Book, Contact, Meanwhile, Rebuild, Recheck, Screen
from kernel.toss.leaves import ListRefused, checked_list, leaves_message
from kernel.toss.listing import digest_of, read_listing, terms_of
from kernel.toss.messages import Story, rows_of, tell_story
from kernel.toss.posts import post_message
from kernel.toss.schemas import TossView
from kernel.toss.walking import Walk, walk_on

_log = logging.getLogger("yangguang.toss")

_LIVE = """
select t.id, c.said + c.taken as said from toss.toss t, lateral (
    select count(*) as said, count(x.message) as taken,
        count(*) filter (where m.kind = 'open') + (t.kind = 'agency')::int as asked,
        count(*) filter (where m.kind in ('names', 'audit')) as opened,
        count(*) filter (where m.kind = 'outcome' and m.role = 'operator') as walked,
        count(*) filter (where m.kind = 'confirm') as confirmed
    from toss.message m left join toss.taken x on x.message = m.id where m.toss = t.id) c
where t.stage in ('begun', 'sealed', 'listed') or t.stage = 'ordered' and t.kind = 'panel'
    or t.stage in ('ordered', 'walked') and (c.asked > c.opened or c.walked > c.confirmed)
order by t.id limit 500
"""
_COSIGNED = """
select count(*) from unnest($1::bytea[]) as wanted(leaf) where exists (
    select from kernel.published_leaf l where l.leaf = wanted.leaf
        and l."index" < (select coalesce(max(size), 0) from kernel.log_cosignature))
"""
_TOGETHER = UUID("d3b0a6f2-58c1-4c53-9a57-6a0e1b1f7c44")
"""Stands for all walks at once among the book's locks."""
FIXED = ("commit", "seal", "ready", "list", "leaves")


@dataclass
class Keeper:
    """What the process works with. `operators` are the keys under which the trading site may begin a draw;
    `witness`: whether this log has one, so that nothing is opened before it has signed."""

    hand: Party
    operators: Callable[[], Awaitable[list[bytes]]]
    book: Book
    rebuild: Mapping[str, Rebuild]
    screen: Mapping[str, Screen] = field(default_factory=dict)
    contact: Mapping[str, Contact] = field(default_factory=dict)
    witness: Callable[[], Awaitable[bool]] | None = None
    db: Engine = TRADING
    recheck: Mapping[str, Recheck] = field(default_factory=dict)
    meanwhile: Mapping[str, Meanwhile] = field(default_factory=dict)
    _rechecked: set[UUID] = field(default_factory=set)
    _seen: dict[UUID, int] = field(default_factory=dict)
    _unlogged: set[UUID] = field(default_factory=set)
    _openings: dict[UUID, dict[str, list[Opening]]] = field(default_factory=dict)
    _seated: dict[UUID, tuple[int, frozenset[str]]] = field(default_factory=dict)

    async def round(self) -> int:
        """Look at every draw that may need this side; how many moved. One draw's trouble stops no other."""
        async with transaction(self.db) as connection:
            rows = await connection.fetch(_LIVE)
        moved, moment = 0, await now(HOME)
        for row in rows:
            toss = row["id"]
            stirring = any(c.reply or c.until <= moment for c in await self.book.calls(toss) if not c.envelope)
            if self._seen.get(toss) == row["said"] and not stirring:
                continue
            self._unlogged.discard(toss)
            try:
                if await self.look(toss):
                    moved += 1
                elif toss not in self._unlogged:
                    self._seen[toss] = row["said"]
            except Exception:
                _log.exception("draw %s could not be looked at and is tried again", toss)
        return moved + await self._recheck()

    async def _recheck(self) -> int:
        """Who sits is screened once more when his duty says that more is known; how many draws moved."""
        async with transaction(self.db) as connection:
            due = [toss for asks in self.recheck.values() for toss in await asks(connection)]
        moved = 0
        for toss in set(due) - self._rechecked:
            try:
                moved += await self.look(toss, again=True)
                self._rechecked.add(toss)
            except Exception:
                _log.exception("draw %s could not be screened once more and is tried again", toss)
        return moved

    async def look(self, toss: UUID, *, again: bool = False) -> bool:
        """Do what this side has to do in one draw now; whether it did anything. `again`: screen who sits once more."""
        async with self.book.locked(toss):
            async with transaction(self.db) as connection:
                view = await records.toss_of(connection, toss)
                told = tell_story(await rows_of(connection, toss))
            if view.stage == "void" or not await self._trusted(told.ceremony):
                return False
            if told.ceremony.drawn is None:
                return await self._prepare(view, told)
            return await self._after(view, told, again)

    async def say_beacon(self, toss: UUID, value: str) -> None:
        """This side's own reading of the public random value."""
        async with transaction(self.db) as connection:
            ceremony = tell_story(await rows_of(connection, toss)).ceremony
        await self._post(toss, self.hand.say(ceremony, "beacon", value=value))

    async def _trusted(self, ceremony: Ceremony) -> bool:
        keys = ceremony.keys
        good = keys["operator"] in await self.operators() and keys.get("regulator") == self.hand.signer.public
        if not good:
            _log.critical("draw %s was begun under keys that are not known here", ceremony.draw_id)
        return good

    async def _post(self, toss: UUID, signed: Signed) -> None:
        await post_message(toss, signed, self.db)

    # --- before the order

    async def _prepare(self, view: TossView, told: Story) -> bool:
        ceremony = told.ceremony
        due = ceremony.due(self.hand.role)
        if due == "leaves":
            return await self._fix(view, ceremony)
        if due in ("ready", "show") and not await self._on_log(told):
            self._unlogged.add(view.id)  # nobody says anything when the witness has signed: look again
            return False
        said = self.hand.next(ceremony) or await self._too_late(ceremony)
        if said is None:
            return False
        await self._post(view.id, said)
        return True

    async def _on_log(self, told: Story) -> bool:
        """Everything sealed is on the log (and cosigned) before this side opens or shows anything."""
        leaves = told.leaves_of(*FIXED)
        if None in leaves:
            return False
        if self.witness is None or not await self.witness():
            return True
        async with transaction(self.db) as connection:
            return bool(await connection.fetchval(_COSIGNED, leaves) == len(leaves))

    async def _too_late(self, ceremony: Ceremony) -> Signed | None:
        """A role that has not sealed in time voids the draw, whichever side notices first."""
        late = await now(HOME) >= datetime.fromisoformat(ceremony.begin.value["seal_by"])
        missing = ceremony.missing()
        if ceremony.sealed or not late or not missing or missing == self.hand.role or ceremony.void is not None:
            return None
        return self.hand.say(ceremony, "void", why="一方未在规定时间内完成应做的步骤", missing=missing)

    async def _fix(self, view: TossView, ceremony: Ceremony) -> bool:
        """D0: the list found again, salted and hidden; or refused, with what is wrong."""
        try:
            async with transaction(self.db) as connection:
                body = await checked_list(connection, self.hand, ceremony, view, self.rebuild[view.kind])
            await self._refuse_drawn(view, body)
        except ListRefused as wrong:
            await self._post(view.id, self.hand.say(ceremony, "refuse", code=wrong.code, says=wrong.says[:500]))
            return True
        salt_key = self.hand.salt_key(ceremony.draw_id)
        await self.book.keep(view.id, view.case, digest_of(read_listing(body)[1].candidates), body, salt_key)
        await self._post(view.id, leaves_message(self.hand, ceremony, body, salt_key))
        return True

    async def _refuse_drawn(self, view: TossView, body: bytes) -> None:
        for other in await self.book.same_lists(view.case, digest_of(read_listing(body)[1].candidates)):
            async with transaction(self.db) as connection:
                rows = await rows_of(connection, other) if other != view.id else []
            if rows and tell_story(rows).ceremony.drawn is not None:
                raise ListRefused("list_drawn_before", "同一名单已经抽取过，不得重复抽取")

    # --- after the order

    async def _after(self, view: TossView, told: Story, again: bool) -> bool:
        done = await self._answer_open(view, told)
        if view.kind == "panel":
            async with self._busy(view) as busy:
                return await walk_on(await self._walk(view, told.ceremony, again, busy)) or done
        return await self._confirm(view, told) or done

    @asynccontextmanager
    async def _busy(self, view: TossView) -> AsyncIterator[frozenset[str]]:
        """Who has accepted another sitting of the same time. Only this side knows of both panels: nobody else may
        learn a name before its moment. Held alone, so that nobody accepts in two at once."""
        others = []
        if view.kind in self.meanwhile:
            async with transaction(self.db) as connection:
                others = await self.meanwhile[view.kind](connection, view)
        if not others:
            yield frozenset()
            return
        async with self.book.locked(_TOGETHER):
            yield frozenset[str]().union(*[await self._sitting(toss) for toss in others])

    async def _sitting(self, toss: UUID) -> frozenset[str]:
        """The ids of those who hold a seat of a draw; found again only when an outcome came to it."""
        async with transaction(self.db) as connection:
            rows = await rows_of(connection, toss, "outcome")
            known = self._seated.get(toss, (-1, frozenset()))
            if known[0] == len(rows):
                return known[1]
            settled = tell_story(await rows_of(connection, toss)).ceremony.settled() if rows else {}
        ids: set[str] = set()
        kept = await self.book.kept(toss) if settled else None
        if kept is not None:
            people = {s: opened_leaves(kept[1], rows) for s, rows in read_listing(kept[0])[1].candidates.items()}
            seats = [(s, n) for s, row in settled.items() for n, one in row.items() if one.outcome == ACCEPT]
            ids = {str(people[s][n].record["id"]) for s, n in seats}
        self._seated[toss] = len(rows), frozenset(ids)
        return self._seated[toss][1]

    async def _walk(self, view: TossView, ceremony: Ceremony, again: bool, busy: frozenset[str]) -> Walk:
        kept = await self.book.kept(view.id)
        assert kept is not None, "leaves were made from a list that is kept"
        return Walk(
            hand=self.hand, book=self.book, screen=self.screen.get(view.kind), contact=self.contact[view.kind],
            view=view, ceremony=ceremony, openings=await self.openings(view.id), calls=await self.book.calls(view.id),
            terms=terms_of(kept[0]), at=await now(HOME), db=self.db,
            again=again, busy=busy,
        )  # fmt: skip

    async def openings(self, toss: UUID) -> dict[str, list[Opening]]:
        """Stratum → what opens each leaf, by leaf number; from this side's own book."""
        if toss not in self._openings:
            found = await self.book.kept(toss)
            assert found is not None, "leaves were made from a list that is kept"
            body, salt_key = found
            listing = read_listing(body)[1]
            self._openings = {toss: {s: opened_leaves(salt_key, rows) for s, rows in listing.candidates.items()}}
        return self._openings[toss]

    async def _answer_open(self, view: TossView, told: Story) -> bool:
        """D6: each request to open is answered once; an agency draw's names come with its order."""
        ceremony = told.ceremony
        asked = ceremony.of_kind("open")
        names, audits = ceremony.of_kind("names"), ceremony.of_kind("audit")
        if view.kind == "agency" and not names:
            everybody = [one for rows in (await self.openings(view.id)).values() for one in rows]
            await self._post(view.id, self._names(ceremony, everybody))
            return True
        wanted = sum(not m.value["everyone"] for m in asked) + (view.kind == "agency")
        if wanted > len(names):
            by_stratum = await self.openings(view.id)
            settled = ceremony.settled()
            seated = [by_stratum[s][n] for s, row in settled.items() for n, one in row.items() if one.outcome == ACCEPT]
            await self._post(view.id, self._names(ceremony, seated))
            return True
        if any(m.value["everyone"] for m in asked) and not audits:
            await self._post(view.id, await self._audit(view, ceremony))
            return True
        return False

    def _names(self, ceremony: Ceremony, found: list[Opening]) -> Signed:
        rows = [{"leaf": o.leaf.hex(), "salt": o.salt.hex(), "record": dict(o.record)} for o in found]
        return self.hand.say(ceremony, "names", openings=rows)

    async def _audit(self, view: TossView, ceremony: Ceremony) -> Signed:
        found = await self.book.kept(view.id)
        assert found is not None, "leaves were made from a list that is kept"
        body, salt_key = found
        by_stratum = await self.openings(view.id)
        strata = [{"id": s, "records": [dict(o.record) for o in by_stratum[s]]} for s, _ in read_listing(body)[0]]
        avoided = [{"record": dict(record), "code": code} for record, code in read_listing(body)[1].avoided]
        return self.hand.say(ceremony, "audit", salt_key=salt_key.hex(), strata=strata, avoided=avoided)

    async def _confirm(self, view: TossView, told: Story) -> bool:
        """Countersign what the trading site says of an agency, if it was its turn."""
        said = {m.value["outcome"] for m in told.ceremony.of_kind("confirm")}
        told.ceremony.walks()  # raises when somebody was passed over
        waiting = [m for m in told.ceremony.of_kind("outcome") if m.sha256 not in said and m.role == "operator"]
        for message in waiting:
            await self._post(view.id, self.hand.say(told.ceremony, "confirm", outcome=message.sha256))
        return bool(waiting)
