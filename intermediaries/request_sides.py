"""Which side of a service somebody stands on: the owner's, or the selected agency's; to anybody else there is none."""

from intermediaries.records import requests as records
from intermediaries.records.requests import SelectionView
from intermediaries.request_case import NO_REQUEST, RequestCase
from kernel.errors import NotFound
from kernel.identity import Actor


async def current(case: RequestCase, actor: Actor) -> SelectionView:
    """The selection this request stands with, for the selected agency itself; to any other there is none."""
    asked = await records.last_selection(case.request.id)
    if asked is None or asked.organisation != actor.organisation or asked.answer in ("declined", "lapsed"):
        raise NotFound(NO_REQUEST)
    return asked


async def side_of(case: RequestCase, actor: Actor) -> str:
    """owner or intermediary; that an owner's or agent's request is his own was looked at when the act began."""
    if actor.role in ("purchaser", "agent"):
        return "owner"
    await current(case, actor)
    return "intermediary"
