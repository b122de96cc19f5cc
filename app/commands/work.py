"""`yangguang work`: what happens behind the sites; any number of these may run."""

import argparse
import os
from typing import Any

NEEDS = ("app.safe_start", "app.worker")
"""What `main` imports, for a process that imports it before it is known what is to run."""


def add(commands: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser("work", help="运行后台任务：到期事项、日志、文件归库")
    return parser


def main(arguments: argparse.Namespace) -> int:
    from app.safe_start import check_start
    from app.worker import work
    from kernel.settings import Settings

    settings = Settings.read(os.environ)
    check_start(settings, settings.database_url or settings.supervision_database_url)
    work(settings)
    return 0
