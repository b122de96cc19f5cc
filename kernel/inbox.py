"""Messages to people and organisations: written with the act that causes them, from messages.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from uuid import UUID

import asyncpg

from kernel.clock import CHINA
from kernel.db import HOME, Engine, transaction
from kernel.errors import NotFound, Problem
from kernel.ids import new_id

NOWHERE: Mapping[str, str] = MappingProxyType({})

_WRITE = """
insert into kernel.message (id, person, organisation, template, subject, text, link, sent_at)
values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp())
"""
_ALSO = """
insert into kernel.outbox (id, message, gateway, address, attempts, due_at, state)
values ($1, $2, $3, $4, 0, clock_timestamp(), 'waiting')
"""
_UNREAD = """
from kernel.message where read_at is null and (person = $1 or organisation = $2)
"""


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message as its reader sees it."""

    id: UUID
    template: str
    subject: str
    text: str
    link: str
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Template:
    """A message's wording, with ``{names}`` for what differs."""

    subject: str
    text: str

    def fill(self, fields: Mapping[str, str]) -> tuple[str, str]:
        """(subject, text); KeyError for a field that was not given."""
        return self.subject.format_map(fields)[:200], self.text.format_map(fields)


@cache
def templates() -> Mapping[str, Template]:
    """All of messages.toml, by id."""
    raw = tomllib.loads(files("kernel").joinpath("messages.toml").read_text("utf-8"))
    return {name: Template(entry["subject"], entry["text"].strip()) for name, entry in raw.items()}


async def send(
    connection: asyncpg.Connection,
    template: str,
    *,
    fields: Mapping[str, str],
    person: UUID | None = None,
    organisation: UUID | None = None,
    link: str = "",
    also: Mapping[str, str] = NOWHERE,
) -> UUID:
    """Inside the act's transaction on HOME: the message exists only if the act commits.

    To one person, or to all who act for an organisation, or only to the addresses of `also`, for somebody without
    an account. `also` names gateways and addresses the reader wants (``{"sms": "138…", "mail": "…"}``):
    `kernel.outbox` delivers there. KeyError for an unknown template or a
    missing field, which is a fault of the program and undoes the act.
    """
    if (person and organisation) or not (person or organisation or also):
        raise ValueError("a message has one kind of reader")
    subject, text = templates()[template].fill(fields)
    message = new_id()
    await connection.execute(_WRITE, message, person, organisation, template, subject, text, link)
    for gateway, address in also.items():
        await connection.execute(_ALSO, new_id(), message, gateway, address)
    return message


async def unread(
    person: UUID | None, organisation: UUID | None = None, *, limit: int = 50, db: Engine = HOME
) -> list[MessageView]:
    """What waits for this person, and for the organisation he acts for; the newest first."""
    async with transaction(db) as connection:
        rows = await connection.fetch(
            f"select id, template, subject, text, link, sent_at {_UNREAD} order by sent_at desc, id desc limit $3",
            person,
            organisation,
            limit,
        )
    return [MessageView(**{**row, "sent_at": row["sent_at"].astimezone(CHINA)}) for row in rows]


async def count_unread(person: UUID | None, organisation: UUID | None = None, *, db: Engine = HOME) -> int:
    """The number beside the bell."""
    async with transaction(db) as connection:
        return int(await connection.fetchval(f"select count(*) {_UNREAD}", person, organisation))


async def mark_read(message: UUID, person: UUID | None, organisation: UUID | None = None, *, db: Engine = HOME) -> None:
    """Read by its reader; again is no fault. NotFound for a message that is not his."""
    async with transaction(db) as connection:
        found = await connection.fetchval(
            "update kernel.message set read_at = coalesce(read_at, clock_timestamp())"
            " where id = $1 and (person = $2 or organisation = $3) returning id",
            message,
            person,
            organisation,
        )
    if found is None:
        raise NotFound(Problem("message_not_found", "没有这条消息", "请返回消息列表"))
