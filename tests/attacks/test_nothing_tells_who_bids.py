"""Before the opening every answer of both sites is the same, byte for byte, whether nobody, one or four have bid.

Walks every GET route and tries every act as every role (招标投标法第二十二条: nobody may tell names or number of those
who bid). What differs by nature is taken out first: form tokens, fresh ids, the machine's own time.
"""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from conftest import TestClock
from house_databases import Databases
from house_faces import Faces
from road import Bidder, County, b64
from road import actor as somebody
from supervision_site import Watching, officer, supervision_site
from trading_site import Site, token_of, trading_site
from walking import Walked, client_of, differing, knock, levels, mandated_agent, normalised, signed_in, told, walk_site

from bidding import records
from kernel.box import records as box_records
from kernel.checkpoints import log_signer, publish
from kernel.db import HOME
from kernel.sequencer import sequence

FOLLOWED = ("/lots/{lot:uuid}/hall/stream", "/api/v1/lots/{lot:uuid}/hall")
"""Never end; looked at by themselves."""
REGIONS = 5
OTHERS = (
    ("intermediary", "91330106MB0000055X", "某测绘有限公司"),
    ("expert", "12330106MB0000033X", "某大学"),
)
"""Roles that have nothing to do with the lot."""
OWN = ("}/amendments",)


@dataclass
class World:
    """Both sites over one county with one announced lot, and who has bid on it so far."""

    trading: Site
    watching: Watching
    lot: UUID
    values: dict[str, str]
    traders: dict[str, dict[str, str]]
    supervisors: dict[str, dict[str, str]]
    tokens: dict[str, dict[str, str]]
    bidders: list[Bidder] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)

    @property
    def county(self) -> County:
        return self.trading.county


@pytest.fixture
async def world(house: Databases, clock: TestClock, faces: Faces, tmp_path: Path) -> AsyncIterator[World]:
    county = await County.make(tmp_path, house)
    lot = await county.announced()
    project = (await records.lot(lot)).project
    agent = await mandated_agent(
        county.purchaser, project, "publish_notice", "amend_notice", "read_case", "conclude_opening"
    )
    await publish(HOME, log_signer(tmp_path / "keys", "localhost/trading"))
    async with trading_site(county) as site, _watching(county, house, faces, tmp_path) as watching:
        rival = (await county.bidder(9)).actor
        people = {"purchaser": county.purchaser, "agent": agent, "operator": county.operator, "bidder": rival}
        traders = {name: await signed_in(site.app, person) for name, person in people.items()}
        people |= {role: await somebody(role, code, name) for role, code, name in OTHERS}
        tokens = {name: {"authorization": f"Bearer {await token_of(person)}"} for name, person in people.items()}
        await watching.here()
        regulator = watching.officers()[0].actor
        supervisors = {"regulator": regulator, "inspector": await officer("inspector", "某区监察委员会")}
        watchers = {name: await signed_in(watching.app, person) for name, person in supervisors.items()}
        await watching.there()
        values = {"lot": str(lot), "project": str(project), "n": "1", "seq": "1"}
        values["document"] = str((await records.documents(lot))[0].id)
        everybody = {"public": {}} | traders, {"public": {}} | watchers, {"public": {}} | tokens
        yield World(site, watching, lot, values, *everybody)


@asynccontextmanager
async def _watching(county: County, house: Databases, faces: Faces, folder: Path) -> AsyncIterator[Watching]:
    async with supervision_site(county, house, faces, folder / "supervision") as watching:
        await watching.there()
        yield watching


async def test_nothing_that_anybody_else_is_shown_changes_with_the_bids(world: World) -> None:
    empty = await walk(world)
    assert [place for place, (status, _, _) in empty.items() if status >= 500] == []
    assert len(empty) > 300, "every route was walked"
    shown = {status for status, _, _ in empty.values()}
    assert {200, 303, 401, 403, 404} <= shown, "some saw something, some were refused"
    refused = await tried(world)
    for count in (1, 4):
        await bids_until(world, count)
        found = await walk(world)
        assert set(found) == set(empty)
        assert differing(empty, found) == [], f"with {count} bids, unless it is the walk itself that changes something"
        assert told(found, world.secrets) == []
    assert differing(refused, await tried(world)) == [], "nor what an act is refused with"


async def tried(world: World) -> Walked:
    """Every act on the lot as everybody, but those that somebody here may do."""
    return await knock(world.trading.app, world.tokens, _filled(world), holding="{lot", but=OWN)


async def test_the_walk_sees_what_a_bidder_himself_is_shown(world: World) -> None:
    """The walk above would be worth nothing if it could not see a bid."""
    await bids_until(world, 1)
    own = await signed_in(world.trading.app, world.bidders[0].actor)
    found = await _walk_trading(world, {"own": own}, _filled(world))
    assert len(told(found, world.secrets)) >= 5


