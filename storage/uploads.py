"""One file's way in: registered, sent in parts, finished, claimed by an act.

`owner_key` is whatever stable text names the sender; to anybody else an upload does not exist.
"""

from collections.abc import AsyncIterable, Sequence
from uuid import UUID

import asyncpg

from kernel import jobs
from kernel.db import TRADING, transaction
from kernel.errors import BadInput, NotFound, Problem, TooLarge, WrongStage, refuse_all
from kernel.ids import secret_id
from storage import rows
from storage.incoming import Digest, Part, digest_and_head
from storage.limits import (
    MAX_OPEN_BYTES,
    MAX_OPEN_UPLOADS,
    PART_SIZE,
    file_problems,
    part_count,
    part_length,
)
from storage.schemas import PartView, UploadView
from storage.vault import DIGEST, Store

LIFE = 7  # days an upload may stay unclaimed
PROMOTE = "storage.promote"
"""The job that moves a claimed upload into the vault; scheduled by `claim`, done by `storage.clockwork`."""


async def register(owner_key: str, purpose: str, size: int, *, sha256: str | None = None) -> UploadView:
    """Announce a file of `size` bytes. TooLarge or BadInput before any byte is sent.

    With `sha256`, the whole file must hash to it in the end.
    """
    problems = file_problems(size, "/size")
    if sha256 is not None:
        problems += _digest_problems(sha256)
    refuse_all(problems, TooLarge if any(p.code == "file_too_large" for p in problems) else BadInput)
    upload_id = secret_id()
    async with transaction(TRADING):
        held, count = await rows.under_way(owner_key)
        if held + size > MAX_OPEN_BYTES or count >= MAX_OPEN_UPLOADS:
            raise TooLarge(
                Problem("too_much_under_way", "未提交的上传过多", "请先提交或取消已上传的文件", field="/size")
            )
        await rows.add_upload(upload_id, owner_key=owner_key, purpose=purpose, size=size, expected=sha256, days=LIFE)
        return await show(upload_id, owner_key)


async def show(upload_id: UUID, owner_key: str) -> UploadView:
    """The upload and the parts still missing, for a sender who goes on after a cut."""
    row = await _mine(upload_id, owner_key)
    count = part_count(row["size"])
    there = {part.n for part in await rows.parts(upload_id)}
    missing = tuple(n for n in range(1, count + 1) if n not in there) if row["state"] == "open" else ()
    return UploadView(
        id=row["id"],
        purpose=row["purpose"],
        size=row["size"],
        part_size=PART_SIZE,
        parts=count,
        missing=missing,
        sha256=row["sha256"],
        state=row["state"],
        expires_at=row["expires_at"],
    )


async def receive(
    store: Store, upload_id: UUID, owner_key: str, n: int, body: AsyncIterable[bytes], *, sha256: str
) -> PartView:
    """Take part `n` (from 1), whose SHA-256 the sender states; durable on return.

    The same part again gets the same answer, unread. WrongStage when other bytes are already stored as that
    part, or the upload is no longer open; BadInput when the body is not what was announced.
    """
    row = await _mine(upload_id, owner_key)
    refuse_all(_digest_problems(sha256) + _number_problems(row["size"], n), BadInput)
    part = Part(n, sha256, part_length(row["size"], n))
    if not _same(await rows.part(upload_id, n), part):
        _must_be_open(row)
        await store.incoming.receive(upload_id, part, body)
        await _count(store, upload_id, part)
    return PartView(part.n, part.sha256, part.size)


async def _count(store: Store, upload_id: UUID, part: Part) -> None:
    """Make stored bytes count as their part, or erase them when others do or the upload has gone on."""
    try:
        async with transaction(TRADING):
            row = await rows.upload(upload_id, held="for share")
            if row is not None and row["state"] == "open":
                await rows.add_part(upload_id, part)
            if not _same(await rows.part(upload_id, part.n), part):
                _must_be_open(row)
    except WrongStage:
        await store.incoming.erase_part(upload_id, part)
        raise


def _same(there: Part | None, part: Part) -> bool:
    """Whether that part is there already; WrongStage when it is there with other bytes."""
    if there is not None and there.sha256 != part.sha256:
        raise WrongStage(Problem("part_differs", f"第{part.n}片已收到，内容与本次不同", "文件若已改动，请重新登记上传"))
    return there is not None


async def finish(store: Store, upload_id: UUID, owner_key: str) -> Digest:
    """Hash the stored parts again and close the upload: call it just before the act's transaction.

    Repeatable. WrongStage names the parts still missing; BadInput when the file is not the one registered.
    """
    return (await finish_all(store, [upload_id], owner_key))[upload_id][0]


