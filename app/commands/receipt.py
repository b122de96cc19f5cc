"""`yangguang receipt`: fetches the final proof of a receipt and checks it against the anchors."""

import argparse
from pathlib import Path
from typing import Any


def add(commands: Any) -> argparse.ArgumentParser:
    from app.site_options import add_site

    parser: argparse.ArgumentParser = commands.add_parser("receipt", help="取得并核验回执的最终存证证明")
    parser.add_argument("folder", type=Path, metavar="DIR", help="已递交的标书文件夹")
    parser.add_argument("--anchors", type=Path, required=True, help="锚点文件 anchors.json，从平台以外取得")
    add_site(parser)
    return parser


def main(arguments: argparse.Namespace) -> int:
    from app.bidder.folder import PROOF, RECEIPT, BidFolder
    from app.bidder.submission import check_proof, fetch_proof
    from app.client import client_of
    from app.files import given
    from kernel.errors import BadInput, Problem
    from kernel.proofs.anchors import read_anchors

    folder, anchors = BidFolder.open(arguments.folder), read_anchors(given(arguments.anchors))
    if not folder.read(RECEIPT):
        raise BadInput(Problem("no_receipt", f"{arguments.folder} 中没有回执", "请先递交"))
    with client_of(arguments) as client:
        if not fetch_proof(client, folder):
            print("回执已生效；见证方尚未签名，请过几分钟再取最终证明")
            return 3
    proven = check_proof(folder, anchors)
    print(f"回执已最终存证：日志共 {proven.size} 条，见证方 {'、'.join(proven.witnesses)}")
    print(f"证明 {arguments.folder / PROOF}")
    return 0
