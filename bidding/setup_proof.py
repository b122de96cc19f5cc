"""The set-up's proof for whoever is about to seal: that the witnessed log holds it."""

import json
from dataclasses import dataclass

from kernel.box.records import BoxView
from kernel.db import HOME, TRADING, reading
from kernel.log_proofs import proof_of
from kernel.proofs.setup_proof import ACTS

_EVENTS = "select id, body, salt from kernel.log_event where case_key = $1 and act = any($2) order by n desc"


@dataclass(frozen=True, slots=True)
class SetupProof:
    """The salt that opens the log's entry, and the C2SP tlog-proof with the event in its extra line."""

    salt: bytes
    proof: bytes


async def setup_proof(box: BoxView) -> SetupProof | None:
    """The proof of the set-up as it stands; None before it is fixed, and until a witness has seen the log.

    Nothing of it counts bids: the event comes before the first of them, and the log is public (its hashes alone).
    """
    async with reading(TRADING) as connection:
        rows = await connection.fetch(_EVENTS, str(box.case), list(ACTS))
    for row in rows:
        if box.setup and json.loads(row["body"])["hashes"].get("setup") == box.setup:
            found = await proof_of(HOME, row["id"], disclose=True)
            return SetupProof(row["salt"], found) if found else None
    return None
