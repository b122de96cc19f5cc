"""`yangguang supervise`: the supervision site, started by its name because nothing may import it."""

import argparse
import os
from typing import Any

NEEDS = ("app.safe_start", "app.server", "supervision.asgi")
"""What `main` imports, for a process that imports it before it is known what is to run."""


def add(commands: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser("supervise", help="运行监督端网站")
    return parser


def main(arguments: argparse.Namespace) -> int:
    from app.safe_start import check_start
    from app.server import serve
    from kernel.settings import Settings

    settings = Settings.read(os.environ)
    check_start(settings, settings.supervision_database_url)
    serve("supervision.asgi:create", settings.supervision_port, settings)
    return 0