async def test_no_meter_and_no_line_of_the_access_log_counts_bids(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """What a bidder does to bid leaves no count and no line: pages, uploads, submission, receipt, withdrawal."""
    public = world.trading.public()
    before = levels((await public.get("http://127.0.0.1:8000/metrics")).text)
    caplog.set_level(logging.INFO, "yangguang.access")
    caplog.clear()
    await bids_until(world, 2)
    own = await signed_in(world.trading.app, world.bidders[0].actor)
    async with client_of(world.trading.app, own) as client:
        for path in ("submit", "sealing.json", "receipt/1", "receipt/1/receipt.dsse.json", "withdraw", "reveal"):
            await client.get(f"/lots/{world.lot}/{path}")
    assert [record.getMessage() for record in caplog.records if record.name == "yangguang.access"] == []
    after = levels((await public.get("http://127.0.0.1:8000/metrics")).text)
    assert {line for line in after ^ before if "/metrics" not in line} == set()


@pytest.mark.parametrize("pattern", FOLLOWED)
async def test_the_live_hall_says_the_same(world: World, pattern: str) -> None:
    said = [await _first_words(world, pattern)]
    for count in (1, 4):
        await bids_until(world, count)
        said.append(await _first_words(world, pattern))
    assert "event: stage" in said[0]
    assert said == [said[0]] * 3


async def walk(world: World) -> Walked:
    """(site, role, address) → status, headers and body of every GET route, with what differs by nature taken out."""
    await sequence(HOME)
    filled = _filled(world)
    found = await _walk_trading(world, world.traders, filled)
    await world.watching.here()
    found |= {
        f"supervision {place}": seen
        for place, seen in (await walk_site(world.watching.app, world.supervisors, filled, questions=QUESTIONS)).items()
    }
    await world.watching.there()
    return found


async def _walk_trading(world: World, people: Mapping[str, Mapping[str, str]], values: Mapping[str, str]) -> Walked:
    return await walk_site(world.trading.app, people, values, questions=QUESTIONS, endless=FOLLOWED)


QUESTIONS = {
    "/search": ("q=文二路", "q={name}", "stage=announced"),
    "/check": ("sha256={bid}", "sha256={receipt}", "sha256={file}"),
    "/openings": ("month=2026-04",),
    "/api/v1/lots": ("q=文二路", "q={name}"),
    "/api/v1/feed": ("limit=500",),
    "/api/v1/calendar": ("from=2026-04-01&to=2026-04-30",),
}
"""What somebody who is curious would ask; the values are of the first bid, once there is one."""


def _filled(world: World) -> dict[str, str]:
    """Every value an address may hold: of the first bid, or of nothing at all."""
    nothing = {"event": str(UUID(int=7)), "upload": str(UUID(int=8)), "objection": str(UUID(int=9))}
    none = {"bid": "0" * 64, "receipt": "1" * 64, "file": "2" * 64, "name": "浙江第1建设"}
    return nothing | none | world.values


async def bids_until(world: World, count: int) -> None:
    """So many bidders have bid, over HTTP as they do: the first has replaced his bid already."""
    setup, notice = await world.county.setup(world.lot), (await box_records.box(world.lot)).notice
    for n in range(len(world.bidders) + 1, count + 1):
        bidder = await world.county.bidder(n)
        world.bidders.append(bidder)
        for price in ("38123456.78", "38123455.67")[: 2 if n == 1 else 1]:
            await bidder.seal(setup, notice, price)
            receipt = await _submit(world, bidder)
        world.secrets |= {bidder.actor.organisation_name, bidder.actor.organisation_code, "38123456.78"}
        world.secrets |= {receipt["event"], receipt["sha256"]}
        if n == 1:
            assert bidder.sealed is not None
            world.values["event"], world.values["bid"] = receipt["event"], receipt["sha256"]
            world.values["receipt"] = hashlib.sha256(receipt["receipt"].encode()).hexdigest()
            world.values["file"] = bidder.sealed.bid.stages[0].files[0].sha256


async def _submit(world: World, bidder: Bidder) -> dict[str, Any]:
    assert bidder.sealed is not None
    client, bid, sent = await world.trading.of(bidder.actor), bidder.sealed.bid, {}
    for file in (file for stage in bid.stages if stage.seq == bid.seq for file in stage.files):
        content = (bidder.folder / file.n).read_bytes()
        asked = {"size": len(content), "purpose": f"sealed_bid:{world.lot}"}
        upload = (await client.post("/uploads", json=asked)).json()["id"]
        headers = {"x-part-sha256": hashlib.sha256(content).hexdigest()}
        assert (await client.put(f"/uploads/{upload}/parts/1", content=content, headers=headers)).status_code == 200
        sent[file.sha256] = world.values["upload"] = upload
    command = {"envelope": b64(bidder.sealed.signed.to_bytes()), "public_key": b64(bidder.signer.public)}
    answer = await client.post(f"/lots/{world.lot}/bids", json=command | {"uploads": sent})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def _first_words(world: World, pattern: str) -> str:
    """The five regions that a live hall sends at once to who comes in; the line stays open and is hung up here."""
    said, complete = bytearray(), asyncio.Event()
    requests = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        return next(requests, None) or await asyncio.Future()

    async def send(message: Mapping[str, Any]) -> None:
        said.extend(message.get("body", b""))
        if said.count(b"event: ") == REGIONS:
            complete.set()

    path = pattern.replace("{lot:uuid}", str(world.lot))
    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"", "headers": [],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000), "scheme": "http", "http_version": "1.1",
        "root_path": "", "asgi": {"version": "3.0"},
    }  # fmt: skip
    line = asyncio.create_task(world.trading.app(scope, receive, send))  # type: ignore[arg-type]
    async with asyncio.timeout(20):
        await complete.wait()
    line.cancel()
    await asyncio.gather(line, return_exceptions=True)
    return said.decode()


def test_the_normaliser_takes_out_what_is_fresh_and_nothing_else() -> None:
    values = dict.fromkeys(("event", "upload", "bid", "receipt", "file"), str(uuid4()))
    body = '<input type="hidden" name="request_id" value="a"><p>浙江第1建设有限公司 4 家</p>'
    assert normalised(body, values) == body.replace('"a"', '"-"')
