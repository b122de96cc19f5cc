"""A thousand bids attested and released by one officer: by the command line's code, and in Chromium by the page's.

The peer opens the same envelopes as often, and does nothing else: no shapes checked, no close, no deadline, nothing
signed; in Python with the library's own HPKE, in the browser with @hpke/core over the browser's own X25519.
"""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from playwright.async_api import Page, async_playwright

from bench.table import Row, in_turn, say
from kernel.proofs import age, dsse, hpke
from kernel.proofs.bid import SealedFile, build_bid, read_bid
from kernel.proofs.canonical import encode, to_base64
from kernel.proofs.caution import Trust, check_task
from kernel.proofs.close import build_close
from kernel.proofs.deadline import build_deadline, read_deadline
from kernel.proofs.envelope import kid, public_of
from kernel.proofs.setup import ROLES, Setup, build_setup, read_setup
from kernel.proofs.signers import Ed25519Signer
from kernel.proofs.stage import new_secret, seal_stage
from kernel.proofs.trustee import Officer, answer
from kernel.web import build

PATIENCE = 10
"""Seconds before a screen for a thousand bids: no officer waits longer. For fewer it is less, but never below one."""
AT = datetime(2026, 4, 20, 1, 30, tzinfo=UTC)
WORDS = "a passphrase for measuring"
ORIGIN = "http://localhost/"
HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Work:
    """One officer's two tasks, his keys, and the bare envelopes with their infos."""

    officer: Officer
    private: bytes
    tasks: list[dict[str, Any]]
    envelopes: list[tuple[bytes, bytes]]


async def rows(*, quick: bool) -> list[Row]:
    """Python and Chromium, each beside its peer."""
    count, rounds = (50, 3) if quick else (1000, 5)
    limit = max(1.0, PATIENCE * count / 1000)
    say(f"holding: sealing {count} bids to six officers")
    work = await asyncio.to_thread(_work, count)
    ours, bare = await in_turn([_timed(lambda: _answered(work)), _timed(lambda: _opened(work))], rounds, name="holding")
    what = f"{count} bids attested and released, command line"
    peer = f"{limit:g} s before a screen; the envelopes alone: {bare.text('s')}"
    line = Row.at_most(what, ours.text("s"), peer, ours.median / limit, 1.0)
    return [line, await _in_chromium(work, count, rounds, limit)]


async def _in_chromium(work: Work, count: int, rounds: int, limit: float) -> Row:
    what = f"{count} bids attested and released, Chromium"
    chromium = shutil.which("chromium")
    if chromium is None:
        return Row.lacking(what, "-", "no chromium on this machine", f"<= {limit:g} s")
    build.build()
    async with async_playwright() as playwright:
        options = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = await playwright.chromium.launch(executable_path=chromium, args=options)
        page = await browser.new_page()
        await _serve(page)
        await page.evaluate("given => globalThis.prepare(given)", _given(work))
        acts = [lambda: _once(page, "ours"), lambda: _once(page, "bare")]
        ours, bare = await in_turn(acts, rounds, name="holding in Chromium")
        await browser.close()
    peer = f"{limit:g} s before a screen; @hpke/core, envelopes alone: {bare.text('s')}"
    return Row.at_most(what, ours.text("s"), peer, ours.median / limit, 1.0)


async def _serve(page: Page) -> None:
    script = build.one_script(HERE / "holding_browser.js")
    await page.route("**/*", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    await page.goto(ORIGIN)
    await page.add_script_tag(content=script)


async def _once(page: Page, way: str) -> float:
    seconds: float = await page.evaluate("way => globalThis.run(way)", way)
    return seconds


def _work(count: int) -> Work:
    keys = {role: [X25519PrivateKey.generate().private_bytes_raw() for _ in range(2)] for role in ROLES}
    publics = {role: [public_of(key) for key in pair] for role, pair in keys.items()}
    stages = [("price", "public")]
    setup = read_setup(build_setup(mode="roles", tender="T-1", lot="01", keys=publics, stages=stages))
    bids = [read_bid(_bid(setup, n), setup) for n in range(count)]
    private = keys["operator"][0]
    officer = Officer(Ed25519Signer.generate(), age.new_identity())
    wrap = age.lock(private, age.recipient_of(officer.master))
    own, deadline = kid(public_of(private)).hex(), read_deadline(build_deadline(tender="T-1", lot="01", at=AT))
    close = dsse.sign(
        build_close(
            tender="T-1", lot="01", setup=setup.sha256, deadline=deadline.sha256, at=AT + timedelta(minutes=5),
            bids=[bid.sha256 for bid in bids], withdrawn=[],
        ),
        Ed25519Signer.generate(),
    )  # fmt: skip
    in_order = sorted(bids, key=lambda bid: bid.sha256)
    task = {
        "tender": "T-1", "lot": "01", "role": "operator", "stage": "price", "close": close.sha256, "kid": own,
        "countersigned": to_base64(close.to_bytes()), "deadline": to_base64(dsse.sign(deadline.data).to_bytes()),
        "setup": to_base64(setup.data), "wrap": to_base64(wrap), "bids": [to_base64(bid.data) for bid in in_order],
    }  # fmt: skip
    envelopes = []
    for bid in in_order:
        (share,) = [share for share in bid.stage("price").shares if share.role == "operator"]
        sealed = dict(share.env)[own]
        envelopes.append((sealed, b"etb/1/share\0" + bid.context(setup, "price").hash() + b"\1" + bytes.fromhex(own)))
    return Work(officer, private, [task | {"do": do} for do in ("attest", "release")], envelopes)


def _bid(setup: Setup, n: int) -> bytes:
    """A bid whose envelopes are real and whose file is not there: no officer sees it."""
    place = {"bidder": f"91330106MA0{n:07}", "bid_id": f"{n:032x}"}
    secret = new_secret(setup, **place, stage="price", seq=1)
    stage = seal_stage(setup, secret, [SealedFile("price-0.age", 16_600, "0" * 64)])
    return build_bid(setup, **place, seq=1, prev="", notice="0" * 64, fallback=True, stages=[stage])


def _answered(work: Work) -> None:
    for task in work.tasks:
        check_task(work.officer, task, Trust("operator", None, AT + timedelta(hours=1)))
        answer(work.officer, task)


def _opened(work: Work) -> None:
    for _ in work.tasks:
        for sealed, info in work.envelopes:
            hpke.open_sealed(work.private, sealed, info)


def _given(work: Work) -> dict[str, Any]:
    signer = work.officer.signer
    assert isinstance(signer, Ed25519Signer)
    seed = X25519PrivateKey.generate().private_bytes_raw()  # who signs does not matter here
    value = {"type": "etb.officer/1", "role": "operator", "name": "officer", "master": work.officer.master}
    locked = age.lock(encode(value | {"seed": to_base64(seed)}), age.Passphrase(WORDS, work=10))
    return {
        "officer": to_base64(locked), "words": WORDS, "tasks": work.tasks, "private": to_base64(work.private),
        "envelopes": [[to_base64(sealed), to_base64(info)] for sealed, info in work.envelopes],
    }  # fmt: skip


def _timed(act: Callable[[], None]) -> Callable[[], Awaitable[float]]:
    async def timed() -> float:
        begun = time.perf_counter()
        await asyncio.to_thread(act)
        return time.perf_counter() - begun

    return timed
