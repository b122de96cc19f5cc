"""Keys for programs: one role, named acts, an end, revocable; only their digest is kept."""

import secrets
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from kernel.accounts.events import record
from kernel.accounts.rules import PERSONAL
from kernel.accounts.schemas import MadeToken, MakeToken, Signed
from kernel.accounts.sessions import TOUCH, Admission, actor_for
from kernel.accounts.tables import Token
from kernel.clock import CHINA
from kernel.db import HOME, transaction
from kernel.errors import BadInput, Forbidden, NotFound, Problem, refuse_all
from kernel.identity import PUBLIC, Actor
from kernel.ids import new_id
from kernel.permissions import ACTS, permission

PREFIX = "yg1_"

MOST = 20
"""Living tokens a person may have."""


async def make_token(actor: Actor, signed: Signed, command: MakeToken) -> MadeToken:
    """A new key for the role the person acts in now.

    Raises Forbidden when a token asks for it, BadInput with all problems.
    """
    if signed.kind != "session" or signed.membership is None or actor.person is None:
        raise Forbidden(Problem("session_needed", "只有登录后的本人可以发放令牌", "请登录并选择角色后再试"))
    refuse_all(_act_problems(actor, command.acts), BadInput)
    token = PREFIX + secrets.token_urlsafe(32)
    async with transaction(HOME) as connection:
        await _refuse_too_many(actor.person)
        row = await connection.fetchrow(
            "insert into accounts.token (id, digest, person, membership, name, acts, created_at, expires_at)"
            " values ($1, $2, $3, $4, $5, $6, clock_timestamp(), clock_timestamp() + $7)"
            " returning id, expires_at",
            new_id(),
            _digest(token),
            actor.person,
            signed.membership,
            command.name,
            sorted(set(command.acts)),
            timedelta(days=command.days),
        )
        facts = {"acts": sorted(set(command.acts)), "days": command.days}
        await record(connection, "token_made", actor, row["id"], facts, {"token": command.name})
    return MadeToken(row["id"], token, row["expires_at"].astimezone(CHINA))


async def revoke_token(actor: Actor, id: UUID) -> None:
    """End one of one's own tokens at once; another's is not found."""
    async with transaction(HOME) as connection:
        done = await connection.fetchval(
            "update accounts.token set revoked_at = clock_timestamp()"
            " where id = $1 and person = $2 and revoked_at is null returning true",
            id,
            actor.person,
        )
        if done:
            await record(connection, "token_revoked", actor, id)
    if not done:
        raise NotFound(Problem("no_such_token", "没有这个令牌", "请刷新后再选"))


async def admit_token(token: str, site: str, address: str = "", client: str = "") -> Admission | None:
    """Who this key stands for now, or None: unknown, over, revoked, or its role has ended."""
    rows = await Token.raw(
        "select id, person, membership, acts, expires_at,"
        " coalesce(last_used < clock_timestamp() - make_interval(secs => {}), true) as stale"
        " from accounts.token where digest = {} and revoked_at is null and expires_at > clock_timestamp()",
        TOUCH,
        _digest(token),
    )
    if not rows:
        return None
    row = rows[0]
    if row["stale"]:
        await Token.raw("update accounts.token set last_used = clock_timestamp() where id = {}", row["id"])
    acts = frozenset(row["acts"])
    signed = Signed(row["id"], "token", row["person"], row["membership"], "", acts, row["expires_at"])
    actor = await actor_for(signed, site, address, client, "api")
    return Admission(actor, signed) if actor and actor.role != "public" else None


async def actor_of_token(token: str, site: str, address: str = "", client: str = "") -> Actor:
    """The same as `admit_token`, the public when the key opens nothing."""
    found = await admit_token(token, site, address, client)
    return found.actor if found else PUBLIC


def grantable(role: str) -> tuple[str, ...]:
    """The acts a token of this role may be given, in the order of the table."""
    return tuple(act for act in ACTS if act not in PERSONAL and permission(act, role))


def _act_problems(actor: Actor, acts: tuple[str, ...]) -> list[Problem]:
    allowed = grantable(actor.role)
    return [
        Problem("act_not_grantable", f"令牌不能包含“{act}”", "请只选列出的事项", field="acts")
        for act in dict.fromkeys(acts)
        if act not in allowed
    ]


async def _refuse_too_many(person: UUID) -> None:
    rows = await Token.raw(
        "select count(*) as living from accounts.token"
        " where person = {} and revoked_at is null and expires_at > clock_timestamp()",
        person,
    )
    if rows[0]["living"] >= MOST:
        raise BadInput(Problem("too_many_tokens", f"有效令牌已达{MOST}个", "请先撤销不用的令牌"))


def _digest(token: str) -> bytes:
    return sha256(token.encode(errors="replace")).digest()
