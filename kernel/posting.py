"""Shows the newest checkpoint to a witness (C2SP tlog-witness) and keeps the cosignature it answers with.

Nothing here holds a transaction while the network is waited for, and no act waits for it: a witness that is
away delays final receipts, never a submission. One posts at a time: an older checkpoint that arrives after a
newer one looks to the witness like a log that was rolled back.
"""

from dataclasses import dataclass

import asyncpg
import httpx

from kernel.alone import alone
from kernel.db import Engine, transaction
from kernel.ids import new_id
from kernel.log_proofs import consistency
from kernel.proofs.checkpoints import parse_decimal
from kernel.proofs.errors import ProofError
from kernel.proofs.note_keys import VerifierKey
from kernel.proofs.notes import Note, parse_note, parse_signature_lines, verify_note
from kernel.proofs.witnessing import SIZE_TYPE, AddCheckpoint

_POSTING = 0x6574622F31_03
_UNSEEN = """
select c.size, c.note, coalesce((select max(size) from kernel.log_cosignature where witness = $1), 0) as old
from kernel.log_checkpoint c order by c.size desc limit 1
"""


class WitnessAway(Exception):
    """No usable answer; ask again later. Says which witness and why."""


class WitnessContradicts(Exception):
    """The witness has cosigned what this log does not have: it was altered or restored. An alarm."""


@dataclass(frozen=True, slots=True)
class WitnessAddress:
    """Where a witness answers (the whole URL of add-checkpoint) and the key it must answer with."""

    url: str
    key: VerifierKey


@dataclass(frozen=True, slots=True)
class _Task:
    size: int
    note: bytes
    old: int


async def post_to_witness(db: Engine, client: httpx.AsyncClient, witness: WitnessAddress) -> bool:
    """Have the newest checkpoint cosigned; False when there was nothing to show, or another process is at it.

    Raises WitnessAway (try again later) or WitnessContradicts (an alarm).
    """
    async with alone(db, _POSTING) as connection:
        return connection is not None and await _post(db, client, witness)


async def _post(db: Engine, client: httpx.AsyncClient, witness: WitnessAddress) -> bool:
    task = await _unseen(db, witness)
    if task is None:
        return False
    answer = await _ask(db, client, witness, task)
    if answer.status_code == httpx.codes.CONFLICT:
        # The cosignature of a crashed try is lost here but not there: the witness says where it stands.
        answer = await _ask(db, client, witness, _Task(task.size, task.note, _known(answer, witness, task)))
    if answer.status_code != httpx.codes.OK:
        _refused(answer, witness)
    await _keep(db, witness, task, answer)
    return True


async def _unseen(db: Engine, witness: WitnessAddress) -> _Task | None:
    async with transaction(db) as connection:
        row = await connection.fetchrow(_UNSEEN, witness.key.name)
    return None if row is None or row["old"] == row["size"] else _Task(row["size"], row["note"], row["old"])


async def _ask(db: Engine, client: httpx.AsyncClient, witness: WitnessAddress, task: _Task) -> httpx.Response:
    async with transaction(db) as connection:
        proof = await consistency(connection, task.old, task.size)
    body = AddCheckpoint(task.old, tuple(proof), task.note).to_bytes()
    try:
        return await client.post(witness.url, content=body, headers={"content-type": "text/plain"})
    except httpx.HTTPError as wrong:
        raise WitnessAway(f"{witness.key.name}: {wrong!r}") from wrong


def _known(answer: httpx.Response, witness: WitnessAddress, task: _Task) -> int:
    """The size a 409 says the witness stands at; it may be behind us or level, never ahead."""
    if answer.headers.get("content-type", "").partition(";")[0] != SIZE_TYPE:
        _refused(answer, witness)
    try:
        known = parse_decimal(answer.text.removesuffix("\n"))
    except ProofError as wrong:
        raise WitnessAway(f"{witness.key.name}: a 409 without a size") from wrong
    if known > task.size:
        raise WitnessContradicts(f"{witness.key.name} has cosigned {known} entries, this log has {task.size}")
    return known


def _refused(answer: httpx.Response, witness: WitnessAddress) -> None:
    says = f"{witness.key.name}: {answer.status_code} {answer.text[:200].strip()}"
    if answer.status_code in (httpx.codes.CONFLICT, httpx.codes.UNPROCESSABLE_ENTITY):
        raise WitnessContradicts(says)
    raise WitnessAway(says)


async def _keep(db: Engine, witness: WitnessAddress, task: _Task, answer: httpx.Response) -> None:
    """Store the witness's own line, after verifying it; other lines of the answer are nobody's."""
    key, text = witness.key, parse_note(task.note).text
    try:
        lines = parse_signature_lines(answer.text)
        own = tuple(line for line in lines if (line.name, line.key_id) == (key.name, key.id))[:1]
        verify_note(Note(text, own), [key])
    except ProofError as wrong:
        raise WitnessAway(f"{key.name}: its cosignature does not hold ({wrong})") from wrong
    async with transaction(db) as connection:
        await _store(connection, key.name, task.size, str(own[0]).encode())


async def _store(connection: asyncpg.Connection, witness: str, size: int, line: bytes) -> None:
    await connection.execute(
        "insert into kernel.log_cosignature (id, size, witness, line, at)"
        " values ($1, $2, $3, $4, clock_timestamp()) on conflict (size, witness) do nothing",
        new_id(), size, witness, line,
    )  # fmt: skip
