"""`yangguang serve`: the trading site."""

import argparse
import os
from typing import Any

NEEDS = ("app.safe_start", "app.server", "app.asgi")
"""What `main` imports, for a process that imports it before it is known what is to run."""


def add(commands: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser("serve", help="运行交易端网站")
    return parser


def main(arguments: argparse.Namespace) -> int:
    from app.safe_start import check_start
    from app.server import serve
    from kernel.settings import Settings

    settings = Settings.read(os.environ)
    check_start(settings, settings.database_url)
    serve("app.asgi:create", settings.port, settings)
    return 0
