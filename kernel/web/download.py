"""Sends stored bytes as an attachment: whole or a range, with a strong ETag; and exact documents with theirs."""

import re
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from litestar import Request, Response
from litestar.response import Stream

AnyRequest = Request[Any, Any, Any]
Read = Callable[[int, int], AsyncGenerator[bytes, None]]
"""(first byte, how many) → the bytes."""

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
SANDBOX = "default-src 'none'; sandbox"
"""What a user's file may do, should a browser show it after all: nothing."""


@dataclass(frozen=True, slots=True)
class File:
    """What is known of the bytes before they are read; `sha256` in hex, `size` in bytes, `label` for the reader."""

    sha256: str
    size: int
    label: str
    media: str = "application/octet-stream"


def send_file(request: AnyRequest, file: File, read: Read) -> Response[Any]:
    """200, 206 for one range, 304 for a matching ETag, 416 for a range outside (RFC 9110 §13, §14)."""
    etag = f'"{file.sha256}"'
    headers = {"etag": etag, "cache-control": "no-cache", "accept-ranges": "bytes"}
    if not_modified(request, etag):
        return Response(None, status_code=304, headers=headers)
    headers |= {
        "content-disposition": f"attachment; filename=\"file\"; filename*=UTF-8''{quote(file.label, safe='')}",
        "content-security-policy": SANDBOX,
    }
    wanted = _range(request, etag, file.size)
    if wanted is None:
        return _stream(request, 200, (0, file.size), headers, file.media, read)
    start, end = wanted
    if start >= end:
        return Response(None, status_code=416, headers={**headers, "content-range": f"bytes */{file.size}"})
    headers["content-range"] = f"bytes {start}-{end - 1}/{file.size}"
    return _stream(request, 206, wanted, headers, file.media, read)


def send_exact(request: AnyRequest, body: bytes, media: str, *, label: str = "") -> Response[bytes | None]:
    """Published bytes exactly as they were hashed; 304 for a matching ETag."""
    etag = etag_of(body)
    headers = {"etag": etag, "cache-control": "no-cache"}
    if not_modified(request, etag):
        return Response(None, status_code=304, headers=headers)
    if label:
        headers["content-disposition"] = f"inline; filename=\"file\"; filename*=UTF-8''{quote(label, safe='')}"
    return Response(body, media_type=media, headers=headers)


def etag_of(body: bytes) -> str:
    """The strong ETag of these bytes: their SHA-256."""
    return f'"{sha256(body).hexdigest()}"'


def not_modified(request: AnyRequest, etag: str) -> bool:
    """Whether the client holds this version already (If-None-Match)."""
    given = request.headers.get("if-none-match", "")
    return any(tag.strip().removeprefix("W/") in (etag, "*") for tag in given.split(","))


def _range(request: AnyRequest, etag: str, size: int) -> tuple[int, int] | None:
    """(first, after last) of the one range asked for; None for the whole; an empty pair when it lies outside."""
    found = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if found is None or request.headers.get("if-range", etag) != etag or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        return max(0, size - int(last)), size
    start, end = int(first), min(size, int(last) + 1) if last else size
    return (start, end) if start < size and (not last or int(last) >= start) else (size, size)


def _stream(
    request: AnyRequest, status: int, part: tuple[int, int], headers: dict[str, str], media: str, read: Read
) -> Response[Any]:
    start, end = part
    headers = {**headers, "content-length": str(end - start)}
    if request.method == "HEAD":
        return Response(b"", status_code=status, headers=headers, media_type=media)
    return Stream(read(start, end - start), status_code=status, headers=headers, media_type=media)
