"""`yangguang run`: the whole house on this machine, for a look and for development."""

import argparse
import os
from typing import Any

DEFAULTS = {"YANGGUANG_MODE": "demo", "YANGGUANG_LOG_LEVEL": "warning"}


def add(commands: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        "run", help="在本机运行全部：内置数据库、两个网站、后台任务和演示数据"
    )
    return parser


def main(arguments: argparse.Namespace) -> int:
    from app.launch import launch
    from kernel.settings import Settings

    return launch(Settings.read(DEFAULTS | dict(os.environ)))
