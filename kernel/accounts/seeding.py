"""Puts in people that are there from the start: a demo region's, or the first three officials of a side."""

from uuid import UUID

import asyncpg

from kernel import clock
from kernel.accounts import credentials
from kernel.accounts.events import Pen, writing
from kernel.accounts.keys import Keys
from kernel.accounts.rules import SECOND_FACTOR, SITE_SIDES
from kernel.accounts.seeds import SeedOrganisation, SeedPerson, SeedRole
from kernel.db import HOME, TRADING, transaction
from kernel.errors import BadInput, Forbidden, Problem
from kernel.identity import SIDES, Actor
from kernel.ids import new_id


async def seed(
    people: list[SeedPerson], organisations: list[SeedOrganisation], site: str, keys: Keys
) -> dict[str, UUID]:
    """Put in those of `people` whom `site` admits, with their units; who is there already is left as he is.

    Demo and test databases only (Forbidden in production). Returns login → person. Run it once for each site.
    """
    if "production" in (await clock.mode(TRADING), await clock.mode(HOME)):
        raise Forbidden(Problem("no_seeds_here", "正式库不能装入演示人员", "请在演示库或测试库中操作"))
    mine = [person for person in people if person.side in SITE_SIDES[site]]
    codes = {role.organisation_code for person in mine for role in person.roles}
    async with transaction(HOME), transaction(TRADING) as connection:
        for organisation in organisations:
            if organisation.code in codes:
                await _write_organisation(connection, organisation)
        return {person.login: await _seed_person(connection, person, keys) for person in mine}


async def _seed_person(connection: asyncpg.Connection, person: SeedPerson, keys: Keys) -> UUID:
    known: UUID | None = await connection.fetchval(
        "select id from accounts.person where id_hash = $1", keys.identity(person.identity)
    )
    id = known or new_id()
    if known is None:
        await _write_person(connection, id, person, keys)
        for role in person.roles:
            await _write_role(connection, id, role)
    async with transaction(HOME) as home:
        signs_in = await home.fetchval("select true from accounts.credential where person = $1", id)
    if not signs_in and person.password:
        phc = await credentials.hash_password(person.password, keys)
        await credentials.add_credential(id, person.login, phc, keys, person.totp_key)
    return id


async def found_side(
    side: str, people: list[SeedPerson], organisations: list[SeedOrganisation], keys: Keys
) -> dict[str, str]:
    """The first three officials of a side, in production: each asked for by one, granted by another of them.

    Afterwards every further official goes the ordinary way. Raises Forbidden when the side has people already
    or they are not three. Returns login → otpauth address, to be shown once.
    """
    if len(people) != 3 or any(person.side != side or len(person.roles) != 1 for person in people):
        raise Forbidden(Problem("three_founders", "首批人员应为同一方的三人，每人一个角色", "请补足三人后再办"))
    async with writing(Actor(role="clockwork", name="found", door="command")) as pen:
        # Of two who found a side at once, one waits; nobody else can make the side's first person.
        await pen.trading.execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", f"found {side}")
        if await pen.trading.fetchval("select true from accounts.person where side = $1 limit 1", side):
            raise Forbidden(Problem("side_is_founded", "这一方已有人员", "请由已有人员按程序办理"))
        for organisation in organisations:
            await _write_organisation(pen.trading, organisation)
        try:
            return await _write_founders(pen, people, keys)
        except asyncpg.UniqueViolationError as error:
            says = "三人中有人已有账号：一人只能有一个账号、站在一方"
            raise BadInput(Problem("person_known", says, "请另换人员")) from error


async def _write_founders(pen: Pen, people: list[SeedPerson], keys: Keys) -> dict[str, str]:
    connection, ids = pen.trading, [new_id() for _ in people]
    uris, issuer = {}, "阳光监督" if people[0].side == "supervise" else "阳光交易"
    for id, person in zip(ids, people, strict=True):
        key = credentials.new_totp_key() if person.side in SECOND_FACTOR else None
        await _write_person(connection, id, person, keys)
        phc = await credentials.hash_password(person.password, keys)
        await credentials.add_credential(id, person.login, phc, keys, key)
        uris[person.login] = credentials.totp_uri(key, credentials.tidy_login(person.login), issuer) if key else ""
    for place, person in enumerate(people):
        asker, granter, role = ids[place - 1], ids[place - 2], person.roles[0]
        await _write_role(connection, ids[place], role, asker, granter)
        facts = {"side": person.side, "role": role.role, "organisation": role.organisation_code}
        await pen.record("official_founded", ids[place], facts, {"whose_name": person.name, "login": person.login})
    return uris


async def _write_organisation(connection: asyncpg.Connection, organisation: SeedOrganisation) -> None:
    await connection.execute(
        "insert into accounts.organisation (id, code, name, region, kind, controller_code, created_at)"
        " values ($1, $2, $3, $4, $5, $6, clock_timestamp()) on conflict (code) do nothing",
        new_id(),
        organisation.code,
        organisation.name,
        organisation.region,
        organisation.kind,
        organisation.controller_code,
    )


async def _write_person(connection: asyncpg.Connection, id: UUID, person: SeedPerson, keys: Keys) -> None:
    await connection.execute(
        "insert into accounts.person (id, id_hash, id_sealed, name, phone, side, created_at)"
        " values ($1, $2, $3, $4, $5, $6, clock_timestamp())",
        id,
        keys.identity(person.identity),
        keys.seal_identity(person.identity),
        person.name,
        person.phone,
        person.side,
    )


async def _write_role(
    connection: asyncpg.Connection,
    person: UUID,
    role: SeedRole,
    asker: UUID | None = None,
    granter: UUID | None = None,
) -> None:
    written = await connection.fetchval(
        "insert into accounts.membership"
        " (id, person, side, organisation, role, departments, asked_by, asked_at, granted_by, since)"
        " select $1, $2, $3, o.id, $4, $5, $6, clock_timestamp(), $7, clock_timestamp()"
        " from accounts.organisation o where o.code = $8 returning true",
        new_id(),
        person,
        SIDES[role.role],
        role.role,
        list(role.departments),
        asker,
        granter,
        role.organisation_code,
    )
    if not written:
        raise ValueError(f"no organisation {role.organisation_code} among those to put in")
