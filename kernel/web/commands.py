"""From a form to a command and back: the same form again with every problem beside its field."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from litestar import Request, Response
from pydantic import BaseModel, ValidationError

from kernel.errors import BadInput, NotSignedIn, Refusal
from kernel.web.door import page
from kernel.web.problems import of_pydantic

AnyRequest = Request[Any, Any, Any]
Asked = TypeVar("Asked", bound=BaseModel)
Again = Callable[[], Awaitable[Mapping[str, Any]]]


def command(kind: type[Asked], fields: Mapping[str, Any]) -> Asked:
    """The command these fields make; `BadInput` with a problem for each field that is wrong."""
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        raise BadInput(*of_pydantic(error.errors(include_input=False, include_url=False))) from None


async def tried(
    request: AnyRequest,
    do: Callable[[], Awaitable[Response[Any]]],
    template: str,
    values: Mapping[str, Any],
    again: Again,
) -> Response[Any]:
    """What the act answers; refused, the form again with what was typed and all that is wrong."""
    try:
        return await do()
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
