"""Lost or altered files of a lot: the job that reads the store after the close, and what is found of it later."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID

from bidding.case import Tools, lot_act
from kernel.acts import Beat
from kernel.box import checking, damage
from kernel.box import records as box_records
from kernel.identity import clockwork
from storage import keeping

ACTOR = clockwork("bidding")


async def read_part(tools: Tools, payload: Mapping[str, Any], part: int = checking.PART) -> bool:
    """One part of the reading after the close; True when it is over now, and the opening need not wait for it."""
    return await checking.go_on(payload, partial(keeping.digest, tools.store), _acting, part)


async def report(tools: Tools, lot: UUID, sealed: str) -> bool:
    """Read one sealed file again (its SHA-256 as sealed) and put on record that it is lost; True where that is new."""
    box = await box_records.box(lot)
    files = [one for one in await damage.ciphertexts(box, every=True) if one.file.sha256 == sealed]
    found = await damage.differing(files, partial(keeping.digest, tools.store))
    return await damage.put_on_record(box, found, _acting)


async def report_all(tools: Tools, lot: UUID, because: str) -> bool:
    """The same of all sealed files, since this one is lost; False, and nothing is read, where it is none of them."""
    return await damage.report_all(lot, because, partial(keeping.digest, tools.store), _acting)


@asynccontextmanager
async def _acting(lot: UUID) -> AsyncIterator[Beat]:
    # A suspension stops what people and the clock do to a case; that bytes are gone is a fact, whoever stops.
    async with lot_act("check_stored", ACTOR, lot, obeys=False) as case:
        yield case.beat
