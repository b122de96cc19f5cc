"""Who asked to be told of changes to a lot: addresses kept sealed, and the message to all of them."""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self
from uuid import UUID

import asyncpg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bidding import records
from bidding.case import LotCase, Tools
from kernel import inbox
from kernel.clock import when


@dataclass(frozen=True, slots=True)
class Address:
    """An address as it is kept: `match` tells whether it is there already, `sealed` opens with the site's key alone."""

    match: bytes
    sealed: bytes

    @classmethod
    def seal(cls, tools: Tools, lot: UUID, channel: str, address: str) -> Self:
        plain = json.dumps([channel, address], ensure_ascii=False).encode()
        nonce = os.urandom(12)
        sealed = nonce + AESGCM(_key(tools.contacts)).encrypt(nonce, plain, b"contact")
        return cls(hmac.digest(tools.contacts, b"match\0" + lot.bytes + plain, "sha256"), sealed)


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


def _unseal(secret: bytes, sealed: bytes) -> bytes:
    return AESGCM(_key(secret)).decrypt(sealed[:12], sealed[12:], b"contact")


def _key(secret: bytes) -> bytes:
    return hashlib.sha256(b"yangguang/contacts\0" + secret).digest()
