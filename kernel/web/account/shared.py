"""What the pages of an account share: who is signed in, the way between them, and where a done act leads."""

from datetime import date, timedelta
from typing import Any

from litestar import Request, Response
from litestar.response import Redirect

from kernel.accounts.records import MembershipView
from kernel.accounts.rules import OFFICIAL
from kernel.accounts.schemas import Signed
from kernel.errors import Forbidden, NotSignedIn, Problem
from kernel.identity import Actor
from kernel.permissions import permission
from kernel.web.auth import actor_of, signed_of
from kernel.web.commands import local_time
from kernel.web.door import page
from kernel.web.gate import gate_of

AnyRequest = Request[Any, Any, Any]
OWN = {"act": "sign_in"}
"""One's own sign-in: also for a person without a role, whom the table of acts takes for the public."""

_TABS = (
    ("账户概况", "/account", ""),
    ("密码", "/account/password", ""),
    ("动态口令", "/account/second-factor", ""),
    ("登录设备", "/account/sessions", ""),
    ("人员与角色", "/account/people", "grant_role"),
    ("委托代理", "/mandates", "mandates"),
    ("休假代理", "/account/leave", "delegate"),
    ("接口密钥", "/tokens", "manage_account"),
)


def signed_in(request: AnyRequest) -> tuple[Actor, Signed]:
    """Who is signed in, in person and with a browser; NotSignedIn otherwise, Forbidden to a program."""
    actor, signed = actor_of(request), signed_of(request)
    if signed is None or actor.person is None:
        raise NotSignedIn(Problem("sign_in_first", "这项业务需要先登录", "请登录后再办理"))
    if signed.kind != "session":
        raise Forbidden(Problem("session_needed", "账户事项须由本人登录后办理", "请在网页上登录"))
    return actor, signed


async def account_page(
    request: AnyRequest, template: str, *, status: int = 200, tab: str = "", **context: Any
) -> Response[str]:
    """A page below 账户; `tab` is the way by which the reader came."""
    return await page(request, template, status=status, **{"tabs": tabs(request), "tab": tab, **context})


def tabs(request: AnyRequest) -> list[dict[str, str]]:
    """The pages of the account that this reader has."""
    actor, site = actor_of(request), gate_of(request).site
    return [{"label": label, "href": href} for label, href, needs in _TABS if _has(needs, actor, site)]


def done(href: str) -> Response[Any]:
    """Done; the browser goes on with a GET, so that going back never repeats the act."""
    return Redirect(href, status_code=303)


def from_day(text: str) -> str:
    """The beginning of a day in Beijing; what is no day stays as it is, for the command to refuse."""
    return local_time(f"{text}T00:00")


def through_day(text: str) -> str:
    """The end of a day in Beijing: the first instant after it."""
    try:
        return from_day((date.fromisoformat(text) + timedelta(days=1)).isoformat())
    except (ValueError, OverflowError):
        return text


def may_grant(actor: Actor, asked: MembershipView) -> bool:
    """Whether the button is worth showing; the act itself judges again."""
    made = asked.role in OFFICIAL and asked.created_by == actor.person
    return actor.person not in (asked.person, asked.asked_by) and not made


def _has(needs: str, actor: Actor, site: str) -> bool:
    if needs == "mandates":
        return site == "trading" and actor.role in ("purchaser", "agent")
    return not needs or bool(permission(needs, actor.role))
