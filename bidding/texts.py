"""Writing what stays: a numbered text of a lot with its files, and the papers after the opening."""

import hashlib
from typing import Any

from bidding.case import LotCase, Tools
from bidding.schemas import PublishedFile
from bidding.tables import Document, Notice, Paper
from kernel.clock import iso
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.proofs.canonical import encode
from storage import uploads
from storage.incoming import Digest

PURPOSE = "tender_document"
PAPER = "case_paper"
"""Purpose of the uploads that prove something after the opening: evidence, the signed contract."""
MEDIA = {"pdf": "application/pdf", "zip": "application/zip", "xml": "application/xml", "txt": "text/plain"}


async def finish(tools: Tools, actor: Actor, documents: list[PublishedFile]) -> list[tuple[PublishedFile, Digest]]:
    """Re-hash what was sent in parts; done before the act, because it may take a while."""
    owner = str(actor.organisation)
    return [(file, await uploads.finish(tools.store, file.upload, owner)) for file in documents]


async def write_notice(
    case: LotCase, kind: str, title: str, content: dict[str, Any], files: list[tuple[PublishedFile, Digest]]
) -> str:
    """Append a numbered text with its files; the SHA-256 of its exact bytes. Nothing published is ever edited."""
    n = await Notice.count().where(Notice.lot == case.lot.id) + 1
    listed = [{"label": f.label, "size": d.size, "sha256": d.sha256} for f, d in files]
    head = {"type": "yangguang.notice/1", "tender": case.lot.project_code, "lot": case.lot.number, "n": n}
    text = {"kind": kind, "title": title, "at": iso(case.beat.at), "documents": listed}
    body = encode(head | text | {"content": content})
    sha256 = hashlib.sha256(body).hexdigest()
    await Notice.insert(
        Notice(
            id=new_id(),
            lot=case.lot.id,
            n=n,
            kind=kind,
            title=title[:240],
            body=body,
            sha256=sha256,
            published_at=case.beat.at,
        )
    )
    for file, digest in files:
        await uploads.claim(case.beat.connection, file.upload, str(case.beat.actor.organisation), PURPOSE)
        await Document.insert(
            Document(
                id=new_id(),
                lot=case.lot.id,
                notice=n,
                label=file.label,
                media=media_of(file.label),
                size=digest.size,
                sha256=digest.sha256,
            )
        )
    return sha256


async def write_paper(case: LotCase, kind: str, content: dict[str, Any]) -> str:
    """Append a paper (results.py); the SHA-256 of its exact bytes, for its event."""
    head = {"type": f"yangguang.{kind}/1", "tender": case.lot.project_code, "lot": case.lot.number}
    body = encode(head | {"at": iso(case.beat.at)} | content)
    sha256, n = hashlib.sha256(body).hexdigest(), await Paper.count().where(Paper.lot == case.lot.id) + 1
    row = Paper(id=new_id(), lot=case.lot.id, n=n, kind=kind, body=body, sha256=sha256, at=case.beat.at)
    await Paper.insert(row)
    return sha256


async def claim_paper(case: LotCase, file: PublishedFile, digest: Digest) -> dict[str, Any]:
    """Take a finished upload into the act; {label, size, sha256} for the paper that names it."""
    await uploads.claim(case.beat.connection, file.upload, str(case.beat.actor.organisation), PAPER)
    return {"label": file.label, "size": digest.size, "sha256": digest.sha256}


def media_of(label: str) -> str:
    """The media type by the label's ending; never trusted for more than a download's header."""
    return MEDIA.get(label.rpartition(".")[2].lower(), "application/octet-stream")
