"""Starts `yangguang serve` again and again in no time: imported and assembled once, every site is forked from here.

Asked on standard input, one JSON object a line: the environment; answers the process id. When the input ends,
whatever still runs is killed.
"""

import gc
import json
import os
import signal
import sys

from litestar import Litestar

import app.asgi
from app.safe_start import check_start
from app.server import serve
from kernel.settings import Settings

sites: dict[str, Litestar] = {}
"""The order that was given last, and the trading site of its environment: what it opens it opens when it runs."""


def built() -> Litestar:
    """For a site that is started again, only what a start does is done again."""
    return next(iter(sites.values()))


def main() -> None:
    running = []
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system reaps them
    for line in sys.stdin:
        if line not in sites:
            os.environ.update(json.loads(line))
            sites.clear()
            sites[line] = app.asgi.create()
            gc.freeze()
        child = os.fork()
        if not child:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(0)
            settings = Settings.read(os.environ)
            check_start(settings, settings.database_url)
            serve("forked_site:built", settings.port, settings)
            os._exit(0)
        running.append(child)
        print(child, flush=True)
    for child in running:
        try:
            os.kill(child, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    sys.modules["forked_site"] = sys.modules["__main__"]  # uvicorn looks the site up by its module's name
    main()
