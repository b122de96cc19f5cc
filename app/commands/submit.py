"""`yangguang submit`: sends a sealed bid, going on where it was cut, and keeps the receipt."""

import argparse
from pathlib import Path
from typing import Any


def add(commands: Any) -> argparse.ArgumentParser:
    from app.site_options import add_site

    parser: argparse.ArgumentParser = commands.add_parser("submit", help="递交封装好的投标文件，断线后从断点继续")
    parser.add_argument("folder", type=Path, metavar="DIR", help="yangguang seal 的输出文件夹")
    parser.add_argument("--lot", default="", help="标段编号；不写则用封装时的标段")
    parser.add_argument("--anchors", type=Path, help="锚点文件，用来核对回执的签名")
    add_site(parser)
    return parser


def main(arguments: argparse.Namespace) -> int:
    from app.bidder.folder import SIGNED_RECEIPT, BidFolder
    from app.bidder.submission import submit
    from app.client import client_of
    from app.files import given
    from app.progress import Meter
    from kernel.errors import BadInput, Problem
    from kernel.proofs.anchors import read_anchors

    folder = BidFolder.open(arguments.folder)
    if arguments.lot and arguments.lot != folder.lot.case:
        raise BadInput(Problem("other_lot", f"这份标书是为标段 {folder.lot.case} 封装的", "请核对 --lot"))
    anchors = read_anchors(given(arguments.anchors)) if arguments.anchors else None
    meter = Meter("递交", sum(path.stat().st_size for path in folder.to_send().values()))
    with client_of(arguments) as client:
        answer = submit(client, folder, anchors, meter)
    meter.finish()
    for warning in answer.get("warnings", []):
        print(f"！！注意：{warning}")
    print(f"已递交：第 {answer['seq']} 份，{answer['size']:,} 字节，收到时间 {answer['received']}")
    print(f"标书 SHA-256 {answer['sha256']}")
    print(
        f"回执 {arguments.folder / SIGNED_RECEIPT}" + ("" if anchors else "（未提供锚点，签名只按平台自报的公钥核对）")
    )
    return 0
