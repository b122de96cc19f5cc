"""想收到变更通知: an address left without registration, sealed so that nobody can list who asks (20号令 20、21)."""

from uuid import UUID

from bidding.case import Tools, lot_act
from bidding.followers import Address
from bidding.schemas import LeaveContact
from bidding.tables import Contact
from kernel.identity import Actor
from kernel.ids import secret_id


async def leave_contact(tools: Tools, actor: Actor, lot: UUID, command: LeaveContact) -> None:
    """Keep the address for this lot; leaving it twice changes nothing, and nothing tells whether it was known."""
    kept = Address.seal(tools, lot, command.channel, command.address)
    async with lot_act("leave_contact", actor, lot, exclusive=False) as case:
        if not await Contact.exists().where(Contact.lot == lot, Contact.match == kept.match):
            await Contact.insert(Contact(id=secret_id(), lot=lot, match=kept.match, sealed=kept.sealed))
        await case.beat.record("contact")
