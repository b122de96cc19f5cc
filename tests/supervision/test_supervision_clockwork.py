"""What goes on behind the supervision site: closes are countersigned by a process of its own, the log is read back."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from conftest import START, TestClock
from house_databases import ROOT, Databases
from house_faces import Faces
from road import DEADLINE, REGION, County, as_admin
from supervision_site import SECRET, Watching, officer, supervision_site

from bidding.clockwork import turn
from kernel import log_records
from kernel.box.posts import CHANNEL
from kernel.checkpoints import log_signer, publish
from kernel.db import HOME
from kernel.proofs.anchors import build_anchors
from kernel.proofs.checkpoints import Checkpoint, sign_checkpoint
from kernel.proofs.note_keys import Signer
from kernel.proofs.witnessing import AddCheckpoint
from supervision.clockwork import duties, read_back, rounds
from supervision.keys import supervision_keys, trust
from supervision.witness import add_checkpoint


@pytest.fixture
async def watching(house: Databases, clock: TestClock, faces: Faces, tmp_path: Path) -> AsyncIterator[Watching]:
    county = await County.make(tmp_path, house)
    async with supervision_site(county, house, faces, tmp_path / "supervision") as site:
        yield site


async def closed(watching: Watching, clock: TestClock) -> UUID:
    """A lot whose close waits for the countersignature."""
    await watching.there()
    county = watching.county
    lot = await county.announced()
    await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    await clock.freeze(DEADLINE + timedelta(minutes=5))
    await turn(county.tools, lot)
    await turn(county.tools, lot)
    return lot


async def test_a_worker_of_its_own_countersigns_what_waits(
    watching: Watching, clock: TestClock, house: Databases, tmp_path: Path
) -> None:
    """A second process with supervision's addresses alone; it is told of nothing and finds the close itself."""
    lot = await closed(watching, clock)
    posted = asyncio.Event()
    listener = await asyncpg.connect(house.trading)
    await listener.add_listener(CHANNEL, lambda *_: posted.set())
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.cli", "work", env=_environment(house, watching), cwd=ROOT
    )
    try:
        first = (asyncio.create_task(posted.wait()), asyncio.create_task(worker.wait()))
        await asyncio.wait(first, timeout=60, return_when=asyncio.FIRST_COMPLETED)
        assert worker.returncode is None, "the worker ended by itself"
        said = await listener.fetchrow(
            "select role, author from box.message where \"case\" = $1 and kind = 'countersign'", lot
        )
    finally:
        if worker.returncode is None:
            worker.terminate()
        await worker.wait()
        await listener.close()
    assert said["role"] == "regulator"
    await watching.there()
    countersigner = supervision_keys(watching.settings.keys, watching.settings.witness_name).process
    assert said["author"] == countersigner.keyid


async def test_the_rounds_countersign_and_read_back(watching: Watching, clock: TestClock) -> None:
    lot = await closed(watching, clock)
    await watching.here()
    anchored(watching)
    for _seconds, act in rounds(watching.settings):
        await act()
    assert await as_admin("select count(*) from box.message where kind = 'countersign' and \"case\" = $1", lot) == 1
    assert [event.facts["findings"] for event in await log_records.newest("read_back")] == [0]
    assert duties(watching.county.tools.store) == {}


async def test_a_sound_log_reads_back_without_a_finding(watching: Watching) -> None:
    await witnessed(watching)
    assert await read_back(watching.settings) == 0
    assert "没有发现异常" in await alarms_page(watching)


@pytest.mark.parametrize(
    ("attack", "code"),
    [
        ('update kernel.log_leaf set leaf = sha256(leaf) where "index" = 3', "contradicts_witness"),
        ('delete from kernel.log_leaf where "index" >= 60', "behind_witness"),
        ('delete from kernel.log_leaf where "index" = 3', "leaf_missing"),
        ("delete from kernel.log_checkpoint", "behind_witness"),
    ],
)
async def test_whoever_rewrites_cuts_or_restores_the_trading_log_is_found(
    watching: Watching, house: Databases, attack: str, code: str
) -> None:
    await witnessed(watching)
    await tamper(house, attack)
    assert await read_back(watching.settings) > 0
    found = {event.subject.partition(":")[0] for event in await log_records.newest("log_finding")}
    assert code in found
    assert "交易日志与已公布的不符" in await alarms_page(watching)


