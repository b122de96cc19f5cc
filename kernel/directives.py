"""The mailbox: regulators post signed orders on a case; every trading step looks before it acts.

The supervision site may only add rows, the trading site may only read them. An order stands until another one
lifts it or its own end has come; nothing is ever changed or taken back unseen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

import asyncpg

from kernel.clock import CHINA
from kernel.db import TRADING, Engine, lock_case, transaction
from kernel.errors import BadInput, Directed, Forbidden, Problem, WrongStage, refuse_all
from kernel.order import Order, Posted, problems, read_order
from kernel.proofs import dsse
from kernel.proofs.errors import ProofError

_IN_FORCE = """
select d.id, d.body, d.posted_at from kernel.directive d
where d."case" = $1 and d.kind = $2 and (d.until is null or d.until > $3)
    and not exists (select from kernel.directive r where r.lifts = d.id)
order by d.posted_at, d.id
"""
_GIVEN = """
select d.id, d."case", d.body, d.posted_at, d.lifts, d.kind <> 'resume' and (d.until is null or d.until > $2)
    and not exists (select from kernel.directive r where r.lifts = d.id) as stands
from kernel.directive d where d."case" = any($1) order by d.posted_at desc, d.id
"""
_SUSPENSIONS = """
select d.id, d.body, d.posted_at, d.until,
    (select min(r.posted_at) from kernel.directive r where r.lifts = d.id) as lifted
from kernel.directive d where d."case" = $1 and d.kind = 'suspend' order by d.posted_at, d.id
"""
_OF_CASE = """
select id, kind, body, envelope, posted_at, until, lifts from kernel.directive where "case" = $1 order by posted_at, id
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """An order in force: what it says, the article it rests on, who gave it, since when and until when."""

    id: UUID
    kind: str
    says: str
    article: str
    issued_by: str
    posted_at: datetime
    until: datetime | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """From a row of the mailbox."""
        order, posted_at = read_order(row["body"]), row["posted_at"].astimezone(CHINA)
        return cls(order.id, order.kind, order.says, order.article, order.issued_by, posted_at, order.until)


@dataclass(frozen=True, slots=True)
class Given:
    """An order ever given: on which case, which one it lifts, and whether it is still in force."""

    case: UUID
    order: Standing
    lifts: UUID | None
    stands: bool


@dataclass(frozen=True, slots=True)
class Suspension:
    """A suspension ever ordered: it stands, or stood, in [since, until); `until` is None while nothing ends it."""

    order: Standing
    since: datetime
    until: datetime | None

    def stands(self, at: datetime) -> bool:
        return self.until is None or at < self.until


async def suspensions(connection: asyncpg.Connection, case: UUID) -> list[Suspension]:
    """Every suspension of a case, the earliest first, each with the end that it had or is going to have."""
    found = []
    for row in await connection.fetch(_SUSPENSIONS, case):
        ends = [end.astimezone(CHINA) for end in (row["until"], row["lifted"]) if end is not None]
        found.append(Suspension(Standing.of(row), row["posted_at"].astimezone(CHINA), min(ends, default=None)))
    return found


async def envelopes(connection: asyncpg.Connection, case: UUID) -> list[bytes]:
    """The signed orders that suspended a case and let it go on, in the order they were posted: exact DSSE bytes."""
    rows = await connection.fetch(_OF_CASE, case)
    return [bytes(row["envelope"]) for row in rows if row["kind"] != "correct"]


async def given(connection: asyncpg.Connection, cases: Sequence[UUID], at: datetime) -> list[Given]:
    """Every order on these cases, the newest first."""
    rows = await connection.fetch(_GIVEN, list(cases), at)
    return [Given(row["case"], Standing.of(row), row["lifts"], row["stands"]) for row in rows]


async def newest_cases(connection: asyncpg.Connection, limit: int) -> list[UUID]:
    """The cases with the newest orders, the newest first."""
    rows = await connection.fetch(
        'select "case" from kernel.directive group by "case" order by max(posted_at) desc, "case" limit $1', limit
    )
    return [row["case"] for row in rows]


