"""Reading goes over the running transaction, and begins none where there is none."""

import asyncio

import pytest

from kernel.db import TRADING, reading, spawn, transaction

pytestmark = pytest.mark.usefixtures("house")


async def test_a_reader_inside_a_transaction_sees_what_it_has_written() -> None:
    async with transaction(TRADING) as connection:
        await connection.execute("select set_config('yangguang.note', 'seven', true)")  # until the transaction ends
        async with reading(TRADING) as reader:
            assert await reader.fetchval("select current_setting('yangguang.note')") == "seven"


async def test_a_reader_outside_a_transaction_begins_none() -> None:
    async with reading(TRADING) as reader:
        assert not reader.is_in_transaction()
    async with transaction(TRADING), reading(TRADING) as reader:
        assert reader.is_in_transaction()


async def test_a_task_of_its_own_does_not_read_over_the_transaction_of_who_began_it() -> None:
    async def other() -> bool:
        async with reading(TRADING) as reader:
            return bool(reader.is_in_transaction())

    async with transaction(TRADING):
        assert not await spawn(other())
        assert not await asyncio.create_task(other())
