"""Passwords and one-time codes: how they are made, kept and checked."""

import asyncio
import os
import re
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any
from uuid import UUID

import asyncpg
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from kernel.accounts.events import record
from kernel.accounts.keys import Keys
from kernel.accounts.schemas import NewPerson
from kernel.accounts.tables import Credential
from kernel.accounts.throttle import LOGIN, forget, knock
from kernel.db import HOME, transaction
from kernel.errors import BadInput, Problem, refuse_all
from kernel.identity import Actor

STRONG = (3, 4, 64 * 1024)
"""Argon2id with 64 MiB, three passes, four lanes: RFC 9106 §4, second recommended option."""

LIGHT = (1, 1, 64)
STEP = 30
LOGIN_NAME = re.compile(r"[\w.@+-]{3,40}")
SHORTEST_PASSWORD = 10

# Two at a time: each hash takes 64 MiB, and sign-ins must not push out everything else.
_HASHERS = ThreadPoolExecutor(2, thread_name_prefix="argon2")


async def hash_password(password: str, keys: Keys) -> str:
    """The PHC string of a password, with a fresh salt; runs in a thread."""
    return await asyncio.get_running_loop().run_in_executor(_HASHERS, _derive, password, keys.light)


async def matches(password: str, phc: str | None, keys: Keys) -> bool:
    """Whether the password is the one hashed; without a hash the same time is spent and the answer is no."""
    known = phc or _nobody(keys.light)
    right = await asyncio.get_running_loop().run_in_executor(_HASHERS, _verify, password, known)
    return right and phc is not None


def tidy_login(login: str) -> str:
    """A login name as it is compared: NFKC, small letters, no spaces around."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def login_problem(login: str) -> Problem | None:
    if LOGIN_NAME.fullmatch(tidy_login(login)):
        return None
    says = "登录名应为3至40个字母、数字、汉字或 . @ + - _"
    return Problem("login_malformed", says, "例如 zhang.san", field="login")


def password_problem(password: str, login: str, field: str = "password") -> Problem | None:
    """Length and variety; no forced mixture of signs, which only makes people write passwords down."""
    if len(password) < SHORTEST_PASSWORD:
        return Problem("password_short", "密码至少10个字符", "可以用一句自己记得住的话", field=field)
    if len(set(password)) < 5 or tidy_login(login) in password.casefold():
        return Problem("password_easy", "密码太容易猜到", "不要含登录名，不要重复同一字符", field=field)
    return None


def new_totp_key() -> bytes:
    """160 random bits, as RFC 4226 §4 recommends."""
    return os.urandom(20)


def totp_uri(key: bytes, login: str, issuer: str) -> str:
    """The otpauth:// address an authenticator reads."""
    return _totp(key).get_provisioning_uri(login, issuer)


def code_at(key: bytes, unix: float) -> str:
    """The six digits of RFC 6238 (SHA-1, 30 s) at an instant."""
    return _totp(key).generate(unix).decode()


def matching_step(key: bytes, code: str, unix: float) -> int | None:
    """The step whose code this is, one step of clock drift allowed either way; None when it is none's."""
    tidy = code.replace(" ", "")
    steps = (int(unix) // STEP + drift for drift in (0, -1, 1))
    return next((step for step in steps if code_at(key, step * STEP) == tidy), None)


async def use_code(connection: asyncpg.Connection, person: UUID, key: bytes, code: str) -> bool:
    """Spend a one-time code: right, and of a later step than any spent before (RFC 6238 §5.2)."""
    unix = await connection.fetchval("select extract(epoch from clock_timestamp())::float8")
    step = matching_step(key, code, unix)
    if step is None:
        return False
    spent = await connection.fetchval(
        "update accounts.credential set totp_step = $2 where person = $1 and totp_step < $2 returning true",
        person,
        step,
    )
    return spent is True


def account_problems(command: NewPerson) -> list[Problem]:
    """What is wrong with a new account's login name and password."""
    found = (login_problem(command.login), password_problem(command.password, command.login))
    return [problem for problem in found if problem]


async def login_taken(login: str) -> Problem | None:
    if await Credential.exists().where(Credential.login == tidy_login(login)):
        return Problem("login_taken", "这个登录名已有人使用", "请换一个登录名", field="login")
    return None


async def add_credential(person: UUID, login: str, phc: str, keys: Keys, totp_key: bytes | None = None) -> None:
    """Store how `person` signs in here; refuses a login name that is taken (BadInput)."""
    sealed = None if totp_key is None else keys.seal_totp(totp_key, person.bytes)
    try:
        async with transaction(HOME) as connection:
            await connection.execute(
                "insert into accounts.credential (person, login, phc, totp_sealed, totp_step, failed,"
                " created_at, changed_at)"
                " values ($1, $2, $3, $4, 0, 0, clock_timestamp(), clock_timestamp())",
                person,
                tidy_login(login),
                phc,
                sealed,
            )
    except asyncpg.UniqueViolationError as error:
        taken = Problem("login_taken", "这个登录名已有人使用", "请换一个登录名", field="login")
        raise BadInput(taken) from error


async def change_password(actor: Actor, old: str, new: str, keys: Keys) -> None:
    """Replace one's own password and end every session one has.

    Raises BadInput, Throttled after too many wrong old ones: never call it inside a transaction of HOME, which
    would take the count of tries back.
    """
    row = await own(actor, old, keys, "old")
    problem = password_problem(new, row["login"], "new")
    refuse_all([problem] if problem else [], BadInput)
    phc = await hash_password(new, keys)
    async with transaction(HOME) as connection:
        await connection.execute(
            "update accounts.credential set phc = $2, changed_at = clock_timestamp() where person = $1",
            actor.person,
            phc,
        )
        await end_sessions(connection, actor)
        await record(connection, "password_changed", actor, str(actor.person))


async def own(actor: Actor, password: str, keys: Keys, field: str = "password") -> dict[str, Any]:
    """The actor's own credential, after he has said its password once more; every try is counted."""
    key = f"account:{actor.person}"
    await knock(key, LOGIN)
    row = await Credential.select().where(Credential.person == actor.person).first()
    if not await matches(password, row["phc"] if row else None, keys) or row is None:
        raise BadInput(Problem("password_wrong", "密码不正确", "请重新输入现在使用的密码", field=field))
    await forget(key)
    return row


async def end_sessions(connection: asyncpg.Connection, actor: Actor, but: UUID | None = None) -> int:
    """End every session of the actor, `but` one; how many there were."""
    ended = await connection.fetch(
        "update accounts.session set ended_at = clock_timestamp()"
        " where person = $1 and id is distinct from $2 and ended_at is null returning id",
        actor.person,
        but,
    )
    return len(ended)


def _totp(key: bytes) -> TOTP:
    return TOTP(key, 6, SHA1(), STEP)  # noqa: S303 - RFC 6238's default; authenticators know no other


def _derive(password: str, light: bool) -> str:
    passes, lanes, kibibytes = LIGHT if light else STRONG
    hasher = Argon2id(salt=os.urandom(16), length=32, iterations=passes, lanes=lanes, memory_cost=kibibytes)
    return hasher.derive_phc_encoded(_bytes(password))


def _verify(password: str, phc: str) -> bool:
    try:
        Argon2id.verify_phc_encoded(_bytes(password), phc)
    except InvalidKey:
        return False
    return True


def _bytes(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode()


@cache
def _nobody(light: bool) -> str:
    return _derive("nobody's password", light)
