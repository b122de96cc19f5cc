"""What was tried on a case and refused, on either site: for the inspectors who watch the people of both."""

from datetime import datetime
from typing import Any
from uuid import UUID

from bidding import records as bidding
from bidding.records import LotRow
from kernel import log_records, refusals
from kernel.accounts import records as accounts
from kernel.accounts.rules import in_scope
from kernel.box import seen
from kernel.errors import NotFound
from kernel.identity import Actor
from kernel.web.door import ROLE_NAMES
from supervision.words import act_name

Try = dict[str, Any]


async def refused(actor: Actor) -> list[Try]:
    """The newest refusals on cases of the inspector's region, newest first.

    Those of this site name the person; of the trading site the unit alone is seen, and of bidders nothing before
    the opening: their tries would count them.
    """
    found = [await _own(event) for event in await log_records.newest(refusals.ACT)]
    found += [await _of_trading(case, event) for case, event in await seen.refusals()]
    scoped = [one for one in found if one["row"] is None or in_scope(actor, one["row"].region, one["row"].department)]
    return sorted(scoped, key=lambda one: one["at"], reverse=True)


async def _own(event: log_records.Said) -> Try:
    who = f"{event.name}（{ROLE_NAMES.get(event.role, event.role)}）"
    case = log_records.case_of(event)
    lot = await _lot(case) if case else None
    return _try(event.subject, event.facts["codes"], who, event.at, lot, event.leaf)


async def _of_trading(case: UUID, event: seen.SeenEvent) -> Try:
    unit = await accounts.organisation_by_code(event.organisation) if event.organisation else None
    role = ROLE_NAMES.get(event.role, event.role)
    who = f"{unit.name}（{role}）" if unit else role
    return _try(event.subject, event.facts["codes"], who, event.at, await _lot(case), event.leaf)


def _try(act: str, codes: list[str], who: str, at: datetime, lot: LotRow | None, leaf: str) -> Try:
    place = {"text": f"{lot.project_name}　{lot.name}", "href": f"/cases/{lot.id}"} if lot else None
    says = f"{act_name(act)}：{'、'.join(codes)}"
    return {"act": says, "who": who, "at": at, "lot": place, "hash": leaf, "row": lot}


async def _lot(case: UUID) -> LotRow | None:
    try:
        return await bidding.lot(case)
    except NotFound:
        return None
