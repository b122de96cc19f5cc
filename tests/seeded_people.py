"""A small region of people for tests: traders, an expert, the centre and its supervisors."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from hashlib import sha256
from uuid import UUID

import asyncpg

from kernel.accounts.keys import Keys
from kernel.accounts.schemas import NewSession, SignIn
from kernel.accounts.seeding import seed
from kernel.accounts.seeds import SeedOrganisation, SeedPerson, SeedRole
from kernel.accounts.sessions import admit, sign_in
from kernel.codes import make_credit_code, make_identity_number
from kernel.identity import Actor

KEYS = Keys.derive(b"a secret for tests, 32 bytes or more", light=True)
PASSWORD = "一句好记的话 for tests"  # noqa: S105
WRONG = "wrong password"
TOTP_KEY = sha256(b"an authenticator of the tests").digest()[:20]


def code(serial: int, kind: str = "91") -> str:
    return make_credit_code(kind, "330106", f"{serial:08}")


def identity(serial: int) -> str:
    return make_identity_number("330106", date(1985, 5, 17), serial)


WATER, AGENCY, BUILDER, ROADS = code(1, "12"), code(2), code(3), code(4)
CENTRE, BUREAU, CITY = code(5, "12"), code(6, "11"), code(7, "11")

ORGANISATIONS = [
    SeedOrganisation(WATER, "西湖区水务中心", "330106", "institution"),
    SeedOrganisation(AGENCY, "公正招标代理有限公司", "330100"),
    SeedOrganisation(BUILDER, "东方建设有限公司", "330106"),
    SeedOrganisation(ROADS, "路通工程有限公司", "330200"),
    SeedOrganisation(CENTRE, "杭州市公共资源交易中心", "330100", "institution"),
    SeedOrganisation(BUREAU, "西湖区住房和建设局", "330106", "government"),
    SeedOrganisation(CITY, "杭州市监察委员会", "330100", "government"),
]


def _person(serial: int, login: str, *roles: SeedRole, totp_key: bytes | None = None) -> SeedPerson:
    name = f"测试{serial}"
    return SeedPerson(identity(serial), name, f"138000000{serial:02}", login, roles, PASSWORD, totp_key)


PEOPLE = [
    _person(1, "purchaser", SeedRole("purchaser", WATER)),
    _person(2, "agent", SeedRole("agent", AGENCY)),
    _person(3, "bidder", SeedRole("bidder", BUILDER), SeedRole("intermediary", BUILDER)),
    _person(4, "rival", SeedRole("bidder", ROADS)),
    _person(5, "expert", SeedRole("expert", WATER)),
    _person(6, "operator", SeedRole("operator", CENTRE)),
    _person(7, "operator2", SeedRole("operator", CENTRE)),
    _person(8, "operator3", SeedRole("operator", CENTRE), totp_key=TOTP_KEY),
    _person(9, "regulator", SeedRole("regulator", BUREAU, ("住建",))),
    _person(10, "regulator2", SeedRole("regulator", BUREAU, ("水利", "交通"))),
    _person(11, "inspector", SeedRole("inspector", CITY)),
    _person(12, "operator4", SeedRole("operator", CENTRE)),
    _person(13, "inspector2", SeedRole("inspector", CITY)),
]


async def seeded(site: str = "trading") -> dict[str, UUID]:
    """Everybody whom the site admits; login → person."""
    return await seed(PEOPLE, ORGANISATIONS, site, KEYS)


async def signed_in(login: str, site: str = "trading", totp: str = "") -> NewSession:
    return await sign_in(SignIn(login=login, password=PASSWORD, totp=totp), site, KEYS)


async def actor(login: str, site: str = "trading") -> Actor:
    """The actor a fresh session of this person makes."""
    found = await admit((await signed_in(login, site)).token, site)
    assert found is not None
    return found.actor


@asynccontextmanager
async def marked(admin_url: str, mode: str) -> AsyncIterator[None]:
    """A database that is marked otherwise for the moment; only a superuser without triggers can do that."""
    admin = await asyncpg.connect(admin_url)
    try:
        await _mark(admin, mode)
        yield
    finally:
        await _mark(admin, "test")
        await admin.close()


async def _mark(admin: asyncpg.Connection, mode: str) -> None:
    async with admin.transaction():
        await admin.execute("set local session_replication_role = replica")
        await admin.execute("update kernel.mark set mode = $1", mode)
