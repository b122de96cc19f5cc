"""`yangguang cure`: proves envelopes of one's own bid well made that a holder calls bad (举证); never by the seed."""

import argparse
from pathlib import Path
from typing import Any


def add(commands: Any) -> argparse.ArgumentParser:
    from app.site_options import add_site

    parser: argparse.ArgumentParser = commands.add_parser("cure", help="持钥人称密封件打不开时，证明其无误")
    parser.add_argument("folder", type=Path, metavar="DIR", help="最后一次递交的标书文件夹")
    parser.add_argument("--key", type=Path, help="封装时用的签名密钥；网页封装的在恢复文件里，不必写")
    parser.add_argument("--passphrase-file", type=Path, help="签名密钥的口令文件；不写则在终端询问")
    parser.add_argument("--recovery", type=Path, help="恢复文件的备份；不写则用文件夹中的")
    parser.add_argument("--recovery-passphrase-file", type=Path, help="恢复文件的口令文件；不写则在终端询问")
    parser.add_argument("--anchors", type=Path, help="锚点文件，用来核对截标名单的会签")
    add_site(parser)
    return parser


def main(arguments: argparse.Namespace) -> int:
    from app.bidder.after import closed_list, recovery_of
    from app.bidder.cure import prove
    from app.bidder.folder import BidFolder
    from app.bidder.passphrases import ask_passphrase
    from app.client import client_of
    from app.commands.reveal import signer_of
    from app.files import given
    from kernel.proofs.anchors import read_anchors

    folder = BidFolder.open(arguments.folder)
    anchors = read_anchors(given(arguments.anchors)) if arguments.anchors else None
    with client_of(arguments) as client:
        close = closed_list(client, folder, anchors)
        secret = ask_passphrase(arguments.recovery_passphrase_file, "恢复文件的口令")
        recovery = recovery_of(folder, secret, arguments.recovery)
        proved = prove(client, folder, close, recovery, signer_of(arguments, recovery), anchors)
    print(f"已证明 {proved} 个密封件无误。种子没有交出" if proved else "没有持钥人称您的密封件有误，无需办理")
    return 0
