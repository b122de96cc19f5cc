"""`yangguang verify`: replays an evidence package on anybody's machine; no server, no database, no network."""

import argparse
import sys
from pathlib import Path
from typing import Any


def add(commands: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser("verify", help="核验证据包，可离线进行，不需要信任平台")
    parser.add_argument("package", type=Path, help="证据包：public.zip 或 archive.zip")
    parser.add_argument("--anchors", type=Path, help="锚点文件 anchors.json，从平台以外取得；不给则密钥不作核对")
    parser.add_argument(
        "--successor",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="锚点文件的后继（DSSE），按先后逐份给出；由前一份锚点中的密钥签发",
    )
    return parser


def main(arguments: argparse.Namespace) -> int:
    """0 all holds, 1 something is wrong, 2 a file cannot be read."""
    from bidding.score_check import CHECKS
    from kernel.proofs.anchors import read_anchors
    from kernel.proofs.errors import ProofError
    from kernel.proofs.succession import follow
    from kernel.proofs.verify import verify

    if arguments.successor and not arguments.anchors:
        print("有后继锚点而没有锚点文件。请用 --anchors 给出您手中的那一份", file=sys.stderr)
        return 2
    try:
        anchors = read_anchors(arguments.anchors.read_bytes()) if arguments.anchors else None
        if anchors is not None:
            anchors = follow(anchors, [path.read_bytes() for path in arguments.successor])
        with arguments.package.open("rb") as src:
            report = verify(src, anchors, CHECKS)
    except OSError as error:
        print(f"读不出文件 {error.filename}：{error.strerror}。请核对路径", file=sys.stderr)
        return 2
    except ProofError as error:
        print(f"锚点文件不可用：{error.says}（{error.where or arguments.anchors}）", file=sys.stderr)
        return 2
    print(report.text())
    return 0 if report.good else 1
