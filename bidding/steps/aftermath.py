"""What a lot left behind after its opening, as members of its evidence packages."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from bidding import records, reports, results
from bidding.results import PaperView
from kernel import directives
from kernel.db import TRADING, transaction
from kernel.proofs.evidence import Listed
from kernel.toss import transcript

PUBLIC_EVALUATION = ("ranking-", "scores-", "basis")
"""Of the evaluation, what anybody may have once the award is made: marks by seat number, and what they rank."""

REFUND = "refund"
"""Of a lot that nobody opened it would tell who bid: there it stands last, and the public package is without it."""


@dataclass(frozen=True, slots=True)
class Aftermath:
    """`papers`: name → bytes; `attached`: name → what lies in the store; `private`: what the public may not have."""

    papers: Mapping[str, bytes]
    attached: Mapping[str, Listed]
    private: frozenset[str]


async def aftermath(lot: UUID, named: set[str], last: int) -> Aftermath:
    """All of it that the events up to `last` name: `named` are their SHA-256 (hex)."""
    opened = await records.opening(lot) is not None
    kept = [paper for paper in await results.papers(lot) if paper.sha256 in named]
    kept.sort(key=lambda paper: not opened and paper.kind == REFUND)
    found = {f"papers/{n:02}-{paper.kind}.json": paper.body for n, paper in enumerate(kept, 1)}
    evaluation = {name: body for name, body in (await reports.evidence(lot)).items() if _sha256(body) in named}
    async with transaction(TRADING) as connection:
        draws, hidden = await transcript.papers(connection, lot, last)
    orders = await _orders(lot) if any(paper.kind == "suspension" for paper in kept) else {}
    attached = await _documents(lot, named) | dict(_filed(kept))
    awarded = any(paper.kind == "award" for paper in kept)
    shut = {name for name in evaluation if not (awarded and _is_public(name))}
    shut |= {name for name, paper in zip(found, kept, strict=True) if paper.kind == REFUND and not opened}
    return Aftermath(found | evaluation | orders | draws, attached, frozenset({*attached, *shut, *hidden}))


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _is_public(name: str) -> bool:
    return name.rpartition("/")[2].startswith(PUBLIC_EVALUATION)


async def _orders(lot: UUID) -> dict[str, bytes]:
    async with transaction(TRADING) as connection:
        given = await directives.envelopes(connection, lot)
    return {f"directives/{n:02}.dsse.json": envelope for n, envelope in enumerate(given, 1)}


async def _documents(lot: UUID, named: set[str]) -> dict[str, Listed]:
    """The files of every text that was published; the public finds them, and their hashes, with the notices."""
    texts = {notice.n for notice in await records.notices(lot) if notice.sha256 in named}
    files = [file for file in await records.documents(lot) if file.notice in texts]
    return {name: Listed(name, file.size, file.sha256) for file in files for name in (f"documents/{file.sha256}",)}


def _filed(papers: Iterable[PaperView]) -> Iterable[tuple[str, Listed]]:
    """The files that papers refer to."""
    for paper in papers:
        said = paper.content
        files = [said["file"]] if paper.kind == "contract" else []
        files += [one["evidence"] for one in said["passed_over"]] if paper.kind == "award" else []
        for file in files:
            name = f"attachments/{file['sha256']}"
            yield name, Listed(name, file["size"], file["sha256"])
