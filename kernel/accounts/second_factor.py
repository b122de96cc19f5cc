"""Binding an authenticator to one's own account: a key is shown, and kept once a code of it has come back.

Between the two the key lies with the person, sealed: nothing is stored for who never comes back.
"""

import base64
import binascii
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from kernel.accounts import credentials
from kernel.accounts.events import record
from kernel.accounts.keys import Keys, WrongKey
from kernel.accounts.register import ISSUER
from kernel.accounts.schemas import ConfirmFactor, Signed
from kernel.accounts.tables import Credential
from kernel.accounts.throttle import LOGIN, forget, knock
from kernel.clock import wall
from kernel.db import HOME, transaction
from kernel.errors import BadInput, Forbidden, Problem
from kernel.identity import Actor

LASTS = 15 * 60
"""Seconds from showing a key to its confirmation."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """`uri` (otpauth://) and `secret` (base32) go into the authenticator, `sealed` comes back with its code."""

    sealed: str
    uri: str = field(repr=False)
    secret: str = field(repr=False)


async def begin(actor: Actor, site: str, keys: Keys) -> Enrolment:
    """A fresh key for the actor's own authenticator; nothing changes yet."""
    person, row = _person(actor), await Credential.select().where(Credential.person == actor.person).first()
    if row is None:
        raise Forbidden(Problem("no_sign_in_here", "您不在本平台登录", "请到您所在一方的平台办理"))
    key = credentials.new_totp_key()
    until = int((await wall()).timestamp()) + LASTS
    sealed = keys.seal_enrolment(until.to_bytes(8, "big") + key, person.bytes)
    uri = credentials.totp_uri(key, row["login"], ISSUER[site])
    return Enrolment(base64.urlsafe_b64encode(sealed).decode(), uri, base64.b32encode(key).decode())


async def reopen(actor: Actor, sealed: str, site: str, keys: Keys) -> Enrolment:
    """The same key again, for a form that was refused; BadInput once it is too old."""
    row = await Credential.select().where(Credential.person == actor.person).first()
    key = await _pending(actor, sealed, keys)
    uri = credentials.totp_uri(key, row["login"] if row else "", ISSUER[site])
    return Enrolment(sealed, uri, base64.b32encode(key).decode())


async def confirm(actor: Actor, signed: Signed, command: ConfirmFactor, keys: Keys) -> None:
    """Keep the key whose code was given; ends every other session.

    Asks for the password, and for a code of the authenticator bound so far: a browser left open must not bind
    another's. Raises BadInput, Throttled; never call it inside a transaction of HOME.
    """
    person = _person(actor)
    key = await _pending(actor, command.enrolment, keys)
    row = await credentials.own(actor, command.password, keys)
    await knock(_key(actor), LOGIN)
    async with transaction(HOME) as connection:
        if row["totp_sealed"]:
            kept = keys.open_totp(bytes(row["totp_sealed"]), person.bytes)
            if not await credentials.use_code(connection, person, kept, command.current):
                says = "原验证器的动态口令不正确或已使用过"
                raise BadInput(Problem("code_wrong", says, "请等待下一个口令再试", field="current"))
        await _keep(connection, person, key, command.code, keys)
        await credentials.end_sessions(connection, actor, signed.id)
        await record(connection, "second_factor_bound", actor, str(person))
    await forget(_key(actor))


async def is_bound(person: UUID) -> bool:
    """Whether the person's sign-in asks for a one-time code."""
    row = await Credential.select(Credential.totp_sealed).where(Credential.person == person).first()
    return bool(row and row["totp_sealed"])


async def _keep(connection: asyncpg.Connection, person: UUID, key: bytes, code: str, keys: Keys) -> None:
    unix = await connection.fetchval("select extract(epoch from clock_timestamp())::float8")
    step = credentials.matching_step(key, code, unix)
    if step is None:
        says = "新验证器的动态口令不正确"
        raise BadInput(Problem("code_wrong", says, "请核对手机时间，填写新验证器显示的6位数字", field="code"))
    await connection.execute(
        "update accounts.credential set totp_sealed = $2, totp_step = $3, changed_at = clock_timestamp()"
        " where person = $1",
        person,
        keys.seal_totp(key, person.bytes),
        step,
    )


async def _pending(actor: Actor, sealed: str, keys: Keys) -> bytes:
    try:
        opened = keys.open_enrolment(base64.urlsafe_b64decode(sealed), _person(actor).bytes)
    except (WrongKey, binascii.Error, ValueError) as error:
        raise BadInput(_over()) from error
    if int.from_bytes(opened[:8], "big") < (await wall()).timestamp():
        raise BadInput(_over())
    return opened[8:]


def _over() -> Problem:
    return Problem("enrolment_over", "这次绑定已失效", "请重新开始绑定", field="enrolment")


def _person(actor: Actor) -> UUID:
    if actor.person is None:
        raise Forbidden(Problem("no_person", "须由本人办理", "请登录后办理"))
    return actor.person


def _key(actor: Actor) -> str:
    return f"factor:{actor.person}"
