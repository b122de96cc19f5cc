"""招标人代表: the purchaser names his own members from those who act for him."""

from uuid import UUID

from experts import records
from experts.case import panel_act
from experts.rules import owner_problems
from experts.seating import write_owner
from kernel.accounts import records as accounts
from kernel.errors import BadInput, Problem, refuse_all
from kernel.identity import Actor


async def name_owner(actor: Actor, lot: UUID, person: UUID) -> None:
    """Name one member of the purchaser's; as many as were asked for, none who acts for a bidder of the lot."""
    async with panel_act("name_owner", actor, lot) as case:
        there = {v.person: v for v in await accounts.members_of(case.row["purchaser"]) if v.state == "held"}
        named = there.get(person)
        sitting = [seat for seat in case.panel.seats if seat.kind == "owner" and seat.left_at is None]
        bidders = await case.beat.connection.fetch(
            "select code from experts.party where panel = $1 and role = 'bidder'", case.panel.id
        )
        codes = {row["code"] for row in bidders}
        close = [v.person_name for v in await accounts.memberships_of(person) if v.organisation_code in codes]
        found = owner_problems(len(sitting) + 1, case.panel.owners, close, case.panel.category)
        if named is None or any(seat.person == person for seat in sitting):
            found.append(Problem("owner_unknown", "不是本单位的人员，或已经指定", "请另选一人", field="person"))
        refuse_all(found, BadInput)
        assert named is not None
        number = max((seat.number for seat in case.panel.seats), default=0) + 1
        await write_owner(case.beat, case.panel.id, number, person, named.person_name)
        case.panel = await records.panel(case.beat.connection, case.panel.id)
        await case.record("name_owner", seat=number)
