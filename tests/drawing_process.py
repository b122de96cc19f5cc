"""The regulator's process in draws as a process of its own: its logins, its book; the pool comes from a file.

Environment: the supervision logins, YANGGUANG_VAR with its keys, OPERATOR (hex), POOL (a JSON file: stratum → records).
Goes round until it is killed.
"""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from kernel.db import connected
from kernel.toss.hand import site_hand
from kernel.toss.keeper import Keeper
from kernel.toss.schemas import Rebuilt, TossView
from supervision.drawing import Ledger

FOUND = Rebuilt(json.loads(Path(os.environ["POOL"]).read_text()))


async def rebuild(connection: Any, toss: TossView) -> Rebuilt:
    return FOUND


async def contact(connection: Any, toss: TossView, record: Any) -> dict[str, str]:
    return {"sms": "13800000000"}


async def operators() -> list[bytes]:
    return [bytes.fromhex(os.environ["OPERATOR"])]


async def main() -> None:
    keeper = Keeper(
        hand=site_hand(Path(os.environ["YANGGUANG_VAR"]), "regulator"),
        operators=operators,
        book=Ledger("http://127.0.0.1:8001"),
        rebuild={"panel": rebuild},
        contact={"panel": contact},
    )
    async with connected(os.environ["SUPERVISION_TRADING_URL"], os.environ["SUPERVISION_DATABASE_URL"], size=4):
        print("ready", flush=True)
        while True:
            if not await keeper.round():
                await asyncio.sleep(0.02)


if __name__ == "__main__":
    asyncio.run(main())
