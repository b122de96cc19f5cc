"""Anchors followed by their successors: each link is held to the keys of the one before it, and to no other."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.cli import main
from kernel.proofs import dsse
from kernel.proofs.age import Passphrase
from kernel.proofs.anchors import Anchors, build_anchors, read_anchors
from kernel.proofs.canonical import decode, encode
from kernel.proofs.errors import BadSignature, Forged, Malformed
from kernel.proofs.signers import Ed25519Signer, lock_signer
from kernel.proofs.succession import build_successor, follow

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@dataclass
class Town:
    """Those who hold the keys of one anchors.json."""

    process: Ed25519Signer = field(default_factory=Ed25519Signer.generate)
    regulator: Ed25519Signer = field(default_factory=Ed25519Signer.generate)
    operator: Ed25519Signer = field(default_factory=Ed25519Signer.generate)

    def anchors(self, years: int = 0) -> bytes:
        return build_anchors(
            issuer="某区",
            issued=START + timedelta(days=365 * years),
            officers=[("regulator", "监管甲", self.regulator.public), ("operator", "中心甲", self.operator.public)],
            processes=[self.process.public],
        )

    def all(self) -> tuple[Ed25519Signer, ...]:
        return (self.process, self.regulator, self.operator)


OLD, NEW, NEWER = Town(), Town(), Town()
HELD = read_anchors(OLD.anchors())


def link(old: Anchors, new: bytes, signers: Sequence[Ed25519Signer]) -> bytes:
    return dsse.sign(build_successor(old, new), *signers).to_bytes()


def test_old_anchors_are_followed_over_two_successors_to_the_keys_in_force() -> None:
    first = link(HELD, NEW.anchors(1), OLD.all())
    then = read_anchors(dsse.read(first).payload)
    second = link(then, NEWER.anchors(2), NEW.all())
    found = follow(HELD, [first, second])
    assert found.processes(START + timedelta(days=731)) == [NEWER.process.public]
    assert found.prev == then.sha256
    assert follow(HELD, []) is HELD


@pytest.mark.parametrize(
    ("signers", "lacking"),
    [
        ((), "监督进程、监督部门持钥人、交易中心持钥人"),
        ((OLD.process,), "监督部门持钥人、交易中心持钥人"),
        ((OLD.process, OLD.regulator), "交易中心持钥人"),
        ((OLD.process, OLD.operator), "监督部门持钥人"),
        ((OLD.regulator, OLD.operator), "监督进程"),
        (NEW.all(), "监督进程、监督部门持钥人、交易中心持钥人"),
    ],
)
def test_a_successor_without_all_who_must_sign_is_not_followed(
    signers: tuple[Ed25519Signer, ...], lacking: str
) -> None:
    with pytest.raises(BadSignature) as refused:
        follow(HELD, [link(HELD, NEW.anchors(1), signers)])
    assert lacking in refused.value.says
    assert refused.value.where == "第 1 份后继锚点"


def test_a_link_of_another_chain_and_one_left_out_are_found() -> None:
    first = link(HELD, NEW.anchors(1), OLD.all())
    second = link(read_anchors(dsse.read(first).payload), NEWER.anchors(2), NEW.all())
    for chain in ([second], [second, first], [first, first]):
        with pytest.raises(Forged) as refused:
            follow(HELD, chain)
        assert refused.value.code == "successor_of_another"


def test_a_successor_is_later_than_what_it_follows() -> None:
    with pytest.raises(Forged) as refused:
        build_successor(HELD, NEW.anchors())
    assert refused.value.code == "successor_not_later"
    backdated = encode({**decode(NEW.anchors()), "prev": HELD.sha256})
    with pytest.raises(Forged):
        follow(HELD, [dsse.sign(backdated, *OLD.all()).to_bytes()])


def test_a_key_that_had_ended_signs_no_successor() -> None:
    ended = decode(OLD.anchors())
    ended["processes"][0]["until"] = "2026-06-01T00:00:00.000+08:00"
    held = read_anchors(encode(ended))
    with pytest.raises(BadSignature) as refused:
        follow(held, [link(held, NEW.anchors(1), OLD.all())])
    assert "监督进程" in refused.value.says


def test_what_a_successor_follows_is_a_hash() -> None:
    with pytest.raises(Malformed):
        read_anchors(encode({**decode(NEW.anchors(1)), "prev": "the old one"}))


def test_three_people_sign_one_after_the_other_by_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "anchors.json").write_bytes(OLD.anchors())
    (tmp_path / "new.json").write_bytes(NEW.anchors(1))
    (tmp_path / "words").write_text("correct horse battery staple")
    out = tmp_path / "next.dsse.json"
    codes = []
    for n, signer in enumerate(OLD.all()):
        (tmp_path / f"{n}.age").write_bytes(lock_signer(signer, Passphrase("correct horse battery staple", 10)))
        command = ["anchors", "--anchors", str(tmp_path / "anchors.json"), "--key", str(tmp_path / f"{n}.age")]
        command += ["--passphrase-file", str(tmp_path / "words"), "--out", str(out)]
        codes.append(main(command + (["--new", str(tmp_path / "new.json")] if n == 0 else [])))
    assert codes == [3, 3, 0]
    assert "签齐" in capsys.readouterr().out
    assert follow(HELD, [out.read_bytes()]).processes(START + timedelta(days=366)) == [NEW.process.public]
    assert main([*command, "--new", str(tmp_path / "new.json")]) == 2, "a successor under way takes no other contents"


def test_verifying_with_a_successor_needs_the_anchors_it_follows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "anchors.json").write_bytes(OLD.anchors())
    (tmp_path / "next").write_bytes(link(HELD, NEW.anchors(1), NEW.all()))
    (tmp_path / "public.zip").write_bytes(b"")
    command = ["verify", str(tmp_path / "public.zip"), "--successor", str(tmp_path / "next")]
    assert main(command) == 2
    assert "--anchors" in capsys.readouterr().err
    assert main([*command, "--anchors", str(tmp_path / "anchors.json")]) == 2
    assert "第 1 份后继锚点" in capsys.readouterr().err
