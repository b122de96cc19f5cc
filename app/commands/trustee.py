"""`yangguang trustee`: a share holder's tool: make keys, register them, and do with one unlock all that waits."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.officer.home import Card
    from kernel.proofs.caution import Trust

HOME = Path("officer")


def add(commands: Any) -> argparse.ArgumentParser:
    from app.site_options import add_site

    parser: argparse.ArgumentParser = commands.add_parser(
        "trustee", help="持钥人工具：生成密钥、登记、一次解锁办完待办"
    )
    acts = parser.add_subparsers(dest="act", metavar="事项", required=True)
    init = acts.add_parser("init", help="生成主密钥和签名密钥（请在离线的机器上做）")
    init.add_argument("--role", required=True, choices=("operator", "regulator", "purchaser"), help="角色")
    init.add_argument("--name", required=True, help="姓名或职务，写入锚点文件")
    init.add_argument("--since", default="", help="锚点起始时刻，如 2026-03-02T09:00:00.000+08:00，默认现在")
    init.add_argument("--backup", type=Path, help="备份文件写到这里（例如 U 盘）")
    init.add_argument("--no-backup", action="store_true", help="不做备份：密钥丢失就再也打不开")
    register = acts.add_parser("register", help="读回备份，把公钥登记到网站")
    register.add_argument("--backup", type=Path, help="备份文件：从这里读回密钥，证明备份可用")
    register.add_argument("--no-backup", action="store_true", help="没有备份：用密钥文件夹里的密钥登记")
    work = acts.add_parser("work", help="解锁一次，办完所有待办")
    status = acts.add_parser("status", help="看看有什么待办，不需口令")
    show = acts.add_parser("show", help="说密封件打不开的，导出该标段的密钥，当面交监督部门核实")
    show.add_argument("--out", type=Path, default=Path(), help="文件写到这个文件夹，默认当前文件夹")
    for each in (work, show):
        each.add_argument("--anchors", type=Path, help="锚点文件 anchors.json")
        each.add_argument("--yes", action="store_true", help="全部同意，不逐项询问")
        each.add_argument("--ignore-own-clock", action="store_true", help="演示用：不核对本机时钟是否已过截止时间")
    for each in (register, work, status, show):
        add_site(each)
    for each in (init, register, work, status, show):
        each.add_argument("--home", type=Path, default=HOME, help=f"密钥文件夹，默认 {HOME}")
    for each in (init, register, work, show):
        each.add_argument("--passphrase-file", type=Path, help="口令文件；不写则在终端询问")
    return parser


def main(arguments: argparse.Namespace) -> int:
    acts = {"init": _init, "register": _register, "work": _work, "status": _status, "show": _show}
    return acts[arguments.act](arguments)


def _init(arguments: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from app.bidder.passphrases import ask_passphrase
    from app.officer.home import create
    from kernel.errors import BadInput, Problem
    from kernel.proofs.deadline import write_moment

    if (arguments.backup is None) == (not arguments.no_backup):
        says = "请用 --backup 指明备份位置；确实不做备份的，写 --no-backup"
        raise BadInput(Problem("no_backup", "没有说明备份", says))
    passphrase = ask_passphrase(arguments.passphrase_file, "为密钥设一个口令", twice=True)
    home = create(arguments.home, arguments.role, arguments.name, passphrase, arguments.backup)
    since = arguments.since or write_moment(datetime.now(UTC))
    print(f"密钥已生成在 {arguments.home}。锚点文件 officers 中应加入的一行：", file=sys.stderr)
    print(home.card.line(since))
    return 0


def _register(arguments: argparse.Namespace) -> int:
    from app.bidder.passphrases import ask_passphrase
    from app.client import client_of
    from app.officer.home import SECRET, read_back
    from app.officer.work import register
    from kernel.errors import BadInput, Problem

    if (arguments.backup is None) == (not arguments.no_backup):
        says = "请用 --backup 指明备份文件；确实没有备份的，写 --no-backup"
        raise BadInput(Problem("no_backup", "没有说明从哪里读回密钥", says))
    source = arguments.backup or arguments.home / SECRET
    home = read_back(source, ask_passphrase(arguments.passphrase_file, "密钥的口令"))
    with client_of(arguments) as client:
        print(f"已登记，公钥编号 {register(client, home)}")
    return 0


def _work(arguments: argparse.Namespace) -> int:
    from app.bidder.passphrases import ask_passphrase
    from app.client import client_of
    from app.officer.home import unlock
    from app.officer.work import work

    home = unlock(arguments.home, ask_passphrase(arguments.passphrase_file, "密钥的口令"))
    trust = _trust(arguments, home.card)
    with client_of(arguments) as client:
        results = work(client, home, trust, (lambda words: True) if arguments.yes else _ask)
    for done in results:
        print(f"✗ {done.words}\n    未办理：{done.says}" if done.says else f"✓ {done.words}")
    print(f"共办理 {sum(not done.says for done in results)} 项，未办理 {sum(bool(done.says) for done in results)} 项")
    return 1 if any(done.says for done in results) else 0


def _status(arguments: argparse.Namespace) -> int:
    from app.client import client_of
    from app.officer.home import card
    from app.officer.words import describe
    from app.officer.work import waiting

    with client_of(arguments) as client:
        tasks = waiting(client, card(arguments.home))
    for task in tasks:
        print(f"· {describe(task)}")
    print(f"共 {len(tasks)} 项待办" if tasks else "没有待办")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    from app.bidder.passphrases import ask_passphrase
    from app.client import client_of
    from app.officer.home import unlock
    from app.officer.show import show

    home = unlock(arguments.home, ask_passphrase(arguments.passphrase_file, "密钥的口令"))
    trust = _trust(arguments, home.card)
    with client_of(arguments) as client:
        found = show(client, home, trust, (lambda words: True) if arguments.yes else _ask, arguments.out)
    for one in found:
        print(f"已导出 {one.path}：{one.bad} 个密封件打不开，{one.opens} 个打得开。请当面交监督部门试开，交后删除")
    if not found:
        print("没有需要出示密钥的标段")
    return 0


def _trust(arguments: argparse.Namespace, card: "Card") -> "Trust":
    from datetime import UTC, datetime

    from app.files import given
    from kernel.proofs.anchors import read_anchors
    from kernel.proofs.caution import Trust

    anchors = read_anchors(given(arguments.anchors)) if arguments.anchors else None
    if anchors is None:
        print("！！注意：没有锚点文件（--anchors），不能核对会签和截止时间的签名是不是真的", file=sys.stderr)
    return Trust(card.role, anchors, None if arguments.ignore_own_clock else datetime.now(UTC))


def _ask(words: str) -> bool:
    from kernel.errors import BadInput, Problem

    if not sys.stdin.isatty():
        raise BadInput(Problem("nobody_to_ask", "没有终端，不能逐项询问", "确认全部同意的，请加 --yes"))
    return input(f"{words}。办理吗？(y/n) ").strip().lower() in {"y", "yes", "是"}
