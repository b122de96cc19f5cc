"""The fork server and what it makes: each child is told its own and no more, and how it ended is known."""

import asyncio
import os
import signal
from contextlib import closing

import pytest

from app.forked import Forked, ForkServer, passed_on

PATIENCE = 60.0


either_way = pytest.mark.parametrize("anew", [False, True], ids=["forked", "anew"])


async def _code(child: Forked) -> int:
    return await asyncio.wait_for(asyncio.shield(child.ended), PATIENCE)


@either_way
async def test_a_child_has_the_environment_it_was_given_and_no_other(
    capfd: pytest.CaptureFixture[str], anew: bool
) -> None:
    with closing(ForkServer([], anew=anew)) as server:
        for given in ({"YANGGUANG_VAR": "first", "YANGGUANG_GRACE": "77"}, {"YANGGUANG_VAR": "second"}):
            assert await _code(await server.make("settings", passed_on() | given)) == 0
    _, first, second = capfd.readouterr().out.split("YANGGUANG_VAR=")
    assert (first.startswith("first"), "GRACE=77" in first) == (True, True)
    assert (second.startswith("second"), "GRACE=77" in second) == (True, False)


@either_way
async def test_the_code_of_a_child_that_fails_is_known(anew: bool) -> None:
    with closing(ForkServer([], anew=anew)) as server:
        assert await _code(await server.make("no such command", passed_on())) == 2


async def test_whoever_waits_hears_that_the_server_has_gone() -> None:
    with closing(ForkServer([])) as server:
        child = await server.make("settings", passed_on())
        await _code(child)
        child.send_signal(signal.SIGKILL)  # to nobody: it has ended
        os.kill(server.pid, signal.SIGKILL)
        late = [asyncio.create_task(server.make("settings", passed_on())) for _ in range(2)]
        outcomes = await asyncio.gather(*late, return_exceptions=True)
        assert [isinstance(outcome, ConnectionError) for outcome in outcomes] == [True, True]
        assert server.gone
