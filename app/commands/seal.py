"""`yangguang seal`: seals a bid on the bidder's own machine; needs no network unless --site is given."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.bidder.contents import Contents
    from app.bidder.lot import Lot
    from app.bidder.seal import Order, Previous
    from kernel.proofs.setup import Setup


def add(commands: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser("seal", help="在本机封装（加密并签名）投标文件，可离线使用")
    parser.add_argument("--lot", type=Path, required=True, help="标段文件：yangguang lot --site 网址 标段 > lot.json")
    parser.add_argument("--anchors", type=Path, help="锚点文件 anchors.json，从平台以外取得")
    parser.add_argument("--contents", type=Path, help="bid.toml：各阶段的报价表和文件")
    parser.add_argument("--price", type=Path, help='报价表 JSON，如 {"price": "38000000.00", "period_days": 180}')
    parser.add_argument("--documents", type=Path, help="投标文件所在文件夹")
    parser.add_argument("--bidder", default="", help="投标人的统一社会信用代码")
    parser.add_argument("--out", type=Path, required=True, help="封装结果放入这个文件夹")
    parser.add_argument("--key", type=Path, required=True, help="投标人的签名密钥，没有就生成")
    parser.add_argument("--passphrase-file", type=Path, help="签名密钥的口令文件；不写则在终端询问")
    parser.add_argument("--passphrase-out", type=Path, help="把恢复文件的口令写入此文件；不写则显示在终端")
    parser.add_argument("--replace", type=Path, metavar="DIR", help="替换此文件夹中的上一份标书")
    parser.add_argument("--only", action="append", default=[], metavar="阶段", help="只替换这个阶段，其余沿用")
    parser.add_argument("--recovery-passphrase-file", type=Path, help="上一份标书恢复文件的口令文件")
    parser.add_argument("--no-fallback", action="store_true", help="不同意由三方补救开启：本人不解密则视为撤销")
    parser.add_argument("--rehearsal", action="store_true", help="为演练标段封装")
    return parser


def main(arguments: argparse.Namespace) -> int:
    from app.bidder.filling import warnings
    from app.bidder.passphrases import bidder_key
    from app.bidder.seal import seal_into
    from app.progress import Meter
    from kernel.proofs.age import Passphrase

    lot = _checked_lot(arguments)
    text, previous = _recovery(arguments)
    order = _order(arguments, lot, previous)
    for warning in warnings(lot, order.contents):
        print(f"！！注意：{warning}", file=sys.stderr)
    signer = bidder_key(arguments.key, arguments.passphrase_file)
    meter = Meter("封装", sum(d.path.stat().st_size for c in order.contents.values() for d in c.documents))
    sealed = seal_into(arguments.out, order, signer, Passphrase(text), meter)
    meter.finish()
    print(f"标书 {sealed.bid.sha256}（第 {sealed.bid.seq} 份）已封装在 {arguments.out}")
    _hand_out(arguments, text, new=previous is None)
    return 0


def _checked_lot(arguments: argparse.Namespace) -> "Lot":
    from datetime import UTC, datetime

    from app.bidder.lot import check_lot, in_beijing, read_lot
    from app.files import given
    from kernel.proofs.anchors import read_anchors

    lot = read_lot(given(arguments.lot))
    anchors = read_anchors(given(arguments.anchors)) if arguments.anchors else None
    for warning in check_lot(lot, anchors, now=datetime.now(UTC), rehearsal=arguments.rehearsal):
        print(f"！！注意：{warning}", file=sys.stderr)
    print(f"标段 {lot.setup.tender} / {lot.setup.lot}，投标截止时间 {in_beijing(lot.deadline.at)}", file=sys.stderr)
    return lot


def _recovery(arguments: argparse.Namespace) -> "tuple[str, Previous | None]":
    """The recovery file's passphrase: the previous bid's when there is one, so that the bidder keeps only one."""
    from app.bidder.passphrases import ask_passphrase, new_passphrase
    from app.bidder.seal import Previous

    if arguments.replace is None:
        return new_passphrase(), None
    passphrase = ask_passphrase(arguments.recovery_passphrase_file, "上一份标书恢复文件的口令")
    return passphrase.text, Previous.open(arguments.replace, passphrase)


def _order(arguments: argparse.Namespace, lot: "Lot", previous: "Previous | None") -> "Order":
    from app.bidder.filling import filled
    from app.bidder.seal import Order
    from kernel.errors import BadInput, Problem

    contents = filled(lot, _contents(arguments, lot.setup))
    only = set(arguments.only)
    if only - set(contents.stages):
        says = f"没有给出阶段 {'、'.join(sorted(only - set(contents.stages)))} 的内容"
        raise BadInput(Problem("stage_missing", says, "请核对 --only 和给出的文件"))
    stages = {name: given for name, given in contents.stages.items() if not only or name in only}
    bidder = arguments.bidder or contents.bidder or (previous.folder.bid.bidder if previous else "")
    return Order(lot, bidder, stages, not arguments.no_fallback, previous)


def _contents(arguments: argparse.Namespace, setup: "Setup") -> "Contents":
    from app.bidder.contents import from_parts, from_toml
    from app.files import given
    from kernel.errors import BadInput, Problem

    if arguments.contents and (arguments.price or arguments.documents):
        raise BadInput(Problem("contents_twice", "--contents 与 --price、--documents 只能选一种", "请去掉其中一种"))
    if arguments.contents:
        given(arguments.contents)
        return from_toml(arguments.contents, setup)
    if arguments.price:
        given(arguments.price)
    return from_parts(setup, arguments.price, arguments.documents)


def _hand_out(arguments: argparse.Namespace, text: str, *, new: bool) -> None:
    from app.bidder.folder import RECOVERY, write_whole

    print(f"恢复文件：{arguments.out / RECOVERY}。解密时要用它和它的口令，请各备份一份，分开存放。")
    if not new:
        print("恢复文件的口令与上一份标书相同。")
    elif arguments.passphrase_out:
        write_whole(arguments.passphrase_out, text.encode(), private=True)
        print(f"恢复文件的口令已写入 {arguments.passphrase_out}")
    else:
        print(f"恢复文件的口令（只显示这一次，请抄下）：\n\n    {text}\n")
