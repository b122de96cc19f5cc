"""The trading site listening on loopback inside the test, with a small county in it; clients speak real HTTP to it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import uvicorn
from conftest import TestClock
from lent_sites import Shelf
from litestar import Litestar
from road import DEADLINE, County
from seeded_people import KEYS

from app.asgi import build
from app.bidder.folder import BidFolder
from app.bidder.lot import read_lot
from app.bidder.seal import Order, Previous, seal_into
from app.client import Client
from bidding.case import Tools
from bidding.clockwork import turn
from bidding.live import Halls
from kernel.accounts.schemas import MakeToken, Signed
from kernel.accounts.tokens import make_token
from kernel.db import HOME, transaction
from kernel.identity import Actor
from kernel.ids import new_id
from kernel.proofs.age import Passphrase
from kernel.proofs.anchors import Anchors, build_anchors, read_anchors
from kernel.proofs.sealing import Content, Document
from kernel.proofs.signers import Ed25519Signer
from kernel.settings import Settings
from kernel.web.access import Meters

PASSPHRASE = Passphrase("correct horse battery", work=10)
BIDDING = ["upload_part", "submit_bid", "withdraw_bid", "reveal_bid", "read_receipt", "restore_bid"]


@asynccontextmanager
async def listening(tools: Tools, anchors: bytes) -> AsyncIterator[str]:
    """The site on a free port of loopback; its address. The engines are those of the test."""

    with _SITES.lent() as site:
        site.state.update({"store": tools.store, "tools": tools, "anchors": anchors})
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(site, log_level="warning", access_log=False, lifespan="on"))
        serving = asyncio.create_task(server.serve([listener]))
        try:
            while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


@asynccontextmanager
async def _running(app: Litestar) -> AsyncIterator[None]:
    yield


def _built() -> Litestar:
    return build(Settings(mode="test", trading_origin=""), KEYS, _running)


_SITES = Shelf(_built, {"halls": Halls, "meters": Meters})


async def token_of(actor: Actor, acts: list[str]) -> str:
    """A token of this person, who needs a membership for it."""
    assert actor.person is not None
    assert actor.organisation is not None
    membership = new_id()
    async with transaction(HOME) as connection:
        await connection.execute(
            "insert into accounts.membership (id, person, side, organisation, role, departments, asked_at, since)"
            " values ($1, $2, $3, $4, $5, $6, clock_timestamp(), clock_timestamp())",
            membership, actor.person, actor.side, actor.organisation, actor.role, list(actor.departments),
        )  # fmt: skip
        at = await connection.fetchval("select clock_timestamp()")
    signed = Signed(new_id(), "session", actor.person, membership, "", frozenset(), at + timedelta(hours=1))
    return (await make_token(actor, signed, MakeToken(name="测试", acts=acts, days=1))).token


def anchors_of(county: County, process: Ed25519Signer) -> Anchors:
    """The county's keys as published outside the platform."""
    held = enumerate(county.holders)
    return read_anchors(
        build_anchors(
            issuer="测试",
            issued=DEADLINE - timedelta(days=365),
            officers=[(h.actor.role, f"{h.actor.role}{n}", h.officer.signer.public) for n, h in held],
            receipts=[county.tools.receipts.public],
            processes=[process.public],
        )
    )


@dataclass
class HttpBidder:
    """A bidder who has nothing but his tools, his folder and a token."""

    actor: Actor
    client: Client
    anchors: Anchors
    folder: Path
    signer: Ed25519Signer
    token: str

    @classmethod
    async def make(cls, county: County, site: str, anchors: Anchors, n: int) -> "HttpBidder":
        actor = (await county.bidder(n)).actor
        folder = county.folder / f"bidder{n}"
        folder.mkdir()
        token = await token_of(actor, BIDDING)
        client = Client(site, token, pause=lambda seconds: None)
        return cls(actor, client, anchors, folder, Ed25519Signer.generate(), token)

    async def seal(
        self, lot: UUID, price: str, *, size: int = 200_000, replacing: BidFolder | None = None, documents: bool = False
    ) -> BidFolder:
        """Seal the first bid, or one that replaces another: the price alone, or with `documents` all of it."""
        fetched = read_lot((await asyncio.to_thread(self.client.get_raw, f"/lots/{lot}/sealing")).content)
        contents = {"price": Content(form={"price": price, "period_days": 180})}
        if replacing is None or documents:
            paper = self.folder / "技术方案.pdf"
            paper.write_bytes(b"%PDF" + bytes(size))
            contents["documents"] = Content([Document(paper, paper.name, "application/pdf")])
        previous = Previous.open(replacing.path, PASSPHRASE) if replacing else None
        out = self.folder / f"bid{len(list(self.folder.glob('bid*'))) + 1}"
        order = Order(fetched, self.actor.organisation_code, contents, True, previous)
        await asyncio.to_thread(seal_into, out, order, self.signer, PASSPHRASE)
        return BidFolder.open(out)


async def close(county: County, clock: TestClock, lot: UUID) -> None:
    """Deadline and the five minutes after it."""
    for moment in (DEADLINE, DEADLINE + timedelta(minutes=5)):
        await clock.freeze(moment)
        await turn(county.tools, lot)
