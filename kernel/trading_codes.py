"""The numbers that name what is traded: project, tender, section, trading code (40) and investment code (24).

Lengths and parts follow the national data standard (公共资源交易平台系统数据规范 V2.0). How the trading
code's check character is computed is not published with the samples known to us: `mod_37_36` is our own
choice, to be replaced by any function of the same form, and no conformity is claimed.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Final, NamedTuple

from kernel import regions
from kernel.errors import Problem

CheckCharacter = Callable[[str], str]
"""From the first 39 characters of a trading code, hyphens included, to its 40th: one of 0-9, A-Z."""

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TRADING: Final = re.compile(r"([A-Z][0-9]{2})-([0-9A-Z]{18})-([0-9]{8})-([0-9]{6})-([0-9A-Z])", re.ASCII)
_PLATFORM: Final = re.compile(r"[A-Z][0-9]{10}", re.ASCII)
_DIGITS: Final = re.compile(r"[0-9]+", re.ASCII)
_INVESTMENT: Final = re.compile(r"[0-9]{4}-([0-9]{6})-[0-9]{2}-[0-9]{2}-[0-9]{6}", re.ASCII)


class TradingCode(NamedTuple):
    """The parts of a 统一交易标识码: what is traded, on whose platform, since when, the how-many-th."""

    category: str
    platform: str
    day: date
    serial: int


def mod_37_36(text: str) -> str:
    """ISO 7064 MOD 37,36 over the letters and digits of `text`: finds every wrong or exchanged character."""
    product = 36
    for character in text.replace("-", ""):
        total = (product + _ALPHABET.index(character)) % 36 or 36
        product = total * 2 % 37
    return _ALPHABET[(37 - product) % 36]


def make_trading_code(code: TradingCode, check: CheckCharacter = mod_37_36) -> str:
    """`A01-12350100MB02709751-20200319-102642-` and its check character: 40 characters, one for each lot."""
    first39 = f"{code.category}-{code.platform}-{code.day:%Y%m%d}-{code.serial:06}-"
    if not _TRADING.fullmatch(first39 + "0"):
        raise ValueError(f"not the parts of a trading code: {code}")
    return first39 + check(first39)


def read_trading_code(text: str, check: CheckCharacter = mod_37_36) -> TradingCode | None:
    """The parts of a trading code, or None when its form, its day or its check character is wrong."""
    match = _TRADING.fullmatch(text)
    if match is None or check(text[:39]) != text[39]:
        return None
    category, platform, day, serial, _ = match.groups()
    try:
        return TradingCode(category, platform, date.fromisoformat(day), int(serial))
    except ValueError:
        return None


def check_trading_code(text: str, field: str = "trading_code", check: CheckCharacter = mod_37_36) -> Problem | None:
    """None for a 统一交易标识码 that can be read."""
    if read_trading_code(text, check) is not None:
        return None
    says = "统一交易标识码应为40位：类别、平台标识、日期、流水、校验，以连字符相连"
    return Problem("trading_code_wrong", says, "请从平台复制，不要手工改写", field=field)


def make_project_code(platform: str, serial: int) -> str:
    """项目编号, 17 characters: the platform's 11 (a letter, six of region, four) and six of serial."""
    return _numbered(platform, serial, 6)


def make_tender_code(project: str, serial: int) -> str:
    """招标项目编号, 20 characters: the project's 17 and three of serial."""
    return _numbered(project, serial, 3)


def make_section_code(tender: str, serial: int) -> str:
    """标段（包）编号, 23 characters: the tender's 20 and three of serial."""
    return _numbered(tender, serial, 3)


def check_project_code(code: str, field: str = "project_code") -> Problem | None:
    """None for a 项目编号 whose platform part names a known region."""
    return _check("project_code_wrong", "项目编号", code, 17, prefix="", field=field)


def check_tender_code(code: str, project: str = "", field: str = "tender_code") -> Problem | None:
    """None for a 招标项目编号; with `project` it must continue that project's code."""
    return _check("tender_code_wrong", "招标项目编号", code, 20, prefix=project, field=field)


def check_section_code(code: str, tender: str = "", field: str = "section_code") -> Problem | None:
    """None for a 标段（包）编号; with `tender` it must continue that tender's code."""
    return _check("section_code_wrong", "标段（包）编号", code, 23, prefix=tender, field=field)


def check_investment_code(code: str, field: str = "investment_code") -> Problem | None:
    """None for a 投资项目统一代码: 24 characters, as in 2602-330106-04-01-123456."""
    match = _INVESTMENT.fullmatch(code)
    if match is not None and regions.check(match[1]) is None:
        return None
    says = "投资项目统一代码应为24位，形如2602-330106-04-01-123456"
    return Problem("investment_code_wrong", says, "请按投资项目在线审批监管平台赋予的代码填写", field=field)


def _numbered(prefix: str, serial: int, width: int) -> str:
    if not 0 < serial < 10**width:
        raise ValueError(f"serial {serial} does not fit {width} digits")
    return f"{prefix}{serial:0{width}}"


def _check(problem: str, name: str, code: str, length: int, *, prefix: str, field: str) -> Problem | None:
    platform, serial = code[:11], code[11:]
    formed = len(code) == length and _PLATFORM.fullmatch(platform) and _DIGITS.fullmatch(serial)
    if not formed or regions.check(platform[1:7]) is not None:
        return Problem(problem, f"{name}应为{length}位：平台标识码11位加流水号", "请核对编号", field=field)
    if not code.startswith(prefix):
        return Problem(problem, f"{name}应以上级编号{prefix}开头", "请核对所属项目", field=field)
    return None
