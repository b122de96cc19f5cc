"""The two clocks: now() for the law, wall() for machines; both from the database.

now() can be frozen or set forward where the database is marked as demo or test; in a production database the
SQL function behind it (`kernel.law_now`) looks at nothing but the server's clock. wall() rules sessions, one-time
codes, throttles, retries and retention, and never moves.
"""

from datetime import datetime, timedelta, timezone

from kernel.db import HOME, TRADING, Engine, reading, transaction
from kernel.errors import Forbidden, Problem

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")


async def now(db: Engine = TRADING) -> datetime:
    """The law's instant, Asia/Shanghai, read when asked: call it after the case's lock is held."""
    async with reading(db) as connection:
        moment: datetime = await connection.fetchval("select kernel.law_now()")
    return moment.astimezone(CHINA)


async def wall(db: Engine = HOME) -> datetime:
    """The server's own instant, Asia/Shanghai."""
    async with reading(db) as connection:
        moment: datetime = await connection.fetchval("select clock_timestamp()")
    return moment.astimezone(CHINA)


async def mode(db: Engine = TRADING) -> str:
    """`production`, `demo` or `test`: what the database was marked as when it was made; it cannot change."""
    async with reading(db) as connection:
        return str(await connection.fetchval("select mode from kernel.mark"))


async def set_forward(to: datetime, *, frozen: bool, db: Engine = TRADING) -> None:
    """Move the law's clock of a demo or test database to `to`, never back; running on from it or standing."""
    async with transaction(db) as connection:
        if await connection.fetchval("select mode from kernel.mark") == "production":
            raise Forbidden(Problem("clock_is_real", "正式库的时钟不能拨动", "请在演示库或测试库中操作"))
        if to < await connection.fetchval("select kernel.law_now()"):
            raise Forbidden(Problem("clock_backwards", "时钟只能向前拨，不能倒拨", "请选择更晚的时刻"))
        await connection.execute(
            "update kernel.clock set frozen_at = case when $2 then $1::timestamptz end,"
            " shift = $1::timestamptz - clock_timestamp()",
            to,
            frozen,
        )


def when(moment: datetime) -> str:
    """As a Chinese reader expects it: 2026年4月20日 09:30（北京时间）."""
    local = moment.astimezone(CHINA)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}（北京时间）"


def iso(moment: datetime) -> str:
    """ISO 8601 in China time with milliseconds, cut and not rounded: 2026-04-20T09:29:59.999+08:00."""
    local = moment.astimezone(CHINA)
    return f"{local:%Y-%m-%dT%H:%M:%S}.{local.microsecond // 1000:03d}+08:00"
