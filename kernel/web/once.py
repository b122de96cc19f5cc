"""The same request id gets the same answer, also where the step itself keeps none."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any
from uuid import UUID

from litestar.params import HeaderParameter

from kernel.acts import answered_before, keep_answer
from kernel.db import HOME, transaction
from kernel.identity import Actor

RequestId = Annotated[
    UUID | None,
    HeaderParameter(name="Idempotency-Key", description="请求编号（UUID）：同一编号、同一内容，得到同一答复"),
]
"""The Idempotency-Key header of a write."""


async def once_alone(
    act: str,
    actor: Actor,
    request: UUID | None,
    command: Mapping[str, Any],
    do: Callable[[], Awaitable[Mapping[str, Any]]],
) -> dict[str, Any]:
    """The same where `do` may lie in no transaction but its own: a door whose tries are counted.

    Inside one, a refusal would take the count back with everything else. A crash between act and answer leaves the
    act without its answer; its repeat is then judged anew.
    """
    if (known := await answered_before(act, actor, request, command)) is not None:
        return known
    given = dict(await do())
    async with transaction(HOME) as connection:
        await keep_answer(connection, act, actor, request, command, given)
    return given


async def once(
    act: str,
    actor: Actor,
    request: UUID | None,
    command: Mapping[str, Any],
    do: Callable[[], Awaitable[Mapping[str, Any]]],
) -> dict[str, Any]:
    """What `do` gives, kept under the request id in one transaction with what it did; the second time only read.

    `command` must name everything the answer depends on, the case included. Of two at once the second fails on
    the id and leaves nothing.
    """
    if (known := await answered_before(act, actor, request, command)) is not None:
        return known
    async with transaction(HOME) as connection:
        given = dict(await do())
        await keep_answer(connection, act, actor, request, command, given)
    return given
