"""Telephone numbers people can be reached by: mobile, or a landline with its area code."""

import re

from kernel.errors import Problem

MOBILE = re.compile(r"1[3-9][0-9]{9}", re.ASCII)
LANDLINE = re.compile(r"0[0-9]{2,3}-?[0-9]{7,8}", re.ASCII)


def phone_problem(phone: str, field: str = "phone") -> Problem | None:
    """None for a mainland mobile or landline number."""
    if MOBILE.fullmatch(phone) or LANDLINE.fullmatch(phone):
        return None
    return Problem("phone_malformed", "电话号码格式不对", "请填11位手机号，或带区号的固定电话", field=field)
