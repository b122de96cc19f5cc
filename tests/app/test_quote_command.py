"""A quote for the supermarket sealed, sent and opened with the command line alone, over real HTTP."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from conftest import START, TestClock
from house_databases import Databases
from live_site import listening
from road import PROCESS, countersign, publish_empty_list
from shop import CLOSES, Agent, Shop
from trading_site import token_of

from app import cli
from intermediaries.records import requests as records
from kernel.proofs.age import Passphrase
from kernel.proofs.anchors import build_anchors
from kernel.proofs.recovery import lock_recovery, unlock_recovery
from kernel.proofs.signers import unlock_signer


@pytest.fixture
async def shop(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Shop]:
    await clock.freeze(START)
    async with Shop.open(tmp_path / "house", house, clock, agencies=2) as made:
        yield made


class Desk:
    """An agency's own folder, with what the commands need."""

    def __init__(self, folder: Path, site: str, agent: Agent) -> None:
        folder.mkdir()
        self.folder, self.site, self.agent = folder, site, agent

    def file(self, name: str, content: str | bytes = "") -> str:
        path = self.folder / name
        if content:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    async def run(self, *words: str) -> int:
        """`yangguang` as it is typed, in a thread of its own."""
        return await asyncio.to_thread(cli.main, list(words))


async def test_an_agency_quotes_and_opens_its_quote_by_the_command_line(
    shop: Shop, clock: TestClock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tools, agent = shop.market.tools, shop.agents[0]
    case = await shop.publish("lowest")
    anchors = build_anchors(
        issuer="某区", issued=START - timedelta(days=1), officers=[], processes=[PROCESS.public],
        receipts=[tools.receipts.public],
    )  # fmt: skip
    async with listening(tools, anchors) as site:
        desk = Desk(tmp_path / "desk", site, agent)
        known = desk.file("anchors.json", anchors)
        secret = desk.file("passphrase", "a passphrase of the agency")
        token = desk.file("token", await token_of(agent.actor))
        assert await desk.run("lot", "--request", "--site", site, str(case)) == 0
        lot = desk.file("lot.json", capsys.readouterr().out)
        price = desk.file("price.json", json.dumps({"price": "27000.00"}))
        sealed = str(desk.folder / "quote")
        code = agent.actor.organisation_code
        assert await desk.run(
            "seal", "--lot", lot, "--anchors", known, "--price", price, "--bidder", code, "--no-fallback",
            "--key", desk.file("my.key"), "--passphrase-file", secret, "--passphrase-out", desk.file("recovery.txt"),
            "--out", sealed,
        ) == 0  # fmt: skip
        signed_in = ("--site", site, "--token-file", token)
        assert await desk.run("submit", sealed, "--anchors", known, *signed_in) == 0
        assert "27000" not in capsys.readouterr().out
        await _omitted(shop, clock, case)
        assert [await desk.run("restore", sealed, *signed_in) for _ in range(2)] == [0, 0]
        assert [line[-4:] for line in capsys.readouterr().out.splitlines()] == ["回执补入", "无需办理"]
        await _closed(shop, clock, case)
        opening = ("reveal", sealed, "--recovery-passphrase-file", desk.file("recovery.txt"), "--anchors", known)
        assert await desk.run(*opening, *signed_in) == 2
        assert "--key" in capsys.readouterr().err
        _with_signer(desk)
        assert await desk.run(*opening, *signed_in) == 0
    await shop.turn(case)
    asked = await records.last_selection(case)
    assert asked is not None
    assert (asked.name, str(asked.price)) == (agent.name, "27000.00")


def _with_signer(desk: Desk) -> None:
    """The recovery file as a sealing page leaves it: the signing key stands in it."""
    file, words = desk.folder / "quote" / "recovery.json.age", (desk.folder / "recovery.txt").read_text().strip()
    signer = unlock_signer((desk.folder / "my.key").read_bytes(), Passphrase("a passphrase of the agency"))
    kept = unlock_recovery(file.read_bytes(), Passphrase(words))
    lines = signer.to_pem().decode().splitlines()[1:-1]
    seed = base64.b64decode("".join(lines))[-32:]  # PKCS#8 ends with the seed
    file.write_bytes(lock_recovery(kept.secrets, Passphrase(words, work=10), signer=seed))


async def _omitted(shop: Shop, clock: TestClock, case: UUID) -> None:
    """The deadline has come, and the published list has nobody in it."""
    await clock.freeze(CLOSES)
    await shop.turn(case)
    await publish_empty_list(case)
    await clock.freeze(CLOSES + timedelta(minutes=1))


async def _closed(shop: Shop, clock: TestClock, case: UUID) -> None:
    await clock.freeze(CLOSES + timedelta(minutes=5))
    await shop.turn(case)
    await countersign(case)
    await shop.turn(case)
