"""Go's golang.org/x/mod/sumdb, which shares no code with us, accepts our log and refuses a tampered one."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kernel.proofs.checkpoints import Checkpoint, sign_checkpoint
from kernel.proofs.merkle import Frontier, append, consistency_nodes, fold, inclusion_nodes, root_of
from kernel.proofs.note_keys import COSIGNATURE_V1, Signer
from kernel.proofs.notes import Note, cosign

SOURCES = Path(__file__).parents[2] / "go" / "logcheck"
LOG = Signer.from_private("yg.example/log", Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
WITNESS = Signer.from_private("w.example", Ed25519PrivateKey.from_private_bytes(b"\x02" * 32), COSIGNATURE_V1)
SIZES = 70
ENTRIES = [hashlib.sha256(bytes([n])).digest() for n in range(SIZES)]
ROOTS = [root_of(ENTRIES[:size]) for size in range(SIZES + 1)]
NODES = dict(append(Frontier(), ENTRIES)[1])

Case = dict[str, Any]


@pytest.fixture(scope="module")
def logcheck(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go program, built offline from sources here and the module cache."""
    usual = Path("/usr/local/go/bin/go")
    go = shutil.which("go") or (str(usual) if usual.exists() else "")
    if not go:
        pytest.skip("没有 Go 编译器，未与 golang.org/x/mod 对照 (no Go compiler: interoperability unchecked)")
    # Tests speak to nobody: the module comes from the cache that `go mod download` filled.
    env = os.environ | {"GOPROXY": "off", "GOFLAGS": "-mod=readonly", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    cached = subprocess.run([go, "mod", "verify"], cwd=SOURCES, env=env, capture_output=True, text=True, check=False)
    if cached.returncode:
        pytest.skip(f"先在 {SOURCES.name} 里运行 go mod download (module not in the cache): {cached.stderr[-300:]}")
    program = tmp_path_factory.mktemp("go") / "logcheck"
    built = subprocess.run(
        [go, "build", "-o", str(program), "."],
        cwd=SOURCES,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return program


def answers(program: Path, cases: list[Case]) -> list[str]:
    lines = "".join(json.dumps(case) + "\n" for case in cases)
    run = subprocess.run([str(program)], input=lines, capture_output=True, text=True, check=True)
    given = run.stdout.splitlines()
    assert len(given) == len(cases)
    return given


def b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def note_case(note: Note, size: int, root: bytes) -> Case:
    return {
        "kind": "note",
        "key": str(LOG.key),
        "note": note.to_bytes().decode(),
        "size": size,
        "root": b64(root),
    }


def inclusion_case(index: int, size: int, entry: bytes | None = None) -> Case:
    return {
        "kind": "inclusion",
        "index": index,
        "size": size,
        "entry": b64(entry or ENTRIES[index]),
        "root": b64(ROOTS[size]),
        "proof": [b64(one) for one in fold(inclusion_nodes(index, size), NODES)],
    }


def consistency_case(old: int, size: int) -> Case:
    return {
        "kind": "consistency",
        "old": old,
        "size": size,
        "older": b64(ROOTS[old]),
        "root": b64(ROOTS[size]),
        "proof": [b64(one) for one in fold(consistency_nodes(old, size), NODES)],
    }


def signed(size: int) -> Note:
    return sign_checkpoint(Checkpoint("yg.example/log", size, ROOTS[size]), LOG)


def test_go_accepts_our_notes_with_and_without_cosignatures(logcheck: Path) -> None:
    cases = []
    for size in range(SIZES + 1):
        note = signed(size)
        cosigned = note.adding([cosign(note.text, WITNESS, 1_700_000_000)])
        cases += [note_case(note, size, ROOTS[size]), note_case(cosigned, size, ROOTS[size])]
    assert set(answers(logcheck, cases)) == {"ok"}


def test_go_accepts_our_roots_and_every_inclusion_proof(logcheck: Path) -> None:
    cases = [inclusion_case(index, size) for size in range(1, SIZES + 1) for index in range(size)]
    assert set(answers(logcheck, cases)) == {"ok"}


def test_go_accepts_every_consistency_proof(logcheck: Path) -> None:
    cases = [consistency_case(old, size) for size in range(1, SIZES + 1) for old in range(1, size + 1)]
    assert set(answers(logcheck, cases)) == {"ok"}


def test_go_refuses_tampered_notes(logcheck: Path) -> None:
    note, other = signed(9), signed(10)
    cases = [
        note_case(Note(other.text, note.signatures), 10, ROOTS[10]),
        note_case(Note(note.text, (cosign(note.text, WITNESS, 5),)), 9, ROOTS[9]),
        note_case(note, 10, ROOTS[9]),
        note_case(note, 9, ROOTS[10]),
        note_case(note, 9, ROOTS[9]) | {"key": str(WITNESS.key)},
    ]
    assert all(given.startswith("refused: ") for given in answers(logcheck, cases))


def test_go_refuses_tampered_proofs(logcheck: Path) -> None:
    cases = [
        inclusion_case(5, 13, entry=ENTRIES[6]),
        inclusion_case(5, 13) | {"index": 6},
        inclusion_case(5, 13) | {"root": b64(ROOTS[14])},
        inclusion_case(5, 13) | {"proof": inclusion_case(5, 13)["proof"][:-1]},
        inclusion_case(5, 13) | {"proof": inclusion_case(6, 13)["proof"]},
        consistency_case(6, 13) | {"older": b64(ROOTS[5])},
        consistency_case(6, 13) | {"root": b64(ROOTS[12])},
        consistency_case(6, 13) | {"proof": consistency_case(7, 13)["proof"]},
        consistency_case(6, 13) | {"proof": consistency_case(6, 13)["proof"][1:]},
    ]
    assert all(given.startswith("refused: ") for given in answers(logcheck, cases))
