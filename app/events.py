"""The change feed: what became public, in the order of the log, losing nothing; and telling nothing else.

A place in the log counts all events before it, bids among them: so the cursor is that place enciphered, and
neither it nor an event's number in its case is ever shown.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import asyncpg
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from litestar import Request, Response, get
from litestar.params import QueryParameter
from litestar.serialization import encode_json

from kernel.clock import iso
from kernel.db import TRADING, transaction
from kernel.errors import BadInput, Problem
from kernel.web.download import etag_of, not_modified
from kernel.web.openapi import besides

PUBLIC_ACTS = (
    "publish_notice",
    "amend_notice",
    "close_lot",
    "fail_lot",
    "box_close",
    "box_countersign",
    "begin_opening",
    "box_opened",
    "raise_objection",
    "answer_objection",
    "sign_hall",
    "conclude_opening",
    "sign_opening",
    "publicise_candidates",
    "decide_award",
    "end_case",
    "archive_case",
    "publish_request",
    "withdraw_request",
    "close_request",
    "publish_quotes",
    "select_agency",
    "accept_selection",
    "fail_request",
    "accept_result",
    "rate_service",
    "archive_request",
)
"""What anybody may know the moment it has happened; everything else stays out, its number with it."""

TOLD_BY_NOTICE = ("suspend_case", "resume_case")
"""What happens before a notice too, when nobody outside knows of the case: public where it published one."""

_NEXT = """
select l."index" as place, e.case_key, e.act, e.at, e.body
from kernel.log_leaf l join kernel.log_event e on e.id = l.event
where l."index" > $1 and (
    e.act = any($2) or e.act = any($4) and convert_from(e.body, 'UTF8')::jsonb -> 'hashes' ? 'notice'
) order by l."index" limit $3
"""


@dataclass(frozen=True, slots=True)
class Cursors:
    """Places in the log as opaque texts; `key` is 32 bytes of this site's own."""

    key: bytes

    def seal(self, place: int) -> str:
        """One block with a fixed first half: the same place, the same text; no other text is one of ours."""
        encryptor = self._cipher().encryptor()
        return (encryptor.update(bytes(8) + place.to_bytes(8, "big")) + encryptor.finalize()).hex()

    def open(self, text: str) -> int:
        """The place in a cursor; -1 for the beginning. BadInput when it is not one of ours."""
        if not text:
            return -1
        try:
            decryptor = self._cipher().decryptor()
            plain = decryptor.update(bytes.fromhex(text)) + decryptor.finalize()
        except ValueError:
            plain = b""
        if len(plain) != 16 or plain[:8] != bytes(8):
            raise BadInput(Problem("bad_cursor", "游标不正确", "请用上一次答复中的 next，或从头读起", field="after"))
        return int.from_bytes(plain[8:], "big")

    def _cipher(self) -> Cipher[modes.ECB]:
        # One block, never two under one text: the mode that chains nothing is the right one here.
        return Cipher(algorithms.AES256(self.key), modes.ECB())  # noqa: S305


async def entries(cursors: Cursors, after: str, limit: int) -> dict[str, Any]:
    """Up to `limit` public events after the cursor, and where to go on from."""
    async with transaction(TRADING, readonly=True) as connection:
        rows = await connection.fetch(_NEXT, cursors.open(after), PUBLIC_ACTS, limit, TOLD_BY_NOTICE)
    found = [_entry(cursors, row) for row in rows]
    return {"entries": found, "next": found[-1]["cursor"] if found else after}


def _entry(cursors: Cursors, row: asyncpg.Record) -> dict[str, Any]:
    hashes: Mapping[str, str] = json.loads(row["body"])["hashes"]
    return {
        "cursor": cursors.seal(row["place"]),
        "lot": row["case_key"],
        "act": row["act"],
        "at": iso(row["at"]),
        "hashes": dict(hashes),
    }


@get(
    "/api/v1/feed",
    opt={"act": "read_public", "no_identity": True},
    tags=["平台"],
    summary="变更流：按存证日志的次序，不遗漏",
    description="从 next 继续读。尚未公开的事项不在其中，开标前不计投标。",
    responses=besides(304),
)
async def feed(
    request: Request[Any, Any, Any],
    after: Annotated[str, QueryParameter(max_length=64, description="上一次答复的 next；空为从头")] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=500)] = 100,
) -> Response[Any]:
    body = encode_json(await entries(request.app.state.cursors, after, limit))
    headers = {"etag": etag_of(body), "cache-control": "no-cache"}
    if not_modified(request, headers["etag"]):
        return Response(None, status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)
