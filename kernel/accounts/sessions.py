"""Signing in and out of a site, changing the role one acts in, and who a session's token stands for."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal
from uuid import UUID

from kernel import clock, inbox
from kernel.accounts import credentials
from kernel.accounts.keys import Keys
from kernel.accounts.rules import SECOND_FACTOR, SITE_SIDES
from kernel.accounts.schemas import NewSession, Signed, SignIn
from kernel.accounts.tables import Credential, Membership, Person, Session
from kernel.accounts.throttle import ADDRESS, LOGIN, address_key, forget, knock, login_key
from kernel.db import HOME, transaction
from kernel.errors import Forbidden, NotSignedIn, Problem
from kernel.identity import PUBLIC, Actor
from kernel.ids import new_id

IDLE = 30 * 60
"""Seconds without a request after which a session has ended."""

LONGEST = 12 * 3600
"""Seconds after which a session has ended whatever is done in it."""

TOUCH = 60
"""Seconds between two notes that a session is in use: a page of forty pictures is not forty writes."""


@dataclass(frozen=True, slots=True)
class Admission:
    """Who came in, and by what."""

    actor: Actor
    session: Signed


async def sign_in(command: SignIn, site: str, keys: Keys, address: str = "", client: str = "") -> NewSession:
    """A new session for a person of this site's sides: the password, then the one-time code if one is kept.

    Raises Throttled (with `retry_after`), NotSignedIn, or Forbidden at the wrong site. Every try is counted
    before it is judged.
    """
    login = credentials.tidy_login(command.login)
    await knock(login_key(login), LOGIN)
    if address:
        await knock(address_key("sign_in", address), ADDRESS)
    row = await Credential.select().where(Credential.login == login).first()
    if not await credentials.matches(command.password, row["phc"] if row else None, keys) or row is None:
        await _count_failure(login)
        raise NotSignedIn(Problem("sign_in_wrong", "登录名或密码不正确", "请核对后重新输入"))
    await _check_account(row, command.totp, site, keys)
    await forget(login_key(login))
    strange = await _is_strange(row["person"], address)
    opened = await open_session(row["person"], await _first_membership(row["person"]), address, client)
    if strange:
        await _tell_elsewhere(row["person"], address)
    return opened


async def sign_out(token: str) -> None:
    """End the session of this token; no matter if there is none."""
    async with transaction(HOME) as connection:
        await connection.execute(
            "update accounts.session set ended_at = clock_timestamp() where digest = $1 and ended_at is null",
            _digest(token),
        )


async def switch_role(token: str, membership: UUID, site: str, address: str = "", client: str = "") -> NewSession:
    """Go on in another of one's roles: under a new token, with the old session's end."""
    row = await _session(token)
    if row is None:
        raise _ended()
    known = await _standing(row["person"], membership)
    if known is None or known["role"] is None or known["side"] not in SITE_SIDES[site]:
        raise Forbidden(Problem("not_your_role", "您没有这项角色", "请在列出的角色中选择"))
    async with transaction(HOME):
        await sign_out(token)
        return await open_session(row["person"], membership, address, client, row["expires_at"])


async def admit(token: str, site: str, address: str = "", client: str = "", door: str = "page") -> Admission | None:
    """Who this session's token stands for now, or None: unknown, idle too long, ended, or of another site.

    Two queries, since the session lies in HOME and the role in TRADING. A person whose role has ended acts as
    the public does.
    """
    row = await _session(token)
    if row is None:
        return None
    kind: Literal["session", "seat"] = "seat" if row["seat"] else "session"
    signed = Signed(row["id"], kind, row["person"], row["membership"], row["csrf"], frozenset(), row["expires_at"])
    actor = await actor_for(signed, site, address, client, door)
    return Admission(actor, signed) if actor else None


async def actor_of(token: str, site: str, address: str = "", client: str = "") -> Actor:
    """The same as `admit`, the public when nobody is signed in."""
    found = await admit(token, site, address, client)
    return found.actor if found else PUBLIC


async def actor_for(signed: Signed, site: str, address: str, client: str, door: str) -> Actor | None:
    """The actor a session or token makes at this site; None when the person is not of the site's sides."""
    if signed.kind == "seat":
        # Nobody's name: the panel's records say which seat of which panel it is, and whether it is still held.
        told: dict[str, Any] = {"door": door, "address": address, "client": client}
        return Actor(role="expert", person=signed.person, name="评标席位", **told) if site == "trading" else None
    row = await _standing(signed.person, signed.membership)
    if row is None or row["side"] not in SITE_SIDES[site]:
        return None
    came = {"person": signed.person, "name": row["name"], "door": door, "address": address, "client": client}
    if row["role"] is None:
        return Actor(role="public", **came)
    return Actor(
        role=row["role"],
        organisation=row["organisation"],
        organisation_code=row["code"],
        organisation_name=row["organisation_name"],
        region=row["region"],
        departments=tuple(dict.fromkeys([*row["departments"], *(row["lent"] or ())])),
        **came,
    )


def _digest(token: str) -> bytes:
    return sha256(token.encode(errors="replace")).digest()


def _ended() -> NotSignedIn:
    return NotSignedIn(Problem("session_ended", "登录已失效", "请重新登录"))


