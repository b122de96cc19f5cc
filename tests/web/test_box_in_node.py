"""The sealed box in JavaScript: every byte of the vectors, and either side opens and believes what the other makes."""

import base64
import json
import shutil
import subprocess
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import cryptography_vectors
import pytest
from in_node import BOX, RefusedThere, ask, ask_all, run_tests
from offline_lot import BIDDER, PASSPHRASE, Office, close_of, sealed
from report_in_log import LOG, WITNESS, Shown, lies

from app.bidder.folder import BidFolder
from app.bidder.seal import Previous
from app.officer import home
from kernel.proofs import age, dsse
from kernel.proofs.anchored import signers_of
from kernel.proofs.canonical import decode, encode
from kernel.proofs.caution import Trust, check_task
from kernel.proofs.checkpoints import Checkpoint, sign_checkpoint
from kernel.proofs.close import build_receipt
from kernel.proofs.dsse import Signed
from kernel.proofs.errors import ProofError
from kernel.proofs.holding import build_key
from kernel.proofs.log_proof import LogProof, parse_log_proof, verify_log_proof
from kernel.proofs.merkle import At, Frontier, append, consistency_nodes, fold, inclusion_nodes, root_of
from kernel.proofs.notes import cosign
from kernel.proofs.opened_file import check_plain, open_file, open_index
from kernel.proofs.opening import read_attest, read_release
from kernel.proofs.recovery import unlock_recovery
from kernel.proofs.signers import Ed25519Signer, lock_signer
from kernel.proofs.stage import open_stage
from kernel.proofs.succession import build_successor

