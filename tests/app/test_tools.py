"""What the steps are given is read once, kept private, and refused when it cannot work."""

import stat
from datetime import timedelta
from pathlib import Path

import pytest
from house_databases import Databases
from trading_site import settings

from app.migrate import DEMO_START
from app.tools import derived, equip, read_law
from kernel.proofs.anchors import build_anchors
from kernel.proofs.signers import Ed25519Signer
from kernel.settings import UnsafeStart
from storage.vault import VaultSettings, open_store

PROCESS = Ed25519Signer.generate().public


async def test_keys_are_made_once_and_kept_private(house: Databases, tmp_path: Path) -> None:
    chosen, store = settings(tmp_path), await open_store(VaultSettings(folder=tmp_path / "vault"))
    data = build_anchors(issuer="测试", issued=DEMO_START, officers=[], processes=[PROCESS])
    chosen.anchors.write_bytes(data)
    first, second = await equip(chosen, store), await equip(chosen, store)
    assert first.tools.receipts.public == second.tools.receipts.public
    assert stat.S_IMODE((chosen.keys / "receipts.key").stat().st_mode) == 0o600
    assert (first.tools.regulator, first.anchors) == (PROCESS, data)


async def test_anchors_whose_process_is_not_in_force_yet_stop_the_start(house: Databases, tmp_path: Path) -> None:
    chosen, store = settings(tmp_path), await open_store(VaultSettings(folder=tmp_path / "vault"))
    later = DEMO_START + timedelta(days=1)
    chosen.anchors.write_bytes(build_anchors(issuer="测试", issued=later, officers=[], processes=[PROCESS]))
    with pytest.raises(UnsafeStart, match="监督进程"):
        await equip(chosen, store)


def test_the_law_of_every_duty_is_one_law() -> None:
    in_force = read_law().in_force(DEMO_START.date(), "330106", "construction_open_tender")
    assert "T03" in in_force


def test_each_purpose_has_a_key_of_its_own(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    assert derived(chosen, "contacts") == derived(chosen, "contacts")
    assert derived(chosen, "contacts") != derived(chosen, "feed")
