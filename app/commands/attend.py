"""`yangguang attend`: the purchaser takes part in an attended draw, at his own machine, with his own key."""

import argparse
import sys
from pathlib import Path
from typing import Any

HOME = Path("officer")
STAGES = {"begun": "抽取已开始", "listed": "名单已固定", "sealed": "各方片段已封存", "ordered": "次序已产生"}


def add(commands: Any) -> argparse.ArgumentParser:
    from app.site_options import add_site

    parser: argparse.ArgumentParser = commands.add_parser(
        "attend", help="到场抽取：采购人一方参加专家抽取，直到次序产生"
    )
    add_site(parser)
    parser.add_argument("--lot", required=True, help="标段编号（UUID，见标段页面网址）")
    parser.add_argument("--home", type=Path, default=HOME, help=f"密钥文件夹，默认 {HOME}（用 trustee init 生成）")
    parser.add_argument("--passphrase-file", type=Path, help="口令文件；不写则在终端询问")
    parser.add_argument("--anchors", type=Path, help="锚点文件 anchors.json，核对另外两方的公钥")
    return parser


def main(arguments: argparse.Namespace) -> int:
    from app.bidder.passphrases import ask_passphrase
    from app.client import client_of
    from app.files import given
    from app.officer.attend import attend
    from app.officer.home import unlock
    from kernel.proofs.anchors import read_anchors

    home = unlock(arguments.home, ask_passphrase(arguments.passphrase_file, "密钥的口令"))
    anchors = read_anchors(given(arguments.anchors)) if arguments.anchors else None
    if anchors is None:
        print("！！注意：没有锚点文件（--anchors），不能核对另外两方的公钥", file=sys.stderr)
    with client_of(arguments) as client:
        ended = attend(client, home, _lot(arguments.lot), anchors, lambda word: print(STAGES.get(word, word)))
    print("抽取作废，原因见标段页面" if ended == "void" else "次序已产生，此后无人能够更改")
    return 1 if ended == "void" else 0


def _lot(text: str) -> Any:
    from uuid import UUID

    from kernel.errors import BadInput, Problem

    try:
        return UUID(text)
    except ValueError:
        raise BadInput(Problem("bad_lot", "标段编号不是 UUID", "请从标段页面的网址复制", field="lot")) from None
