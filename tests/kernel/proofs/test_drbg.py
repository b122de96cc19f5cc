"""HMAC_DRBG against NIST's validation vectors."""

import json
from pathlib import Path

import pytest

from kernel.proofs.drbg import HmacDrbg
from kernel.proofs.errors import Malformed

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "hmac_drbg.json").read_text())["vectors"]


def test_every_cavp_vector_comes_out() -> None:
    assert len(VECTORS) >= 38
    for vector in VECTORS:
        seed = (bytes.fromhex(vector[part]) for part in ("entropy", "nonce", "personalization"))
        drbg = HmacDrbg(*seed)
        if "reseed" in vector:
            drbg.reseed(bytes.fromhex(vector["reseed"]), bytes.fromhex(vector["reseed_additional"]))
        returned = b""
        for additional in vector["additional"]:
            returned = drbg.generate(len(vector["returned"]) // 2, bytes.fromhex(additional))
        assert returned.hex() == vector["returned"]


def test_the_vectors_cover_reseeding_personalization_and_additional_input() -> None:
    assert any("reseed" in vector for vector in VECTORS)
    assert any("reseed" not in vector and any(vector["additional"]) for vector in VECTORS)
    assert any("reseed" not in vector and vector["personalization"] for vector in VECTORS)


def test_the_stream_depends_on_how_requests_are_cut() -> None:
    whole, cut = HmacDrbg(bytes(32), bytes(16)), HmacDrbg(bytes(32), bytes(16))
    first = whole.generate(16)
    assert cut.generate(8) == first[:8]
    assert cut.generate(8) != first[8:]


def test_too_little_entropy_and_too_great_requests_are_refused() -> None:
    for entropy, nonce in ((31, 16), (32, 15)):
        with pytest.raises(Malformed):
            HmacDrbg(bytes(entropy), bytes(nonce))
    drbg = HmacDrbg(bytes(32), bytes(16))
    for count in (-1, 65_537):
        with pytest.raises(Malformed):
            drbg.generate(count)
    with pytest.raises(Malformed):
        drbg.reseed(bytes(31))
    assert len(drbg.generate(65_536)) == 65_536
