"""`yangguang seal`: what it refuses to seal for, what it leaves in the folder, and that it opens again."""

import io
import json
from pathlib import Path

import pytest
from offline_lot import BIDDER, CASE, PASSPHRASE, Office, papers, sealed

from app import cli
from app.bidder.contents import from_parts, from_toml
from app.bidder.folder import BID, RECOVERY, BidFolder
from app.bidder.lot import check_lot, read_lot
from app.bidder.seal import Order, Previous, seal_into
from kernel.errors import BadInput, Refusal
from kernel.proofs import age
from kernel.proofs.deadline import BEIJING
from kernel.proofs.errors import BadSignature, NoMatch
from kernel.proofs.index import read_index
from kernel.proofs.recovery import unlock_recovery
from kernel.proofs.sealing import Content
from kernel.proofs.signers import Ed25519Signer
from kernel.proofs.stage import open_stage


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def signer() -> Ed25519Signer:
    return Ed25519Signer.generate()


def checked(office: Office, lot_file: bytes, *, anchored: bool = True, rehearsal: bool = False) -> list[str]:
    lot = read_lot(lot_file)
    now = lot.deadline.at.astimezone(BEIJING).replace(year=2035)
    return check_lot(lot, office.anchors() if anchored else None, now=now, rehearsal=rehearsal)


def test_a_lot_signed_by_all_anchored_officers_is_sealed_for_without_a_warning(office: Office) -> None:
    assert checked(office, office.lot_file()) == []


def test_without_anchors_the_bidder_is_warned_loudly(office: Office) -> None:
    (warning,) = checked(office, office.lot_file(), anchored=False)
    assert "无法核对" in warning


def test_a_set_up_that_one_officer_has_not_signed_is_refused(office: Office) -> None:
    with pytest.raises(BadSignature, match="监督部门应有 2 人签署，可信的签名有 1 个"):
        checked(
            office,
            office.lot_file(setup_signers=[s for s in office.everybody() if s is not office.signers["regulator"][0]]),
        )


def test_a_set_up_signed_by_strangers_is_refused(office: Office) -> None:
    with pytest.raises(BadSignature) as refused:
        checked(office, office.lot_file(setup_signers=Office().everybody()))
    assert refused.value.code == "setup_unsigned"


def test_a_purchaser_who_signs_twice_does_not_count_for_two(office: Office) -> None:
    """An operator who puts two keys of his own under the regulator cannot have them signed by one regulator."""
    one = office.signers["regulator"][0]
    others = office.signers["operator"] + office.signers["purchaser"]
    with pytest.raises(BadSignature):
        checked(office, office.lot_file(setup_signers=[*others, one, office.signers["operator"][0]]))


def test_a_deadline_that_no_purchaser_has_signed_is_refused(office: Office) -> None:
    with pytest.raises(BadSignature) as refused:
        checked(office, office.lot_file(deadline_signers=office.signers["operator"]))
    assert refused.value.code == "deadline_unsigned"


@pytest.mark.parametrize(("marked", "wanted"), [(True, False), (False, True)])
def test_a_rehearsal_is_never_taken_for_the_real_thing(office: Office, marked: bool, wanted: bool) -> None:
    lot_file = office.lot_file(setup=office.setup(rehearsal=marked))
    with pytest.raises(Refusal) as refused:
        checked(office, lot_file, rehearsal=wanted)
    assert refused.value.code == "rehearsal_differs"


def test_a_lot_whose_box_is_not_ready_cannot_be_sealed_for(office: Office) -> None:
    value = json.loads(office.lot_file()) | {"deadline": ""}
    with pytest.raises(BadInput, match="尚未就绪"):
        read_lot(json.dumps(value).encode())


def test_the_sealed_folder_opens_with_its_recovery_file(office: Office, signer: Ed25519Signer, tmp_path: Path) -> None:
    bid = sealed(tmp_path / "out", office.lot(), signer)
    recovery = unlock_recovery((bid.path / RECOVERY).read_bytes(), PASSPHRASE)
    for stage in bid.bid.stages:
        secret = recovery.secret(stage.id)
        assert open_stage(bid.lot.setup, bid.bid, stage.id, seed=secret.seed).findings == ()
        plain = io.BytesIO()
        age.unseal(io.BytesIO((bid.path / stage.files[0].n).read_bytes()), plain, secret.identity)
        names = [file.name for file in read_index(plain.getvalue(), stage.id).files]
        assert names == ([] if stage.id == "price" else ["图纸.bin", "技术方案.txt"])


def test_no_file_name_and_no_price_is_readable_in_the_folder(
    office: Office, signer: Ed25519Signer, tmp_path: Path
) -> None:
    bid = sealed(tmp_path / "out", office.lot(), signer, price="38123456.78")
    written = b"".join(path.read_bytes() for path in bid.path.iterdir())
    assert b"38123456.78" not in written
    assert "技术方案".encode() not in written


def test_a_changed_price_alone_is_less_than_a_megabyte_to_send(
    office: Office, signer: Ed25519Signer, tmp_path: Path
) -> None:
    lot = office.lot()
    first = sealed(tmp_path / "first", lot, signer)
    assert sum(path.stat().st_size for path in first.to_send().values()) > 2_000_000
    again = sealed(tmp_path / "again", lot, signer, price="37000000.00", previous=Previous.open(first.path, PASSPHRASE))
    assert sum(path.stat().st_size for path in again.to_send().values()) < 1_000_000
    assert again.bid.stage("documents") == first.bid.stage("documents")
    assert (again.bid.seq, again.bid.prev, again.bid.bid_id) == (2, first.bid.sha256, first.bid.bid_id)


