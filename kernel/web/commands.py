"""From a form to a command and back: the same form again with every problem beside its field."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from litestar import Request, Response
from pydantic import BaseModel, ValidationError

from kernel.errors import BadInput, NotSignedIn, Problem, Refusal
from kernel.proofs.errors import ProofError
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
        problems = [beside(problem, values) for problem in refused.problems]
        status = refused.status
    except ProofError as wrong:
        problems, status = [Problem(wrong.code, wrong.says, "请用本平台的工具重新生成")], BadInput.status
    context = dict(await again())
    return await page(request, template, status=status, problems=problems, values=values, **context)


def beside(problem: Problem, values: Mapping[str, Any]) -> Problem:
    """The problem under the name its field has in the form.

    What lies inside a repeated field belongs to that field; any other nested name is written with hyphens.
    """
    first = problem.field.partition(".")[0]
    return replace(problem, field=first if first in values else problem.field.replace(".", "-"))


def present(form: Mapping[str, Any]) -> dict[str, Any]:
    """A form's fields without the empty ones: what was left blank was not said."""
    return {name: value for name, value in form.items() if value not in ("", None)}


def local_time(text: str) -> str:
    """A form's local time in Beijing as a moment with its zone."""
    return f"{text}:00+08:00" if len(text) == 16 else f"{text}+08:00"
