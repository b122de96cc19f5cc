"""What storage tells its callers about uploads and kept objects."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class UploadView:
    """An upload as its sender sees it. Sizes in bytes; `missing` are the parts (from 1) still to be sent.

    `sha256` is the whole file's, known once it is complete.
    """

    id: UUID
    purpose: str
    size: int
    part_size: int
    parts: int
    missing: tuple[int, ...]
    sha256: str | None
    state: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PartView:
    """A part that is durable: its number, SHA-256 in hex and size in bytes."""

    n: int
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class BlobView:
    """An object in the vault; `version` is what `Vault.get` asks for."""

    sha256: str
    size: int
    version: str
    locked_until: datetime
    kept_at: datetime
