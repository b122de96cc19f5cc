"""The regulator's side of a draw with its own database: book, calls, the reply page, and a process that dies."""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from both_sides import Both, links
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from drawing_room import Room, people
from house_databases import ROOT, Databases
from house_faces import Faces
from road import County
from supervision_site import ORIGIN, Watching, supervision_site

from kernel.checkpoints import log_signer, publish
from kernel.clock import now
from kernel.db import HOME, TRADING, transaction
from kernel.posting import WitnessAddress, post_to_witness
from kernel.proofs.note_keys import COSIGNATURE_V1, Signer
from kernel.proofs.signers import Ed25519Signer
from kernel.toss import clockwork, steps
from kernel.toss.hand import site_hand
from kernel.toss.slips import slip_digest
from supervision.drawing import Ledger, keeper_of
from supervision.witness import Trust


@pytest.fixture
async def both(house: Databases, faces: Faces, tmp_path: Path) -> AsyncIterator[Both]:
    county = await County.make(tmp_path / "trading", house)
    async with supervision_site(county, house, faces, tmp_path / "watching") as site:
        yield Both(site, Room(house, strata=[("造价", 1)], pool={"造价": people(4)}))


async def answered(page: Any, path: str, answer: str) -> Any:
    """Open the link, tap a button."""
    shown = await page.get(path)
    assert shown.status_code == 200
    token = re.search(r'name="_csrf_token" value="([^"]+)"', shown.text)
    fields = {"_csrf_token": token.group(1) if token else "", "answer": answer}
    return await page.post(path, data=fields, headers={"origin": ORIGIN}, follow_redirects=True)


async def test_a_drawn_expert_answers_with_one_tap_and_is_shown_his_seat_and_code(both: Both) -> None:
    toss = await both.drawn()
    (path,) = await links()
    page = await both.site.client()
    shown = await page.get(path)
    for told in ("2026年3月3日9时", "交易中心二楼", "房屋建筑工程"):
        assert told in shown.text
    assert not [one["name"] for one in both.room.pool["造价"] if one["name"] in shown.text]
    again = await page.get(path)
    assert "不能参加" in again.text, "looking has answered nothing"
    done = await answered(page, path, "accept")
    slip = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", done.text)
    assert slip
    await both.settle()
    await both.site.there()
    (seat,) = (await both.room.view(toss)).seats
    assert seat.slip_sha256 == slip_digest(slip.group())
    await both.site.here()
    async with transaction(HOME) as connection:
        sent = await connection.fetchval("select text from kernel.message where template = 'draw_seated'")
    assert slip.group() in sent


async def test_who_declines_is_followed_by_the_next_and_cannot_change_his_mind(both: Both) -> None:
    await both.drawn()
    page = await both.site.client()
    first = (await links())[0]
    shown = await page.get(first)
    token = re.search(r'name="_csrf_token" value="([^"]+)"', shown.text)
    assert token
    declined = await answered(page, first, "decline")
    assert "已答复不能参加" in declined.text
    fields = {"_csrf_token": token.group(1), "answer": "accept"}
    changed = await page.post(first, data=fields, headers={"origin": ORIGIN})
    assert changed.status_code == 409
    await both.settle()
    assert len(await links()) == 2


async def test_a_link_answered_too_late_or_never_sent_is_refused(both: Both, clock: Any) -> None:
    await both.drawn()
    (path,) = await links()
    page = await both.site.client()
    shown = await page.get(path)
    token = re.search(r'name="_csrf_token" value="([^"]+)"', shown.text)
    assert token
    await clock.freeze(await now() + timedelta(minutes=31))
    late = await page.post(path, data={"_csrf_token": token.group(1), "answer": "accept"}, headers={"origin": ORIGIN})
    assert late.status_code == 409
    assert "答复时间已过" in late.text
    assert (await page.get("/call/nobody-was-sent-this")).status_code == 404
    await both.settle()
    assert len(await links()) == 2


