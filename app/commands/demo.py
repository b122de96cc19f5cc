"""`yangguang demo`: plays a tender and a request of the market over HTTP in a set clock and verifies what it made."""

import argparse
from pathlib import Path
from typing import Any


def add(commands: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        "demo", help="演示：在拨快的时钟里走完一次招标和一次中介服务采购，最后核验证据包"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="evidence.zip", help="公开证据包写到这里")
    parser.add_argument("--archive", type=Path, metavar="archive.zip", help="完整档案包写到这里")
    parser.add_argument("--anchors", type=Path, metavar="anchors.json", help="锚点文件写到这里，供以后核验")
    parser.add_argument("--big", type=int, default=200, metavar="MB", help="最大的投标文件有多大，默认 200 MB")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="数据留在这个文件夹，不写则演示后删除")
    return parser


def main(arguments: argparse.Namespace) -> int:
    from app.demo.play import Order, play
    from app.demo.steps import DemoFailed, complain
    from app.embedded import EmbeddedFailed
    from app.migrate import MigrationFailed

    order = Order(arguments.out, arguments.archive, arguments.anchors, max(arguments.big, 0), arguments.keep)
    try:
        steps = play(order)
    except (DemoFailed, EmbeddedFailed, MigrationFailed) as failure:
        complain(f"演示没有走完：{failure}")
        return 1
    print(f"\n{steps.table()}")
    return 0
