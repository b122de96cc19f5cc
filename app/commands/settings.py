"""`yangguang settings`: every setting, what it is now and what it means; secrets stay hidden."""

import argparse
import os
from typing import Any


def add(commands: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser("settings", help="列出全部设置及其含义")
    return parser


def main(arguments: argparse.Namespace) -> int:
    from kernel.settings import Settings, listing

    for line in listing(Settings.read(os.environ)):
        print(f"{line.name}={line.value}")
        print(f"    {line.says}" + (f"（默认 {line.default}）" if line.default else ""))
    return 0
