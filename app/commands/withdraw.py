"""`yangguang withdraw`: takes a submitted bid back, before the deadline."""

import argparse
from pathlib import Path
from typing import Any


def add(commands: Any) -> argparse.ArgumentParser:
    from app.site_options import add_site

    parser: argparse.ArgumentParser = commands.add_parser("withdraw", help="截止之前撤回已递交的标书")
    parser.add_argument("folder", type=Path, metavar="DIR", help="已递交的标书文件夹")
    parser.add_argument("--key", type=Path, required=True, help="封装时用的签名密钥")
    parser.add_argument("--passphrase-file", type=Path, help="签名密钥的口令文件；不写则在终端询问")
    parser.add_argument("--anchors", type=Path, help="锚点文件，用来核对回执的签名")
    parser.add_argument("--offline", action="store_true", help="只签撤回声明，不发送；到网页上递交")
    add_site(parser, required=False)
    return parser


def main(arguments: argparse.Namespace) -> int:
    from app.bidder.after import withdraw, withdrawal
    from app.bidder.folder import WITHDRAWAL, BidFolder
    from app.bidder.passphrases import ask_passphrase
    from app.client import client_of
    from app.files import given
    from kernel.errors import BadInput, Problem
    from kernel.proofs.anchors import read_anchors
    from kernel.proofs.signers import unlock_signer

    if not arguments.site and not arguments.offline:
        raise BadInput(Problem("no_site", "没有写明网址", "请加 --site；只签不发的，加 --offline"))
    folder = BidFolder.open(arguments.folder)
    anchors = read_anchors(given(arguments.anchors)) if arguments.anchors else None
    passphrase = ask_passphrase(arguments.passphrase_file, "签名密钥的口令")
    signer = unlock_signer(given(arguments.key), passphrase)
    if arguments.offline:
        withdrawal(folder, signer)
        print(f"撤回声明已签在 {folder.path / WITHDRAWAL}，还没有发送。请在截止之前到网页上递交")
        return 0
    with client_of(arguments) as client:
        answer = withdraw(client, folder, signer, anchors)
    print(f"已撤回，收到时间 {answer['received']}。截止之前可以用 yangguang seal --replace 重新封装后再递交")
    return 0
