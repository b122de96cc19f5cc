"""The round over every case: judged by every point of its duty, put into the hall's list, carded when it is late.

Any number of workers may walk it: a card is made once, each of its levels is reached once, each letter goes out once.
"""

import json
import logging
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from kernel.clock import now
from kernel.db import HOME, transaction
from kernel.errors import Refusal
from kernel.law import LawInForce
from kernel.proofs import dsse
from supervision import cards, sources
from supervision.judging import Judged, judge
from supervision.points import Point, points
from supervision.sources import Seen

_log = logging.getLogger("yangguang.supervision")
_PUT = """
insert into supervision.watched as w ("case", duty, code, title, region, department, procedure, stage, stage_name,
    open, parties, since, moved_at, due_at, due_title, due_article)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::bool[], $11::jsonb[], $12::timestamptz[], $13::timestamptz[], $14::timestamptz[], $15::text[],
    $16::text[])
on conflict ("case") do update set title = excluded.title, stage = excluded.stage, stage_name = excluded.stage_name,
    open = excluded.open, parties = excluded.parties, moved_at = excluded.moved_at, due_at = excluded.due_at,
    due_title = excluded.due_title, due_article = excluded.due_article
"""


class Patrol:
    """Remembers what it has seen, so that a case in which nothing happened and nothing fell due costs nothing more."""

    def __init__(self, process: dsse.Signer, table: Sequence[Point] | None = None) -> None:
        self._process = process
        self._points = points() if table is None else table
        self._known: dict[UUID, tuple[Seen, datetime, datetime | None]] = {}
        self._laws: dict[str, LawInForce] = {}
        self._law_of: dict[UUID, LawInForce] = {}

    async def walk(self) -> int:
        """One round; how many cases were looked at closely. A case that fails is written down and holds up no other."""
        at, looked = await now(HOME), 0
        async for page in sources.every_case():
            fresh = [seen for seen in page if not self._rests(seen, at)]
            await self._read_laws(fresh)
            judged = [(seen, self._judged(seen, at)) for seen in fresh]
            await _list(judged, at)
            carded = await cards.with_open_matters([seen.case.id for seen in fresh])
            for seen, found in judged:
                try:
                    if seen.case.id in carded or any(each.level for each in found):
                        await cards.raise_cards(seen.case, found, self._process)
                except Refusal:
                    _log.exception("case %s could not be carded and is tried again", seen.case.code)
                    continue
                changes = min((each.changes for each in found if each.changes), default=None)
                self._known[seen.case.id] = (seen, at, changes)
            looked += len(fresh)
        await cards.take_replies()
        return looked

    def _rests(self, seen: Seen, at: datetime) -> bool:
        """Nothing about it is new, and no level was reached since; a clock set back looks at everything again."""
        known = self._known.get(seen.case.id)
        if known is None or known[0] != seen:
            return False
        _, looked, changes = known
        return looked <= at and (changes is None or at < changes)

    def _judged(self, seen: Seen, at: datetime) -> list[Judged]:
        case = seen.case
        law = self._law_of.get(case.id)
        asked = (point for point in self._points if point.duty == case.duty)
        found = (judge(point, case.procedure, case.region, law, seen.facts, at) for point in asked)
        return [each for each in found if each is not None]

    async def _read_laws(self, fresh: Sequence[Seen]) -> None:
        """The law of a case is fixed once: it is read once, and cases under the same law share it."""
        unread = [seen.case for seen in fresh if seen.case.id not in self._law_of]
        texts = {case.id: case.law for case in unread if case.law is not None}
        for duty in {case.duty for case in unread}:
            texts |= await sources.laws_of(duty, [c.id for c in unread if c.duty == duty and c.id not in texts])
        for case, text in texts.items():
            if text not in self._laws:
                self._laws[text] = LawInForce.from_json(text)
            self._law_of[case] = self._laws[text]


async def _list(judged: Sequence[tuple[Seen, Sequence[Judged]]], at: datetime) -> None:
    """Put these cases into the hall's list, in one statement."""
    rows = [_row(seen, found, at) for seen, found in judged]
    if not rows:
        return
    async with transaction(HOME) as connection:
        await connection.execute(_PUT, *(list(column) for column in zip(*rows, strict=True)))


def _row(seen: Seen, found: Sequence[Judged], at: datetime) -> tuple[object, ...]:
    case = seen.case
    past = [fact for fact in seen.facts.values() if isinstance(fact, datetime) and fact <= at]
    pending = [(each.due, each) for each in found if not each.done and each.due is not None]
    first = min(pending, key=lambda pair: pair[0], default=(None, None))[1]
    parties = json.dumps({party: str(organisation) for party, organisation in case.parties.items()})
    return (
        case.id, case.duty, case.code, case.title[:420], case.region, case.department, case.procedure, case.stage,
        case.stage_name, case.open, parties, case.since, max([case.since, *past]),
        first.due if first else None, first.point.title[:120] if first else "", first.article[:120] if first else "",
    )  # fmt: skip
