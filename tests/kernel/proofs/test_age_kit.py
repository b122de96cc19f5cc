"""The age test kit (C2SP CCTV): every file that X25519 and passphrases can be asked about."""

import base64
import hashlib
import io
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

import pytest

from kernel.proofs import age
from kernel.proofs.age_keys import Identity
from kernel.proofs.errors import Forged, Malformed, NoMatch, ProofError

KIT = Path(__file__).parents[3] / "node_modules" / "cctv-age" / "index.js"

OUTCOMES: dict[str, tuple[type[ProofError], set[str]]] = {
    "no match": (NoMatch, {"no_matching_key"}),
    "HMAC failure": (Forged, {"header_altered"}),
    "header failure": (Malformed, {"not_age", "bad_header", "weak_key"}),
    "armor failure": (Malformed, {"bad_armor"}),
    "payload failure": (Forged, {"payload_cut", "payload_altered"}),
}


@dataclass(frozen=True)
class KitFile:
    name: str
    facts: dict[str, list[str]]
    sealed: bytes

    def identities(self) -> list[str | Identity]:
        words: list[str | Identity] = [age.Passphrase(text) for text in self.facts.get("passphrase", [])]
        return words + list(self.facts.get("identity", []))

    def needs_post_quantum_keys(self) -> bool:
        return any(key.startswith("AGE-SECRET-KEY-PQ-") for key in self.facts.get("identity", []))


def read_kit() -> list[KitFile]:
    if not KIT.exists():
        return []
    script = KIT.read_text("ascii")
    files = re.findall(r'var (\w+)_default = __toBinary\("([A-Za-z0-9+/]*=*)"\)', script)
    return [read_kit_file(name, base64.b64decode(content)) for name, content in files]


def read_kit_file(name: str, content: bytes) -> KitFile:
    head, _, body = content.partition(b"\n\n")
    facts: dict[str, list[str]] = {}
    for line in head.decode("utf-8").splitlines():
        key, _, value = line.partition(": ")
        facts.setdefault(key, []).append(value)
    return KitFile(name, facts, zlib.decompress(body) if facts.get("compressed") == ["zlib"] else body)


FILES = read_kit()
OURS = [file for file in FILES if not file.needs_post_quantum_keys()]


def test_the_kit_is_here_and_whole() -> None:
    assert KIT.exists(), f"{KIT} is missing: run `npm install` at the root of the repository"
    left_out = {file.name for file in FILES} - {file.name for file in OURS}
    assert len(FILES) == 143
    assert all("hybrid" in name for name in left_out), left_out
    assert len(OURS) == 143 - len(left_out) >= 120


@pytest.mark.parametrize("file", OURS, ids=lambda file: file.name)
def test_a_kit_file_opens_or_is_refused_as_the_kit_says(file: KitFile) -> None:
    plain = io.BytesIO()
    [expected] = file.facts["expect"]
    if expected == "success":
        age.unseal(io.BytesIO(file.sealed), plain, *file.identities())
    else:
        kind, codes = OUTCOMES[expected]
        with pytest.raises(kind) as refused:
            age.unseal(io.BytesIO(file.sealed), plain, *file.identities())
        assert refused.value.code in codes
    if "payload" in file.facts:
        assert [hashlib.sha256(plain.getvalue()).hexdigest()] == file.facts["payload"]
    else:
        assert plain.getvalue() == b""
