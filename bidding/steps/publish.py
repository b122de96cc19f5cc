"""发布公告: notice, documents and deadline of one lot; the law of that day is fixed and stored with the case."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from bidding.case import LotCase, Tools, lot_act
from bidding.records import LotRow
from bidding.rules import publication_problems, window_problems
from bidding.schemas import PublishedFile, PublishNotice
from bidding.stages import Stage
from bidding.tables import Document, Notice
from kernel.acts import answer, answered_before
from kernel.box import records as box_records
from kernel.box import setup as box_setup
from kernel.box.tables import Box
from kernel.clock import iso
from kernel.errors import refuse_all
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.jobs import schedule
from kernel.law import LawInForce
from kernel.proofs.canonical import encode
from storage import uploads
from storage.incoming import Digest

PURPOSE = "tender_document"
MEDIA = {"pdf": "application/pdf", "zip": "application/zip", "xml": "application/xml", "txt": "text/plain"}


async def publish_notice(
    tools: Tools, actor: Actor, lot: UUID, command: PublishNotice, request: UUID | None = None
) -> dict[str, Any]:
    """Publish a lot's notice; {notice, sha256, deadline}. `LawRefuses` with every limit that is not kept."""
    asked = command.model_dump(mode="json")
    if (known := await answered_before("publish_notice", actor, request, asked)) is not None:
        return known
    digests = await finish(tools, actor, command.documents)
    async with lot_act("publish_notice", actor, lot) as case:
        law = _law(tools, case)
        refuse_all(_problems(case, command, law))
        window = command.window_minutes or case.lot.window_minutes
        content = _content(case.lot, command, law, case.beat.at, window)
        sha256 = await write_notice(
            case, "notice", f"{case.lot.project_name} {case.lot.name}招标公告", content, digests
        )
        await _open_box(case, command.deadline, sha256, window)
        await case.move(
            Stage.ANNOUNCED,
            law=law.to_json(),
            law_day=law.day,
            published_at=case.beat.at,
            place=command.place,
            documents_until=command.documents_until,
            deadline=command.deadline,
            window_minutes=window,
        )
        await case.beat.record(
            case.lot.code,
            hashes={"notice": sha256, "law": law.sha256()},
            facts={"deadline": iso(command.deadline)},
        )
        given = {"notice": 1, "sha256": sha256, "deadline": iso(command.deadline)}
        await answer(case.beat, request, asked, given)
        await set_timer(case.beat.connection, lot, command.deadline)
    return given


async def finish(
    tools: Tools, actor: Actor, documents: list[PublishedFile]
) -> list[tuple[PublishedFile, Digest]]:
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


def media_of(label: str) -> str:
    """The media type by the label's ending; never trusted for more than a download's header."""
    return MEDIA.get(label.rpartition(".")[2].lower(), "application/octet-stream")


async def set_timer(connection: Any, lot: UUID, at: datetime) -> None:
    """Wake the lot's clockwork at this moment of the law's clock."""
    await schedule(connection, "lot", {"lot": str(lot)}, run_at=at, dedup=f"lot:{lot}:{iso(at)}")


def _law(tools: Tools, case: LotCase) -> LawInForce:
    return tools.law.in_force(case.beat.at.date(), case.lot.region, case.lot.procedure)


def _problems(case: LotCase, command: PublishNotice, law: LawInForce) -> list[Any]:
    window = command.window_minutes or case.lot.window_minutes
    return window_problems(case.procedure, window) + publication_problems(
        law,
        published=case.beat.at,
        documents_until=command.documents_until,
        deadline=command.deadline,
        estimate=case.lot.estimate,
        deposit=case.lot.deposit,
    )


def _content(
    lot: LotRow, command: PublishNotice, law: LawInForce, at: datetime, window: int
) -> dict[str, Any]:
    money = {"estimate": str(lot.estimate), "deposit": str(lot.deposit), "ceiling": str(lot.ceiling or "")}
    times = {
        "documents_until": iso(command.documents_until),
        "deadline": iso(command.deadline),
        "published": iso(at),
    }
    return {
        "project": lot.project_name,
        "lot_name": lot.name,
        "purchaser": lot.purchaser_name,
        "agent": lot.agent_name,
        "scope": lot.scope,
        "funding": lot.funding,
        "approval": lot.approval,
        "place": command.place,
        "requirements": command.requirements,
        "period_days": command.period_days,
        "mode": lot.mode,
        "window_minutes": window,
        "law": law.sha256(),
        "law_day": law.day.isoformat(),
        **money,
        **times,
    }


async def _open_box(case: LotCase, deadline: datetime, notice: str, window: int) -> None:
    await Box.update({Box.window_minutes: window}).where(Box.case == case.lot.id)
    await box_setup.set_notice(case.beat, notice)
    await box_setup.set_deadline(case.beat, deadline)
    await box_setup.assemble(case.beat, await box_records.box(case.lot.id), without_missing=True)