WORDS = "correct horse battery"
SIZES = (0, 1, 64 * 1024, 32 * 64 * 1024, 32 * 64 * 1024 + 5)
AGE = shutil.which("age")


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def papers_of(folder: Path, sizes: tuple[int, ...] = SIZES) -> list[dict[str, str]]:
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for i, size in enumerate(sizes):
        path = folder / f"附件{i}.bin"
        path.write_bytes((bytes(range(251)) * (size // 251 + 1))[:size])
        found.append({"path": str(path), "name": path.name, "media": "application/pdf"})
    return found


def sealed_there(folder: Path, office: Office, signer_seed: bytes, stages: dict[str, Any], previous: str = "") -> None:
    folder.mkdir()
    order = {"lot": office.lot_file().decode(), "folder": str(folder), "bidder": BIDDER, "seed": b64(signer_seed)}
    ask("seal", **order, stages=stages, words=WORDS, previous=previous)


def opens_here(folder: BidFolder) -> dict[str, Any]:
    """Every stage of the folder opened with Python: form and plaintexts by name."""
    recovery = unlock_recovery((folder.path / "recovery.json.age").read_bytes(), age.Passphrase(WORDS))
    found: dict[str, Any] = {}
    for stage in folder.bid.stages:
        opened = open_stage(folder.lot.setup, folder.bid, stage.id, seed=recovery.secret(stage.id).seed)
        assert opened.secret is not None
        assert opened.findings == ()
        with (folder.path / stage.files[0].n).open("rb") as source:
            index = open_index(opened.secret, stage, source)
        assert index.index is not None
        assert index.finding is None
        found[stage.id] = (index.index.form, plaintexts(folder, stage.files[1:], index.index.files, opened.secret))
    return found


def plaintexts(folder: BidFolder, files: Any, listed: Any, secret: Any) -> dict[str, bytes]:
    found = {}
    for file, entry in zip(files, listed, strict=True):
        out = folder.path / f"{file.n}.plain"
        with (folder.path / file.n).open("rb") as source, out.open("wb") as sink:
            opened = open_file(secret, file, source, sink)
        assert check_plain(entry, opened) is None
        found[entry.name] = out.read_bytes()
    return found


def test_the_modules_own_tests_pass_in_node() -> None:
    said = run_tests(*sorted(BOX.glob("*.test.mjs")))
    assert "vectors" in " ".join(path.name for path in BOX.glob("*.test.mjs"))
    assert "fail 0" in said


def test_envelopes_have_the_bytes_of_rfc_9180() -> None:
    with cryptography_vectors.open_vector_file("HPKE/test-vectors.json", "r") as file:
        vectors = json.load(file)
    wanted = {"mode": 0, "kem_id": 0x20, "kdf_id": 1, "aead_id": 2}
    [vector] = [v for v in vectors if all(v[name] == wanted[name] for name in wanted)]
    first = vector["encryptions"][0]
    parts = {name: vector[name] for name in ("pkRm", "ikmE", "info")}
    assert ask("hpke", **parts, pt=first["pt"], aad=first["aad"]) == vector["enc"] + first["ct"]


def test_what_the_page_seals_opens_with_the_command_line_and_with_age(tmp_path: Path) -> None:
    office, seed = Office(), bytes(range(32))
    papers = papers_of(tmp_path / "papers")
    stages = {"price": {"form": {"price": "38000000.00", "元": "大写"}}, "documents": {"documents": papers}}
    sealed_there(tmp_path / "bid", office, seed, stages)
    folder = BidFolder.open(tmp_path / "bid")
    found = opens_here(folder)
    assert found["price"] == ({"price": "38000000.00", "元": "大写"}, {})
    assert found["documents"][1] == {paper["name"]: Path(paper["path"]).read_bytes() for paper in papers}
    if AGE is None:
        pytest.skip("no age command on this machine: the files were opened with Python alone")
    recovery = unlock_recovery((folder.path / "recovery.json.age").read_bytes(), age.Passphrase(WORDS))
    (tmp_path / "stage.key").write_text(recovery.secret("documents").identity)
    command = [AGE, "-d", "-i", str(tmp_path / "stage.key"), str(folder.path / "documents-5.age")]
    assert subprocess.run(command, capture_output=True, check=True).stdout == Path(papers[4]["path"]).read_bytes()


def test_a_price_changed_in_the_page_follows_the_command_lines_bid_and_carries_its_documents(tmp_path: Path) -> None:
    office, signer = Office(), Ed25519Signer.from_seed(bytes(range(32)))
    lot = office.lot()
    first = sealed(tmp_path / "first", lot, signer)
    second = tmp_path / "second"
    second.mkdir()
    order = {"lot": lot.data.decode(), "folder": str(second), "bidder": BIDDER, "seed": b64(bytes(range(32)))}
    ask("seal", **order, stages={"price": {"form": {"price": "37000000.00"}}}, words=WORDS, previous=str(first.path))
    after = BidFolder.open(second)
    assert (after.bid.seq, after.bid.prev) == (2, first.bid.sha256)
    assert after.bid.stage("documents") == first.bid.stage("documents")
    assert sorted(path.name for path in after.to_send().values()) == ["price-0.age"]
    third = sealed(tmp_path / "third", lot, signer, price="36.00", previous=Previous.open(second, PASSPHRASE))
    assert third.bid.seq == 3


def test_what_the_command_line_seals_opens_in_the_page(tmp_path: Path) -> None:
    office = Office()
    folder = sealed(tmp_path / "bid", office.lot(), Ed25519Signer.generate())
    found = ask("open", folder=str(folder.path), words=WORDS)
    assert found["stages"]["price"]["index"]["index"]["form"] == {"price": "38000000.00"}
    files = found["stages"]["documents"]["files"]
    assert [file["finding"] for file in files] == [None, None]
    assert [file["differs"] for file in files] == [None, None]
    assert found["stages"]["documents"]["findings"] == []


def test_altered_cut_and_exchanged_files_are_named_alike_on_both_sides(tmp_path: Path) -> None:
    folder = sealed(tmp_path / "bid", Office().lot(), Ed25519Signer.generate())
    path = folder.path / "documents-1.age"
    whole = path.read_bytes()
    for altered in (whole[:-1], whole[:1000] + b"\0" + whole[1001:], whole + b"\0", b"", whole[: 16 * 65552]):
        path.write_bytes(altered)
        files = ask("open", folder=str(folder.path), words=WORDS)["stages"]["documents"]["files"]
        assert (files[0]["finding"]["code"], files[0]["finding"]["fault"]) == ("ciphertext_differs", "operator")
        assert files[1]["finding"] is None


def test_a_wrong_passphrase_is_no_match(tmp_path: Path) -> None:
    folder = sealed(tmp_path / "bid", Office().lot(), Ed25519Signer.generate())
    with pytest.raises(RefusedThere) as refused:
        ask("open", folder=str(folder.path), words="another")
    assert (refused.value.code, refused.value.kind) == ("no_matching_key", "NoMatch")


def test_set_ups_deadlines_closes_and_receipts_count_only_with_the_anchored_signatures() -> None:
    office = Office()
    anchors, lot = office.anchors().data.decode(), office.lot_file()
    now = "2035-04-20T09:30:00.000+08:00"
    close = close_of(office, office.lot(), ["ab" * 32])
    receipt = receipt_of(office)
    strange = Office()
    answers = ask_all(
        [
            {"duty": "checkLot", "lot": lot.decode(), "anchors": anchors, "now": now},
            {"duty": "checkLot", "lot": lot.decode(), "anchors": None, "now": "2036-04-20T09:30:00.000+08:00"},
            {"duty": "checkLot", "lot": strange.lot_file().decode(), "anchors": anchors, "now": now},
            {"duty": "checkLot", "lot": office.lot_file(deadline_signers=[]).decode(), "anchors": anchors, "now": now},
            {"duty": "checkClose", "envelope": b64(close), "anchors": anchors},
            {"duty": "checkClose", "envelope": b64(close), "anchors": strange.anchors().data.decode()},
            {"duty": "checkReceipt", "envelope": b64(receipt), "anchors": anchors},
            {"duty": "checkReceipt", "envelope": b64(receipt), "anchors": strange.anchors().data.decode()},
        ]
    )
    assert answers[0]["value"] == []
    assert len(answers[1]["value"]) == 2
    refused = [answer.get("refused", "") for answer in answers[2:]]
    assert refused == ["setup_unsigned", "deadline_unsigned", "", "close_uncountersigned", "", "receipt_unsigned"]


def receipt_of(office: Office) -> bytes:
    at = office.lot().deadline.at
    place: dict[str, Any] = {"tender": "T-2026-1", "lot": "01", "bidder": BIDDER, "seq": 1}
    data = build_receipt(**place, sha256="ab" * 32, received=at.replace(year=2035), salt=bytes(32))
    return dsse.sign(data, office.receipts).to_bytes()


def test_successors_of_the_anchors_are_followed_only_with_all_three_signatures() -> None:
    office = Office()
    old = office.anchors()
    value = json.loads(old.data) | {"issued": "2027-01-01T08:00:00.000+08:00", "issuer": "新"}
    new = build_successor(old, encode(value))
    whole = dsse.sign(new, office.process, office.signers["regulator"][0], office.signers["operator"][1])
    less = dsse.sign(new, office.process, office.signers["regulator"][0])
    assert ask("follow", anchors=old.data.decode(), chain=[b64(whole.to_bytes())]) == "新"
    with pytest.raises(RefusedThere, match="successor_unsigned"):
        ask("follow", anchors=old.data.decode(), chain=[b64(less.to_bytes())])


def test_json_that_is_not_canonical_is_refused_alike() -> None:
    bad = [
        b'{"a":1.0}', b'{"a":1.5}', b'{"a":null}', b'{"b":1,"a":2}', b'{"a":1,"a":1}', b'{"a": 1}', b"{", b'"\\u0041"',
        b'{"a":9007199254740992}', b'["\\ud800"]', b"\xff", b"[" * 40 + b"]" * 40, b'{"a":-0}', b'"\\/"', b"[1e3]", b"",
        '{"\U0001f600":1,"￿":2}'.encode(),
    ]  # fmt: skip
    good = [b'{"a":[],"b":{"c":"\\n\\u0001"}}', '{"￿":2,"\U0001f600":1}'.encode(), b"[true,false,-9007199254740991]"]
    answers = ask_all([{"duty": "decode", "data": b64(data)} for data in bad + good])
    assert [answer.get("value") for answer in answers[len(bad) :]] == [decode(data) for data in good]
    for data, answer in zip(bad, answers, strict=False):
        with pytest.raises(ProofError) as refused:
            decode(data)
        assert answer["refused"] == refused.value.code, data


def test_key_files_of_the_command_line_open_in_the_page() -> None:
    signer = Ed25519Signer.generate()
    assert ask("signer", data=b64(lock_signer(signer, PASSPHRASE)), words=WORDS) == b64(signer.public)


def test_an_officers_file_of_either_side_opens_on_the_other(tmp_path: Path) -> None:
    made = home.create(tmp_path / "home", "purchaser", "王工", PASSPHRASE, None)
    locked = (tmp_path / "home" / home.SECRET).read_bytes()
    again = base64.b64decode(ask("relock", home=b64(locked), words=WORDS))
    (tmp_path / "home" / home.SECRET).write_bytes(again)
    assert home.unlock(tmp_path / "home", age.Passphrase(WORDS)).card == made.card


def opening_task(office: Office, folder: BidFolder, officer: Any, private: bytes, do: str) -> dict[str, Any]:
    close = close_of(office, folder.lot, [folder.bid.sha256])
    wrap = age.lock(private, age.recipient_of(officer.master))
    return {
        "do": do, "tender": "T-2026-1", "lot": "01", "role": "regulator", "stage": "price",
        "close": dsse.read(close).sha256, "countersigned": b64(close), "wrap": b64(wrap),
        "deadline": b64(folder.lot.signed_deadline.to_bytes()), "setup": b64(folder.lot.setup.data),
        "bids": [b64(folder.bid.data)],
    }  # fmt: skip


def test_a_holder_attests_and_releases_in_the_page_and_python_takes_it(tmp_path: Path) -> None:
    office = Office()
    folder = sealed(tmp_path / "bid", office.lot(), Ed25519Signer.generate())
    made = home.create(tmp_path / "home", "regulator", "李科", PASSPHRASE, None)
    common = {"home": b64((tmp_path / "home" / home.SECRET).read_bytes()), "words": WORDS, "role": "regulator"}
    common |= {"anchors": office.anchors().data.decode(), "now": "2036-05-01T00:00:00.000+08:00"}
    task = opening_task(office, folder, made.officer, office.private["regulator"][1], "attest")
    attested = ask("trustee", **common, task=task)
    released = ask("trustee", **common, task=task | {"do": "release"})
    about: dict[str, Any] = {"close": task["close"], "stage": "price", "bids": [folder.bid.sha256]}
    assert read_attest(signed_by(made, attested).payload, **about).verdicts == {folder.bid.sha256: True}
    share = read_release(signed_by(made, released).payload, **about).shares[folder.bid.sha256]
    recovery = unlock_recovery((folder.path / "recovery.json.age").read_bytes(), PASSPHRASE)
    assert share == recovery.secret("price").share(2)


def signed_by(made: home.Home, answer: dict[str, str]) -> Signed:
    signed = dsse.read(base64.b64decode(answer["envelope"]))
    dsse.require(signed, [made.officer.signer.public])
    return signed


def test_tasks_that_must_not_be_done_are_refused_alike(tmp_path: Path) -> None:
    office = Office()
    folder = sealed(tmp_path / "bid", office.lot(), Ed25519Signer.generate())
    made = home.create(tmp_path / "home", "regulator", "李科", PASSPHRASE, None)
    task = opening_task(office, folder, made.officer, office.private["regulator"][1], "release")
    key = build_key(tender="T-2026-1", lot="01", role="regulator", pk=bytes(range(1, 33)), wrap=b"")
    own = b64(dsse.sign(key, made.officer.signer).to_bytes())
    bad: list[dict[str, Any]] = [
        task | {"do": "pay"},
        task | {"role": "operator"},
        task | {"lot": "02"},
        task | {"bids": [], "stage": ""},
        task | {"close": "ab" * 32},
        task | {"countersigned": b64(close_of(Office(), folder.lot, [folder.bid.sha256]))},
        task | {"bids": [b64(folder.bid.data.replace(b"38", b"39"))]} | {"bids": [b64(b"{}")]},
        {**task, "do": "setup", "body": b64(folder.lot.setup.data), "key": own},
        {**task, "do": "key", "recipient": age.recipient_of(age.new_identity())},
        {**task, "do": "deadline", "body": ""},
        task | {"report": "ab" * 32},
    ]
    trust = Trust("regulator", office.anchors(), None)
    orders = [
        {"duty": "trustee", "home": b64((tmp_path / "home" / home.SECRET).read_bytes()), "words": WORDS,
         "role": "regulator", "anchors": office.anchors().data.decode(), "now": None, "task": one}
        for one in bad
    ]  # fmt: skip
    for one, answer in zip(bad, ask_all(orders), strict=True):
        with pytest.raises(ProofError) as refused:
            check_task(made.officer, one, trust)
        assert answer.get("refused") == refused.value.code, one["do"]
    assert signers_of(folder.lot.signed_setup, office.anchors(), "regulator", folder.lot.deadline.at)


def test_officers_release_a_later_stage_only_after_a_report_that_the_witnessed_log_holds(tmp_path: Path) -> None:
    office = Office()
    folder = sealed(tmp_path / "bid", office.lot(later=("price",)), Ed25519Signer.generate())
    made = home.create(tmp_path / "home", "regulator", "李科", PASSPHRASE, None)
    task = opening_task(office, folder, made.officer, office.private["regulator"][1], "release")
    true = Shown(folder.lot.setup.sha256, folder.lot.deadline.at + timedelta(hours=1))
    wrong = list(lies(true).values())
    anchors = office.anchors(logs=[LOG.key], witnesses=[WITNESS.key])
    secret = (tmp_path / "home" / home.SECRET).read_bytes()
    common = {"duty": "trustee", "home": b64(secret), "words": WORDS, "role": "regulator", "now": None}
    common |= {"anchors": anchors.data.decode()}
    told = [task | shown.told() for shown, _ in wrong]
    good, *answers = ask_all([common | {"task": one} for one in [task | true.told(), *told]])
    assert "refused" not in good
    trust = Trust("regulator", anchors, None)
    check_task(made.officer, task | true.told(), trust)
    for (_, code), one, answer in zip(wrong, told, answers, strict=True):
        with pytest.raises(ProofError) as refused:
            check_task(made.officer, one, trust)
        assert (refused.value.code, answer["refused"]) == (code, code)


def log_of(size: int) -> tuple[Checkpoint, LogProof, list[bytes], dict[At, bytes]]:
    entries = [sha256(bytes([n])).digest() for n in range(size)]
    frontier, nodes = append(Frontier(), entries)
    checkpoint = Checkpoint("yg.example/log", size, frontier.root())
    note = sign_checkpoint(checkpoint, LOG)
    cosigned = note.adding([cosign(note.text, WITNESS, 1_700_000_000)]).to_bytes()
    found = dict(nodes)
    return checkpoint, LogProof(5, tuple(fold(inclusion_nodes(5, size), found)), cosigned, b"extra"), entries, found


def test_log_proofs_hold_in_the_page_and_no_altered_one_does() -> None:
    _, proof, entries, _ = log_of(21)
    keys = {"logs": [str(LOG.key)], "witnesses": [str(WITNESS.key)]}
    raw = proof.to_bytes()
    good = {"duty": "logProof", "proof": b64(raw), "entry": b64(entries[5]), **keys, "quorum": 1}
    places = [i for i in range(0, len(raw), 7) if raw[i : i + 1] != b"="]
    forged = [raw[:i] + bytes([raw[i] ^ 1]) + raw[i + 1 :] for i in places]
    orders = [good, good | {"entry": b64(entries[6])}, good | {"quorum": 2}, good | {"witnesses": []}]
    answers = ask_all(orders + [good | {"proof": b64(one)} for one in forged])
    assert answers[0]["value"]["cosigned"] == [["w.example", 1_700_000_000]]
    refused = [answer["refused"] for answer in answers[1:4]]
    assert refused == ["inclusion_false", "not_enough_witnesses", "not_enough_witnesses"]
    found = [answer.get("refused", "") for answer in answers[4:]]
    assert found == [verdict(one, entries[5]) for one in forged]
    assert len([code for code in found if code]) > len(found) * 0.9


def verdict(raw: bytes, entry: bytes) -> str:
    """The code with which Python refuses a log proof; nothing for one that holds."""
    try:
        verify_log_proof(parse_log_proof(raw), entry, [LOG.key], [WITNESS.key], 1)
    except ProofError as wrong:
        return wrong.code
    return ""


def test_growth_of_the_log_is_checked_alike_at_every_size() -> None:
    checkpoint, _, entries, nodes = log_of(21)
    orders: list[dict[str, Any]] = []
    for old in range(22):
        proof = [b64(one) for one in fold(consistency_nodes(old, 21), nodes)]
        sizes = {"old": old, "oldRoot": b64(root_of(entries[:old])), "size": 21, "root": b64(checkpoint.root)}
        orders.append({"duty": "consistency", **sizes, "proof": proof})
        orders.append({"duty": "consistency", **sizes, "oldRoot": b64(bytes(32)), "proof": proof})
    answers = ask_all(orders)
    assert all(answer.get("value") for answer in answers[::2])
    assert {answer["refused"] for answer in answers[1::2]} == {"consistency_false", "same_size_other_root"}
