"""How fast a bid file is sealed and opened, beside the `age` command on the same file in the same run.

Ours includes the SHA-256 of the ciphertext, which `age` does not make. Both write over the same file, in memory where
there is room, whose pages are there already: neither a disk nor the system's search for free memory is measured (that
alone took from 0.5 s to 2 s a GiB). Without `age` on the path nothing is claimed.
"""

import asyncio
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from bench.table import Row, Sample, in_turn, say
from kernel.proofs import age

GOAL = 1.2
"""How many times as fast as the `age` command doing the same work."""

LESS = "age without the digest"
"""SHA-256 alone, on one core, takes nearly as long as `age` does: beside this peer no sealing can reach the goal."""

Act = Callable[[], None]


async def rows(*, quick: bool) -> list[Row]:
    """Sealing and opening beside `age`, and sealing beside `age` and the hash that ours makes on the way."""
    size, rounds = (64, 3) if quick else (1024, 5)
    with tempfile.TemporaryDirectory(prefix="yg", dir=roomy(4 * size << 20)) as folder:
        here = Path(folder)
        identity = age.new_identity()
        (here / "key").write_text(identity + "\n")
        say(f"seal: a file of {size} MiB")
        _random_file(here / "plain", size)
        peer = _peer(here, "sealed", *_to(here, identity))
        peers = {LESS: peer, "age, then SHA-256": _and_hashed(here / "sealed", peer)}
        sealing = await _rows(f"seal {size} MiB", rounds, _sealing(here, identity), peers)
        _sealing(here, identity)()
        peers = {"age": _peer(here, "opened", *_from(here))}
        return [*sealing, *await _rows(f"open {size} MiB", rounds, _opening(here, identity), peers)]


def roomy(needed: int) -> str | None:
    """The system's memory folder, when so many bytes are free there; else where temporary files go."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    return str(memory) if memory.is_dir() and shutil.disk_usage(memory).free > needed else None


async def _rows(what: str, rounds: int, ours: Act, peers: Mapping[str, Act | None]) -> list[Row]:
    there = {name: peer for name, peer in peers.items() if peer}
    acts = [ours, *there.values()]
    for act in acts:
        act()  # untimed: the file comes into the page cache
    mine, *theirs = await in_turn([_timed(act) for act in acts], rounds, name=what)
    if not there:
        return [Row.lacking(what, mine.text("s"), "age is not installed", f">= {GOAL}")]
    return [_beside(what, mine, name, peer) for name, peer in zip(there, theirs, strict=True)]


def _beside(what: str, mine: Sample, name: str, peer: Sample) -> Row:
    """A goal where both do the same work; where the peer does less, the ratio is told and nothing is claimed."""
    ours, theirs, ratio = mine.text("s"), f"{name}: {peer.text('s')}", peer.median / mine.median
    if name == LESS:
        return Row(what, ours, theirs, f"{ratio:.2f}", "-", None)
    return Row.at_least(what, ours, theirs, ratio, GOAL)


def _and_hashed(path: Path, peer: Act | None) -> Act | None:
    """The same work as ours: the ciphertext and its SHA-256."""
    if peer is None:
        return None

    def act() -> None:
        peer()
        with path.open("rb") as file:
            hashlib.file_digest(file, "sha256")

    return act


def _timed(act: Act) -> Callable[[], Awaitable[float]]:
    async def timed() -> float:
        begun = time.perf_counter()
        await asyncio.to_thread(act)
        return time.perf_counter() - begun

    return timed


def _random_file(path: Path, mebibytes: int) -> None:
    with path.open("wb") as file:
        for _ in range(mebibytes):
            file.write(os.urandom(1 << 20))


def _sealing(here: Path, identity: str) -> Act:
    def act() -> None:
        with (here / "plain").open("rb") as src, _over(here / "sealed") as dst:
            age.seal(src, dst, age.recipient_of(identity))

    return act


def _opening(here: Path, identity: str) -> Act:
    def act() -> None:
        with (here / "sealed").open("rb") as src, _over(here / "opened") as dst:
            age.unseal(src, dst, identity)

    return act


def _over(path: Path) -> BinaryIO:
    """The file opened for writing from its start, its pages kept."""
    path.touch()
    return path.open("r+b")


def _to(here: Path, identity: str) -> list[str]:
    return ["-r", age.recipient_of(identity), str(here / "plain")]


def _from(here: Path) -> list[str]:
    return ["-d", "-i", str(here / "key"), str(here / "sealed")]


def _peer(here: Path, output: str, *arguments: str) -> Act | None:
    command = shutil.which("age")
    if not command:
        return None

    def act() -> None:
        with _over(here / output) as dst:
            subprocess.run([command, *arguments], check=True, stdout=dst)  # noqa: S603

    return act
