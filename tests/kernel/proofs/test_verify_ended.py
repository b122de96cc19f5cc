"""A case ended before its opening has a package of its own: nothing is opened, and nothing can be hidden behind it."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from both_verifiers import verified
from evidence_factory import DEADLINE, Lot, Sealer, ended, failed, finished, members_of, packaged, written

from kernel.proofs import dsse
from kernel.proofs.canonical import decode, encode, from_base64
from kernel.proofs.package import Package
from kernel.proofs.verify import Report

Members = dict[str, bytes]


def unsigned_change() -> Lot:
    """The deadline was moved, and the case ended before the purchaser had signed it."""
    lot = Lot()
    lot.announce()
    lot.bidders = [Sealer("91330106MA00000001", "1.00")]
    lot.submit(lot.bidders[0])
    lot.set_deadline(DEADLINE + timedelta(days=1), "再延一天", signs=False)
    lot.end()
    return lot


def never_ready() -> Lot:
    """The holders had not signed the set-up yet."""
    lot = Lot(ready=False)
    lot.announce()
    lot.end()
    return lot


def lied(lot: Lot, change: Callable[[Members], None], kind: str = "archive") -> Report:
    members, contents = members_of(lot.material(), lot.files(), kind)
    change(members)
    withheld = {name: sha256 for name, sha256 in contents.withheld.items() if name not in members}
    data = written(members, kind, lot.keys.platform, at=lot.at, withheld=withheld)
    return verified(data, lot.keys.anchors())


def code_of(report: Report) -> tuple[str, str]:
    assert report.failure is not None, report.text()
    return report.failure.code, report.failure.where.partition("：")[0]


@pytest.mark.parametrize("kind", ["public", "archive"])
@pytest.mark.parametrize("make", [ended, lambda: ended(fixed=True), unsigned_change, never_ready])
def test_the_packages_of_a_case_ended_before_its_opening_verify(make: Callable[[], Lot], kind: str) -> None:
    lot = make()
    report = verified(packaged(lot, kind), lot.keys.anchors())
    assert report.failure is None
    assert "没有任何种子" in report.text()


def test_the_public_package_of_an_ended_case_tells_of_no_bidder() -> None:
    lot = ended()
    lot.refund(lot.bidders[0])
    data = packaged(lot, "public")
    assert verified(data, lot.keys.anchors()).failure is None
    public = Package.open(io.BytesIO(data))
    assert not [name for name in public.names if name.startswith(("bids/", "receipts/", "papers/", "files/"))]
    text = b"".join(public.read(name) for name in public.names if name.startswith("events/"))
    assert b"submit_bid" not in text
    assert not [b for b in lot.bidders if b.code.encode() in text]
    archive = packaged(lot, "archive")
    assert verified(archive, lot.keys.anchors()).failure is None
    assert "papers/01-refund.json" in Package.open(io.BytesIO(archive)).names


@pytest.mark.parametrize("kind", ["public", "archive"])
def test_a_bid_restored_in_a_lot_that_then_failed_is_told_in_the_archive_alone(kind: str) -> None:
    lot = failed(restored=True)
    data = packaged(lot, kind)
    assert verified(data, lot.keys.anchors()).failure is None
    package = Package.open(io.BytesIO(data))
    assert ("list/02.dsse.json" in package.names) == (kind == "archive")
    events = [decode(package.read(name)) for name in package.names if name.startswith("events/")]
    named = {decode(from_base64(event["body"]))["organisation"] for event in events if "body" in event}
    assert [code for code in (b.code for b in lot.bidders) if code in named] == (
        [] if kind == "public" else [b.code for b in lot.bidders]
    )


def drop(name: str) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        del members[name]

    return change


def in_case(outcome: str) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        members["case.json"] = encode(decode(members["case.json"]) | {"outcome": outcome})

    return change


def slipped(name: str) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        members[name] = b"AGE-SECRET-KEY-1"

    return change


LIES: dict[str, tuple[Callable[[], Lot], Callable[[Members], None], str, str]] = {
    "the set-up left out though bids came": (ended, drop("setup.dsse.json"), "member_missing", "setup.dsse.json"),
    "the list left out though it was fixed": (
        lambda: ended(fixed=True), drop("close.dsse.json"), "member_missing", "close.dsse.json",
    ),
    "the notice of the end left out": (ended, drop("notices/03.json"), "texts_differ", "notices"),
    "an opened case called ended": (finished, in_case("ended"), "no_end", "case.json"),
    "an ended case called failed": (ended, in_case("failed"), "no_end", "case.json"),
    "an ended case called opened": (ended, in_case("opened"), "no_end", "case.json"),
    "a failed case called ended": (failed, in_case("ended"), "no_end", "case.json"),
    "a key slipped in": (ended, slipped("keys/price/91330106MA00000001.key"), "opened_nevertheless", "keys"),
    "a bid left out of the archive": (
        ended, lambda members: drop(next(n for n in sorted(members) if n.startswith("bids/")))(members),
        "member_missing", "bids",
    ),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_about_an_ended_case_is_refused(lie: str) -> None:
    make, change, code, where = LIES[lie]
    found = code_of(lied(make(), change))
    assert (found[0], found[1][: len(where)]) == (code, where)


def test_a_case_whose_list_was_countersigned_was_not_ended_before_its_opening() -> None:
    lot = Lot()
    lot.announce()
    lot.bidders = [Sealer(f"91330106MA0000000{n}", "1.00") for n in range(1, 4)]
    for bidder in lot.bidders:
        lot.submit(bidder)
    lot.shut()
    lot.countersigned = b""
    lot.end()
    assert code_of(verified(packaged(lot), lot.keys.anchors())) == ("opened_nevertheless", "events")


def test_what_lies_between_the_list_and_the_end_may_not_be_withheld() -> None:
    lot = ended(fixed=True)
    hidden = next(n for n, event in enumerate(lot.events, 1) if event.act == "close_lot")
    lot.events[hidden - 1] = replace(lot.events[hidden - 1], act="leave_contact")
    report = verified(packaged(lot, "public"), lot.keys.anchors())
    assert code_of(report) == ("event_withheld", f"events/{hidden:04}.json")


def test_a_draft_of_the_list_that_is_not_on_record_is_refused() -> None:
    lot = ended()
    lot.lists.append(dsse.sign(b"{}").to_bytes())
    assert code_of(verified(packaged(lot), lot.keys.anchors())) == ("not_on_record", "list/01.dsse.json")