async def _session(token: str) -> dict[str, Any] | None:
    rows = await Session.raw(
        "select id, person, membership, seat, csrf, expires_at,"
        " last_seen < clock_timestamp() - make_interval(secs => {}) as stale from accounts.session"
        " where digest = {} and ended_at is null and expires_at > clock_timestamp()"
        " and last_seen > clock_timestamp() - make_interval(secs => {})",
        TOUCH,
        _digest(token),
        IDLE,
    )
    if rows and rows[0]["stale"]:
        await Session.raw("update accounts.session set last_seen = clock_timestamp() where id = {}", rows[0]["id"])
    return dict(rows[0]) if rows else None


# What the person is, what the chosen role is if it is in force, and the departments lent to it for a leave.
_STANDING = """
select p.name, p.side, m.role, m.departments,
  o.id as organisation, o.code, o.name as organisation_name, o.region,
  (select array_agg(lent.department) from accounts.delegation d
     join accounts.membership a on a.id = d.absent
     cross join lateral unnest(a.departments) as lent(department)
   where d.substitute = m.id and d.revoked_at is null
     and d.since <= clock_timestamp() and d.until > clock_timestamp()
     and a.since <= clock_timestamp() and (a.until is null or a.until > clock_timestamp())) as lent
from accounts.person p
left join accounts.membership m on m.id = {} and m.person = p.id
  and m.since <= clock_timestamp() and (m.until is null or m.until > clock_timestamp())
left join accounts.organisation o on o.id = m.organisation
where p.id = {}
"""


async def _standing(person: UUID, membership: UUID | None) -> dict[str, Any] | None:
    rows = await Membership.raw(_STANDING, membership, person)
    return dict(rows[0]) if rows else None


async def _first_membership(person: UUID) -> UUID | None:
    rows = await Membership.raw(
        "select id from accounts.membership where person = {} and since <= clock_timestamp()"
        " and (until is null or until > clock_timestamp()) order by since, id limit 1",
        person,
    )
    return rows[0]["id"] if rows else None


async def _check_account(row: dict[str, Any], code: str, site: str, keys: Keys) -> None:
    """Everything but the password; said only to who knows the password."""
    person = await Person.select(Person.side).where(Person.id == row["person"]).first()
    if person is None or row["disabled_at"]:
        raise Forbidden(Problem("account_closed", "账号已停用", "请与管理单位联系"))
    if person["side"] not in SITE_SIDES[site]:
        raise Forbidden(Problem("wrong_site", "您的账号不属于本平台", "请到您所在一方的平台登录"))
    if row["totp_sealed"]:
        await _spend_code(row, code, keys)
    elif person["side"] in SECOND_FACTOR and await clock.mode(HOME) == "production":
        raise Forbidden(Problem("second_factor_missing", "账号尚未绑定动态口令", "请由创建账号的单位重新发放"))


async def _spend_code(row: dict[str, Any], code: str, keys: Keys) -> None:
    if not code:
        raise NotSignedIn(Problem("totp_needed", "请输入动态口令", "打开身份验证器，填写6位数字", field="totp"))
    key = keys.open_totp(bytes(row["totp_sealed"]), row["person"].bytes)
    async with transaction(HOME) as connection:
        spent = await credentials.use_code(connection, row["person"], key, code)
    if not spent:
        says = "动态口令不正确或已使用过"
        raise NotSignedIn(Problem("totp_wrong", says, "请等待下一个口令再试", field="totp"))


async def _count_failure(login: str) -> None:
    async with transaction(HOME) as connection:
        await connection.execute("update accounts.credential set failed = failed + 1 where login = $1", login)


async def _is_strange(person: UUID, address: str) -> bool:
    """Whether this person has signed in before, and never from here."""
    async with transaction(HOME) as connection:
        known = await connection.fetchval(
            "select bool_or(address = $2) from accounts.session where person = $1 and address <> ''",
            person,
            address[:64],
        )
    return bool(address) and known is False


async def _tell_elsewhere(person: UUID, address: str) -> None:
    async with transaction(HOME) as connection:
        fields = {"address": address, "at": clock.when(await clock.wall())}
        await inbox.send(connection, "signed_in_elsewhere", fields=fields, person=person, link="/account")


async def open_session(
    person: UUID,
    membership: UUID | None,
    address: str,
    client: str,
    until: datetime | None = None,
    *,
    seat: bool = False,
) -> NewSession:
    """A new session; `until` keeps the end of the one it takes the place of. `seat`: `person` is a seat's id."""
    token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    async with transaction(HOME) as connection:
        expires = await connection.fetchval(
            "insert into accounts.session (id, digest, person, membership, csrf, created_at, last_seen,"
            " expires_at, address, client, seat) values ($1, $2, $3, $4, $5, clock_timestamp(), clock_timestamp(),"
            " coalesce($6, clock_timestamp() + make_interval(secs => $7)), $8, $9, $10) returning expires_at",
            new_id(),
            _digest(token),
            person,
            membership,
            csrf,
            until,
            LONGEST,
            address[:64],
            client[:300],
            seat,
        )
    return NewSession(token, csrf, person, membership, expires.astimezone(clock.CHINA))
