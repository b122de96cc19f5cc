"""`yangguang migrate`: brings the databases whose owner's address is set to what this version needs."""

import argparse
import os
import sys
from typing import Any


def add(commands: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser("migrate", help="建立或升级交易库、监督库")
    return parser


def main(arguments: argparse.Namespace) -> int:
    from app.migrate import MigrationFailed, migrate_now
    from kernel.settings import Settings

    settings = Settings.read(os.environ)
    if not (settings.owner_database_url or settings.supervision_owner_database_url):
        print("请设置 OWNER_DATABASE_URL 或 SUPERVISION_OWNER_DATABASE_URL", file=sys.stderr)
        return 2
    try:
        migrate_now(settings)
    except MigrationFailed as failure:
        print(f"数据库没有变动：{failure}", file=sys.stderr)
        return 1
    return 0
