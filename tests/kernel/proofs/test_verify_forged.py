"""What a dishonest platform could write and sign: each lie is refused, and the first thing wrong is named."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from both_verifiers import verified
from evidence_factory import (
    DEADLINE,
    PRICES,
    Keys,
    Lot,
    Sealer,
    failed,
    finished,
    logged,
    members_of,
    packaged,
    written,
)

from kernel.proofs import dsse
from kernel.proofs.canonical import decode, encode
from kernel.proofs.case_file import withhold_event
from kernel.proofs.close import build_close
from kernel.proofs.merkle import entry_hash
from kernel.proofs.notes import Note, parse_note
from kernel.proofs.opening import build_reveal
from kernel.proofs.verify import Failure

Members = dict[str, bytes]
Change = Callable[[Lot, Members], None]


def refused(lot: Lot, data: bytes) -> Failure:
    found = verified(data, lot.keys.anchors())
    assert found.failure is not None, found.text()
    return found.failure


def resigned(lot: Lot, change: Change, kind: str = "archive") -> Failure:
    """The package with changed members, its manifest made and signed anew by the platform."""
    members, contents = members_of(lot.material(), lot.files(), kind)
    change(lot, members)
    withheld = {name: sha256 for name, sha256 in contents.withheld.items() if name not in members}
    return refused(lot, written(members, kind, lot.keys.platform, at=lot.at, withheld=withheld))


def drop(prefix: str) -> Change:
    def change(_: Lot, members: Members) -> None:
        del members[next(name for name in sorted(members) if name.startswith(prefix))]

    return change


def put(name: str, content: Callable[[Lot], bytes]) -> Change:
    def change(lot: Lot, members: Members) -> None:
        members[name] = content(lot)

    return change


def in_json(name: str, **values: Any) -> Change:
    def change(_: Lot, members: Members) -> None:
        members[name] = encode(decode(members[name]) | values)

    return change


def signed_by(name: str, signers: Callable[[Lot], list[Any]]) -> Change:
    def change(lot: Lot, members: Members) -> None:
        members[name] = dsse.sign(dsse.read(members[name]).payload, *signers(lot)).to_bytes()

    return change


def unwitnessed(_: Lot, members: Members) -> None:
    note = parse_note(members["log/checkpoint.note"])
    members["log/checkpoint.note"] = Note(note.text, note.signatures[:1]).to_bytes()


def last_event_cut(_: Lot, members: Members) -> None:
    for prefix in ("events/", "log/proofs/"):
        del members[max(name for name in members if name.startswith(prefix))]


def other_proof(_: Lot, members: Members) -> None:
    members["log/proofs/0003.tlog-proof"] = members["log/proofs/0004.tlog-proof"]


def all_but_one(lot: Lot) -> list[Any]:
    return [s for role in ("operator", "regulator") for s in lot.keys.officers[role]] + lot.keys.officers["purchaser"][
        :1
    ]


def nobody(_: Lot) -> list[Any]:
    return []


CHANGES: dict[str, tuple[Change, str, str]] = {
    "an event left out": (drop("events/0005"), "member_missing", "events/"),
    "the end cut off": (last_event_cut, "not_the_last", "events/"),
    "a proof of another event": (other_proof, "inclusion_false", "log/proofs/0003"),
    "no witness": (unwitnessed, "not_enough_witnesses", "log/checkpoint.note"),
    "an officer did not sign the set-up": (
        signed_by("setup.dsse.json", all_but_one), "setup_unsigned", "setup.dsse.json",
    ),
    "the purchaser did not sign the deadline": (
        signed_by("deadlines/02.dsse.json", nobody), "deadline_unsigned", "deadlines/02",
    ),
    "a deadline left out": (drop("deadlines/01"), "deadlines_differ", "deadlines"),
    "another notice": (put("notices/01.json", lambda _: b"{}"), "text_differs", "notices/01.json"),
    "a notice left out": (drop("notices/02"), "texts_differ", "notices"),
    "another law": (put("law.json", lambda _: b"{}"), "not_on_record", "law.json"),
    "a bid left out": (drop("bids/"), "member_missing", "bids/"),
    "a bid signed by nobody": (
        lambda lot, m: signed_by(f"bids/{lot.close.bids[0]}.dsse.json", nobody)(lot, m), "signature_missing", "bids/",
    ),
    "a receipt signed by another": (
        lambda lot, m: signed_by(f"receipts/{lot.close.bids[0]}.dsse.json", lambda _: [Keys().platform])(lot, m),
        "receipt_unsigned", "receipts/",
    ),
    "a receipt left out": (drop("receipts/"), "member_missing", "receipts/"),
    "no countersignature": (drop("countersign"), "member_missing", "countersign"),
    "countersigned by another": (
        signed_by("countersign.dsse.json", lambda _: [Keys().process]), "close_uncountersigned", "countersign",
    ),
    "the minimum raised afterwards": (in_json("case.json", minimum=5), "minimum_not_kept", "case.json"),
    "another mode": (in_json("case.json", mode="roles"), "other_mode", "setup.dsse.json"),
    "another case": (in_json("case.json", case="x"), "other_case", "events/0001.json"),
    "another lot": (in_json("case.json", lot="02"), "other_lot", "setup.dsse.json"),
    "called failed": (in_json("case.json", outcome="failed"), "no_end", "case.json"),
    "a reveal left out": (drop("reveal/price"), "member_missing", "reveal/price"),
    "a release left out": (drop("release/price-purchaser"), "member_missing", "release/price-purchaser"),
    "an attestation left out": (drop("attest/price-regulator"), "out_of_order", "release/price"),
    "a share given by an unknown officer": (
        signed_by("release/price-operator.dsse.json", lambda _: [Keys().process]), "officer_unsigned", "release/price",
    ),
    "a key left out": (drop("keys/price"), "member_missing", "keys/price"),
    "another key": (
        lambda _, m: m.update({min(n for n in m if n.startswith("keys/price")): b"AGE-SECRET-KEY-1"}),
        "key_differs", "keys/price",
    ),
    "a ciphertext left out": (drop("files/price"), "member_missing", "files/price"),
    "another ciphertext": (
        lambda _, m: m.update({min(n for n in m if n.startswith("files/documents")): b"x"}),
        "ciphertext_differs", "files/documents",
    ),
    "another opening record": (in_json("opening.json", withdrawn=0), "not_on_record", "opening.json"),
    "a member too many": (put("bonus.txt", lambda _: b"x"), "unexplained_member", "bonus.txt"),
    "a key too many": (put("keys/price/nobody.key", lambda _: b"x"), "unexplained_member", "keys/price/nobody.key"),
}  # fmt: skip


@pytest.mark.parametrize("lie", CHANGES)
def test_a_changed_package_that_the_platform_signed_anew_is_refused(lie: str) -> None:
    change, code, where = CHANGES[lie]
    failure = resigned(finished(), change)
    assert (failure.code, failure.where[: len(where)]) == (code, where), failure


def test_the_public_package_may_not_hold_what_opens_a_panel_stage() -> None:
    lot = finished()

    material = lot.material()
    members, contents = members_of(material, lot.files(), "public")
    archive, _ = members_of(material, lot.files(), "archive")
    for prefix in ("reveal/documents", "release/documents", "keys/documents"):
        leaked = {name: content for name, content in archive.items() if name.startswith(prefix)}
        withheld = {name: sha256 for name, sha256 in contents.withheld.items() if name not in leaked}
        data = written(members | leaked, "public", lot.keys.platform, at=lot.at, withheld=withheld)
        assert refused(lot, data).code in ("shown_too_much", "unexplained_member")


def test_the_archive_shows_every_event() -> None:
    def hide(lot: Lot, members: Members) -> None:
        members["events/0002.json"] = withhold_event(lot.events[1].leaf)

    assert resigned(finished(), hide).code == "event_withheld"


def test_a_reveal_may_not_be_withheld_to_call_its_bidder_revoked() -> None:
    lot = finished("bidder-only")
    n = next(i for i, event in enumerate(lot.events, 1) if event.act == "box_reveal")

    def hide(lot: Lot, members: Members) -> None:
        members[f"events/{n:04}.json"] = withhold_event(lot.events[n - 1].leaf)

    failure = resigned(lot, hide, "public")
    assert (failure.code, failure.where) == ("event_withheld", f"events/{n:04}.json")


def lying(change: Callable[[dict[str, Any]], None]) -> Failure:
    """The platform wrote another opening record from the start, and logged it."""
    lot = finished(lie=change)
    return refused(lot, packaged(lot, "public"))


def other_price(record: dict[str, Any]) -> None:
    record["bids"][0]["form"]["price"] = "1.00"


def bidder_left_out(record: dict[str, Any]) -> None:
    del record["bids"][1]


def called_revoked(record: dict[str, Any]) -> None:
    record["bids"][2]["stages"][1] |= {"outcome": "revoked", "code": "not_revealed"}


def called_opened(record: dict[str, Any]) -> None:
    record["bids"][2]["outcome"] = "revoked"


def earlier(record: dict[str, Any]) -> None:
    record["bids"][0]["received"] = "2026-03-02T09:00:00.000+08:00"


def names_swapped(record: dict[str, Any]) -> None:
    one, two = record["bids"][:2]
    one["bidder"], two["bidder"] = two["bidder"], one["bidder"]


def nonsense(record: dict[str, Any]) -> None:
    record["bids"][0]["stages"] = 7


def true_for_one(record: dict[str, Any]) -> None:
    record["withdrawn"] = True


def no_moment(record: dict[str, Any]) -> None:
    record["deadline"] = "2026-02-30T09:00:00.000+08:00"


@pytest.mark.parametrize(
    "lie",
    [
        other_price,
        bidder_left_out,
        called_revoked,
        called_opened,
        earlier,
        names_swapped,
        nonsense,
        true_for_one,
        no_moment,
    ],
)
def test_a_record_that_says_otherwise_than_bids_and_seeds_is_refused(lie: Callable[[dict[str, Any]], None]) -> None:
    failure = lying(lie)
    assert failure.code in ("record_differs", "outcome_differs", "malformed")
    assert failure.where.startswith("opening.json")


def announced(bidders: int) -> Lot:
    """A lot that takes bids, of which one is enough."""
    lot = Lot(minimum=1)
    lot.announce()
    lot.bidders = [Sealer(f"91330106MA0000000{n}", price) for n, price in enumerate(PRICES[:bidders], 1)]
    return lot


def opened(lot: Lot) -> None:
    for bidder in lot.bidders:
        lot.reveal(bidder)
    lot.record()


def test_a_bid_taken_at_the_deadline_itself_is_refused() -> None:
    lot = announced(1)
    lot.submit(lot.bidders[0], at=DEADLINE)
    lot.shut(at=DEADLINE + timedelta(minutes=5))
    opened(lot)
    assert refused(lot, packaged(lot)).code == "received_late"


def test_a_list_closed_before_the_deadline_is_refused() -> None:
    lot = announced(1)
    lot.submit(lot.bidders[0])
    lot.shut(at=DEADLINE - timedelta(minutes=5))
    opened(lot)
    assert refused(lot, packaged(lot)).code == "closed_too_early"


def test_a_bid_left_off_the_list_is_missed() -> None:
    lot = announced(4)
    for bidder in lot.bidders:
        lot.submit(bidder)
    dropped = lot.bidders.pop()
    lot.shut()
    assert dropped.bid is not None
    assert dropped.bid.sha256 in lot.close.withdrawn
    opened(lot)
    assert refused(lot, packaged(lot)).code == "list_differs"


def test_a_bid_of_the_last_draft_that_the_fixed_list_lacks_is_missed() -> None:
    lot = announced(1)
    lot.submit(lot.bidders[0])
    lot.shut()
    data = build_close(
        tender="T-2026-1", lot="01", setup=lot.setup.sha256, deadline=lot.deadline.sha256,
        at=DEADLINE + timedelta(minutes=1), bids=[*lot.close.bids, "f" * 64], withdrawn=[],
    )  # fmt: skip
    draft = dsse.sign(data)
    lot.message("list", draft.sha256, "platform")
    lot.lists.append(draft.to_bytes())
    opened(lot)
    assert refused(lot, packaged(lot)).code == "left_off_again"


def test_a_seed_shown_before_the_countersignature_is_refused() -> None:
    lot = announced(1)
    lot.submit(lot.bidders[0])
    bidder = lot.bidders[0]
    assert bidder.bid is not None
    data = build_close(
        tender="T-2026-1", lot="01", setup=lot.setup.sha256, deadline=lot.deadline.sha256,
        at=DEADLINE + timedelta(minutes=1), bids=[bidder.bid.sha256], withdrawn=[],
    )  # fmt: skip
    close = dsse.sign(data)
    early = build_reveal(
        close=close.sha256, stage="price", bidder=bidder.code, bid=bidder.bid.sha256,
        seed=bidder.secrets["price"].seed,
    )  # fmt: skip
    signed = dsse.sign(early, bidder.signer)
    lot.message("reveal", signed.sha256, "bidder", stage="price", author=bidder.signer.keyid, by=bidder.code)
    lot.shut()
    assert lot.close.sha256 == close.sha256
    opened(lot)
    failure = refused(lot, packaged(lot))
    assert (failure.code, failure.where[:12]) == ("out_of_order", "reveal/price")


def test_a_deadline_moved_after_it_had_passed_is_refused() -> None:
    lot = Lot(minimum=1)
    lot.announce()
    lot.at = DEADLINE
    lot.set_deadline(DEADLINE + timedelta(days=1), "再延一天")
    lot.bidders = [Sealer("91330106MA00000001", PRICES[0])]
    lot.submit(lot.bidders[0])
    lot.shut(at=DEADLINE + timedelta(days=1))
    opened(lot)
    assert refused(lot, packaged(lot)).code == "moved_too_late"


def test_another_history_of_the_events_breaks_the_chain() -> None:
    """The platform rewrites one event and logs it anew, but the events after it still name the old one."""
    lot = finished()
    material = lot.material()
    changed = encode(decode(material.events[4].body) | {"subject": "something else"})
    events = list(material.events)
    events[4] = replace(events[4], body=changed, leaf=entry_hash(events[4].salt, changed))
    again, checkpoint = logged(lot.keys, events)
    members, _ = members_of(replace(material, events=again, checkpoint=checkpoint), lot.files(), "archive")
    failure = refused(lot, written(members, "archive", lot.keys.platform, at=lot.at))
    assert (failure.code, failure.where[:16]) == ("chain_broken", "events/0006.json")


def test_seeds_in_the_package_of_a_failed_lot_are_refused() -> None:
    lot = failed()
    bidder = lot.bidders[0]

    def slip(_: Lot, members: Members) -> None:
        members[f"keys/price/{bidder.code}.key"] = b"AGE-SECRET-KEY-1"

    assert resigned(lot, slip).code == "opened_nevertheless"


def test_too_few_bids_opened_all_the_same_are_refused() -> None:
    lot = announced(2)
    for bidder in lot.bidders:
        lot.submit(bidder)
    lot.shut()
    opened(lot)
    lot.minimum = 3
    assert refused(lot, packaged(lot)).code == "minimum_not_kept"


def test_a_chain_with_a_message_missing_is_refused() -> None:
    lot = announced(1)
    lot.submit(lot.bidders[0])
    del lot.events[-1], lot.received[-1]
    lot.submit(lot.bidders[0], price="2.00")
    lot.shut()
    opened(lot)
    assert refused(lot, packaged(lot)).code == "broken_chain"


def test_a_bid_under_another_signing_key_is_refused() -> None:
    lot = announced(1)
    lot.submit(lot.bidders[0])
    lot.bidders[0].signer = Keys().platform
    lot.submit(lot.bidders[0], price="2.00")
    lot.shut()
    opened(lot)
    assert refused(lot, packaged(lot)).code == "another_key"
