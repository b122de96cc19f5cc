"""The numbers that name organisations and people: GB 32100 credit codes, GB 11714, GB 11643.

Checkers answer with a `Problem` that carries the field, or None; makers are for demo data and for offices
that issue codes. Numbers are compared as the standards write them, in ASCII and capital letters; `tidy`
brings what people type into that form.
"""

import re
import unicodedata
from datetime import date
from typing import Final

from kernel import regions
from kernel.errors import Problem

_CREDIT_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100: no I, O, S, V, Z
_CREDIT: Final = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}", re.ASCII)
_ORGANISATION: Final = re.compile(r"[0-9A-Z]{8}[0-9X]", re.ASCII)
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_IDENTITY: Final = re.compile(r"[1-9][0-9]{16}[0-9X]", re.ASCII)
_IDENTITY_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_IDENTITY_CHECKS: Final = "10X98765432"
_OLDEST: Final = date(1900, 1, 1)


def tidy(typed: str) -> str:
    """What was typed, without spaces, full-width forms and small letters."""
    return "".join(unicodedata.normalize("NFKC", typed).split()).upper()


def credit_check(first17: str) -> str:
    """The 18th character of a 统一社会信用代码 (GB 32100-2015 4.5) over its first 17."""
    total = sum(_CREDIT_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(first17))
    return _CREDIT_ALPHABET[-total % 31]


def organisation_check(first8: str) -> str:
    """The last character of a 组织机构代码 (GB 11714-1997) over its first 8; letters count from A = 10."""
    total = sum(int(c, 36) * w for c, w in zip(first8, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def identity_check(first17: str) -> str:
    """The 18th character of a 公民身份号码 (GB 11643-1999, ISO 7064 MOD 11-2) over its first 17."""
    total = sum(int(c) * w for c, w in zip(first17, _IDENTITY_WEIGHTS, strict=True))
    return _IDENTITY_CHECKS[total % 11]


def check_credit_code(code: str, field: str = "credit_code") -> Problem | None:
    """None for a well-formed 统一社会信用代码 whose check character is right."""
    if not _CREDIT.fullmatch(code):
        return Problem(
            "credit_code_malformed",
            "统一社会信用代码应为18位数字和大写字母（不含I、O、S、V、Z）",
            "请按营业执照或法人证书填写",
            field=field,
        )
    if credit_check(code[:17]) != code[17]:
        return Problem("credit_code_check", "统一社会信用代码的校验位不对", "请逐位核对营业执照或法人证书", field=field)
    return None


def check_organisation_code(code: str, field: str = "organisation_code") -> Problem | None:
    """None for a well-formed 组织机构代码 of nine characters, written without its hyphen."""
    if _ORGANISATION.fullmatch(code) and organisation_check(code[:8]) == code[8]:
        return None
    return Problem(
        "organisation_code_wrong",
        "组织机构代码应为9位且校验位正确",
        "请按代码证填写，不写连字符",
        field=field,
    )


def check_identity_number(number: str, today: date, field: str = "identity_number") -> Problem | None:
    """None for a possible 公民身份号码: known province, real birth date up to `today`, right check.

    The number itself is never repeated in the problem: problems are shown and logged.
    """
    if not _IDENTITY.fullmatch(number):
        return _identity_problem("malformed", "公民身份号码应为18位，最后一位可为大写X", field)
    if not regions.name(number[:2] + "0000"):
        return _identity_problem("region", "公民身份号码开头的行政区划不存在", field)
    born = birth_date(number)
    if born is None or not _OLDEST <= born <= today:
        return _identity_problem("birth", "公民身份号码中的出生日期不存在或晚于今天", field)
    if identity_check(number[:17]) != number[17]:
        return _identity_problem("check", "公民身份号码的校验位不对", field)
    return None


def birth_date(number: str) -> date | None:
    """The birth date inside a well-formed 公民身份号码, or None where no such day exists."""
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def make_credit_code(kind: str, region: str, serial: str) -> str:
    """A credit code from two characters of kind (91 for a company), six digits of region, eight of serial."""
    first17 = kind + region + serial + organisation_check(serial)
    return first17 + credit_check(first17)


def make_identity_number(region: str, born: date, serial: int) -> str:
    """A formally right 公民身份号码 for demo people; `serial` is 0–999, odd for men."""
    first17 = f"{region}{born:%Y%m%d}{serial:03}"
    return first17 + identity_check(first17)


def mask_identity_number(number: str) -> str:
    """110*************2X: the first three and the last two, enough for its owner and useless to others."""
    return number[:3] + "*" * max(len(number) - 5, 0) + number[-2:]


def mask_phone(phone: str) -> str:
    """138****5678; of shorter numbers only the last two digits stay."""
    if len(phone) < 11:
        return "*" * max(len(phone) - 2, 0) + phone[-2:]
    return phone[:-8] + "****" + phone[-4:]


def mask_name(name: str) -> str:
    """张**: the first character, and a star for each other."""
    return name[:1] + "*" * (len(name) - 1)


def _identity_problem(kind: str, says: str, field: str) -> Problem:
    return Problem(f"identity_number_{kind}", says, "请按居民身份证逐位核对", field=field)
