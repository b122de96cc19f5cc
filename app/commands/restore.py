"""`yangguang restore`: within five minutes of the deadline, has a bid restored that the published list omits."""

import argparse
from pathlib import Path
from typing import Any


def add(commands: Any) -> argparse.ArgumentParser:
    from app.site_options import add_site

    parser: argparse.ArgumentParser = commands.add_parser(
        "restore", help="截标后五分钟内核对名单；遗漏了自己的标书，凭回执补入"
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="最后一次递交的标书文件夹")
    add_site(parser)
    return parser


def main(arguments: argparse.Namespace) -> int:
    """0 on the list, restored or before; 1 refused."""
    from app.bidder.after import restore
    from app.bidder.folder import BidFolder
    from app.client import client_of

    folder = BidFolder.open(arguments.folder)
    with client_of(arguments) as client:
        restored = restore(client, folder)
    print("名单遗漏了您的标书，已凭回执补入" if restored else "您的标书在截标名单中，无需办理")
    return 0
