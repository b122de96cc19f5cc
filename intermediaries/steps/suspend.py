"""暂停: what a regulator's order stops is published with the order, and those concerned are told."""

from uuid import UUID

from intermediaries.records import applicants
from intermediaries.records import requests as records
from intermediaries.request_case import RequestCase, Unmoved, is_packed, orders_on_record, request_act
from intermediaries.request_news import tell, tell_owner
from intermediaries.request_texts import write_text
from kernel import directives
from kernel.clock import iso, when
from kernel.directives import Suspension
from kernel.identity import Actor

ACT = "suspend_case"


async def suspend_request(actor: Actor, case: UUID) -> None:
    """Publish every suspension that is not on the request's record yet; `Unmoved` when there is none.

    The order itself stops every act from the moment it is posted; a request whose package is closed stays as it is.
    """
    async with request_act(ACT, actor, case, obeys=False) as found:
        known = await orders_on_record(found.beat, ACT)
        ordered = await directives.suspensions(found.beat.connection, case)
        fresh = [one for one in ordered if str(one.order.id) not in known]
        if not fresh or await is_packed(found.beat):
            raise Unmoved
        for one in fresh:
            await _publish(found, one)


async def _publish(case: RequestCase, one: Suspension) -> None:
    order, row = one.order, case.request
    content = {
        "order": str(order.id),
        "since": iso(one.since),
        "until": iso(order.until) if order.until else "",
        "says": order.says,
        "article": order.article,
        "issued_by": order.issued_by,
    }
    sha256, _ = await write_text(row.id, row.code, row.name, "suspended", content, case.beat.at)
    case.beat.directive = str(order.id)
    await case.record(hashes={"text": sha256}, facts={"orders": [str(order.id)], "since": content["since"]})
    if order.until is not None:
        await case.wake(order.until)
    said = {"authority": order.issued_by, "since": when(one.since), "reason": order.says[:200]}
    await tell_owner(case, "request_suspended", **said)
    asked = await records.last_selection(row.id)
    for organisation in [asked.organisation] if asked else await applicants.to_tell(row.id):
        await tell(case, organisation, "request_suspended", **said)
