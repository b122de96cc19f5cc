"""出示密钥: the file holds the key of one lot and nothing else; what the holder's own trial finds is told him."""

from pathlib import Path
from typing import Any

import pytest
from offline_lot import CASE, Office, b64, close_of, sealed

from kernel.proofs import age, dsse
from kernel.proofs.canonical import decode, encode
from kernel.proofs.caution import Trust, check_task
from kernel.proofs.errors import Forged, Malformed
from kernel.proofs.showing import read_shown, show_key
from kernel.proofs.signers import Ed25519Signer
from kernel.proofs.trustee import Officer, answer


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def officer(office: Office) -> Officer:
    return Officer(office.signers["operator"][0], age.new_identity())


@pytest.fixture
def task(office: Office, officer: Officer, tmp_path: Path) -> dict[str, Any]:
    """He has said of a well made bid that his envelope is bad."""
    lot = office.lot(mode="roles")
    bid = sealed(tmp_path / "bid", lot, Ed25519Signer.generate()).bid
    close = close_of(office, lot, [bid.sha256])
    wrap = age.lock(office.private["operator"][0], age.recipient_of(officer.master))
    said = [{"bid": bid.sha256, "stage": "price"}]
    return {
        "do": "show", "case": CASE, "tender": "T-2026-1", "lot": "01", "role": "operator", "stage": "price",
        "close": dsse.read(close).sha256, "countersigned": b64(close), "deadline": b64(lot.signed_deadline.to_bytes()),
        "setup": b64(lot.setup.data), "wrap": b64(wrap), "bids": [b64(bid.data)], "said": said,
    }  # fmt: skip


def test_it_is_his_own_key_and_he_learns_that_the_envelope_opens_after_all(
    office: Office, officer: Officer, task: dict[str, Any]
) -> None:
    check_task(officer, task, Trust("operator", office.anchors()))
    shown, bad, opens = show_key(officer, task)
    assert (shown.key, bad, opens) == (office.private["operator"][0], 0, 1)
    assert read_shown(shown.data) == shown
    assert "key=" not in repr(shown)


def test_no_key_is_shown_of_another_lot_or_to_whoever_lists_it_among_the_tasks(
    office: Office, officer: Officer, task: dict[str, Any]
) -> None:
    with pytest.raises(Malformed):
        show_key(officer, task | {"lot": "02"})
    with pytest.raises(Malformed):
        check_task(officer, task | {"said": []}, Trust("operator"))
    with pytest.raises(Malformed) as refused:
        answer(officer, task)
    assert refused.value.code == "unknown_task", "one unlock never shows a key"
    other = age.lock(office.private["regulator"][0], age.recipient_of(officer.master))
    with pytest.raises(Forged):
        show_key(officer, task | {"wrap": b64(other)})


@pytest.mark.parametrize("changed", [{"kid": "0" * 16}, {"key": "AAAA"}, {"role": "auditor"}, {"more": 1}])
def test_a_file_of_another_shape_or_under_another_number_is_refused(
    officer: Officer, task: dict[str, Any], changed: dict[str, Any]
) -> None:
    shown, _, _ = show_key(officer, task)
    with pytest.raises(Malformed):
        read_shown(encode(decode(shown.data) | changed))
