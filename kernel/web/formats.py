"""How times, money, sizes and digests are written for a reader in China."""

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from kernel.money import capitals
from kernel.web.names import act_name, category_name, region_full_name, region_name

# China has kept one zone and no summer time since 1992; a fixed offset needs no zone table on the machine.
BEIJING = timezone(timedelta(hours=8), "北京时间")
WEEKDAYS = "一二三四五六日"


def beijing(moment: datetime) -> datetime:
    """The same instant in Beijing time; a naive moment is refused, since it names no instant."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone cannot be shown")
    return moment.astimezone(BEIJING)


def when(moment: datetime) -> str:
    """``2026年4月20日 09:30:00（北京时间）``: the legal form, with its zone."""
    local = beijing(moment)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M:%S}（北京时间）"


def when_short(moment: datetime) -> str:
    """``2026-04-20 09:30``: for tables, where the heading names the zone."""
    return f"{beijing(moment):%Y-%m-%d %H:%M}"


def day(value: date) -> str:
    """``2026年4月20日``; a datetime is taken in Beijing time."""
    local = beijing(value) if isinstance(value, datetime) else value
    return f"{local.year}年{local.month}月{local.day}日"


def weekday(value: date) -> str:
    """``周一``."""
    local = beijing(value) if isinstance(value, datetime) else value
    return "周" + WEEKDAYS[local.weekday()]


def clock_time(moment: datetime) -> str:
    """``09:30:00`` in Beijing time."""
    return f"{beijing(moment):%H:%M:%S}"


def iso(moment: datetime) -> str:
    """RFC 3339 in Beijing time, for ``<time datetime>`` and scripts."""
    return beijing(moment).isoformat(timespec="seconds")


def money(amount: Decimal | int) -> str:
    """``¥1,234.00`` in yuan, rounded half up to the fen."""
    fen = Decimal(amount).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"-¥{-fen:,.2f}" if fen < 0 else f"¥{fen:,.2f}"


def capital(amount: Decimal | int) -> str:
    """The amount in capital numerals (大写), rounded half up to the fen."""
    return capitals(Decimal(amount).quantize(Decimal("0.01"), ROUND_HALF_UP))


def number(value: int | Decimal) -> str:
    """``1,234`` with thousands separators."""
    return f"{value:,}"


def size(count: int) -> str:
    """A length in bytes as ``512 B``, ``3.2 MB``, ``1.0 GB`` (steps of 1024)."""
    if count < 1024:
        return f"{count} B"
    value = float(count)
    for unit in ("KB", "MB", "GB"):
        value /= 1024
        if value < 1023.95:
            return f"{value:.1f} {unit}"
    return f"{value / 1024:.1f} TB"


def short_hash(digest: str) -> str:
    """The ends of a hexadecimal digest, ``9f86d081…b0f00a08``: enough to compare by eye."""
    return digest if len(digest) <= 17 else f"{digest[:8]}…{digest[-8:]}"


def left(moment: datetime, now: datetime) -> str:
    """What is left until `moment`: its two largest units; the instant itself is already late."""
    seconds = int((moment - now).total_seconds()) if moment > now else -1
    if moment <= now:
        return "已截止"
    days, rest = divmod(seconds, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, secs = divmod(rest, 60)
    if days:
        return f"还剩 {days} 天 {hours} 小时"
    if hours:
        return f"还剩 {hours} 小时 {minutes} 分"
    return f"还剩 {minutes} 分 {secs} 秒" if minutes else f"还剩 {secs} 秒"


FILTERS: dict[str, Callable[..., Any]] = {
    f.__name__: f
    for f in (
        when, when_short, day, weekday, clock_time, iso, money, capital, number, size, short_hash, left,
        act_name, category_name, region_name, region_full_name,
    )
}  # fmt: skip
