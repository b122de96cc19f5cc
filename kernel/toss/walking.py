"""D5 of a panel: the regulator's process goes down the order, looks at avoidance again, calls, says what came of it.

As many are asked at once as seats are free, never more: whoever accepts in time has his seat. Outcomes are this side's
alone to say; each is kept, signed, before it is posted, so that a crash in between repeats it word for word.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from kernel.clock import iso
from kernel.db import Engine, transaction
from kernel.ids import secret_id
from kernel.proofs import dsse
from kernel.proofs.draw_messages import read_message
from kernel.proofs.draw_role import Party
from kernel.proofs.draw_salts import Opening
from kernel.proofs.draw_state import Ceremony
from kernel.proofs.draw_walk import ACCEPT
from kernel.toss.book import BUSY, Book, Call, Contact, Screen
from kernel.toss.posts import post_message
from kernel.toss.schemas import CallTerms, Record, TossView
from kernel.toss.slips import new_slip, slip_digest


@dataclass
class Walk:
    """One look at one draw's walk: who walks, with what means, and all that is known of it."""

    hand: Party
    book: Book
    screen: Screen | None
    contact: Contact
    view: TossView
    ceremony: Ceremony
    openings: Mapping[str, Sequence[Opening]]
    calls: list[Call]
    terms: CallTerms | None
    at: datetime
    db: Engine
    again: bool = False
    busy: frozenset[str] = frozenset()
    moved: bool = False

    @property
    def order(self) -> Mapping[str, Sequence[int]]:
        assert self.ceremony.drawn is not None
        return self.ceremony.drawn.orders

    @property
    def listed(self) -> Mapping[str, Any]:
        """What the list says: quotas, the employer cap."""
        return self.ceremony.said["list", "operator"].value

    def record(self, stratum: str, n: int) -> Record:
        return self.openings[stratum][n].record

    def employers(self) -> Counter[str]:
        """How many seats each employer holds, over all groups."""
        rows = [(s, n) for s, row in self.ceremony.settled().items() for n, one in row.items() if one.outcome == ACCEPT]
        return Counter(str(self.record(s, n)["employer"]) for s, n in rows)

    def open_calls(self) -> list[Call]:
        settled = self.ceremony.settled()
        return [c for c in self.calls if c.n not in settled[c.stratum]]

    async def say(self, signed: dsse.Signed) -> None:
        await post_message(self.view.id, signed, self.db)
        self.ceremony.add(read_message(signed.payload))
        self.moved = True

    def outcome(self, stratum: str, n: int, what: str, **more: object) -> dsse.Signed:
        members = {"code": "", "seat": 0, "slip": "", "evidence": ""} | more
        leaf = self.openings[stratum][n].leaf.hex()
        return self.hand.say(
            self.ceremony, "outcome", stratum=stratum, n=n, leaf=leaf, outcome=what, at=iso(self.at), **members
        )

    def is_capped(self, record: Record) -> bool:
        cap = self.listed["employer_cap"]
        return bool(cap and record["employer"]) and self.employers()[str(record["employer"])] >= cap

    def may_be_capped(self, record: Record) -> bool:
        """Whether those who are being asked could fill the employer's seats: then nobody more of it is asked now."""
        asked = Counter(str(self.record(c.stratum, c.n)["employer"]) for c in self.open_calls())
        employer, cap = str(record["employer"]), self.listed["employer_cap"]
        return bool(cap and employer) and self.employers()[employer] + asked[employer] >= cap

    async def avoids(self, record: Record) -> str:
        """The ground on which he must stay away, or `BUSY`, as it is found now; empty for none."""
        if record["id"] in self.busy:
            return BUSY
        if self.screen is None:
            return ""
        async with transaction(self.db) as connection:
            return await self.screen(connection, self.view, record)


