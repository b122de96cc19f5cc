"""What axe had nothing to say about, by what it judges by: whatever one process of a run has found, all others know."""

import os
from collections.abc import Iterable
from pathlib import Path

FILE = "YANGGUANG_SOUND"
"""The setting that names the file of this run."""


class SoundParts:
    """A set that the processes of one run share through a file, to which each only ever adds whole lines."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._read = 0
        self._known: set[str] = set()

    @classmethod
    def of_this_run(cls) -> "SoundParts":
        """Those of the run that this process belongs to; of this process alone where nobody has named a file."""
        return cls(Path(os.environ[FILE]) if FILE in os.environ else None)

    def known(self) -> set[str]:
        """Everything that anybody has found sound until now."""
        if self._file is not None:
            with self._file.open("rb") as file:
                file.seek(self._read)
                news = file.read()
            whole = news[: news.rfind(b"\n") + 1]
            self._read += len(whole)
            self._known.update(whole.decode().split())
        return self._known

    def add(self, parts: Iterable[str]) -> None:
        """Tell all others, in one piece: lines of several writers never mix."""
        news = set(parts) - self._known
        self._known |= news
        if self._file is not None and news:
            with self._file.open("ab", buffering=0) as file:
                file.write("".join(f"{part}\n" for part in sorted(news)).encode())