class ToTheWitness(httpx.AsyncBaseTransport):
    """Carries a checkpoint from the trading site to the real witness of the supervision site, and its answer back."""

    def __init__(self, site: Watching) -> None:
        self._site, self._door = site, httpx.ASGITransport(app=site.app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await self._site.here()
        answer = await self._door.handle_async_request(request)
        body = await answer.aread()
        await self._site.there()
        return httpx.Response(answer.status_code, headers=answer.headers, content=body)


async def test_a_draw_under_the_real_witness_opens_nothing_before_it_has_signed(both: Both, tmp_path: Path) -> None:
    log = log_signer(tmp_path / "log", both.site.settings.log_origin)
    signer = Signer.from_private("regulator.example/witness", Ed25519PrivateKey.generate(), COSIGNATURE_V1)
    both.site.app.state.trust = Trust(signer, {log.key.name: (log.key,)})
    both.keeper.witness = keeper_of(both.site.settings).witness
    address = WitnessAddress(f"{ORIGIN}/witness/add-checkpoint", signer.key)

    async def cosign() -> None:
        await both.site.there()
        await publish(TRADING, log)
        async with httpx.AsyncClient(transport=ToTheWitness(both.site)) as client:
            assert await post_to_witness(TRADING, client, address)

    async def goes_on(*stages: str) -> None:
        """Both sides go round before and after each cosignature; where the draw stands each time."""
        for stage in stages:
            await both.settle()
            await both.site.there()
            assert (await both.room.view(toss)).stage == stage
            await cosign()

    await cosign()
    toss = await both.room.begin()
    await goes_on("begun", "begun", "sealed")
    await both.site.there()
    await both.room.fix(toss)
    await goes_on("listed", "ordered")
    await both.site.here()
    assert len(await links()) == 1, "somebody is called, once the order was shown"


async def test_the_trading_side_cannot_read_names_salts_or_calls(both: Both) -> None:
    toss = await both.drawn()
    kept = await Ledger(ORIGIN).kept(toss)
    assert kept is not None
    connection = await asyncpg.connect(both.room.house.trading)
    try:
        tables = await connection.fetch(
            "select 1 from information_schema.tables where table_name in ('drawn_list', 'draw_call')"
        )
        bodies = await connection.fetch("select envelope from toss.message")
    finally:
        await connection.close()
    assert not tables
    salts = [one.salt.hex().encode() for one in (await both.keeper.openings(toss))["造价"]]
    assert not [1 for row in bodies for salt in salts if salt in row["envelope"]]


async def test_a_keeper_that_is_killed_again_and_again_loses_and_repeats_nothing(
    house: Databases, tmp_path: Path
) -> None:
    """Two processes: the trading side here, the regulator's killed at every turn."""
    room = Room(house, strata=[("造价", 2)], pool={"造价": people(5)})
    regulator = site_hand(tmp_path, "regulator").signer
    assert isinstance(regulator, Ed25519Signer)
    room.regulator = regulator
    (tmp_path / "pool.json").write_text(json.dumps(room.pool))
    environment = os.environ | house.environment()
    environment |= {"YANGGUANG_VAR": str(tmp_path), "POOL": str(tmp_path / "pool.json")}
    environment |= {"OPERATOR": room.hand.signer.public.hex(), "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    toss = await room.begin()
    fixed = False
    for patience in (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2):
        child = await asyncio.create_subprocess_exec(
            sys.executable, str(ROOT / "tests" / "drawing_process.py"), env=environment, stdout=asyncio.subprocess.PIPE
        )
        assert child.stdout is not None
        assert (await child.stdout.readline()).strip() == b"ready"
        end = asyncio.get_running_loop().time() + patience
        while asyncio.get_running_loop().time() < end:
            await clockwork.turn(room.hand)
            if not fixed and (await room.view(toss)).stage == "sealed":
                await room.fix(toss)
                fixed = True
            await asyncio.sleep(0.01)
        child.kill()
        await child.wait()
    await clockwork.turn(room.hand)
    view = await room.view(toss)
    assert view.stage == "ordered"
    connection = await asyncpg.connect(house.supervision_admin)
    try:
        calls = await connection.fetch("select n from supervision.draw_call where toss = $1 order by called_at", toss)
        sent = await connection.fetchval("select count(*) from kernel.message where template = 'draw_call'")
    finally:
        await connection.close()
    assert sorted(row["n"] for row in calls) == sorted(view.order["造价"][:2])
    assert sent == 2


async def test_officers_see_how_a_draw_stands_and_no_name(both: Both) -> None:
    await both.site.there()
    lot = await both.site.county.announced()
    both.room.case = lot
    await both.drawn()
    officer = both.site.officers()[0].actor
    await both.site.here()
    page = await both.site.client(officer)
    shown = await page.get(f"/cases/{lot}/draws")
    assert shown.status_code == 200
    assert "次序已产生" in shown.text
    assert "固定名单 1 份" in shown.text
    assert not [one["name"] for one in both.room.pool["造价"] if one["name"] in shown.text]
    stranger = await both.site.client()
    assert (await stranger.get(f"/cases/{lot}/draws")).status_code in (303, 401)


async def test_an_officer_states_the_beacon_that_the_trading_side_has_read(both: Both) -> None:
    await both.site.there()
    both.room.case = await both.site.county.announced()
    toss = await both.room.begin(beacon_rule="福彩双色球第24期")
    await both.settle()
    await both.site.there()
    await both.room.fix(toss)
    await both.settle()
    await both.site.there()
    await both.room.act(steps.beacon, toss, "01 02 03")
    await both.site.here()
    page = await both.site.client(both.site.officers()[0].actor)
    path = f"/cases/{both.room.case}/draws/{toss}/beacon"
    empty = await page.post(path, data={"value": ""})
    assert empty.status_code == 422
    done = await page.post(path, data={"value": "01 02 03"})
    assert done.status_code == 303
    await both.settle()
    await both.site.there()
    assert (await both.room.view(toss)).stage == "ordered"
