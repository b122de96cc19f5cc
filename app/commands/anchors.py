"""`yangguang anchors`: issues the successor of an anchors file and gathers the signatures it needs."""

import argparse
import sys
from pathlib import Path
from typing import Any


def add(commands: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        "anchors",
        help="签发锚点文件的后继：换钥、换人之后，持有旧锚点的人可以自行接续",
        description="逐人运行，每次加上一个签名。需要前一份锚点中监督进程、监督部门持钥人、交易中心持钥人各一人签名。",
    )
    parser.add_argument("--anchors", type=Path, required=True, help="现行的锚点文件 anchors.json")
    parser.add_argument("--new", type=Path, help="新的 anchors.json；只在第一次签名时给出")
    parser.add_argument("--key", type=Path, required=True, help="签名密钥")
    parser.add_argument("--passphrase-file", type=Path, help="签名密钥的口令文件；不写则在终端询问")
    parser.add_argument("--out", type=Path, required=True, help="后继锚点（DSSE）；已有的，在其上加签")
    return parser


def main(arguments: argparse.Namespace) -> int:
    """0 complete, 3 signed and still short of a signature."""
    from app.bidder.folder import write_whole
    from app.bidder.passphrases import ask_passphrase
    from app.files import given
    from kernel.errors import BadInput, Problem
    from kernel.proofs import dsse
    from kernel.proofs.anchors import read_anchors
    from kernel.proofs.errors import BadSignature
    from kernel.proofs.signers import unlock_signer
    from kernel.proofs.succession import build_successor, follow

    old = read_anchors(given(arguments.anchors))
    if arguments.out.exists() == bool(arguments.new):
        says = "后继锚点已在，--new 不再需要" if arguments.new else "还没有后继锚点，请用 --new 给出新的锚点文件"
        raise BadInput(Problem("successor_new_or_not", says, "请核对 --new 和 --out"))
    if arguments.new:
        signed = dsse.Signed(build_successor(old, given(arguments.new)), dsse.PAYLOAD_TYPE, ())
    else:
        signed = dsse.read(given(arguments.out))
    signer = unlock_signer(given(arguments.key), ask_passphrase(arguments.passphrase_file, "签名密钥的口令"))
    signed = dsse.add_signature(signed, signer)
    write_whole(arguments.out, signed.to_bytes())
    try:
        follow(old, [signed.to_bytes()])
    except BadSignature as short:
        print(f"已签名。{short.says}", file=sys.stderr)
        return 3
    print(f"后继锚点已签齐：{arguments.out}（新锚点 SHA-256 {signed.sha256}）")
    return 0
