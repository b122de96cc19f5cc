"""A package verifies as it stands and not when one byte is changed, the keys are others, or a rival looks in."""

import base64
import io
import json
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from changed_bytes import member_at
from evidence_factory import Keys, Lot, failed, finished, packaged

from app.cli import main
from kernel.proofs import age
from kernel.proofs.dossier import Dossier
from kernel.proofs.errors import NoMatch
from kernel.proofs.package import Package
from kernel.proofs.recovery import lock_recovery, unlock_recovery
from kernel.proofs.turns import check_turns
from kernel.proofs.verify import CHECKS, LAST, Report, verify
from kernel.proofs.verify_award import check_award, check_orders, check_papers
from kernel.proofs.verify_draws import check_draws

ROOT = Path(__file__).parents[3]
KINDS = ("public", "archive")
SILENT = (check_turns, check_draws, check_orders, check_papers, check_award)
"""What there is nothing to say of, where a lot was never stopped and is not awarded."""


def report(data: bytes, lot: Lot | None = None) -> Report:
    return verify(io.BytesIO(data), lot.keys.anchors() if lot else None)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", ["bidder", "roles", "bidder-only"])
def test_an_opened_lot_verifies_in_every_mode(mode: str, kind: str) -> None:
    lot = finished(mode)
    found = report(packaged(lot, kind), lot)
    assert found.failure is None
    told = [name for name, check in CHECKS if check not in SILENT]
    assert [p.name for p in found.passed] == [*told, LAST[0]]
    assert found.anchored
    assert "核验通过" in found.text()


@pytest.mark.parametrize("kind", KINDS)
def test_a_failed_lot_verifies_and_nothing_of_it_was_opened(kind: str) -> None:
    lot = failed()
    data = packaged(lot, kind)
    found = report(data, lot)
    assert found.failure is None
    assert "没有任何种子" in found.text()
    names = Package.open(io.BytesIO(data)).names
    assert not [n for n in names if n.startswith(("keys/", "files/", "reveal/", "release/"))]
    assert bool([n for n in names if n.startswith("bids/")]) == (kind == "archive")


def test_without_anchors_it_says_that_the_keys_are_unchecked() -> None:
    found = report(packaged(finished()))
    assert found.good
    assert "自身一致，密钥未核对" in found.text()
    assert any("没有与平台以外公布的锚点核对" in says for says in found.not_proved)


def test_a_package_remade_with_other_keys_is_consistent_and_still_refused() -> None:
    honest, forged = finished(), finished()
    assert report(packaged(forged)).good
    found = report(packaged(forged), honest)
    assert found.failure is not None
    assert (found.failure.code, found.failure.where) == ("manifest_unsigned", "manifest.sig")


@pytest.mark.parametrize("stolen", ["log", "witness", "process", "officers"])
def test_one_foreign_key_is_enough_to_refuse(stolen: str) -> None:
    """The platform is dishonest and has its own keys; the others' it has not."""
    honest = Keys()
    forged = Keys(platform=honest.platform)
    for name in ("log", "witness", "process", "officers", "private"):
        if name != stolen:
            setattr(forged, name, getattr(honest, name))
    found = verify(io.BytesIO(packaged(finished(keys=forged))), honest.anchors())
    assert found.failure is not None
    where = {"log": "log/checkpoint", "witness": "log/checkpoint", "process": "countersign", "officers": "setup"}
    assert found.failure.where.startswith(where[stolen])


@pytest.mark.parametrize("kind", KINDS)
def test_two_hundred_single_byte_changes_are_each_refused_and_the_member_named(kind: str) -> None:
    lot = finished()
    data, anchors = packaged(lot, kind), lot.keys.anchors()
    chance = random.Random(20260420)
    for at in [chance.randrange(len(data)) for _ in range(200)]:
        changed = bytearray(data)
        changed[at] ^= chance.randrange(1, 256)
        found = verify(io.BytesIO(bytes(changed)), anchors)
        assert found.failure is not None, f"byte {at}"
        assert found.failure.where == member_at(data, at)


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_of_any_member_is_found_without_anchors_too(kind: str) -> None:
    data = packaged(finished(), kind)
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        starts = [(i.filename, i.header_offset + 30 + len(i.filename)) for i in opened.infolist() if i.file_size]
    for name, start in starts:
        changed = bytearray(data)
        changed[start] ^= 1
        failure = report(bytes(changed)).failure
        assert failure is not None
        assert failure.where.startswith(name)


def test_whatever_a_paper_makes_a_check_stumble_over_is_a_refusal_and_never_an_error() -> None:
    def reads_an_amount(dossier: Dossier) -> str:
        return str(Decimal(dossier.case.name))

    lot = finished("bidder-only")
    found = verify(io.BytesIO(packaged(lot)), lot.keys.anchors(), [("金额", reads_an_amount)])
    assert found.failure is not None
    assert (found.failure.code, found.failure.says) == ("malformed", "内容不合格式（InvalidOperation）")


