"""`yangguang found`: the first three officials of a side, who from then on let in every other."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kernel.settings import Settings

EXPECTED = """people.toml（一至三个单位，三个人）：
  [[organisation]]
  code = "统一社会信用代码"    name = "单位名称"    region = "330106"    kind = "government 或 institution"
  [[person]]
  name = "姓名"    identity = "公民身份号码"    phone = "手机"    login = "登录名"
  role = "operator、regulator 或 inspector"    organisation = "单位代码"    departments = ["监督部门"]"""


def add(commands: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        "found",
        help="建立一方的首批三名人员（此后的人员由他们按程序办理）",
        description="三人互相申请、互相批准；初始密码和动态口令密钥只显示这一次。每一方只能办一次。",
        epilog=EXPECTED,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--side", choices=("operate", "supervise"), required=True, help="交易中心，或监督")
    parser.add_argument("people", type=Path, metavar="people.toml", help="单位和三个人；用后请销毁")
    return parser


def main(arguments: argparse.Namespace) -> int:
    import asyncio

    from kernel.settings import Settings

    settings = Settings.read(os.environ)
    home = settings.database_url if arguments.side == "operate" else settings.supervision_database_url
    trading = settings.database_url if arguments.side == "operate" else settings.supervision_trading_url
    if not (home and trading):
        names = "DATABASE_URL" if arguments.side == "operate" else "SUPERVISION_DATABASE_URL 和 SUPERVISION_TRADING_URL"
        print(f"请设置 {names}", file=sys.stderr)
        return 2
    for line in asyncio.run(_found(arguments, settings, trading, home)):
        print(line)
    return 0


async def _found(arguments: argparse.Namespace, settings: "Settings", trading: str, home: str) -> list[str]:
    from app.files import given
    from kernel.accounts.founding import read_founders
    from kernel.accounts.keys import Keys
    from kernel.accounts.seeding import found_side
    from kernel.clock import wall
    from kernel.db import connected
    from kernel.settings import refuse_weak_secrets

    refuse_weak_secrets(settings)
    keys = Keys.derive(settings.secret.encode(), identity_secret=settings.identity_secret.encode() or None)
    async with connected(trading, None if trading == home else home, size=2):
        people, units = read_founders(given(arguments.people), arguments.side, (await wall()).date())
        uris = await found_side(arguments.side, people, units, keys)
    lines = ["已建立。以下内容只显示这一次，请当面交给本人；首次登录后立即更改密码。"]
    for person in people:
        lines += ["", f"{person.name}　登录名 {person.login}　初始密码 {person.password}", uris[person.login]]
    return lines
