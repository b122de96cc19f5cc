"""账户: one's own sign-in, and the people of one's side; the same pages and routes on both sites."""

from litestar.types import ControllerRouterHandler

from kernel.web.account import api, api_people, factor, home, leave, people, people_forms


def account_handlers() -> list[ControllerRouterHandler]:
    """What both sites have; mandates are the trading site's (`kernel.web.account.mandates`)."""
    pages = [*home.HANDLERS, *factor.HANDLERS, *people.HANDLERS, *people_forms.HANDLERS, *leave.HANDLERS]
    return [*pages, *api.HANDLERS, *api_people.HANDLERS]