async def walk_on(walk: Walk) -> bool:
    """Settle what was answered or has run out, give up what was asked to be replaced, and ask the next."""
    for asked in walk.ceremony.giving_up:
        seat = asked.value["seat"]
        await walk.say(walk.outcome(asked.value["stratum"], asked.value["n"], "withdrawn", seat=seat))
    if walk.again:
        await _screen_again(walk)
    for call in walk.open_calls():
        await _settle(walk, call)
    for stratum in walk.order:
        while await _ask_next(walk, stratum):
            pass
    return walk.moved


async def _screen_again(walk: Walk) -> None:
    """Whoever sits and must avoid, as things are known now, gives his seat to the next in the order."""
    for stratum, row in walk.ceremony.settled().items():
        for n, one in row.items():
            if one.outcome == ACCEPT and (ground := await walk.avoids(walk.record(stratum, n))):
                await walk.say(walk.outcome(stratum, n, "withdrawn", seat=one.seat, code=ground))


async def _settle(walk: Walk, call: Call) -> None:
    """Say what came of a call that was answered or whose time is over."""
    if call.envelope:  # signed before a crash: the same again
        await walk.say(dsse.read(call.envelope))
        return
    if not call.reply and walk.at < call.until:
        return
    record, seat, slip = walk.record(call.stratum, call.n), 0, ""
    members: dict[str, object] = {"evidence": sha256(await walk.book.evidence(call)).hexdigest()}
    what = {"accept": ACCEPT, "decline": "declined", "": "no_answer"}[call.reply]
    if what == ACCEPT:
        what, members = await _accepted(walk, record, members)
    if what == ACCEPT:
        seat, slip = 1 + _last_seat(walk.ceremony), new_slip()
        members |= {"seat": seat, "slip": slip_digest(slip)}
    signed = walk.outcome(call.stratum, call.n, what, **members)
    await walk.book.settle(call, signed.to_bytes(), seat, slip)
    await walk.say(signed)


async def _accepted(walk: Walk, record: Record, members: dict[str, object]) -> tuple[str, dict[str, object]]:
    """He accepts; what was looked at when he was called is looked at again."""
    if ground := await walk.avoids(record):
        return "avoidance", members | {"code": ground}
    return ("employer_cap", members) if walk.is_capped(record) else (ACCEPT, members)


async def _ask_next(walk: Walk, stratum: str) -> bool:
    """Call, or pass over with a reason, the next of a group that still has a free seat; False when nobody is asked."""
    settled, waiting = walk.ceremony.settled()[stratum], [c for c in walk.open_calls() if c.stratum == stratum]
    accepted = sum(one.outcome == ACCEPT for one in settled.values())
    quota = next(one["quota"] for one in walk.listed["strata"] if one["id"] == stratum)
    asked = {c.n for c in waiting}
    n = next((n for n in walk.order[stratum] if n not in settled and n not in asked), None)
    if n is None or accepted + len(waiting) >= quota:
        return False
    record = walk.record(stratum, n)
    if ground := await walk.avoids(record):
        await walk.say(walk.outcome(stratum, n, "avoidance", code=ground))
    elif walk.is_capped(record):
        await walk.say(walk.outcome(stratum, n, "employer_cap"))
    elif walk.may_be_capped(record):
        return False
    else:
        await _call(walk, stratum, n, record)
    return True


async def _call(walk: Walk, stratum: str, n: int, record: Record) -> None:
    terms = walk.terms
    assert terms is not None, "a panel's list says what its experts are told"
    async with transaction(walk.db) as connection:
        addresses = await walk.contact(connection, walk.view, record)
    if not addresses:
        await walk.say(walk.outcome(stratum, n, "no_answer", code="unreachable"))
        return
    call = Call(secret_id(), walk.view.id, stratum, n, walk.at + timedelta(minutes=terms.reply_minutes))
    await walk.book.ring(call, addresses, terms)
    walk.calls.append(call)
    walk.moved = True


def _last_seat(ceremony: Ceremony) -> int:
    return max((one.seat for row in ceremony.settled().values() for one in row.values()), default=0)
