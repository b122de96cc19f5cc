"""Lets a child process know when its parent is gone: the parent holds one end of a pipe, the child the other.

However the parent ends, kill -9 included, the system closes its end; the child then stops as if told to.
"""

import contextlib
import os
import signal
import threading

VARIABLE = "YANGGUANG_LIFELINE"


def hold_on() -> None:
    """In a child: stop this process when the parent's end of the pipe closes; nothing without a parent."""
    if number := os.environ.pop(VARIABLE, ""):
        threading.Thread(target=_watch, args=(int(number),), daemon=True).start()


def _watch(descriptor: int) -> None:
    with contextlib.suppress(OSError):
        os.read(descriptor, 1)  # nothing is ever written: it returns when the other end closes
    os.kill(os.getpid(), signal.SIGTERM)
