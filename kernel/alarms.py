"""What is wrong with the house itself is told to those who answer for it, once and not every time it is seen."""

import logging
from collections.abc import Mapping, Sequence

import asyncpg

from kernel import inbox
from kernel.accounts.records import in_role
from kernel.accounts.throttle import times_within
from kernel.db import HOME, LOST, transaction

DAY = 86_400
_log = logging.getLogger("yangguang.alarms")


async def tell(connection: asyncpg.Connection, roles: Sequence[str], template: str, fields: Mapping[str, str]) -> int:
    """A message to everybody who holds one of these roles now, in the caller's transaction on HOME; how many."""
    people = await in_role(*roles)
    for person in people:
        await inbox.send(connection, template, fields=fields, person=person)
    return len(people)


async def alarm(roles: Sequence[str], template: str, fields: Mapping[str, str], *, once: str, every: int = DAY) -> int:
    """The same in a transaction of its own, at most once in `every` seconds for the same `once`; how many were told.

    A database that is away keeps nobody from what he does about the trouble: the caller has logged it already.
    """
    try:
        if await times_within(f"alarm:{once}"[:120], every) > 1:
            return 0
        async with transaction(HOME) as connection:
            return await tell(connection, roles, template, fields)
    except LOST as lost:
        _log.warning("%s could not be told: %s", template, type(lost).__name__)
        return 0
