"""How people come in: units and their people by themselves, officials through other officials."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

from kernel import clock, codes, inbox, regions
from kernel.accounts import credentials, natural, records
from kernel.accounts.events import Pen, writing
from kernel.accounts.grants import lock_groups
from kernel.accounts.keys import Keys
from kernel.accounts.phones import phone_problem
from kernel.accounts.records import OrganisationView
from kernel.accounts.rules import MAY_MAKE, SECOND_FACTOR, SITE_SIDES
from kernel.accounts.schemas import (
    CreatedOfficial,
    CreateOfficial,
    NewPerson,
    Registered,
    RegisterOrganisation,
)
from kernel.accounts.throttle import Allowance, address_key, knock
from kernel.accounts.toxic import Capacity, conflicts
from kernel.errors import BadInput, Forbidden, LawRefuses, Problem, refuse_all
from kernel.identity import Actor
from kernel.ids import new_id

ISSUER = {"trading": "阳光交易", "supervision": "阳光监督"}

# A registration tells whether an identity number is known here: one may ask, nobody may go through a list.
REGISTRATIONS = Allowance(free=20, longest=3600)


@dataclass(frozen=True, slots=True)
class _NewPersonRow:
    """A person about to be written, with his password already hashed."""

    id: UUID
    command: NewPerson
    side: str
    phc: str
    created_by: UUID | None
    totp_key: bytes | None = None


async def register_person_and_organisation(
    command: RegisterOrganisation, keys: Keys, address: str = "", client: str = "", door: str = "page"
) -> Registered:
    """Take in a person and his unit, free and at once (电子招标投标办法第九条).

    Where the unit is already here, his role waits until one of its own people grants it. Raises BadInput with
    all that is wrong, LawRefuses for a unit that may not take the role (the centre's group, 第二十三条).
    """
    if address:
        await knock(address_key("register", address), REGISTRATIONS)
    wrong = natural.unit_problems(command)
    command = natural.as_unit(command, keys)
    code = codes.tidy(command.credit_code)
    refuse_all(wrong + await _registration_problems(command, keys), BadInput)
    phc = await credentials.hash_password(command.password, keys)
    new = _NewPersonRow(new_id(), command, "trade", phc, None)
    newcomer = Actor("public", new.id, command.person_name, door=door, address=address, client=client)
    try:
        return await _write_registration(newcomer, new, command, code, keys)
    except asyncpg.UniqueViolationError as error:
        raise BadInput(_raced()) from error


async def _group_conflicts(unit: OrganisationView, role: str) -> list[Problem]:
    group = [*await records.held_in_group(unit.controller), *await records.held_in_group(unit.code)]
    found = {}
    for controller in {capacity.controller for capacity in group}:
        for problem in conflicts((), Capacity(role, controller=controller), group):
            found[problem.code] = problem
    return list(found.values())


async def create_official(actor: Actor, command: CreateOfficial, site: str, keys: Keys) -> CreatedOfficial:
    """Make an account without any role; whoever makes it can neither ask for nor grant its roles.

    Raises Forbidden where the actor's side makes no such accounts or this site does not admit them, BadInput
    with all that is wrong in the form.
    """
    problem = _maker_problem(actor, command.side, site)
    refuse_all([problem] if problem else [], Forbidden)
    refuse_all(await _person_problems(command, keys), BadInput)
    key = credentials.new_totp_key() if command.side in SECOND_FACTOR else None
    phc = await credentials.hash_password(command.password, keys)
    new = _NewPersonRow(new_id(), command, command.side, phc, actor.person, key)
    try:
        # A sign-in without a person opens nothing; a person without a sign-in could not be made again.
        async with writing(actor) as pen:
            await credentials.add_credential(new.id, command.login, phc, keys, key)
            await _write_person(pen.trading, new, keys)
            await _welcome(pen, new)
            await pen.record("official_created", new.id, {"side": command.side}, _who(command))
    except asyncpg.UniqueViolationError as error:
        raise BadInput(_raced()) from error
    login = credentials.tidy_login(command.login)
    uri = credentials.totp_uri(key, login, ISSUER[site]) if key else ""
    return CreatedOfficial(new.id, uri)


def _maker_problem(actor: Actor, side: str, site: str) -> Problem | None:
    if side not in SITE_SIDES[site]:
        return Problem("wrong_site", "本平台不设这一方的账号", "请在该方自己的平台上办理", field="side")
    if actor.side not in MAY_MAKE[side]:
        return Problem("not_your_side", "您所在的一方不能创建这类账号", "请由该方人员办理", field="side")
    return None


async def _registration_problems(command: RegisterOrganisation, keys: Keys) -> list[Problem]:
    today = (await clock.wall()).date()
    controller, chief = codes.tidy(command.controller_code), codes.tidy(command.legal_rep_identity)
    found = [
        regions.check(command.region, "region"),
        codes.check_credit_code(controller, "controller_code") if controller else None,
        codes.check_identity_number(chief, today, "legal_rep_identity") if chief else None,
    ]
    return [problem for problem in found if problem] + await _person_problems(command, keys)


async def _person_problems(command: NewPerson, keys: Keys) -> list[Problem]:
    today: date = (await clock.wall()).date()
    number = codes.tidy(command.identity_number)
    found = [
        codes.check_identity_number(number, today, "identity_number"),
        phone_problem(command.phone),
        await credentials.login_taken(command.login),
    ]
    if await records.person_by_hash(keys.identity(number)):
        says = "此人已有账号；一人只能有一个账号、站在一方"
        found.append(Problem("person_known", says, "请用已有账号登录，再申请所需角色", field="identity_number"))
    return [problem for problem in found if problem] + credentials.account_problems(command)


async def _write_registration(
    newcomer: Actor, new: _NewPersonRow, command: RegisterOrganisation, code: str, keys: Keys
) -> Registered:
    async with writing(newcomer) as pen:
        await _write_person(pen.trading, new, keys)
        await credentials.add_credential(new.id, command.login, new.phc, keys)
        organisation, fresh = await _find_or_write_organisation(pen.trading, new.id, command, code, keys)
        unit = await records.organisation(organisation)
        assert unit is not None
        await lock_groups(pen.trading, (unit.code, unit.controller))
        refuse_all(await _group_conflicts(unit, command.role), LawRefuses)
        membership = new_id()
        await pen.trading.execute(
            "insert into accounts.membership (id, person, side, organisation, role, departments, asked_by,"
            " asked_at, since)"
            " values ($1, $2, 'trade', $3, $4, '{}', $2, clock_timestamp(),"
            " case when $5 then clock_timestamp() end)",
            membership,
            new.id,
            organisation,
            command.role,
            fresh,
        )
        await _welcome(pen, new)
        facts = {"role": command.role, "organisation": unit.code, "pending": not fresh}
        await pen.record("person_registered", membership, facts, _who(command))
    return Registered(new.id, organisation, membership, pending=not fresh)


async def _welcome(pen: Pen, new: _NewPersonRow) -> None:
    """The first message of an account: whoever never asked for it learns of it when he signs in."""
    fields = {"name": new.command.person_name, "at": clock.when(await clock.wall())}
    await inbox.send(pen.home, "account_created", fields=fields, person=new.id, link="/account")


def _who(command: NewPerson) -> dict[str, str]:
    """For the private half: whom it is about and by which name he signs in."""
    return {"whose_name": command.person_name, "login": credentials.tidy_login(command.login)}


async def _find_or_write_organisation(
    connection: asyncpg.Connection, person: UUID, command: RegisterOrganisation, code: str, keys: Keys
) -> tuple[UUID, bool]:
    """The unit and whether it is new; two registrations of one unit at once make one unit."""
    chief = codes.tidy(command.legal_rep_identity)
    made = await connection.fetchval(
        "insert into accounts.organisation"
        " (id, code, name, region, kind, legal_rep_hash, controller_code, created_by, created_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp())"
        " on conflict (code) do nothing returning id",
        new_id(),
        code,
        command.organisation_name,
        command.region,
        command.kind,
        keys.identity(chief) if chief else None,
        codes.tidy(command.controller_code) or None,
        person,
    )
    if made:
        return made, True
    found: UUID = await connection.fetchval("select id from accounts.organisation where code = $1", code)
    return found, False


async def _write_person(connection: asyncpg.Connection, new: _NewPersonRow, keys: Keys) -> None:
    number = codes.tidy(new.command.identity_number)
    await connection.execute(
        "insert into accounts.person (id, id_hash, id_sealed, name, phone, side, created_by, created_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp())",
        new.id,
        keys.identity(number),
        keys.seal_identity(number),
        new.command.person_name,
        new.command.phone,
        new.side,
        new.created_by,
    )


def _raced() -> Problem:
    says = "同一证件号码或单位刚刚由另一次提交登记"
    return Problem("just_registered", says, "请刷新后核对；已有账号的请直接登录")
