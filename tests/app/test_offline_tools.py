"""The offline tools: downloaded as they were built, their hash in the witnessed log, once for every change."""

from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest
from browsing import Browser, browser
from conftest import TestClock
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from house_databases import Databases
from road import County
from small_witness import SmallWitness
from trading_site import Site, trading_site

from app.offline_tools import NAMES, announce, announced
from kernel.checkpoints import publish
from kernel.db import TRADING
from kernel.posting import post_to_witness
from kernel.proofs.canonical import decode
from kernel.proofs.log_proof import parse_log_proof, verify_log_proof
from kernel.proofs.merkle import entry_hash
from kernel.proofs.note_keys import Signer
from kernel.sequencer import sequence
from kernel.web import build
from kernel.web.static import Assets, OfflineTool

ORIGIN = "yangguang.test/log"


@pytest.fixture(scope="module")
def tools() -> dict[str, OfflineTool]:
    build.build()
    return dict(Assets.load().tools)


@pytest.fixture
async def site(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Site]:
    county = await County.make(tmp_path, house)
    async with trading_site(county) as site:
        yield site


@pytest.fixture
async def public(site: Site) -> AsyncIterator[Browser]:
    found = browser(site.app)
    yield found
    await found.client.aclose()


def test_every_tool_has_a_name_and_carries_everything_in_one_file(tools: dict[str, OfflineTool]) -> None:
    assert tools.keys() == NAMES.keys()
    for tool in tools.values():
        text = tool.body.decode()
        assert "default-src 'none'" in text
        assert " src=" not in text.split("<main")[1].split("</main>")[0]
        assert 'rel="stylesheet"' not in text


async def test_a_tool_is_put_on_record_once_and_again_when_it_changes(
    house: Databases, clock: TestClock, tools: dict[str, OfflineTool]
) -> None:
    assert await announce(tools) == len(tools)
    assert await announce(tools) == 0
    other = {"sealer": OfflineTool("sealer", b"another build")}
    assert await announce(other) == 1
    assert (await announced())["sealer"].sha256 == sha256(b"another build").hexdigest()


async def test_the_file_downloaded_is_the_one_in_the_witnessed_log(
    site: Site, public: Browser, tools: dict[str, OfflineTool]
) -> None:
    assert "还没有写入日志" in (await public.get("/offline")).words
    assert (await public.client.get("/offline/sealer/proof")).status_code == 202
    await announce(tools)
    answer = await public.client.get("/offline/sealer/file")
    digest = sha256(answer.content).hexdigest()
    assert digest == tools["sealer"].sha256
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["content-security-policy"]
    page = await public.get("/offline")
    assert digest in page.html
    signer = Signer.from_private(ORIGIN, Ed25519PrivateKey.generate())
    witness = SmallWitness(signer.key)
    await sequence(TRADING)
    await publish(TRADING, signer)
    async with witness.client() as client:
        assert await post_to_witness(TRADING, client, witness.address)
    proof = parse_log_proof((await public.client.get("/offline/sealer/proof")).content)
    assert proof.extra is not None
    assert decode(proof.extra)["hashes"] == {"file": digest}
    salt = (await announced())["sealer"].salt
    assert salt in page.html
    entry = entry_hash(bytes.fromhex(salt), proof.extra)
    assert verify_log_proof(proof, entry, [signer.key], [witness.signer.key], 1).cosignatures


async def test_a_tool_that_is_not_there_is_not_found(public: Browser) -> None:
    assert (await public.client.get("/offline/other/file")).status_code == 404
