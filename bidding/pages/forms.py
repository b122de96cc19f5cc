"""From a form to a command and back: the same form again with every problem beside its field."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from litestar import Request, Response
from litestar.response import Redirect
from pydantic import BaseModel, ValidationError

from bidding.case import Tools
from kernel.errors import BadInput, NotSignedIn, Refusal, refuse_all
from kernel.web.door import page
from kernel.web.problems import of_pydantic

AnyRequest = Request[Any, Any, Any]
Asked = TypeVar("Asked", bound=BaseModel)
Again = Callable[[], Awaitable[Mapping[str, Any]]]


def tools_of(request: AnyRequest) -> Tools:
    """The site's tools for steps."""
    found: Tools = request.app.state.tools
    return found


def command(kind: type[Asked], fields: Mapping[str, Any]) -> Asked:
    """The command these fields make; `BadInput` with a problem for each field that is wrong."""
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        refuse_all(of_pydantic(error.errors(include_input=False, include_url=False)), BadInput)
        raise


async def tried(
    request: AnyRequest,
    do: Callable[[], Awaitable[str]],
    template: str,
    values: Mapping[str, Any],
    again: Again,
) -> Response[Any]:
    """Do the act and go where it says; refused, show the form again with what was typed and all that is wrong."""
    try:
        return Redirect(await do(), status_code=303)
    except NotSignedIn:
        raise
    except Refusal as refused:
        context = dict(await again())
        return await page(request, template, status=refused.status, problems=refused.problems, values=values, **context)


def present(form: Mapping[str, Any]) -> dict[str, Any]:
    """A form's fields without the empty ones: what was left blank was not said."""
    return {name: value for name, value in form.items() if value not in ("", None)}


def local_time(text: str) -> str:
    """A form's local time in Beijing as a moment with its zone."""
    return f"{text}:00+08:00" if len(text) == 16 else f"{text}+08:00"
