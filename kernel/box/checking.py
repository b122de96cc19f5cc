"""After the close every stored ciphertext is read once, part by part, so that what is lost is known before the opening.

A small box is read in the opening itself. Of a large one a leased job reads a part and schedules the next; the opening
waits for the last of them as long as bidders and officers have time, then decides by what is known, and says so.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

import asyncpg

from kernel.acts import Beat
from kernel.box import damage, records
from kernel.box.damage import Acting, Ciphertext, Digest
from kernel.box.records import BoxView
from kernel.db import HOME, TRADING, reading, transaction
from kernel.jobs import schedule
from kernel.proofs.damage import UNCHECKED

JOB = "box_check"
CHECKED = "box_checked"
SMALL, FEW = 8 * 1024 * 1024, 300
"""Bytes and files that are read under the case's lock: a second at most."""
PART = 256 * 1024 * 1024
"""Bytes after which a job schedules the next one; one file is never divided."""

_SIZE = """
select coalesce(sum(f.size), 0) <= $2 and count(*) <= $3 from box.bid_file f join box.bid b on b.id = f.bid
where b."case" = $1
"""
_SAID = """
select exists (select from kernel.log_event where case_key = $1 and act = $2
    and convert_from(body, 'utf8')::jsonb #>> '{facts,turn}' = $3)
"""


class _Done(Exception):
    """Another process was quicker: the empty act leaves no trace."""


async def begin(connection: asyncpg.Connection, case: UUID, turn: int) -> None:
    """In the act that closes a box or begins its second turn: have what is too much for the opening read before it."""
    if not await _is_small(case):
        await _schedule(connection, case, turn, 0)


async def is_settled(beat: Beat, box: BoxView, digest: Digest) -> bool:
    """Whether the opening need not wait: all is read, or was read now, or the time of this turn is over."""
    if await _is_said(box):
        return True
    if await _is_small(box.case):
        await damage.note(beat, box, await damage.differing(await damage.ciphertexts(box), digest))
        return True
    until = box.reveal_until or box.fallback_until  # bidders' window, or the officers' where they open everything
    if until is not None and beat.at < until:
        return False
    await beat.record("unchecked", act=UNCHECKED, facts={"turn": box.turn})
    return True


async def go_on(payload: Mapping[str, Any], digest: Digest, acting: Acting, part: int = PART) -> bool:
    """The job: read one part, name what is lost, and schedule the next; True when all of this turn is read now.

    `part` in bytes.
    """
    case, start = UUID(payload["case"]), int(payload["start"])
    box = await records.box(case)
    if box.turn != payload["turn"] or box.state not in ("closed", "opening", "opened") or await _is_said(box):
        return False
    files, then = _part(await damage.ciphertexts(box), start, part)
    found = await damage.differing(files, digest)
    if then is not None:
        await damage.put_on_record(box, found, acting)
        async with transaction(HOME) as connection:
            await _schedule(connection, case, box.turn, then)
        return False
    with suppress(_Done):
        async with acting(case) as beat:
            if await _is_said(box):
                raise _Done
            await damage.note(beat, box, found)
            await beat.record("checked", act=CHECKED, facts={"turn": box.turn})
    return True


def _part(files: list[Ciphertext], start: int, part: int) -> tuple[list[Ciphertext], int | None]:
    """(the files from this place on that make up a part, the place of the next part or None)."""
    size = 0
    for n, one in enumerate(files[start:], start + 1):
        size += one.file.size
        if size >= part and n < len(files):
            return files[start:n], n
    return files[start:], None


async def _schedule(connection: asyncpg.Connection, case: UUID, turn: int, start: int) -> None:
    payload = {"case": str(case), "turn": turn, "start": start}
    await schedule(connection, JOB, payload, dedup=f"{JOB}:{case}:{turn}:{start}", law_time=False)


async def _is_small(case: UUID) -> bool:
    """By all that was ever sent to the box: carried-over stages count once, replaced ones too."""
    async with reading(TRADING) as connection:
        return bool(await connection.fetchval(_SIZE, case, SMALL, FEW))


async def _is_said(box: BoxView) -> bool:
    async with reading(TRADING) as connection:
        return bool(await connection.fetchval(_SAID, str(box.case), CHECKED, str(box.turn)))
