"""How many tries a door gives one key and the growing wait after them, counted for all processes at once."""

import hashlib
from dataclasses import dataclass

from kernel.db import HOME, transaction
from kernel.errors import Problem, Throttled

FORGET = 24 * 3600
"""Seconds without a try after which a key starts afresh."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """`free` tries without a wait, then 2, 4, 8 … seconds up to `longest`."""

    free: int
    longest: int


# A name's longest wait stays short: who knows a login name must not be able to lock its owner out for long.
LOGIN = Allowance(free=5, longest=300)
ADDRESS = Allowance(free=60, longest=900)

_WAIT = """
select extract(epoch from blocked_until - clock_timestamp())::float8 from accounts.throttle where key = $1
"""

_KNOCK = """
insert into accounts.throttle as t (key, tries, blocked_until, last_at)
values ($1, 1, null, clock_timestamp())
on conflict (key) do update set
  tries = case when t.last_at < clock_timestamp() - make_interval(secs => $4) then 1 else t.tries + 1 end,
  blocked_until = case
    when t.last_at < clock_timestamp() - make_interval(secs => $4) or t.tries + 1 < $2 then null
    else clock_timestamp() + make_interval(secs => least(2 ^ least(t.tries + 2 - $2, 20), $3)) end,
  last_at = clock_timestamp()
where t.blocked_until is null or t.blocked_until <= clock_timestamp()
returning true
"""
# The try that sets a wait is itself let through. PostgreSQL judges the `where` on the newest row, after
# waiting for whoever holds it: simultaneous tries pass one by one, none on what it saw before.

_COUNT = """
insert into accounts.throttle as t (key, tries, blocked_until, last_at)
values ($1, 1, null, clock_timestamp())
on conflict (key) do update set
  tries = case when t.last_at < clock_timestamp() - make_interval(secs => $2) then 1 else t.tries + 1 end,
  last_at = case when t.last_at < clock_timestamp() - make_interval(secs => $2) then clock_timestamp()
    else t.last_at end
returning tries
"""


class WaitFirst(Throttled):
    """Too many tries; `retry_after` is in seconds."""

    def __init__(self, seconds: int) -> None:
        self.retry_after = seconds
        super().__init__(Problem("too_many_tries", f"尝试次数过多，请在 {seconds} 秒后再试", "稍候再试，或核对后再填"))


def login_key(login: str) -> str:
    return "login:" + hashlib.sha256(login.encode()).hexdigest()


def address_key(door: str, address: str) -> str:
    return f"{door}:{address}"[:120]


async def knock(key: str, allowance: Allowance) -> None:
    """Count one try of `key` before it is judged, in a transaction of its own; refuses while a wait runs.

    Counting first is what makes a hundred simultaneous guesses a hundred tries.
    """
    async with transaction(HOME) as connection:
        admitted = await connection.fetchval(_KNOCK, key, allowance.free, allowance.longest, FORGET)
        wait = None if admitted else await connection.fetchval(_WAIT, key)
    if not admitted:
        raise WaitFirst(max(1, int(wait or 0) + 1))


async def forget(key: str) -> None:
    """A success ends the count."""
    async with transaction(HOME) as connection:
        await connection.execute("delete from accounts.throttle where key = $1", key)


async def times_within(key: str, seconds: int) -> int:
    """Count this time and say the how many-th it is since the first of the last so many seconds; refuses nothing."""
    async with transaction(HOME) as connection:
        return int(await connection.fetchval(_COUNT, key, seconds))


async def forget_old() -> None:
    """Rows that nobody has touched for `FORGET` and that make nobody wait count nothing any more."""
    async with transaction(HOME) as connection:
        await connection.execute(
            "delete from accounts.throttle where last_at < clock_timestamp() - make_interval(secs => $1)"
            " and coalesce(blocked_until, last_at) < clock_timestamp()",
            FORGET,
        )
