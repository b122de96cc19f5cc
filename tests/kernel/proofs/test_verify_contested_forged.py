"""Cures, audits and the first opening's record in a package: each honest one is believed, and each lie is named."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from both_verifiers import verified
from contested_factory import audit, cured, false_proof, proof, proved, two_envelopes, unproved
from evidence_factory import Keys, Lot, members_of, packaged, written

from kernel.proofs import dsse
from kernel.proofs.canonical import decode, encode
from kernel.proofs.verify import Report

Members = dict[str, bytes]
Change = Callable[[Lot, Members], None]
MAKES: dict[str, Callable[[], Lot]] = {
    "cured": cured,
    "proved": proved,
    "unproved": unproved,
    "two envelopes": two_envelopes,
}


@pytest.mark.parametrize("kind", ["public", "archive"])
@pytest.mark.parametrize("make", MAKES)
def test_an_opening_that_did_not_go_straight_is_followed_in_both_packages(make: str, kind: str) -> None:
    lot = MAKES[make]()
    report = verified(packaged(lot, kind), lot.keys.anchors())
    assert report.good, report.text()


def resigned(lot: Lot, change: Change, kind: str) -> Report:
    """The package with changed members, its manifest made and signed anew by the platform."""
    members, contents = members_of(lot.material(), lot.files(), kind)
    change(lot, members)
    withheld = {name: sha256 for name, sha256 in contents.withheld.items() if name not in members}
    return verified(written(members, kind, lot.keys.platform, at=lot.at, withheld=withheld), lot.keys.anchors())


def nothing(_: Lot, members: Members) -> None:
    """The lie was told from the beginning."""


def drop(name: str) -> Change:
    def change(_: Lot, members: Members) -> None:
        del members[name]

    return change


def put(name: str, content: bytes) -> Change:
    def change(_: Lot, members: Members) -> None:
        members[name] = content

    return change


def twice(name: str, other: str) -> Change:
    """One member in the place of another."""

    def change(_: Lot, members: Members) -> None:
        members[name] = members[other]

    return change


def in_json(name: str, **values: Any) -> Change:
    def change(_: Lot, members: Members) -> None:
        members[name] = encode({k: v for k, v in (decode(members[name]) | values).items() if v is not ...})

    return change


def signed_by(name: str, signer: Callable[[Lot], dsse.Signer | None]) -> Change:
    def change(lot: Lot, members: Members) -> None:
        one = signer(lot)
        members[name] = dsse.sign(dsse.read(members[name]).payload, *([one] if one else [])).to_bytes()

    return change


def said_anew(name: str, signer: Callable[[Lot], dsse.Signer], **values: Any) -> Change:
    """A statement with other values, signed anew by whoever may sign it, and not on record."""

    def change(lot: Lot, members: Members) -> None:
        payload = encode(decode(dsse.read(members[name]).payload) | values)
        members[name] = dsse.sign(payload, signer(lot)).to_bytes()

    return change


def bidder(lot: Lot) -> dsse.Signer:
    return lot.bidders[-1].signer


def process(lot: Lot) -> dsse.Signer:
    return lot.keys.process


CURE, AUDIT, FIRST = "cure/price-01.dsse.json", "audit/price-01.dsse.json", "first_opening.json"
RELEASE = "release/price-operator.dsse.json"
LIES: dict[str, tuple[Callable[[], Lot], Change, str, str]] = {
    "a cure left out": (cured, drop(CURE), "member_missing", "cure/price-"),
    "a cure signed by nobody": (cured, signed_by(CURE, lambda _: None), "signature_missing", CURE),
    "a cure signed by another": (cured, signed_by(CURE, lambda _: Keys().platform), "signature_missing", CURE),
    "a cure of another time": (cured, said_anew(CURE, bidder, y="A" * 43 + "="), "not_on_record", CURE),
    "a cure of another close": (cured, said_anew(CURE, bidder, close="ab" * 32), "other_context", CURE),
    "a cure of another stage": (cured, twice(CURE, "cure/documents-02.dsse.json"), "other_context", CURE),
    "a cure that is none": (cured, put(CURE, b"{}"), "missing_member", CURE),
    "a cure that makes no envelope again": (partial(cured, false_proof), nothing, "cure_differs", CURE),
    "a cure on record for another role": (
        partial(cured, proof, "ab" * 32 + ":regulator"), nothing, "other_context", CURE,
    ),
    "a cure too many": (proved, put(CURE, b"{}"), "missing_member", CURE),
    "an audit left out": (proved, drop(AUDIT), "member_missing", "audit/price-"),
    "an audit signed by another": (partial(proved, "platform"), nothing, "audit_unsigned", AUDIT),
    "an audit signed by nobody": (proved, signed_by(AUDIT, lambda _: None), "audit_unsigned", AUDIT),
    "an audit that says otherwise": (proved, said_anew(AUDIT, process, opens=True), "not_on_record", AUDIT),
    "an audit of another close": (proved, said_anew(AUDIT, process, close="ab" * 32), "other_context", AUDIT),
    "an audit in another stage": (proved, twice(AUDIT, "audit/documents-03.dsse.json"), "other_context", AUDIT),
    "an audit that is none": (proved, put(AUDIT, b"{}"), "missing_member", AUDIT),
    "a bidder blamed though nobody looked": (
        partial(unproved, says=("revoked", "bad_envelope")), nothing, "outcome_differs", "opening.json",
    ),
    "a bidder blamed though his envelope opens": (
        partial(unproved, partial(audit, opens=True), says=("revoked", "bad_envelope")),
        nothing, "outcome_differs", "opening.json",
    ),
    "released before the bidder could answer": (
        partial(proved, wait=timedelta(minutes=1)), nothing, "not_heard", RELEASE,
    ),
    "the first record left out": (two_envelopes, drop(FIRST), "member_missing", FIRST),
    "another first record": (two_envelopes, in_json(FIRST, withdrawn=9), "not_on_record", FIRST),
    "a first record that is none": (two_envelopes, put(FIRST, b"{}"), "not_on_record", FIRST),
    "the last record takes the first one back": (
        partial(two_envelopes, again=("revoked", "not_revealed")), nothing, "outcome_differs", "opening.json",
    ),
    "no stage called later though the set-up says so": (
        two_envelopes, in_json("case.json", later=...), "other_stages", "case.json",
    ),
    "another stage called later": (
        two_envelopes, in_json("case.json", later=["documents"]), "other_stages", "case.json",
    ),
    "prices opened on a report that was not signed yet": (
        partial(two_envelopes, signs_first=False), nothing, "out_of_order", "events",
    ),
    "prices revealed for another report": (
        partial(two_envelopes, report="ee" * 32), nothing, "other_report", "reveal/price-",
    ),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_about_a_contest_or_a_first_opening_is_refused(lie: str) -> None:
    make, change, code, where = LIES[lie]
    failure = resigned(make(), change, "archive").failure
    assert failure is not None
    assert (failure.code, failure.where[: len(where)]) == (code, where)


@pytest.mark.parametrize(("make", "name"), [(cured, CURE), (proved, AUDIT), (two_envelopes, FIRST)])
def test_every_changed_byte_of_such_a_member_is_refused_by_both(make: Callable[[], Lot], name: str) -> None:
    """Not the manifest's digest catches it, which a dishonest platform makes anew, but the checks themselves."""
    lot = make()
    members, contents = members_of(lot.material(), lot.files(), "archive")
    good = members[name]
    for at in range(0, len(good), max(1, len(good) // 8)):
        members[name] = good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :]
        data = written(members, "archive", lot.keys.platform, at=lot.at, withheld=contents.withheld)
        failure = verified(data, lot.keys.anchors()).failure
        assert failure is not None, at
        assert failure.where.startswith(name), (at, failure)
