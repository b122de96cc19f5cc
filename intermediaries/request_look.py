"""查阅: what the public and a party may see of a request; reading changes nothing and leaves no event."""

from typing import Any
from uuid import UUID

from intermediaries.records import requests as records
from intermediaries.records import services
from intermediaries.records.requests import RequestRow, SelectionView
from intermediaries.request_case import NO_REQUEST, check_request_actor, check_request_stage
from intermediaries.schemas.request_views import (
    ContractShown,
    DeliveryShown,
    OrderShown,
    RatingShown,
    RequestShown,
    RequestTextShown,
    ShortlistShown,
)
from intermediaries.shortlist import shortlist
from kernel import directives
from kernel.clock import now
from kernel.errors import NotFound
from kernel.identity import Actor
from kernel.proofs.canonical import decode, to_base64


async def public_view(case: UUID) -> RequestShown:
    """Everything that is public of a request now."""
    row = await records.request(case)
    shown = {name: getattr(row, name) for name in RequestShown.model_fields if hasattr(row, name)}
    return RequestShown(
        **{**shown, "stage": str(row.stage), "terms": dict(row.terms)},
        rule=dict(row.mode_row),
        texts=[RequestTextShown.model_validate(one) for one in await records.texts(case)],
        directives=[OrderShown.model_validate(one) for one in await directives.on_show(case, await now())],
        contracts=[ContractShown.model_validate(c) for c in await services.contracts(case) if c.confirmed_at],
        deliveries=[DeliveryShown.model_validate(one) for one in await services.deliveries(case)],
        ratings=[RatingShown.model_validate(one) for one in await services.ratings(case)],
        packaged=await records.package(case) is not None,
    )


async def request_for(act: str, actor: Actor, case: UUID) -> RequestRow:
    """A request for one who may take this act on it now; a stranger's does not exist."""
    row = await records.request(case)
    await check_request_actor(act, actor, row, await now())
    check_request_stage(act, row)
    return row


async def own_shortlist(actor: Actor, case: UUID) -> ShortlistShown:
    """What the owner chooses from."""
    listed = await shortlist(await request_for("choose_agency", actor, case))
    lines: list[dict[str, Any]] = decode(listed.body)["agencies"]
    agencies = [{"agency": str(o.agency), **line} for o, line in zip(listed.offers, lines, strict=True)]
    return ShortlistShown(sha256=listed.sha256, body=to_base64(listed.body), agencies=agencies)


async def part_of(actor: Actor, row: RequestRow) -> str:
    """owner, intermediary (the one it stands with), official, or nobody: how a page addresses its reader."""
    if actor.role in ("purchaser", "agent") and actor.organisation in (row.owner, row.by_agent):
        return "owner"
    if actor.role == "intermediary" and (asked := await selected(row.id)) and asked.organisation == actor.organisation:
        return "intermediary"
    return "official" if actor.side in ("operate", "supervise") else ""


async def selected(case: UUID) -> SelectionView | None:
    """The agency a request stands with now."""
    asked = await records.last_selection(case)
    return asked if asked is not None and asked.answer in ("", "accepted") else None


async def result_for(actor: Actor, case: UUID) -> RequestRow:
    """A request whose results this actor may read: its owner, its agency, an official of its region."""
    row = await records.request(case)
    await check_request_actor("read_request", actor, row, await now())
    if actor.role == "intermediary" and await part_of(actor, row) != "intermediary":
        raise NotFound(NO_REQUEST)
    return row
