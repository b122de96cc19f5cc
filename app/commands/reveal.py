"""`yangguang reveal`: after the close, sends the seeds of one's own bid (投标人在线解密)."""

import argparse
from pathlib import Path
from typing import Any


def add(commands: Any) -> argparse.ArgumentParser:
    from app.site_options import add_site

    parser: argparse.ArgumentParser = commands.add_parser("reveal", help="截标后在线解密自己的投标文件")
    parser.add_argument("folder", type=Path, metavar="DIR", help="最后一次递交的标书文件夹")
    parser.add_argument("--key", type=Path, help="封装时用的签名密钥；网页封装的在恢复文件里，不必写")
    parser.add_argument("--passphrase-file", type=Path, help="签名密钥的口令文件；不写则在终端询问")
    parser.add_argument("--recovery", type=Path, help="恢复文件的备份；不写则用文件夹中的")
    parser.add_argument("--recovery-passphrase-file", type=Path, help="恢复文件的口令文件；不写则在终端询问")
    parser.add_argument("--anchors", type=Path, help="锚点文件，用来核对截标名单的会签")
    parser.add_argument("--offline", action="store_true", help="只生成解密文件，不发送；到网页上递交")
    add_site(parser)
    return parser


def main(arguments: argparse.Namespace) -> int:
    import sys

    from app.bidder.after import closed_list, recovery_of, reveal, turn_of, write_reveals
    from app.bidder.folder import BidFolder
    from app.bidder.passphrases import ask_passphrase
    from app.client import Client, client_of
    from app.files import given
    from kernel.proofs.anchors import read_anchors

    folder = BidFolder.open(arguments.folder)
    anchors = read_anchors(given(arguments.anchors)) if arguments.anchors else None
    if anchors is None:
        print("！！注意：没有锚点文件（--anchors），不能核对截标名单的会签是不是真的", file=sys.stderr)
    # The list of the close is public: whoever only makes the files needs no token.
    with Client(arguments.site) if arguments.offline else client_of(arguments) as client:
        close = closed_list(client, folder, anchors)
        secret = ask_passphrase(arguments.recovery_passphrase_file, "恢复文件的口令")
        recovery = recovery_of(folder, secret, arguments.recovery)
        signer, turn = signer_of(arguments, recovery), turn_of(client, folder, close, anchors)
        if turn.report:
            print(f"本次开启依据评审报告 {turn.report}；报告没有签署的，请向监督部门反映", file=sys.stderr)
        if arguments.offline:
            for path in write_reveals(folder, close, recovery, signer, turn):
                print(path)
            print("解密文件已生成，还没有发送。请在解密时间内到网页上递交", file=sys.stderr)
            return 0
        stages = reveal(client, folder, close, recovery, signer, turn)
    print(f"已解密 {stages} 个阶段。全部投标人解密完毕或解密时间结束后一并公布")
    return 0


def signer_of(arguments: argparse.Namespace, recovery: Any) -> Any:
    """The key that signed the bid: in a file of its own, or, after sealing in a page, in the recovery file."""
    from app.bidder.passphrases import ask_passphrase
    from app.files import given
    from kernel.errors import BadInput, Problem
    from kernel.proofs.signers import Ed25519Signer, unlock_signer

    if arguments.key is not None:
        return unlock_signer(given(arguments.key), ask_passphrase(arguments.passphrase_file, "签名密钥的口令"))
    if not recovery.signer:
        raise BadInput(Problem("no_key", "恢复文件里没有签名密钥", "请用 --key 指明封装时用的签名密钥"))
    return Ed25519Signer.from_seed(recovery.signer)
