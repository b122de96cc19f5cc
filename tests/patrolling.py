"""What tests of cards and the hall share: officers of both sides with their roles, and rounds of the patrol."""

from uuid import UUID

from road import as_admin
from supervision_site import Watching

from kernel import letters
from kernel.identity import SIDES, Actor
from kernel.ids import new_id
from supervision.patrol import Patrol


async def employ(actor: Actor, *, granted_by: UUID | None = None) -> None:
    """Give somebody his role in his organisation, in force."""
    await as_admin(
        "insert into accounts.membership (id, person, side, organisation, role, departments, asked_at, since,"
        " granted_by) values ($1, $2, $3, $4, $5, $6, clock_timestamp(), clock_timestamp(), $7)",
        new_id(), actor.person, SIDES[actor.role], actor.organisation, actor.role, list(actor.departments), granted_by,
    )  # fmt: skip


async def telephone(actor: Actor, number: str) -> None:
    await as_admin("update accounts.person set phone = $2 where id = $1", actor.person, number)


async def patrolled(watching: Watching, rounds: int = 1) -> None:
    """So many rounds on the supervision site, each by a worker of its own; then the trading worker delivers.

    The engines stand at trading again.
    """
    process = watching.app.state.own_keys.process
    await watching.here()
    for _ in range(rounds):
        await Patrol(process).walk()
    await watching.there()
    await letters.deliver(process.public)
