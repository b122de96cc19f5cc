"""Starts `yangguang serve` again and again in no time: the modules are imported once, every site is forked from here.

Asked on standard input, one JSON object a line: {"port", "environment"}; answers the process id. When the input
ends, whatever still runs is killed.
"""

import json
import os
import signal
import sys


def main() -> None:
    import app.asgi  # noqa: F401, PLC0415 - what takes its time is done before the first fork
    from app.cli import main as command  # noqa: PLC0415

    running = []
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system reaps them
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(0)
            os.environ.update(asked["environment"])
            os._exit(command(["serve"]))
        running.append(child)
        print(child, flush=True)
    for child in running:
        try:
            os.kill(child, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    main()
