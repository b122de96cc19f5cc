"""anchors.json: whose keys are believed, and when."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from kernel.proofs import dsse
from kernel.proofs.anchored import check_close, check_deadline, check_receipt, signers_of
from kernel.proofs.anchors import build_anchors, read_anchors
from kernel.proofs.close import build_close, build_receipt
from kernel.proofs.deadline import build_deadline, write_moment
from kernel.proofs.errors import BadSignature, Malformed
from kernel.proofs.note_keys import COSIGNATURE_V1, VerifierKey
from kernel.proofs.signers import Ed25519Signer

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
AT = datetime(2026, 4, 20, 1, 30, tzinfo=UTC)
OFFICER, PROCESS, RECEIPTS = (Ed25519Signer.generate() for _ in range(3))
DATA = build_anchors(
    issuer="某市发展和改革委员会",
    issued=SINCE,
    officers=[("purchaser", "张三", OFFICER.public)],
    receipts=[RECEIPTS.public],
    processes=[PROCESS.public],
    logs=[VerifierKey("localhost/trading", OFFICER.public)],
    witnesses=[VerifierKey("localhost/witness", PROCESS.public, COSIGNATURE_V1)],
)


def changed(**members: object) -> bytes:
    return json.dumps(json.loads(DATA) | members).encode()


def officer(**members: str) -> dict[str, str]:
    line = {"role": "purchaser", "name": "张三", "pk": OFFICER.public.hex(), "since": write_moment(SINCE), "until": ""}
    return line | members


def test_a_key_is_believed_from_its_first_instant_to_before_its_last() -> None:
    until = write_moment(AT)
    anchors = read_anchors(changed(officers=[officer(until=until)]))
    assert not anchors.officers("purchaser", SINCE - timedelta(milliseconds=1))
    assert anchors.officers("purchaser", SINCE)
    assert anchors.officers("purchaser", AT - timedelta(milliseconds=1))
    assert not anchors.officers("purchaser", AT)


def test_a_file_that_people_have_laid_out_by_hand_is_read() -> None:
    spaced = json.dumps(json.loads(DATA), indent=4, ensure_ascii=False).encode()
    assert read_anchors(spaced).issuer == "某市发展和改革委员会"
    assert [key.name for key in read_anchors(spaced).logs(AT)] == ["localhost/trading"]
    assert [key.kind for key in read_anchors(spaced).witnesses(AT)] == [COSIGNATURE_V1]


def test_one_key_under_two_roles_is_refused() -> None:
    twice = [officer(), officer(role="operator", name="李四")]
    with pytest.raises(Malformed) as refused:
        read_anchors(changed(officers=twice))
    assert refused.value.code == "key_twice"


@pytest.mark.parametrize(
    "members",
    [
        {"type": "etb.anchors/2"},
        {"more": 1},
        {"officers": [officer(pk="00")]},
        {"officers": [officer(role="mayor")]},
        {"officers": [officer(since="2026-01-01")]},
        {"receipts": "none"},
        {"logs": [{"vkey": "a b+00+AAAA", "since": write_moment(SINCE), "until": ""}]},
        {"quorum": True},
    ],
)
def test_any_other_shape_is_refused(members: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        read_anchors(changed(**members))


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_object_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        read_anchors(data)


def test_a_signature_counts_once_and_only_from_a_key_in_force() -> None:
    anchors = read_anchors(DATA)
    signed = dsse.sign(b"payload", OFFICER, Ed25519Signer.generate())
    assert [one.name for one in signers_of(signed, anchors, "purchaser", AT)] == ["张三"]
    assert signers_of(signed, anchors, "operator", AT) == ()
    assert signers_of(signed, anchors, "purchaser", SINCE - timedelta(days=1)) == ()


def test_deadline_close_and_receipt_each_need_their_own_anchored_key() -> None:
    anchors = read_anchors(DATA)
    deadline = build_deadline(tender="T", lot="1", at=AT)
    lists = {"setup": "1" * 64, "deadline": "2" * 64, "at": AT, "bids": ["3" * 64], "withdrawn": []}
    close = build_close(tender="T", lot="1", **lists)  # type: ignore[arg-type]
    named = {"bidder": "B", "seq": 1, "sha256": "3" * 64, "received": AT, "salt": bytes(32)}
    receipt = build_receipt(tender="T", lot="1", **named)  # type: ignore[arg-type]
    assert check_deadline(dsse.sign(deadline, OFFICER), anchors).at == AT
    assert check_close(dsse.sign(close, PROCESS), anchors).bids == ("3" * 64,)
    assert check_receipt(dsse.sign(receipt, RECEIPTS), anchors).sha256 == "3" * 64
    for data, check in ((deadline, check_deadline), (close, check_close), (receipt, check_receipt)):
        for wrong in {OFFICER, PROCESS, RECEIPTS, Ed25519Signer.generate()} - _right(check):
            with pytest.raises(BadSignature):
                check(dsse.sign(data, wrong), anchors)


def _right(check: object) -> set[Ed25519Signer]:
    return {{check_deadline: OFFICER, check_close: PROCESS, check_receipt: RECEIPTS}[check]}  # type: ignore[index]
