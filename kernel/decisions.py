"""The mailbox of decisions: the regulator decides on his own site, a trading duty carries it out on its own.

The supervision site may only add rows, the trading site may only read them and say that it has taken one. A duty
takes a decision in its own transaction, together with what it changes: done once, by any number of workers.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from kernel.clock import CHINA
from kernel.db import TRADING, Engine, transaction
from kernel.decision import Paper, read_decision
from kernel.errors import BadInput, Forbidden, Problem, WrongStage
from kernel.proofs import dsse
from kernel.proofs.errors import ProofError

_log = logging.getLogger("yangguang.decisions")
_UNTAKEN = """
select d.id, d.envelope, d.posted_at from kernel.decision d
where d.kind = any($1) and not exists (select from kernel.decision_taken t where t.decision = d.id)
order by d.posted_at, d.id limit 200
"""
_OF_SUBJECT = """
select d.id, d.kind, d.body, d.posted_at, t.at, t.problem from kernel.decision d
left join kernel.decision_taken t on t.decision = d.id where d.subject = $1 order by d.posted_at, d.id
"""


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision in the mailbox: about whom, what, why, by whom, when posted, and the digest of what was signed."""

    id: UUID
    kind: str
    subject: UUID
    says: str
    facts: Mapping[str, Any]
    decided_by: str
    posted_at: datetime
    sha256: str

    @classmethod
    def of(cls, paper: Paper, posted_at: datetime, sha256: str) -> "Decision":
        words = paper.says, paper.facts, paper.decided_by
        return cls(paper.id, paper.kind, paper.subject, *words, posted_at.astimezone(CHINA), sha256)


@dataclass(frozen=True, slots=True)
class Course:
    """What became of a decision: carried out at `taken_at` (None: not yet), or `problem` why it could not be."""

    id: UUID
    kind: str
    says: str
    decided_by: str
    posted_at: datetime
    taken_at: datetime | None
    problem: str


async def post(envelope: bytes, *, keys: Sequence[bytes], needed: int = 1, db: Engine = TRADING) -> Decision:
    """Put a signed decision into the mailbox; called by the supervision site, on the trading database.

    `envelope` is DSSE over the bytes of `kernel.decision.build_decision`, signed by `needed` of the raw Ed25519
    `keys`. The same decision again changes nothing; another under the same number is refused (`WrongStage`).
    """
    paper, signed = _verified(envelope, keys, needed)
    async with transaction(db) as connection:
        row = await connection.fetchrow(
            'insert into kernel.decision (id, kind, subject, body, envelope, posted_at)'
            ' values ($1, $2, $3, $4, $5, kernel.law_now())'
            ' on conflict (id) do nothing returning posted_at',
            paper.id, paper.kind, paper.subject, paper.data, envelope,
        )  # fmt: skip
        if row is None:
            row = await connection.fetchrow("select body, posted_at from kernel.decision where id = $1", paper.id)
            if row["body"] != paper.data:
                raise WrongStage(Problem("decision_id_used", "这个编号已用于另一份决定", "请换一个编号"))
        return Decision.of(paper, row["posted_at"], signed.sha256)


async def untaken(connection: asyncpg.Connection, *kinds: str, key: bytes) -> list[Decision]:
    """What waits to be carried out, the oldest first, at most 200; `key` is the regulator's process's.

    A row that is not signed by it was put there past the site: it is shouted about and never carried out.
    """
    found = []
    for row in await connection.fetch(_UNTAKEN, list(kinds)):
        try:
            paper, signed = _verified(row["envelope"], [key], 1)
        except (BadInput, Forbidden) as wrong:
            _log.critical("decision %s is not the regulator's: %s", row["id"], wrong)
            continue
        found.append(Decision.of(paper, row["posted_at"], signed.sha256))
    return found


async def take(connection: asyncpg.Connection, decision: UUID, problem: str = "") -> bool:
    """Say, in the duty's own transaction, that it is carried out, or why it cannot be; False: somebody else has."""
    row = await connection.fetchrow(
        "insert into kernel.decision_taken (decision, problem, at) values ($1, $2, kernel.law_now())"
        " on conflict (decision) do nothing returning decision",
        decision,
        problem[:400],
    )
    return row is not None


async def course(subject: UUID, db: Engine = TRADING) -> list[Course]:
    """Every decision about a subject and what became of it, the oldest first."""
    async with transaction(db) as connection:
        rows = await connection.fetch(_OF_SUBJECT, subject)
    papers = [read_decision(row["body"]) for row in rows]
    return [
        Course(
            row["id"],
            row["kind"],
            paper.says,
            paper.decided_by,
            row["posted_at"].astimezone(CHINA),
            row["at"] and row["at"].astimezone(CHINA),
            row["problem"] or "",
        )
        for row, paper in zip(rows, papers, strict=True)
    ]


def _verified(envelope: bytes, keys: Sequence[bytes], needed: int) -> tuple[Paper, dsse.Signed]:
    try:
        signed = dsse.read(envelope)
        paper = read_decision(signed.payload)
    except ProofError as wrong:
        says = f"决定不合格式：{wrong.says}"
        raise BadInput(Problem(wrong.code, says, "请重新生成决定", field=wrong.where)) from wrong
    if len(dsse.verify(signed, keys)) < max(1, needed):
        says = f"决定须有 {max(1, needed)} 个有效签名"
        raise Forbidden(Problem("decision_unsigned", says, "请由有权的行政监督人员作出"))
    return paper, signed
