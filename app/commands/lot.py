"""`yangguang lot`: fetches what a bidder needs to seal for a lot; the rest can be done offline."""

import argparse
import sys
from typing import Any


def add(commands: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        "lot", help="取得标段文件：yangguang lot --site 网址 标段 > lot.json"
    )
    parser.add_argument("--site", required=True, help="网址，如 http://127.0.0.1:8000")
    parser.add_argument("lot", help="标段的编号（网址中 /lots/ 之后的部分）；中介超市为 /requests/ 之后的部分")
    parser.add_argument("--request", action="store_true", help="是中介超市的采购需求，不是标段")
    return parser


def main(arguments: argparse.Namespace) -> int:
    from uuid import UUID

    from app.bidder.lot import read_lot
    from app.client import Client
    from kernel.errors import BadInput, Problem

    try:
        case = UUID(arguments.lot)
    except ValueError:
        raise BadInput(Problem("bad_lot", "标段编号写法不对", "请从标段网页的网址中复制 /lots/ 之后的部分")) from None
    with Client(arguments.site) as client:
        data = client.get_raw(f"/{'requests' if arguments.request else 'lots'}/{case}/sealing").content
    read_lot(data)
    sys.stdout.write(data.decode())
    return 0
