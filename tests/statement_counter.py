"""Counts what is asked of the database: everything inside the block runs over one connection, which is listened to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from kernel.db import TRADING, transaction


@asynccontextmanager
async def statements() -> AsyncIterator[list[str]]:
    """The statements of the block, as they come; it is one transaction, in which others nest."""
    seen: list[str] = []

    def note(record: Any) -> None:
        seen.append(record.query)

    async with transaction(TRADING) as connection:
        connection.add_query_logger(note)
        try:
            yield seen
        finally:
            connection.remove_query_logger(note)
