"""Sends a file in parts, each with its SHA-256; only those that the platform still misses."""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.client import Client

Told = Callable[[str, int], None]
"""(file name, bytes of it that have arrived)."""


def nobody(name: str, done: int) -> None:
    """Who does not want to be told."""


def new_upload(client: Client, path: Path, purpose: str, sha256: str) -> dict[str, Any]:
    """Register a file to be sent; the platform's view of it."""
    return client.post("/uploads", {"size": path.stat().st_size, "sha256": sha256, "purpose": purpose})


def send_missing(client: Client, upload: Mapping[str, Any], path: Path, told: Told = nobody) -> None:
    """Send the parts of `upload` that are missing; a part that arrives twice is harmless."""
    size, step = upload["size"], upload["part_size"]
    done = size - sum(min(step, size - (n - 1) * step) for n in upload["missing"])
    told(path.name, done)
    with path.open("rb") as file:
        for n in upload["missing"]:
            file.seek((n - 1) * step)
            part = file.read(step)
            digest = hashlib.sha256(part).hexdigest()
            client.put(f"/uploads/{upload['id']}/parts/{n}", part, {"x-part-sha256": digest})
            done += len(part)
            told(path.name, done)


def send_whole(client: Client, path: Path, purpose: str) -> str:
    """Register and send a file; its upload id."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    upload = new_upload(client, path, purpose, sha256)
    send_missing(client, upload, path)
    return str(upload["id"])
