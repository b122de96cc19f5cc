"""Starts the fork server and asks it for processes: this side of `app/fork_server.py`."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence

_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONPATH", "VIRTUAL_ENV", "PYTHONUNBUFFERED")
_NOBODY_SAW = -signal.SIGHUP
"""The exit code of what has ended, or is about to, with the only process that could have seen it."""


def passed_on() -> dict[str, str]:
    """Of this process's environment, what every process needs and no secret can be in."""
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ}


def _letter(environment: Mapping[str, str]) -> int:
    """The reading end of a pipe in which it stands: what the server does not read, none of its other children knows."""
    reading, writing = os.pipe()
    with open(writing, "w") as letter:
        json.dump(dict(environment), letter)
    return reading


class Forked:
    """One process that the server made; its exit code comes in `ended`, negative for the signal that ended it."""

    def __init__(self, server: "ForkServer", pid: int) -> None:
        self._server = server
        self.pid = pid
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def send_signal(self, number: signal.Signals) -> None:
        """To this process and no other, also when it has ended and its number is another's."""
        self._server.send_signal(self.pid, number)


class ForkServer:
    """One server, which imports what these commands need from the moment it is made.

    `make` and what comes of it are for one event loop; `close` ends the server and whatever it made. Where the system's
    own libraries may not be used after a fork, as on macOS, each process imports everything itself (`anew`).
    """

    def __init__(self, commands: Sequence[str], *, anew: bool = sys.platform != "linux") -> None:
        self._socket, theirs = socket.socketpair()
        how = "anew" if anew else "fork"
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "app.fork_server", str(theirs.fileno()), how, *commands],
                env=passed_on(),
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C goes to the parent alone, which stops the children in order
            )
        self.pid = self._process.pid
        self._heard = b""
        self._asked: deque[asyncio.Future[Forked]] = deque()
        self._made: dict[int, Forked] = {}
        self.gone = False

    async def make(self, command: str, environment: Mapping[str, str]) -> Forked:
        """A process that is `yangguang COMMAND` with this environment. Raises ConnectionError: the server is gone."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._socket, self._hear)
        made: asyncio.Future[Forked] = loop.create_future()
        letter = _letter(environment)
        try:
            self._say({"make": command}, letter)
        finally:
            os.close(letter)
        self._asked.append(made)
        return await made

    def send_signal(self, pid: int, number: signal.Signals) -> None:
        """What the server made is ended by the server, which alone knows whether it still lives."""
        with contextlib.suppress(ConnectionError):
            self._say({"signal": number, "to": pid})

    def close(self) -> None:
        """End the server; its children hear of it by their lifeline."""
        with contextlib.suppress(RuntimeError):  # no loop, so nothing was ever asked
            asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
        self._process.terminate()
        self._process.wait()

    def _say(self, order: Mapping[str, object], *letters: int) -> None:
        if self.gone:
            raise ConnectionResetError
        socket.send_fds(self._socket, [json.dumps(order).encode() + b"\n"], letters)

    def _hear(self) -> None:
        try:
            came = self._socket.recv(65536)
        except ConnectionError:
            came = b""
        if not came:
            return self._lose()
        *lines, self._heard = (self._heard + came).split(b"\n")
        for line in lines:
            answer = json.loads(line)
            if pid := answer.get("made"):
                self._made[pid] = Forked(self, pid)
                self._asked.popleft().set_result(self._made[pid])
            else:
                self._made.pop(answer["ended"]).ended.set_result(answer["code"])

    def _lose(self) -> None:
        self.gone = True
        asyncio.get_running_loop().remove_reader(self._socket)
        for waiting in self._asked:
            waiting.set_exception(ConnectionResetError())
        for forked in self._made.values():
            forked.ended.set_result(_NOBODY_SAW)
        self._asked.clear()
        self._made.clear()
