"""Opening and auditing bids to the last committed byte, beside the hashing and decrypting that nobody can do without.

Ours: shares combined to the seed, the commitment met, every envelope and share made again, ciphertexts hashed, indexes
and files decrypted, each plaintext held against the index. The peer: SHA-256 of the same files, and age. Both sides
work in as many processes as there are cores. The processor's time stands beside the clock's: it is the same ratio, and
what else the machine does moves it less.
"""

import asyncio
import hashlib
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from bench.seal import roomy
from bench.table import Row, Sample, in_turn, say
from kernel.proofs import age
from kernel.proofs.bid import read_bid
from kernel.proofs.envelope import public_of
from kernel.proofs.opened_file import check_plain, open_file, open_index
from kernel.proofs.sealing import Content, Document, seal_bid
from kernel.proofs.setup import ROLES, Setup, build_setup, read_setup
from kernel.proofs.signers import Ed25519Signer
from kernel.proofs.stage import open_stage, try_envelope

GOAL = 1.5
"""At most so many times as long as hashing and decrypting alone."""
FILES, SIZE = 5, 256 * 1024
SLICES = 8
"""Tasks a process: few enough to cost nothing, enough that no core is idle at the end."""


class Nowhere:
    """Takes what was decrypted, and forgets it."""

    def write(self, content: object, /) -> int:
        return len(memoryview(content))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Case:
    """A sealed bid as it comes to the opening: its exact bytes, its files, the shares that were released."""

    data: bytes
    folder: Path
    shares: dict[str, dict[int, bytes]]
    identities: dict[str, str]


Act = Callable[[Setup, Case], None]


async def rows(*, quick: bool) -> list[Row]:
    """The audit beside the bare work, by the clock and by the processor."""
    count, rounds, cores = 60 if quick else 1000, 3, os.cpu_count() or 1
    context = multiprocessing.get_context("spawn")  # a forked process would inherit this one's threads half-way
    with (
        tempfile.TemporaryDirectory(prefix="yg", dir=roomy(2 * count * FILES * SIZE)) as folder,
        ProcessPoolExecutor(cores, mp_context=context) as pool,
    ):
        say(f"audit: sealing {count} bids of {FILES} files of {SIZE >> 10} KiB")
        setup, private = _setup()
        seal = partial(_sealed, setup, private)
        cases = await asyncio.to_thread(lambda: list(pool.map(seal, [Path(folder) / str(n) for n in range(count)])))
        slices = [cases[n :: cores * SLICES] for n in range(min(count, cores * SLICES))]
        ways = [_Way(pool, setup, slices, _audit), _Way(pool, setup, slices, _bare)]
        mine, peer = await in_turn([way.timed for way in ways], rounds, name="audit")
    what = f"open and audit {count} bids, {FILES} x {SIZE >> 10} KiB each"
    return [
        _row(f"{what}, {cores} processes", mine, peer),
        _row(f"{what}, processor time", *(Sample.of(way.processor) for way in ways)),
    ]


def _row(what: str, mine: Sample, peer: Sample) -> Row:
    ratio = mine.median / peer.median
    return Row.at_most(what, mine.text("s"), f"SHA-256 and age alone: {peer.text('s')}", ratio, GOAL)


class _Way:
    """One way to go through all bids; `processor` are the seconds that its rounds took of all processors together."""

    def __init__(self, pool: ProcessPoolExecutor, setup: Setup, slices: Sequence[Sequence[Case]], act: Act) -> None:
        self._pool, self._slices, self._act = pool, slices, partial(_through, act, setup)
        self.processor: list[float] = []

    async def timed(self) -> float:
        """Seconds by the clock."""
        begun = time.perf_counter()
        self.processor.append(sum(await asyncio.to_thread(lambda: list(self._pool.map(self._act, self._slices)))))
        return time.perf_counter() - begun


def _through(act: Act, setup: Setup, cases: Sequence[Case]) -> float:
    """The processor's seconds for these."""
    begun = time.process_time()
    for case in cases:
        act(setup, case)
    return time.process_time() - begun


def _setup() -> tuple[Setup, list[bytes]]:
    """Two holders a role; the private stage key of the first of each."""
    keys = {role: [X25519PrivateKey.generate().private_bytes_raw() for _ in range(2)] for role in ROLES}
    publics = {role: [public_of(key) for key in pair] for role, pair in keys.items()}
    data = build_setup(mode="roles", tender="T-1", lot="01", keys=publics)
    return read_setup(data), [keys[role][0] for role in ROLES]


def _sealed(setup: Setup, private: Sequence[bytes], folder: Path) -> Case:
    folder.mkdir()
    papers = []
    for n in range(FILES):
        paper = folder / f"paper-{n}"
        paper.write_bytes(os.urandom(SIZE))
        papers.append(Document(paper, paper.name))
    contents = {"price": Content(form={"price": "1.00"}), "documents": Content(papers)}
    sealed = seal_bid(
        setup, contents, bidder="91330106MA00BENCH1", notice="0" * 64, fallback=True,
        signer=Ed25519Signer.generate(), folder=folder,
    )  # fmt: skip
    for document in papers:
        document.path.unlink()
    shares, identities = {}, {}
    for stage in ("price", "documents"):
        found = {x: try_envelope(setup, sealed.bid, stage, key) for x, key in enumerate(private, 1)}
        shares[stage] = {x: y for x, y in found.items() if y is not None}
        secret = open_stage(setup, sealed.bid, stage, seed=sealed.seeds[stage]).secret
        assert secret is not None, "just sealed"
        identities[stage] = secret.identity
    return Case(sealed.bid.data, folder, shares, identities)


def _audit(setup: Setup, case: Case) -> None:
    """Everything that an opening proves of one bid; a finding would be an error of the bench."""
    bid = read_bid(case.data, setup)
    for sealed in bid.stages:
        opened = open_stage(setup, bid, sealed.id, shares=case.shares[sealed.id])
        assert opened.secret is not None, "the shares are good"
        assert not opened.findings, "the envelopes are good"
        with (case.folder / sealed.files[0].n).open("rb") as src:
            index = open_index(opened.secret, sealed, src).index
        assert index is not None, "the index is good"
        for entry, file in zip(index.files, sealed.files[1:], strict=True):
            with (case.folder / file.n).open("rb") as src:
                assert check_plain(entry, open_file(opened.secret, file, src, Nowhere())) is None, "and its files"


def _bare(setup: Setup, case: Case) -> None:
    """What nobody can do without: each file hashed, and decrypted with the key that is known already."""
    for sealed in read_bid(case.data, setup).stages:
        for file in sealed.files:
            with (case.folder / file.n).open("rb") as src:
                hashlib.file_digest(src, "sha256")
                src.seek(0)
                age.unseal(src, Nowhere(), case.identities[sealed.id])
