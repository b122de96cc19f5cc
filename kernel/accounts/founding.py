"""The file that names a side's first three officials: read, checked whole, and turned into what found_side takes."""

import secrets
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Literal

import pydantic
from pydantic import Field

from kernel import codes, regions
from kernel.accounts import credentials
from kernel.accounts.phones import phone_problem
from kernel.accounts.schemas import Command, Line, Maybe, Short
from kernel.accounts.seeds import SeedOrganisation, SeedPerson, SeedRole
from kernel.errors import BadInput, Problem, refuse_all
from kernel.identity import SIDES

FOUNDED = ("operate", "supervise")
"""The sides that begin with three people; every other person comes by himself or through these."""


class _Unit(Command):
    code: Short
    name: Line
    region: Short
    kind: Literal["institution", "government"]


class _Founder(Command):
    name: Short
    identity: Short = Field(repr=False)
    phone: Short
    login: Short
    role: Literal["operator", "regulator", "inspector"]
    organisation: Short
    departments: tuple[Maybe, ...] = ()


class _Founders(Command):
    organisation: tuple[_Unit, ...] = Field(min_length=1, max_length=3)
    person: tuple[_Founder, ...] = Field(min_length=3, max_length=3)


def read_founders(data: bytes, side: str, today: date) -> tuple[list[SeedPerson], list[SeedOrganisation]]:
    """The people, each with a fresh first password, and their units; BadInput with all that is wrong."""
    try:
        asked = _Founders.model_validate(tomllib.loads(data.decode()))
    except pydantic.ValidationError as error:
        raise BadInput(*(_malformed(found) for found in error.errors(include_input=False))) from None
    except ValueError as error:  # TOMLDecodeError and UnicodeDecodeError are both
        raise BadInput(Problem("founders_unreadable", f"文件不是 TOML：{error}", "请按说明填写")) from None
    refuse_all([*_unit_problems(asked), *_person_problems(asked, side, today)], BadInput)
    units = [SeedOrganisation(codes.tidy(u.code), u.name, u.region, u.kind) for u in asked.organisation]
    return [_seed(one) for one in asked.person], units


def _seed(one: _Founder) -> SeedPerson:
    role = SeedRole(one.role, codes.tidy(one.organisation), tuple(name for name in one.departments if name))
    password = secrets.token_urlsafe(12)
    return SeedPerson(codes.tidy(one.identity), one.name, one.phone, one.login, (role,), password)


def _malformed(found: Mapping[str, Any]) -> Problem:
    place = ".".join(str(part) for part in found["loc"])
    return Problem("founders_malformed", f"{place}：缺少、多余或格式不对", "请按说明填写三人及其单位", field=place)


def _unit_problems(asked: _Founders) -> list[Problem]:
    found = [
        problem
        for n, unit in enumerate(asked.organisation)
        for problem in (
            codes.check_credit_code(codes.tidy(unit.code), f"organisation.{n}.code"),
            regions.check(unit.region, f"organisation.{n}.region"),
        )
    ]
    return [problem for problem in found if problem]


def _person_problems(asked: _Founders, side: str, today: date) -> list[Problem]:
    units = {codes.tidy(unit.code) for unit in asked.organisation}
    found: list[Problem | None] = []
    for n, one in enumerate(asked.person):
        at = f"person.{n}"
        found += [
            codes.check_identity_number(codes.tidy(one.identity), today, f"{at}.identity"),
            phone_problem(one.phone, f"{at}.phone"),
            credentials.login_problem(one.login),
            None if SIDES[one.role] == side else _wrong("角色不属于这一方", f"{at}.role"),
            None if codes.tidy(one.organisation) in units else _wrong("单位不在文件中", f"{at}.organisation"),
            _wrong("行政监督人员应写明负责的监督部门", f"{at}.departments") if _lacks_department(one) else None,
        ]
    found += [_twice(asked, codes.tidy, "identity"), _twice(asked, credentials.tidy_login, "login")]
    return [problem for problem in found if problem]


def _twice(asked: _Founders, tidy: Callable[[str], str], field: str) -> Problem | None:
    values = {tidy(getattr(one, field)) for one in asked.person}
    return None if len(values) == len(asked.person) else _wrong("三人应各不相同", field)


def _lacks_department(one: _Founder) -> bool:
    return one.role == "regulator" and not any(one.departments)


def _wrong(says: str, field: str) -> Problem:
    return Problem("founders_wrong", f"{field}：{says}", "请改正后再办", field=field)
