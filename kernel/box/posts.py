"""How the side that does not run the box speaks to it: one row of exact bytes, and a hint that it came."""

from uuid import UUID

from kernel.db import TRADING, transaction
from kernel.ids import new_id
from kernel.proofs.dsse import Signed

CHANNEL = "box"
"""PostgreSQL NOTIFY channel; a hint only, the trading side also looks by itself."""

_POST = """
insert into box.message (id, "case", kind, role, stage, author, sha256, body, envelope, at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, kernel.law_now())
on conflict ("case", kind, role, stage, author, sha256) do nothing
"""


async def post_message(case: UUID, kind: str, role: str, stage: str, signed: Signed) -> None:
    """Put a signed object into the box's messages; the same again changes nothing."""
    author = signed.signatures[0].keyid
    async with transaction(TRADING) as connection:
        await connection.execute(
            _POST, new_id(), case, kind, role, stage, author, signed.sha256, signed.payload, signed.to_bytes()
        )
        await connection.execute("select pg_notify($1, $2)", CHANNEL, str(case))