async def standing(connection: asyncpg.Connection, case: UUID, at: datetime) -> Standing | None:
    """The suspension in force at this instant of the law, the earliest posted; one statement.

    At its `until` it is over. Call it under the case's lock: posting takes it exclusively.
    """
    rows = await connection.fetch(_IN_FORCE, case, "suspend", at)
    return Standing.of(rows[0]) if rows else None


async def obey(connection: asyncpg.Connection, case: UUID, at: datetime) -> tuple[Suspension, ...]:
    """Beat 2 of every trading step: raises Directed, naming the order, while a suspension stands.

    The suspensions that are over: whoever keeps clocks must move them before anything else happens. One statement.
    """
    found = await suspensions(connection, case)
    for one in found:
        if one.stands(at):
            raise Directed(stopped_by(one.order))
    return tuple(found)


async def corrections(connection: asyncpg.Connection, case: UUID, at: datetime) -> list[Standing]:
    """Orders to correct (责令改正) in force: shown on the case, they stop no act."""
    return [Standing.of(row) for row in await connection.fetch(_IN_FORCE, case, "correct", at)]


async def on_show(case: UUID, at: datetime, db: Engine = TRADING) -> list[Standing]:
    """Every order in force on a case, as its pages show them: a suspension first."""
    async with transaction(db) as connection:
        suspension = await standing(connection, case, at)
        return [*([suspension] if suspension else []), *await corrections(connection, case, at)]


def stopped_by(order: Standing) -> Problem:
    """What an act is told while the order stands."""
    end = f"至 {order.until:%Y-%m-%d %H:%M}" if order.until else "恢复时间另行通知"
    return Problem(
        "case_suspended",
        f"{order.issued_by}于 {order.posted_at:%Y-%m-%d %H:%M} 责令暂停（{end}）：{order.says}",
        f"请待恢复指令下达或暂停期满后再办理。指令编号 {order.id}",
        order.article,
    )


async def post(
    envelope: bytes,
    *,
    keys: Sequence[bytes],
    needed: int = 1,
    longest: timedelta | None = None,
    db: Engine = TRADING,
) -> Standing:
    """Put a signed order into the mailbox; called by the supervision site, on the trading database.

    `envelope` is DSSE over the bytes of `kernel.order.build_order`; `keys` are the raw Ed25519 keys of those
    who may order in this case, `needed` of whom must have signed. `longest` bounds the time a case may stand
    suspended in all. The same order again changes nothing and gets the same answer.
    """
    order = _verified(envelope, keys, needed)
    async with transaction(db) as connection:
        await lock_case(connection, order.case, exclusive=True)
        at = (await connection.fetchval("select kernel.law_now()")).astimezone(CHINA)
        rows = await connection.fetch(_OF_CASE, order.case)
        known = next((row for row in rows if row["id"] == order.id), None)
        if known is None:
            refuse_all(problems(order, at, [Posted.of(row) for row in rows], longest))
            known = await _put(connection, order, envelope, at)
        elif known["body"] != order.data:
            raise WrongStage(Problem("directive_id_used", "这个编号已用于另一份指令", "请换一个编号"))
        return Standing.of(known)


def _verified(envelope: bytes, keys: Sequence[bytes], needed: int) -> Order:
    try:
        signed = dsse.read(envelope)
        order = read_order(signed.payload)
    except ProofError as wrong:
        says = f"指令不合格式：{wrong.says}"
        raise BadInput(Problem(wrong.code, says, "请重新生成指令", field=wrong.where)) from wrong
    if len(dsse.verify(signed, keys)) < max(1, needed):
        says = f"指令须有 {max(1, needed)} 名有权人员的有效签名"
        raise Forbidden(Problem("directive_unsigned", says, "请由本项目的行政监督人员签名后再发出"))
    return order


async def _put(connection: asyncpg.Connection, order: Order, envelope: bytes, at: datetime) -> Mapping[str, Any]:
    await connection.execute(
        'insert into kernel.directive (id, "case", kind, lifts, body, envelope, until, posted_at)'
        " values ($1, $2, $3, $4, $5, $6, $7, $8)",
        order.id, order.case, order.kind, order.lifts, order.data, envelope, order.until, at,
    )  # fmt: skip
    return {"body": order.data, "posted_at": at}
