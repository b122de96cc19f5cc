"""A session that stands for a judge's seat: opened by a desk slip, without an account and without a name."""

from uuid import UUID

from kernel.accounts.schemas import NewSession
from kernel.accounts.sessions import open_session
from kernel.accounts.throttle import ADDRESS, Allowance, address_key, knock

DESK = Allowance(free=20, longest=ADDRESS.longest)
"""Tries of slips from one address: a desk serves a whole panel, a guesser has 58 bits before him."""


async def knock_desk(address: str) -> None:
    """Count a try at the desk before it is judged; `Throttled` when there were too many."""
    if address:
        await knock(address_key("desk", address), DESK)


async def open_seat_session(seat: UUID, address: str, client: str) -> NewSession:
    """A session whose actor is an expert with the seat's id for a person; on the trading site only."""
    return await open_session(seat, None, address, client, seat=True)
