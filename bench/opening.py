"""Fifty bids opened by two roles of three, beside fifty ballots opened by two trustees of three with Belenios.

Ours: two officers try every envelope, sign what they attest and release; the shares are combined and every committed
byte made again, and the public index is decrypted. Theirs: tally, two partial decryptions, result, verification; a
tally opens the sum alone, ours opens every bid. Each ours in one process, theirs in one process a command.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from bench.belenios import Election
from bench.table import Row, in_turn, say
from kernel.proofs import dsse
from kernel.proofs.bid import read_bid
from kernel.proofs.envelope import public_of
from kernel.proofs.opened_file import open_index
from kernel.proofs.opening import build_attest, build_release, read_attest, read_release
from kernel.proofs.sealing import Content, seal_bid
from kernel.proofs.setup import ROLES, Setup, build_setup, read_setup
from kernel.proofs.signers import Ed25519Signer
from kernel.proofs.stage import check_share, open_stage, try_envelope

GOAL = 1.0
"""At most as long as theirs."""
COUNT = 50
CLOSE = "0" * 64


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed box of 2-of-3: what the platform has, and the two officers who will open it."""

    setup: Setup
    bids: dict[str, bytes]
    files: dict[str, Path]
    officers: dict[str, tuple[Ed25519Signer, bytes]]


async def rows(*, quick: bool) -> list[Row]:
    """One row; without the tool nothing is claimed."""
    count = 10 if quick else COUNT
    with tempfile.TemporaryDirectory(prefix="yg") as folder:
        say(f"opening: sealing {count} bids")
        box = _closed(Path(folder), count)
        ours = _timed(lambda: _open(box))
        what = f"open {count} bids, 2 of 3 roles"
        if not Election.there():
            (mine,) = await in_turn([ours], 3, name="opening")
            return [Row.lacking(what, mine.text("s"), "belenios-tool is not installed", f"<= {GOAL:g}")]
        say(f"opening: {count} ballots of belenios-tool")
        election = Election(Path(folder), count)
        mine, theirs = await in_turn([ours, _timed(election.open, election.reset)], 3, name="opening")
    peer = f"belenios-tool, {count} ballots, 2 of 3 trustees: {theirs.text('s')}"
    return [Row.at_most(what, mine.text("s"), peer, mine.median / theirs.median, GOAL)]


def _closed(folder: Path, count: int) -> Closed:
    keys = {role: [X25519PrivateKey.generate().private_bytes_raw() for _ in range(2)] for role in ROLES}
    publics = {role: [public_of(key) for key in pair] for role, pair in keys.items()}
    setup = read_setup(
        build_setup(
            mode="roles", tender="T-1", lot="01", keys=publics, k=2, reason="bench", stages=[("price", "public")]
        )
    )
    bids, files = {}, {}
    for n in range(count):
        here = folder / str(n)
        here.mkdir()
        sealed = seal_bid(
            setup, {"price": Content(form={"price": f"{n}.00"})}, bidder=f"91330106MA00BEN{n:03}", notice=CLOSE,
            fallback=True, signer=Ed25519Signer.generate(), folder=here,
        )  # fmt: skip
        bids[sealed.bid.sha256] = sealed.bid.data
        files[sealed.bid.sha256] = here / "price-0.age"
    officers = {role: (Ed25519Signer.generate(), keys[role][0]) for role in ROLES[:2]}
    return Closed(setup, bids, files, officers)


def _open(box: Closed) -> None:
    shares: dict[str, dict[int, bytes]] = {sha256: {} for sha256 in box.bids}
    for role in box.officers:
        for sha256, y in _given(box, role).items():
            shares[sha256][box.setup.role(role).x] = y
    for sha256, data in box.bids.items():
        bid = read_bid(data, box.setup)
        secret = open_stage(box.setup, bid, "price", shares=shares[sha256]).secret
        assert secret is not None, "the shares are good"
        with box.files[sha256].open("rb") as src:
            assert open_index(secret, bid.stage("price"), src).index is not None, "the index is good"


def _given(box: Closed, role: str) -> dict[str, bytes]:
    """What one officer signs, and what the platform makes of it."""
    signer, private = box.officers[role]
    parsed = {sha256: read_bid(data, box.setup) for sha256, data in box.bids.items()}
    found = {sha256: try_envelope(box.setup, bid, "price", private) for sha256, bid in parsed.items()}
    head = {"close": CLOSE, "stage": "price", "role": role, "kid": box.setup.role(role).keys[0].kid}
    attest = dsse.sign(build_attest(**head, verdicts={bid: y is not None for bid, y in found.items()}), signer)
    release = dsse.sign(build_release(**head, shares={bid: y for bid, y in found.items() if y is not None}), signer)
    place = {"close": CLOSE, "stage": "price", "bids": list(parsed)}
    said = read_attest(dsse.require(dsse.read(attest.to_bytes()), [signer.public]), **place)
    given = read_release(dsse.require(dsse.read(release.to_bytes()), [signer.public]), **place)
    x = box.setup.role(role).x
    assert all(said.verdicts.values()), "every envelope is good"
    assert all(check_share(box.setup, parsed[bid], "price", x, y) for bid, y in given.shares.items()), "every share is"
    return given.shares


def _timed(act: Callable[[], None], before: Callable[[], None] | None = None) -> Callable[[], Awaitable[float]]:
    async def timed() -> float:
        if before is not None:
            await asyncio.to_thread(before)
        begun = time.perf_counter()
        await asyncio.to_thread(act)
        return time.perf_counter() - begun

    return timed
