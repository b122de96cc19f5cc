"""HKDF-SHA256 against RFC 5869."""

import cryptography_vectors
import pytest

from kernel.proofs import hkdf


def rfc_5869() -> list[dict[str, str]]:
    cases: list[dict[str, str]] = []
    with cryptography_vectors.open_vector_file("KDF/rfc-5869-HKDF-SHA256.txt", "r") as file:
        for line in file.read().splitlines():
            name, sep, value = (part.strip() for part in line.partition("="))
            if name == "COUNT":
                cases.append({})
            elif sep and not line.startswith("#"):
                cases[-1][name] = value
    return cases


@pytest.mark.parametrize("case", rfc_5869(), ids=lambda case: case["L"])
def test_the_rfc_5869_vectors_come_out(case: dict[str, str]) -> None:
    prk = hkdf.extract(bytes.fromhex(case["salt"]), bytes.fromhex(case["IKM"]))
    assert prk.hex() == case["PRK"]
    assert hkdf.expand(prk, bytes.fromhex(case["info"]), int(case["L"])).hex() == case["OKM"]


def test_all_three_vectors_are_there_and_more_than_8160_bytes_are_refused() -> None:
    assert len(rfc_5869()) == 3
    with pytest.raises(ValueError, match="8160"):
        hkdf.expand(bytes(32), b"", 8161)