def test_a_losing_bidder_with_the_public_package_and_his_own_recovery_opens_no_rival() -> None:
    lot = finished()
    loser, winner = lot.bidders[2], lot.bidders[0]
    recovery = lock_recovery(list(loser.secrets.values()), age.Passphrase("his own", work=10))
    own = [s.identity for s in unlock_recovery(recovery, age.Passphrase("his own", work=10)).secrets]
    package = Package.open(io.BytesIO(packaged(lot, "public")))
    published = [n for n in package.names if n.startswith("keys/")]
    keys = own + [package.read(n).decode().splitlines()[-1] for n in published]
    assert winner.bid is not None
    for file in winner.bid.stage("documents").files:
        with pytest.raises(NoMatch):
            age.unlock(winner.files[file.sha256], *keys)
    price = winner.bid.stage("price").files[0]
    assert b"37000000.00" in age.unlock(winner.files[price.sha256], *keys)
    everything = b"".join(package.read(n) for n in package.names)
    assert winner.secrets["documents"].seed not in everything
    assert winner.secrets["documents"].share(1) not in everything


def test_the_age_command_opens_a_file_of_the_package_with_the_stage_key_published_in_it(tmp_path: Path) -> None:
    command = shutil.which("age")
    if command is None:
        pytest.skip("age is not on this machine")
    package = Package.open(io.BytesIO(packaged(finished(), "public")))
    key = next(name for name in package.names if name.startswith("keys/price/"))
    sealed = f"files/price/{Path(key).stem}/price-0.age"
    for name in (key, sealed):
        (tmp_path / Path(name).name).write_bytes(package.read(name))
    asked = [command, "-d", "-i", tmp_path / Path(key).name, tmp_path / "price-0.age"]
    opened = subprocess.run(asked, capture_output=True, check=True).stdout
    assert json.loads(opened)["form"]["price"].endswith(".00")


def test_the_public_package_names_neither_who_withdrew_nor_who_asked() -> None:
    lot = finished()
    data = packaged(lot, "public")
    package = Package.open(io.BytesIO(data))
    said = data + b"".join(unwrapped(package.read(name)) for name in package.names)
    assert lot.bidders[0].code.encode() in said
    assert b"91330106MA00000009" not in said
    assert b"91330106MA00ASKS01" not in said
    assert {name.partition("/")[0] for name in package.manifest.withheld} == {
        "bids", "receipts", "keys", "files", "reveal", "release",
    }  # fmt: skip


def unwrapped(content: bytes) -> bytes:
    """What a signed message or a disclosed event says inside its base64."""
    if not content.startswith(b"{"):
        return b""
    value = json.loads(content)
    return base64.b64decode(value.get("payload") or value.get("body") or "")


def test_the_verifier_needs_nothing_but_proofs_the_pure_scoring_and_cryptography(tmp_path: Path) -> None:
    lot = finished()
    (tmp_path / "package.zip").write_bytes(packaged(lot))
    (tmp_path / "anchors.json").write_bytes(lot.keys.anchors().data)
    program = (
        "import sys\n"
        "from app.cli import main\n"
        "code = main(['verify', *sys.argv[1:]])\n"
        "ours = sorted({m.split('.')[0] + '.' + m.split('.')[1] for m in sys.modules"
        " if m.split('.')[0] in ('kernel', 'storage', 'bidding', 'supervision') and '.' in m})\n"
        "print('USED', code, ours, [m for m in ('piccolo', 'asyncpg', 'litestar', 'httpx') if m in sys.modules])\n"
    )
    command = [
        sys.executable,
        "-c",
        program,
        str(tmp_path / "package.zip"),
        "--anchors",
        str(tmp_path / "anchors.json"),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    used = ["bidding.envelopes", "bidding.score_check", "bidding.scoring", "kernel.errors", "kernel.proofs"]
    assert f"USED 0 {used} []" in done.stdout, done.stdout + done.stderr


@pytest.mark.parametrize(("damage", "code"), [(lambda d: d, 0), (lambda d: d[:-1], 1), (lambda d: b"not a package", 1)])
def test_the_command_tells_good_from_bad_by_its_exit_code(
    tmp_path: Path, damage: Callable[[bytes], bytes], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "package.zip").write_bytes(damage(packaged(finished("roles"))))
    assert main(["verify", str(tmp_path / "package.zip")]) == code
    assert ("核验不通过" in capsys.readouterr().out) == bool(code)


def test_the_command_says_which_file_it_cannot_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(tmp_path / "nothing.zip")]) == 2
    (tmp_path / "anchors.json").write_text("{}")
    assert main(["verify", str(tmp_path / "nothing.zip"), "--anchors", str(tmp_path / "anchors.json")]) == 2
    said = capsys.readouterr().err
    assert "nothing.zip" in said
    assert "锚点文件不可用" in said
