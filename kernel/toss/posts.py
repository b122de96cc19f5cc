"""How the regulator's process speaks in a draw: one row of exact bytes, which the trading side takes by itself."""

from uuid import UUID

from kernel.db import TRADING, Engine, transaction
from kernel.proofs.draw_messages import read_message
from kernel.proofs.dsse import Signed
from kernel.toss.messages import insert


async def post_message(toss: UUID, signed: Signed, db: Engine = TRADING) -> None:
    """Put a signed message among the draw's; the same again changes nothing."""
    message = read_message(signed.payload)
    async with transaction(db) as connection:
        await insert(connection, toss, message.kind, message.role, signed)
