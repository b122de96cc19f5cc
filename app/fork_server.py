"""A process that imports what the house's processes need, once, and makes each of them by forking itself.

Run as ``python -m app.fork_server DESCRIPTOR fork|anew COMMAND…`` with a socket to talk over. It is told no secret and
no address: what a child may know comes with the order to make it, in a pipe that nobody but that child reads. With
``anew`` a child imports everything itself.

One JSON object a line. Orders: ``{"make": command}``, with the reading end of the pipe in which the environment stands
as a JSON object, and ``{"signal": number, "to": process id}``.
Answers: ``{"made": process id}`` in the order of the orders, ``{"ended": process id, "code": …}`` at each death.
"""

import contextlib
import gc
import json
import os
import selectors
import signal
import socket
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from app.cli import main as command_line
from app.lifeline import VARIABLE


@dataclass(frozen=True, slots=True)
class Order:
    """What a child is to be, and the end of the pipe that tells it when it is alone."""

    command: str
    environment: dict[str, str]
    lifeline: int


def main(arguments: list[str]) -> int:
    """Serve until the other end of the socket closes, which ends every child too; a child leaves by here as well."""
    descriptor, how, *commands = arguments
    control = socket.socket(fileno=int(descriptor))
    if how == "fork":
        _import_for(commands)
    order = Server(control).serve()
    return 0 if order is None else _become(order, how)


def _import_for(names: list[str]) -> None:
    gc.disable()  # nothing of what is imported is ever garbage
    for name in names:
        for needed in import_module(f"app.commands.{name}").NEEDS:
            import_module(needed)
    gc.freeze()  # the collector of a child would write into every page that it shares with the others
    gc.enable()


class Server:
    """Takes orders and buries the dead. No thread and no event loop: neither outlives a fork in one piece."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._alive: set[int] = set()
        self._letters: deque[int] = deque()
        # Only this process holds the writing end: however it dies, its children learn of it.
        self._lifeline, self._held = os.pipe()
        self._woken, self._wake = os.pipe()
        os.set_blocking(self._wake, False)

    def serve(self) -> Order | None:
        """None when nobody orders any more; in a new child, its order."""
        signal.signal(signal.SIGCHLD, lambda *_: None)  # a handler there must be, or nothing wakes
        signal.set_wakeup_fd(self._wake)
        with contextlib.suppress(ConnectionError):
            for line in self._lines():
                asked = json.loads(line)
                if "signal" in asked:
                    self._signal(asked["to"], asked["signal"])
                elif order := self._make(asked):
                    return order
        return None

    def _lines(self) -> Iterator[bytes]:
        """Each order; the dead are told of in between."""
        rest = b""
        with selectors.DefaultSelector() as ready:
            for source in (self._control, self._woken):
                ready.register(source, selectors.EVENT_READ)
            while True:
                for key, _ in ready.select():
                    if key.fd == self._woken:
                        os.read(self._woken, 4096)
                        self._bury()
                        continue
                    came, letters, _, _ = socket.recv_fds(self._control, 65536, 16)
                    self._letters.extend(letters)
                    if not came:
                        return
                    *lines, rest = (rest + came).split(b"\n")
                    yield from lines

    def _make(self, asked: dict[str, Any]) -> Order | None:
        letter = self._letters.popleft()
        child = os.fork()
        if child:
            os.close(letter)
            self._alive.add(child)
            self._say({"made": child})
            return None
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._control.close()
        for end in (self._held, self._woken, self._wake, *self._letters):
            os.close(end)
        with open(letter, "rb") as told:
            return Order(asked["make"], json.load(told), self._lifeline)

    def _signal(self, child: int, number: int) -> None:
        """Only to a child that was not buried yet: its number cannot have become another's."""
        if child in self._alive:
            os.kill(child, number)

    def _bury(self) -> None:
        for child in list(self._alive):
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                self._alive.remove(child)
                self._say({"ended": child, "code": os.waitstatus_to_exitcode(status)})

    def _say(self, answer: dict[str, int]) -> None:
        self._control.sendall(json.dumps(answer).encode() + b"\n")


def _become(order: Order, how: str) -> int:
    """Be `yangguang COMMAND` with this environment and no other, in a session of its own."""
    os.setsid()
    environment = {**order.environment, VARIABLE: str(order.lifeline)}
    if how == "anew":
        os.set_inheritable(order.lifeline, True)
        os.execve(sys.executable, [sys.executable, "-m", "app.cli", order.command], environment)  # noqa: S606
    with contextlib.suppress(OSError), open("/proc/self/comm", "w") as name:
        name.write(order.command)  # what `ps -A` and `top` show
    os.environ.clear()
    os.environ.update(environment)
    return command_line([order.command])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
