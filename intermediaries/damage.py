"""Lost or altered quotes of a request: the job that reads the store after the close, and what is found of it later."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import UUID

from intermediaries.case import Tools
from intermediaries.request_case import request_act
from kernel.acts import Beat
from kernel.box import checking, damage
from kernel.identity import clockwork
from storage import keeping

ACTOR = clockwork("intermediaries")


async def read_part(tools: Tools, payload: Mapping[str, Any], part: int = checking.PART) -> bool:
    """One part of the reading after the close; True when it is over now, and the opening need not wait for it."""
    return await checking.go_on(payload, partial(keeping.digest, tools.store), _acting, part)


async def report_all(tools: Tools, case: UUID, because: str) -> bool:
    """Read the sealed quotes again, since this file is lost; False, and nothing is read, where it is none of them."""
    return await damage.report_all(case, because, partial(keeping.digest, tools.store), _acting)


@asynccontextmanager
async def _acting(case: UUID) -> AsyncIterator[Beat]:
    # As for a lot: that bytes are gone is a fact, whatever order stops the case.
    async with request_act("check_stored", ACTOR, case, obeys=False) as found:
        yield found.beat
