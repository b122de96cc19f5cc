"""What a client wants proved before it acts: that the witnessed log holds this set-up, or the report it is told of."""

import json
from dataclasses import dataclass

from kernel.box.records import BoxView
from kernel.db import HOME, TRADING, reading
from kernel.log_proofs import proof_at, proof_of
from kernel.proofs.canonical import to_base64
from kernel.proofs.setup_proof import ACTS

_EVENTS = "select id, body, salt from kernel.log_event where case_key = $1 and act = any($2) order by n desc"
_REPORT = 'select body, salt, "index" from box.report_event where "case" = $1'


@dataclass(frozen=True, slots=True)
class Proven:
    """The salt that opens the log's entry, and the C2SP tlog-proof with the event in its extra line."""

    salt: bytes
    proof: bytes


async def setup_proof(box: BoxView) -> Proven | None:
    """The proof of the set-up as it stands; None before it is fixed, and until a witness has seen the log.

    Nothing of it counts bids: the event comes before the first of them, and the log is public (its hashes alone).
    """
    async with reading(TRADING) as connection:
        rows = await connection.fetch(_EVENTS, str(box.case), list(ACTS))
    for row in rows:
        if box.setup and json.loads(row["body"])["hashes"].get("setup") == box.setup:
            found = await proof_of(HOME, row["id"], disclose=True)
            return Proven(row["salt"], found) if found else None
    return None


async def report_proof(box: BoxView) -> Proven | None:
    """The proof of the signed report that opened the way to the later stages; None until a witness has seen the log.

    Both sites ask: the regulator's holders open on theirs.
    """
    if not box.report:
        return None
    async with reading(TRADING) as connection:
        row = await connection.fetchrow(_REPORT, box.case)
        found = await proof_at(connection, row["index"], row["body"]) if row else None
    return Proven(row["salt"], found) if row and found else None


async def report_shown(box: BoxView) -> dict[str, str]:
    """The report with its proof as clients are told of it: {report, report_proof, report_salt}, base64 or empty."""
    proven = await report_proof(box)
    proof, salt = (to_base64(proven.proof), to_base64(proven.salt)) if proven else ("", "")
    return {"report": box.report, "report_proof": proof, "report_salt": salt}