def test_the_recovery_of_a_replacement_opens_the_carried_stage_too(
    office: Office, signer: Ed25519Signer, tmp_path: Path
) -> None:
    lot = office.lot()
    first = sealed(tmp_path / "first", lot, signer)
    again = sealed(tmp_path / "again", lot, signer, previous=Previous.open(first.path, PASSPHRASE))
    recovery = unlock_recovery((again.path / RECOVERY).read_bytes(), PASSPHRASE)
    for stage in ("price", "documents"):
        assert open_stage(lot.setup, again.bid, stage, seed=recovery.secret(stage).seed).secret is not None
    assert recovery.secret("price").seed != Previous.open(first.path, PASSPHRASE).recovery.secret("price").seed


def test_a_replacement_under_another_key_is_refused(office: Office, signer: Ed25519Signer, tmp_path: Path) -> None:
    first = sealed(tmp_path / "first", office.lot(), signer)
    with pytest.raises(BadInput) as refused:
        sealed(
            tmp_path / "again", office.lot(), Ed25519Signer.generate(), previous=Previous.open(first.path, PASSPHRASE)
        )
    assert {"another_key", "other_setup"} >= {p.code for p in refused.value.problems} >= {"another_key"}


def test_a_folder_with_a_bid_in_it_is_never_written_over(office: Office, signer: Ed25519Signer, tmp_path: Path) -> None:
    bid = sealed(tmp_path / "out", office.lot(), signer)
    before = (bid.path / BID).read_bytes()
    with pytest.raises(BadInput, match="已有封装好的标书"):
        sealed(tmp_path / "out", office.lot(), signer)
    assert (bid.path / BID).read_bytes() == before


def test_a_bid_is_not_there_before_its_recovery_file_is(office: Office, signer: Ed25519Signer, tmp_path: Path) -> None:
    """A crash while the documents are sealed leaves nothing that could be submitted."""
    gone = papers(tmp_path / "papers")
    gone[1].path.chmod(0o000)
    gone[1].path.unlink()
    order = Order(office.lot(), BIDDER, {"price": Content(form={"price": "1.00"}), "documents": Content(gone)}, True)
    with pytest.raises(FileNotFoundError):
        seal_into(tmp_path / "out", order, signer, PASSPHRASE)
    assert not (tmp_path / "out" / BID).exists()
    assert list((tmp_path / "out").glob("*.age")) == []


def test_a_wrong_passphrase_does_not_open_the_recovery_file(
    office: Office, signer: Ed25519Signer, tmp_path: Path
) -> None:
    bid = sealed(tmp_path / "out", office.lot(), signer)
    with pytest.raises(NoMatch):
        Previous.open(bid.path, age.Passphrase("another one"))


def test_a_toml_tells_everything_that_is_wrong_at_once(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "bid.toml"
    path.write_text('[prices]\nform = {}\n[documents]\nfiles = "one.pdf"\n')
    with pytest.raises(BadInput) as refused:
        from_toml(path, office.lot().setup)
    assert {p.code for p in refused.value.problems} == {"unknown_stage", "bad_member"}


def test_an_amount_that_is_not_text_is_refused(office: Office, tmp_path: Path) -> None:
    (tmp_path / "price.json").write_text('{"price": 38000000.5}')
    with pytest.raises(BadInput, match="price 应写成文字或整数"):
        from_parts(office.lot().setup, tmp_path / "price.json", None)


def test_the_command_seals_offline_from_a_toml(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lot.json").write_bytes(office.lot_file())
    (tmp_path / "anchors.json").write_bytes(office.anchors().data)
    (tmp_path / "key.pass").write_text("a long enough passphrase")
    papers(tmp_path / "docs", 300_000)
    (tmp_path / "bid.toml").write_text(
        f'bidder = "{BIDDER}"\n[price]\nform = {{price = "38000000.00", period_days = 180}}\n'
        '[documents]\nfolder = "docs"\n'
    )
    code = cli.main([
        "seal", "--lot", f"{tmp_path}/lot.json", "--anchors", f"{tmp_path}/anchors.json",
        "--contents", f"{tmp_path}/bid.toml", "--out", f"{tmp_path}/out", "--key", f"{tmp_path}/bidder.key",
        "--passphrase-file", f"{tmp_path}/key.pass", "--passphrase-out", f"{tmp_path}/recovery.pass",
    ])  # fmt: skip
    said = capsys.readouterr()
    assert (code, "！！" in said.err) == (0, False), said.err
    assert "/秒" in said.err
    bid = BidFolder.open(tmp_path / "out")
    assert (bid.lot.case, bid.bid.bidder, bid.bid.fallback) == (CASE, BIDDER, True)
    recovery = age.Passphrase((tmp_path / "recovery.pass").read_text())
    assert unlock_recovery((tmp_path / "out" / RECOVERY).read_bytes(), recovery).bid_id == bid.bid.bid_id
    assert (tmp_path / "bidder.key").stat().st_mode & 0o077 == 0


def test_the_command_refuses_a_forged_lot_in_chinese(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "lot.json").write_bytes(office.lot_file(setup_signers=Office().everybody()))
    (tmp_path / "anchors.json").write_bytes(office.anchors().data)
    code = cli.main([
        "seal", "--lot", f"{tmp_path}/lot.json", "--anchors", f"{tmp_path}/anchors.json",
        "--out", f"{tmp_path}/out", "--key", f"{tmp_path}/bidder.key",
    ])  # fmt: skip
    assert code == 1
    assert "开标设定的签名与锚点不符" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