async def test_a_finding_is_put_on_record_once_however_often_it_is_found(watching: Watching, house: Databases) -> None:
    await witnessed(watching)
    await tamper(house, 'update kernel.log_leaf set leaf = sha256(leaf) where "index" = 3')
    await read_back(watching.settings)
    first = await log_records.newest("log_finding")
    await read_back(watching.settings)
    assert await log_records.newest("log_finding") == first


async def test_the_trading_log_is_cosigned_over_the_site(watching: Watching) -> None:
    """As one process shows it to another: plain text, no token, no browser."""
    await watching.there()
    await watching.county.announced()
    signer = anchored(watching)
    await publish(HOME, signer)
    note = await as_admin("select note from kernel.log_checkpoint")
    await watching.here()
    own = supervision_keys(watching.settings.keys, watching.settings.witness_name)
    watching.app.state.trust = trust(watching.settings, own, START)
    client = await watching.client()
    answer = await client.post("/witness/add-checkpoint", content=AddCheckpoint(0, (), note).to_bytes())
    assert answer.status_code == 200, answer.text
    assert answer.text.startswith(f"— {watching.settings.witness_name} ")


async def test_a_log_shown_in_two_versions_alarms_the_officers(watching: Watching) -> None:
    signer = await witnessed(watching)
    other = supervision_keys(watching.settings.keys, watching.settings.witness_name)
    rewritten = await _another_history(watching, signer)
    answer = await add_checkpoint(rewritten, trust(watching.settings, other, START))
    assert answer.status == 409
    regulator = await watching.client(watching.officers()[0].actor)
    alarms = (await regulator.get("/api/v1/witness/alarms")).json()
    assert [alarm["tone"] for alarm in alarms] == ["danger"]
    assert "预警" in (await regulator.get("/workbench", headers={"accept": "text/html"})).text


def anchored(watching: Watching) -> Signer:
    """Anchors that name the trading log's key, as the two sides publish them."""
    signer = log_signer(watching.county.folder / "keys", watching.settings.log_origin)
    watching.settings.anchors.write_bytes(build_anchors(issuer="测试", issued=START, officers=[], logs=[signer.key]))
    return signer


async def witnessed(watching: Watching) -> Signer:
    """A log with a checkpoint that this side's witness has cosigned; the engines stand at supervision."""
    await watching.there()
    await watching.county.announced()
    signer = anchored(watching)
    await publish(HOME, signer)
    note = await as_admin("select note from kernel.log_checkpoint")
    await watching.here()
    own = supervision_keys(watching.settings.keys, watching.settings.witness_name)
    answer = await add_checkpoint(AddCheckpoint(0, (), note).to_bytes(), trust(watching.settings, own, START))
    assert answer.status == 200, answer.body
    return signer


async def _another_history(watching: Watching, signer: Signer) -> bytes:
    """A checkpoint of the same size over other entries, signed by the same key."""
    size = await as_admin("select max(size) from kernel.log_checkpoint")
    forged = sign_checkpoint(Checkpoint(signer.key.name, size, bytes(32)), signer).to_bytes()
    return AddCheckpoint(size, (), forged).to_bytes()


async def tamper(house: Databases, sql: str) -> None:
    """What somebody with the trading server in his hands can do: the triggers asleep."""
    admin = await asyncpg.connect(house.admin)
    try:
        await admin.execute(f"set session_replication_role = replica; {sql}")
    finally:
        await admin.close()


async def alarms_page(watching: Watching) -> str:
    regulator = await watching.client(await officer("regulator", "区住建局", region=REGION))
    return (await regulator.get("/alarms", headers={"accept": "text/html"})).text


def _environment(house: Databases, watching: Watching) -> dict[str, str]:
    """Supervision's side alone: no address of the trading login, no secret of the trading site."""
    passed = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    known = ("YANGGUANG_MODE", "SUPERVISION_DATABASE_URL", "SUPERVISION_TRADING_URL")
    own = {name: value for name, value in house.environment().items() if name in known}
    return {**passed, **own, "YANGGUANG_SECRET": SECRET, "YANGGUANG_VAR": str(watching.settings.var)}
