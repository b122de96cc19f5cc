"""A draw's messages in the database: read with their signatures, and put there once with their event."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from kernel.acts import Beat
from kernel.errors import NotFound, Problem
from kernel.ids import new_id
from kernel.proofs import dsse
from kernel.proofs.draw_messages import Message, read_message
from kernel.proofs.draw_state import Ceremony
from kernel.proofs.errors import BadSignature, ProofError

_OF = """
select m.id, m.kind, m.role, m.envelope, m.at, t.event, t.leaf from toss.message m
left join toss.taken t on t.message = m.id
where m.toss = $1 and coalesce(t.refused, '') = '' and ($2::text[] is null or m.kind = any($2))
order by m.kind <> 'begin', m.at, m.id
"""
_PUT = """
insert into toss.message (id, toss, kind, role, sha256, envelope, at) values ($1, $2, $3, $4, $5, $6, kernel.law_now())
on conflict (toss, kind, role, sha256) do nothing
"""
_TAKE = (
    "insert into toss.taken (message, event, leaf, refused) values ($1, $2, $3, $4) on conflict (message) do nothing"
)


@dataclass(frozen=True, slots=True)
class Row:
    """A stored message that nobody has refused; `leaf` is its event's log entry, None while it is not taken."""

    id: UUID
    kind: str
    role: str
    envelope: bytes
    leaf: bytes | None

    def read(self) -> tuple[Message, dsse.Signed]:
        signed = dsse.read(self.envelope)
        return read_message(signed.payload), signed


@dataclass(frozen=True, slots=True)
class Story:
    """A draw's messages as they may be believed, and what was left aside because it contradicts them."""

    ceremony: Ceremony
    rows: tuple[Row, ...]
    aside: tuple[Row, ...]

    def leaves_of(self, *kinds: str) -> list[bytes | None]:
        """The log entries of the messages of these kinds; None for one that is not on the log."""
        return [row.leaf for row in self.rows if row.kind in kinds]


async def rows_of(connection: asyncpg.Connection, toss: UUID, *kinds: str) -> list[Row]:
    """The stored messages of these kinds (all, when none is named), oldest first; nothing is verified."""
    found = await connection.fetch(_OF, toss, list(kinds) or None)
    return [Row(r["id"], r["kind"], r["role"], r["envelope"], r["leaf"]) for r in found]


async def story(connection: asyncpg.Connection, toss: UUID) -> Story:
    """What of a draw is on record, every signature checked against its begin; `NotFound` for a draw nobody began.

    The other side posts at any moment: an answer to what is not on record yet would stand on record before it.
    """
    return tell_story(row for row in await rows_of(connection, toss) if row.leaf is not None)


def tell_story(rows: Iterable[Row]) -> Story:
    """The same from rows; of two that contradict each other the earlier one counts."""
    rows = list(rows)
    begins = [row for row in rows if row.kind == "begin"]
    if not begins:
        raise NotFound(Problem("no_toss", "没有这次抽取", "请核对编号"))
    ceremony = Ceremony(verified(begins[0], None))
    good, aside = [begins[0]], []
    # A withdrawal is read after the acceptance it ends, whatever the order of their arrival.
    for row in rows:
        if row is begins[0]:
            continue
        try:
            ceremony.add(verified(row, ceremony))
            good.append(row)
        except ProofError:
            aside.append(row)
    return Story(ceremony, tuple(good), tuple(aside))


def verified(row: Row, ceremony: Ceremony | None) -> Message:
    """The message, if its role signed it; a begin by the operator's key that it names itself."""
    message, signed = row.read()
    own = Ceremony(message) if ceremony is None and message.kind == "begin" else ceremony
    key = own.keys.get(message.role) if own else None
    if key is None or not dsse.verify(signed, [key]):
        raise BadSignature("signature_missing", "没有该角色的有效签名", row.kind)
    if (message.kind, message.role) != (row.kind, row.role):
        raise BadSignature("other_role", "消息不是它所称的种类或角色", row.kind)
    return message


async def insert(connection: asyncpg.Connection, toss: UUID, kind: str, role: str, signed: dsse.Signed) -> UUID:
    """Store a signed message as it is; the same again changes nothing. Its number, new or old."""
    await connection.execute(_PUT, new_id(), toss, kind, role, signed.sha256, signed.to_bytes())
    found: UUID = await connection.fetchval(
        "select id from toss.message where toss = $1 and kind = $2 and role = $3 and sha256 = $4",
        toss,
        kind,
        role,
        signed.sha256,
    )
    return found


async def put(beat: Beat, toss: UUID, signed: dsse.Signed) -> Message:
    """Store a message of this side and put it on record."""
    message = read_message(signed.payload)
    row = await insert(beat.connection, toss, message.kind, message.role, signed)
    await take(beat, toss, row, message)
    await beat.connection.execute("update toss.toss set restless = true where id = $1", toss)
    return message


async def take(beat: Beat, toss: UUID, row: UUID, message: Message) -> None:
    """Put a verified message on record; it counts from now on."""
    if await beat.connection.fetchval("select 1 from toss.taken where message = $1", row):
        return
    event = await beat.record(
        str(toss), act=f"toss_{message.kind}", hashes={message.kind: message.sha256}, facts=_facts(message)
    )
    await beat.connection.execute(_TAKE, row, event.event_id, event.leaf, "")


async def refuse(beat: Beat, toss: UUID, row: UUID, sha256: str, code: str) -> None:
    """Put on record that a message does not pass, and why; it never counts."""
    event = await beat.record(str(toss), act="toss_refused", hashes={"message": sha256}, facts={"code": code[:60]})
    await beat.connection.execute(_TAKE, row, event.event_id, event.leaf, code[:60])


def _facts(message: Message) -> dict[str, object]:
    shown = ("stratum", "n", "outcome", "code", "seat", "reason", "why", "missing", "everyone", "attended", "replaces")
    return {"role": message.role} | {name: message.value[name] for name in shown if name in message.value}
