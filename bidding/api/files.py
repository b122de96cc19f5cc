"""Files of a tender: documents for everybody without registration, evidence packages, the record on paper."""

import asyncio
from typing import Any
from uuid import UUID

from litestar import HttpMethod, Response, get, route
from litestar.params import FromPath

from bidding import records, results
from bidding.api.shared import AnyRequest, LotId, tools_of
from bidding.results import PaperView
from bidding.sheets import award_sheet, opening_sheet, result_sheet
from bidding.steps.look import own_chain, read_lot
from kernel.errors import NotFound, Problem
from kernel.web.auth import actor_of
from kernel.web.download import File, send_exact, send_file
from kernel.web.openapi import besides, refusals
from storage import keeping
from storage.vault import Bytes

READ = [HttpMethod.GET, HttpMethod.HEAD]
PUBLIC = {"act": "read_public"}
TAGS = ["文件"]
EXACT = refusals(404) | besides(304)
RANGES = refusals(404) | besides(206, 304, 416)


# Quiet: how many people fetch the documents is itself a secret until the opening (招标投标法第二十二条).
@route(
    "/api/v1/lots/{lot:uuid}/documents/{document:uuid}",
    http_method=READ,
    opt={**PUBLIC, "quiet": True, "no_identity": True},
    tags=TAGS,
    summary="下载招标文件，无须登记；支持断点续传",
    responses=RANGES,
)
async def document(request: AnyRequest, lot: LotId, document: FromPath[UUID]) -> Response[Any]:
    await records.public_lot(lot)
    found = await records.document(lot, document)
    return _kept(request, File(found.sha256, found.size, found.label, found.media))


@get("/api/v1/lots/{lot:uuid}/opening", opt=PUBLIC, tags=TAGS, summary="开标记录原文", responses=EXACT)
async def opening(request: AnyRequest, lot: LotId) -> Response[Any]:
    return send_exact(request, (await _record(lot))[0], "application/json")


@get("/api/v1/lots/{lot:uuid}/opening.pdf", opt=PUBLIC, tags=TAGS, summary="开标记录（PDF/A）", responses=EXACT)
async def opening_pdf(request: AnyRequest, lot: LotId) -> Response[Any]:
    body, sha256 = await _record(lot)
    sheet = await asyncio.to_thread(opening_sheet, body, sha256, tools_of(request).origin)
    return send_exact(request, sheet, "application/pdf", label="开标记录.pdf")


@get("/api/v1/lots/{lot:uuid}/award.pdf", opt=PUBLIC, tags=TAGS, summary="中标通知书（PDF/A）", responses=EXACT)
async def award_pdf(request: AnyRequest, lot: LotId) -> Response[Any]:
    row, award = await records.public_lot(lot), await _award(lot)
    sheet = await asyncio.to_thread(award_sheet, row, award, tools_of(request).origin)
    return send_exact(request, sheet, "application/pdf", label="中标通知书.pdf")


@get(
    "/api/v1/lots/{lot:uuid}/result.pdf",
    opt={"act": "read_receipt"},
    tags=TAGS,
    summary="给本单位的中标结果通知书（PDF/A）",
    responses=EXACT,
)
async def result_pdf(request: AnyRequest, lot: LotId) -> Response[Any]:
    actor, row, award = actor_of(request), await records.public_lot(lot), await _award(lot)
    if not await own_chain(actor, lot):
        raise NotFound(Problem("no_receipt", "没有这份回执", "请从工作台的“我的投标”进入"))
    sheet = await asyncio.to_thread(result_sheet, row, award, actor.organisation_name, tools_of(request).origin)
    return send_exact(request, sheet, "application/pdf", label="中标结果通知书.pdf")


@route(
    "/api/v1/lots/{lot:uuid}/public.zip",
    http_method=READ,
    opt=PUBLIC,
    tags=TAGS,
    summary="公开证据包，任何人可在自己的机器上核验",
    responses=RANGES,
)
async def public_package(request: AnyRequest, lot: LotId) -> Response[Any]:
    await records.public_lot(lot)
    sha256, size = await _public(lot)
    return _kept(request, File(sha256, size, f"{lot}-public.zip", "application/zip"))


@route(
    "/api/v1/lots/{lot:uuid}/archive.zip",
    http_method=READ,
    opt={"act": "read_archive"},
    tags=TAGS,
    summary="完整证据包，供归档与审计",
    responses=RANGES,
)
async def archive_package(request: AnyRequest, lot: LotId) -> Response[Any]:
    await read_lot("read_archive", actor_of(request), lot)
    found = await _archive(lot)
    label = f"{lot}-archive.zip"
    return _kept(request, File(found["archive_sha256"], found["archive_size"], label, "application/zip"))


def _kept(request: AnyRequest, file: File) -> Response[Any]:
    store = tools_of(request).store

    def read(start: int, length: int) -> Bytes:
        whole = start == 0 and length == file.size
        return (
            keeping.read(store, file.sha256) if whole else keeping.read(store, file.sha256, start=start, length=length)
        )

    return send_file(request, file, read)


async def _record(lot: UUID) -> tuple[bytes, str]:
    await records.public_lot(lot)
    body, found = await records.opening_bytes(lot), await records.opening(lot)
    if body is None or found is None:
        raise NotFound(Problem("no_opening", "还没有开标记录", "开标会结束后即公布"))
    return body, found[1]


async def _award(lot: UUID) -> PaperView:
    found = await results.paper(lot, "award")
    if found is None:
        raise NotFound(Problem("no_award", "尚未定标", "定标后再办理"))
    return found


async def _public(lot: UUID) -> tuple[str, int]:
    """(SHA-256, size) of the public package: as of the opening record, and after the archiving of the whole case."""
    whole, so_far = await records.archive(lot), await results.paper(lot, "package")
    if whole is not None:
        return whole["public_sha256"], whole["public_size"]
    if so_far is None:
        raise NotFound(Problem("no_package", "还没有公开证据包", "开标记录公布并经见证后即可下载"))
    return so_far.content["public"], so_far.content["size"]


async def _archive(lot: UUID) -> dict[str, Any]:
    found = await records.archive(lot)
    if found is None:
        raise NotFound(Problem("no_archive", "还没有证据包", "归档后即可下载"))
    return found


HANDLERS = [document, opening, opening_pdf, award_pdf, result_pdf, public_package, archive_package]
