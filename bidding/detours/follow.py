"""想收到变更通知: an address left without registration, sealed so that nobody can list who asks (20号令 20、21)."""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import asyncpg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bidding import records
from bidding.case import LotCase, Tools, lot_act
from bidding.schemas import LeaveContact
from bidding.tables import Contact
from kernel import inbox
from kernel.clock import when
from kernel.identity import Actor
from kernel.ids import secret_id


async def leave_contact(tools: Tools, actor: Actor, lot: UUID, command: LeaveContact) -> None:
    """Keep the address for this lot; leaving it twice changes nothing, and nothing tells whether it was known."""
    plain = json.dumps([command.channel, command.address], ensure_ascii=False).encode()
    match = hmac.digest(tools.contacts, b"match\0" + lot.bytes + plain, "sha256")
    async with lot_act("leave_contact", actor, lot, exclusive=False) as case:
        if not await Contact.exists().where(Contact.lot == lot, Contact.match == match):
            await Contact.insert(Contact(id=secret_id(), lot=lot, match=match, sealed=_seal(tools.contacts, plain)))
        await case.beat.record("contact")


async def tell_followers(tools: Tools, case: LotCase, summary: str, deadline: datetime) -> None:
    """Send the change to everybody who left an address, through the outbox."""
    fields = {
        "project": case.lot.name,
        "code": case.lot.code,
        "at": when(case.beat.at),
        "summary": summary,
        "deadline": when(deadline),
    }
    await tell_all_followers(tools, case.beat.connection, case.lot.id, "notice_amended", fields)


async def tell_all_followers(
    tools: Tools, connection: asyncpg.Connection, lot: UUID, template: str, fields: Mapping[str, str]
) -> None:
    """One message to each address that was left for this lot, in the caller's transaction."""
    for sealed in await records.contacts(lot):
        channel, address = json.loads(_unseal(tools.contacts, sealed))
        await inbox.send(connection, template, fields=fields, also={channel: address}, link=f"/lots/{lot}")


def _seal(secret: bytes, plain: bytes) -> bytes:
    nonce = os.urandom(12)
    return nonce + AESGCM(_key(secret)).encrypt(nonce, plain, b"contact")


def _unseal(secret: bytes, sealed: bytes) -> bytes:
    return AESGCM(_key(secret)).decrypt(sealed[:12], sealed[12:], b"contact")


def _key(secret: bytes) -> bytes:
    return hashlib.sha256(b"yangguang/contacts\0" + secret).digest()
