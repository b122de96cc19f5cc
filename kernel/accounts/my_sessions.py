"""The browsers one is signed in with: to see them, and to end those one does not know."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kernel.accounts import credentials
from kernel.accounts.schemas import Signed
from kernel.accounts.sessions import IDLE
from kernel.accounts.tables import Session
from kernel.clock import CHINA
from kernel.db import HOME, transaction
from kernel.errors import NotFound, Problem
from kernel.identity import Actor


@dataclass(frozen=True, slots=True)
class SessionView:
    """`current` is the one that asks; `client` what the browser says it is."""

    id: UUID
    address: str
    client: str
    created_at: datetime
    last_seen: datetime
    current: bool


async def open_sessions(signed: Signed) -> list[SessionView]:
    """The person's living sessions, the one last used first."""
    rows = await Session.raw(
        "select id, address, client, created_at, last_seen from accounts.session"
        " where person = {} and ended_at is null and expires_at > clock_timestamp()"
        " and last_seen > clock_timestamp() - make_interval(secs => {}) order by last_seen desc, id",
        signed.person,
        IDLE,
    )
    return [
        SessionView(
            row["id"],
            row["address"],
            row["client"],
            row["created_at"].astimezone(CHINA),
            row["last_seen"].astimezone(CHINA),
            row["id"] == signed.id,
        )
        for row in rows
    ]


async def end_session(actor: Actor, id: UUID) -> None:
    """End one of one's own sessions at once; another's is not found."""
    async with transaction(HOME) as connection:
        done = await connection.fetchval(
            "update accounts.session set ended_at = clock_timestamp()"
            " where id = $1 and person = $2 and ended_at is null returning true",
            id,
            actor.person,
        )
    if not done:
        raise NotFound(Problem("no_such_session", "没有这个会话，或它已结束", "请刷新后再选"))


async def end_others(actor: Actor, signed: Signed) -> int:
    """End every session of the person but the one that asks; how many there were."""
    async with transaction(HOME) as connection:
        return await credentials.end_sessions(connection, actor, signed.id)
