"""Who is told what of a request: the owner, the agency that was selected, those who were not."""

from uuid import UUID

from intermediaries.request_case import RequestCase
from kernel import inbox


async def tell_owner(case: RequestCase, template: str, **fields: str) -> None:
    """A message to all who act for the owner, and for the agent who published for it."""
    row = case.request
    await tell(case, row.owner, template, **fields)
    if row.by_agent is not None:
        await tell(case, row.by_agent, template, **fields)


async def tell(case: RequestCase, organisation: UUID, template: str, *, at: str = "", **fields: str) -> None:
    """A message to all who act for an organisation, in the act's own transaction; `at`: where below the request."""
    row = case.request
    known = {"project": row.name, "code": row.code, "item": row.item_name, "owner": row.owner_name}
    link = f"/requests/{row.id}{at}"
    await inbox.send(case.beat.connection, template, fields=known | fields, organisation=organisation, link=link)
