"""Files that the operator altered or lost: the package is made without them, and stands or falls by what events say."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from both_verifiers import verified
from evidence_factory import Lot, Sealer, finished, members_of, written

from kernel.proofs.bid import SealedFile
from kernel.proofs.verify import Failure, Report

Facts = dict[str, Any]
Lie = Callable[[dict[str, Any]], None]
FOUND = "ab" * 32


def sealed(bidder: Sealer, stage: str, n: int = 0) -> SealedFile:
    assert bidder.bid is not None
    return bidder.bid.stage(stage).files[n]


def facts_of(bidder: Sealer, stage: str, n: int = 0, *, found: str = FOUND) -> Facts:
    """What the platform says of a file that is no longer what was sealed."""
    assert bidder.bid is not None
    file = sealed(bidder, stage, n)
    return {"bid": bidder.bid.sha256, "stage": stage, "file": file.n, "sealed": file.sha256, "found": found}


def withdrawn(bidder: Sealer, *stages: str) -> Lie:
    """The record says that these stages were found altered."""

    def admit(record: dict[str, Any]) -> None:
        line = next(row for row in record["bids"] if row["bidder"] == bidder.code)
        for row in line["stages"]:
            if row["stage"] in stages:
                row |= {"outcome": "withdrawn", "code": "ciphertext_altered"}
        shut = [row["outcome"] for row in line["stages"] if row["outcome"] != "opened"]
        line |= {"outcome": shut[0], "form": {} if "price" in stages else line["form"]}

    return admit


def opened_anew(lot: Lot, before: Facts, lie: Lie) -> None:
    """The same lot, in which this came to light before it was opened."""
    lot.opening, lot.events = b"", lot.events[:-2]
    lot.happen("box_damaged", facts=before)
    lot.record(lie)


def said_of(lot: Lot, lost: str = "", kind: str = "archive") -> Report:
    """What both verifiers say of the package without this file."""
    material = replace(lot.material(), lost=frozenset({lost}))
    members, contents = members_of(material, lot.files(), kind)
    assert not any(file.sha256 == lost for file in contents.files.values())
    data = written(members, kind, lot.keys.platform, at=lot.at, withheld=contents.withheld)
    return verified(data, lot.keys.anchors())


def refused(lot: Lot, lost: str = "") -> Failure:
    found = said_of(lot, lost)
    assert found.failure is not None, found.text()
    return found.failure


@pytest.mark.parametrize("kind", ["archive", "public"])
@pytest.mark.parametrize("stage", ["price", "documents"])
@pytest.mark.parametrize("found", [FOUND, ""])
def test_a_file_found_altered_or_lost_before_the_opening_withdraws_its_bid_at_the_operators_fault(
    stage: str, found: str, kind: str
) -> None:
    lot = finished()
    bidder = lot.bidders[1]
    opened_anew(lot, facts_of(bidder, stage, found=found), withdrawn(bidder, stage))
    report = said_of(lot, sealed(bidder, stage).sha256, kind)
    assert report.failure is None, report.text()
    (note,) = [note for note in report.notes if "责任在交易中心" in note]
    assert sealed(bidder, stage).n in note
    assert "开启前" in note
    assert ("丢失" in note) == (not found)


def test_a_document_behind_a_whole_index_withdraws_its_stage_too() -> None:
    lot = finished()
    bidder = lot.bidders[1]
    opened_anew(lot, facts_of(bidder, "documents", 1), withdrawn(bidder, "documents"))
    assert said_of(lot, sealed(bidder, "documents", 1).sha256).failure is None


@pytest.mark.parametrize(("stage", "n"), [("price", 0), ("documents", 0), ("documents", 1)])
def test_a_file_lost_after_the_opening_leaves_the_opened_bid_as_it_was(stage: str, n: int) -> None:
    lot = finished()
    lot.happen("box_damaged", facts=facts_of(lot.bidders[1], stage, n, found=""))
    report = said_of(lot, sealed(lot.bidders[1], stage, n).sha256)
    assert report.failure is None, report.text()
    assert "另有 1 个包内没有：平台已记录其改动或丢失，责任在交易中心" in report.text()


def test_a_bidder_who_does_not_reveal_is_not_blamed_once_the_platform_has_lost_a_file_of_his() -> None:
    lot = finished("bidder-only")
    quiet = lot.bidders[3]
    opened_anew(lot, facts_of(quiet, "documents"), withdrawn(quiet, "documents", "price"))
    assert said_of(lot).failure is None


def test_a_file_that_is_missing_without_an_event_is_refused_whatever_the_record_says() -> None:
    lot, index = finished(), "price"
    lot.opening, lot.events = b"", lot.events[:-2]
    lot.record(withdrawn(lot.bidders[1], index))
    failure = refused(lot, sealed(lot.bidders[1], index).sha256)
    assert (failure.code, failure.where) == ("member_missing", f"files/price/{lot.bidders[1].code}/price-0.age")


def test_an_event_about_one_file_excuses_no_other() -> None:
    lot = finished()
    lot.happen("box_damaged", facts=facts_of(lot.bidders[1], "documents", 0))
    assert refused(lot, sealed(lot.bidders[1], "documents", 1).sha256).code == "member_missing"


LIES: Mapping[str, Facts] = {
    "another hash than was sealed": {"sealed": "cd" * 32},
    "what was sealed stands there still": {"found": "sealed"},
    "a file of no such name": {"file": "price-9.age"},
    "a stage of no such name": {"stage": "technical"},
    "a bid that is not in the close": {"bid": "ef" * 32},
    "no text": {"found": 7},
}


@pytest.mark.parametrize("lie", LIES)
def test_an_event_that_names_what_was_never_sealed_is_refused(lie: str) -> None:
    lot = finished()
    facts = facts_of(lot.bidders[1], "price") | LIES[lie]
    facts |= {"found": facts["sealed"]} if facts["found"] == "sealed" else {}
    lot.happen("box_damaged", facts=facts)
    failure = refused(lot)
    assert failure.code == "damage_unfounded"
    assert failure.where == f"events/{len(lot.events) - 1:04}.json"


def test_a_record_that_opens_what_an_event_called_altered_before_is_refused() -> None:
    lot = finished()
    opened_anew(lot, facts_of(lot.bidders[1], "price"), lambda _: None)
    assert refused(lot, sealed(lot.bidders[1], "price").sha256).code == "outcome_differs"


def test_a_record_that_calls_altered_what_was_lost_only_later_is_refused() -> None:
    lot = finished()
    lot.opening, lot.events = b"", lot.events[:-2]
    lot.record(withdrawn(lot.bidders[1], "price"))
    lot.happen("box_damaged", facts=facts_of(lot.bidders[1], "price"))
    assert refused(lot, sealed(lot.bidders[1], "price").sha256).code == "outcome_differs"
