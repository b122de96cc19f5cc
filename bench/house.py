"""A house for measuring: an embedded server that flushes every commit, migrated databases, and the county's people."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from house_databases import Databases, made_databases

from app.embedded import EmbeddedPostgres


@dataclass(frozen=True, slots=True)
class House:
    """Where it stands and how its databases are reached."""

    folder: Path
    databases: Databases


@contextmanager
def started() -> Iterator[House]:
    """A house of its own, gone afterwards; unlike that of the tests it flushes to disk."""
    with tempfile.TemporaryDirectory(prefix="yg") as folder:
        server = EmbeddedPostgres(folder)
        server.start()
        try:
            with made_databases(server) as databases:
                yield House(Path(folder), databases)
        finally:
            server.stop()
