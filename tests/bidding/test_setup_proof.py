"""The set-up's proof in the kit: the witnessed log holds the very set-up one seals for, here and in the page."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from conftest import TestClock
from house_databases import Databases
from road import DEADLINE, County
from sealing_driver import ask_all
from small_witness import SmallWitness
from trading_site import Site, trading_site

from app.bidder.lot import Lot, check_lot, read_lot
from kernel.checkpoints import log_signer
from kernel.db import HOME
from kernel.proofs.anchors import Anchors, build_anchors, read_anchors
from kernel.proofs.canonical import from_base64, to_base64
from kernel.proofs.errors import Forged, ProofError
from kernel.proofs.setup_proof import check_setup_proof
from kernel.publishing import Publisher

SINCE = DEADLINE - timedelta(days=365)


@pytest.fixture
async def site(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Site]:
    county = await County.make(tmp_path, house)
    async with trading_site(county) as site:
        yield site


async def kit(site: Site, lot: object) -> dict[str, Any]:
    return dict((await site.public().get(f"/lots/{lot}/sealing")).json())


def anchors_of(county: County, folder: Path, witness: SmallWitness) -> Anchors:
    held = [(h.actor.role, f"{h.actor.role}{n}", h.officer.signer.public) for n, h in enumerate(county.holders)]
    log, seen = log_signer(folder, "trading.example/log").key, witness.signer.key
    return read_anchors(build_anchors(issuer="某局", issued=SINCE, officers=held, logs=[log], witnesses=[seen]))


def checked(told: dict[str, Any], anchors: Anchors) -> list[str]:
    return check_lot(as_lot(told), anchors, now=DEADLINE - timedelta(days=1), rehearsal=False)


def as_lot(told: dict[str, Any]) -> Lot:
    return read_lot(json.dumps(told).encode())


def in_page(told: dict[str, Any], anchors: Anchors) -> dict[str, str]:
    """The order for the page's own check of the same."""
    return {"duty": "witnesses", "kit": json.dumps(told), "anchors": anchors.data.decode()}


async def test_a_witnessed_set_up_is_sealed_for_and_another_ones_proof_is_not(site: Site, tmp_path: Path) -> None:
    county = site.county
    witness = SmallWitness(log_signer(tmp_path, "trading.example/log").key)
    anchors = anchors_of(county, tmp_path, witness)
    lot, other = await county.announced(), await county.announced()
    before = await kit(site, lot)
    assert before["setup_proof"] == ""
    (warning,) = checked(before, anchors)
    assert "还没有见证方的存证证明" in warning
    async with witness.client() as client:
        signer = log_signer(tmp_path, "trading.example/log")
        await Publisher(HOME, signer, [witness.address], client).duty().run({})
    told, others = await kit(site, lot), await kit(site, other)
    assert checked(told, anchors) == []
    salt, proof = from_base64(told["setup_salt"]), from_base64(told["setup_proof"])
    assert check_setup_proof(as_lot(told).setup, salt, proof, anchors) == ("witness.example",)
    with pytest.raises(Forged):
        checked(told | {"setup_proof": others["setup_proof"], "setup_salt": others["setup_salt"]}, anchors)
    with pytest.raises(ProofError):
        checked(told | {"setup_salt": to_base64(bytes(32))}, anchors)
    in_the_page = ask_all(
        [in_page(each, anchors) for each in (before, told, told | {"setup_salt": to_base64(bytes(32))})]
    )
    assert in_the_page == [[], ["witness.example"], {"refused": "inclusion_false"}]
    strange = SmallWitness(log_signer(tmp_path / "strange", "trading.example/log").key)
    with pytest.raises(ProofError):
        checked(told, anchors_of(county, tmp_path / "strange", strange))