async def finish_all(
    store: Store, uploads: Sequence[UUID], owner_key: str, *, head: int = 0
) -> dict[UUID, tuple[Digest, bytes]]:
    """`finish` for many in as many statements as for one, each with the file's first `head` bytes.

    What an act has claimed before is answered without those bytes once it is in the vault.
    """
    known, parts = await rows.uploads(uploads), await rows.parts_of(uploads)
    found: dict[UUID, tuple[Digest, bytes]] = {}
    for upload_id in uploads:
        row, there = _own(known.get(upload_id), owner_key), parts.get(upload_id, [])
        if row["state"] == "kept" or (row["state"] == "claimed" and not head):
            found[upload_id] = Digest(row["sha256"], row["size"]), b""
        else:
            found[upload_id] = await _finished(store, row, there, head)
    await rows.complete({upload_id: digest.sha256 for upload_id, (digest, _) in found.items()})
    return found


async def _finished(store: Store, row: asyncpg.Record, parts: list[Part], head: int) -> tuple[Digest, bytes]:
    _must_not_be_erasing(row)
    if len(parts) < part_count(row["size"]):
        raise _incomplete({part.n for part in parts}, part_count(row["size"]))
    found = await digest_and_head(store.incoming, row["id"], parts, head)
    if row["expected"] not in (None, found[0].sha256):
        says = "上传的文件与登记的校验值不符"
        raise BadInput(Problem("upload_wrong_digest", says, "请重新选择文件并上传", field="/sha256"))
    return found


async def claim(connection: asyncpg.Connection, upload_id: UUID, owner_key: str, purpose: str) -> Digest:
    """Inside the act's transaction: these bytes are now part of the act, and a job will lock them away.

    Takes rows only, no bytes. NotFound for another's upload; WrongStage when it is not finished, was claimed
    before, was meant for something else or has expired.
    """
    return (await claim_all(connection, [upload_id], owner_key, purpose))[upload_id]


async def claim_all(
    connection: asyncpg.Connection, uploads: Sequence[UUID], owner_key: str, purpose: str
) -> dict[UUID, Digest]:
    """`claim` for many: as many statements as for one, because an act waits on them under its case's lock."""
    taken = await rows.claim(uploads, owner_key, purpose)
    for upload_id in uploads:
        if upload_id not in taken:
            row = await _mine(upload_id, owner_key)
            _must_not_be_erasing(row)
            raise _not_claimable(row, purpose)
    due = {f"promote:{upload_id}": {"upload": str(upload_id)} for upload_id in taken}
    await jobs.schedule_all(connection, PROMOTE, due, law_time=False)
    return taken


def _not_claimable(row: asyncpg.Record, purpose: str) -> WrongStage:
    if row["state"] == "open":
        return WrongStage(Problem("upload_unfinished", "文件尚未上传完成", "请等待上传完成后再提交"))
    if row["state"] == "complete":
        return WrongStage(Problem("upload_other_purpose", "该文件不是为本事项上传的", "请重新上传"))
    return WrongStage(Problem("upload_already_used", "该文件已随另一次提交使用", "请重新上传"))


async def _mine(upload_id: UUID, owner_key: str) -> asyncpg.Record:
    return _own(await rows.upload(upload_id), owner_key)


def _own(row: asyncpg.Record | None, owner_key: str) -> asyncpg.Record:
    if row is None or row["owner_key"] != owner_key:
        raise NotFound(Problem("upload_missing", "没有这次上传", "请重新登记上传"))
    return row


def _must_be_open(row: asyncpg.Record | None) -> None:
    if row is None or row["state"] != "open":
        raise WrongStage(Problem("upload_closed", "这次上传已结束，不再接收", "请重新登记上传"))


def _must_not_be_erasing(row: asyncpg.Record) -> None:
    if row["state"] == "erasing":
        raise WrongStage(Problem("upload_expired", "这次上传已过期", "请重新上传"))


def _digest_problems(sha256: str) -> list[Problem]:
    if DIGEST.fullmatch(sha256):
        return []
    return [Problem("bad_digest", "校验值应为64位小写十六进制", "请按SHA-256计算后填写", field="/sha256")]


def _number_problems(size: int, n: int) -> list[Problem]:
    if 1 <= n <= part_count(size):
        return []
    return [Problem("no_such_part", f"该文件没有第{n}片", f"片号应为1至{part_count(size)}", field="/n")]


def _incomplete(there: set[int], count: int) -> WrongStage:
    missing = [n for n in range(1, count + 1) if n not in there]
    listed = "、".join(str(n) for n in missing[:10]) + ("等" if len(missing) > 10 else "")
    says = f"还有{len(missing)}片未收到：第{listed}片"
    return WrongStage(Problem("upload_incomplete", says, "请补传缺少的片"))
