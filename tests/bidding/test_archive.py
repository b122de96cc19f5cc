"""A finished lot becomes two packages that an outsider verifies, whatever the mode, and whatever crashes in between."""

import asyncio
import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from both_verifiers import verified
from conftest import START, TestClock
from house_databases import Databases
from package_office import Office, package
from road import DEADLINE, Bidder, County
from story import close

from bidding import records, results
from bidding.clockwork import ACTOR, turn
from bidding.detours.follow import leave_contact
from bidding.detours.object import answer_objection, raise_objection
from bidding.detours.settle import refund_deposit
from bidding.schemas import AnswerObjection, LeaveContact, RaiseObjection, RefundDeposit
from bidding.stages import Stage
from bidding.steps.accept import accept_project
from bidding.steps.archive import archive_when_due
from kernel import log
from kernel.checkpoints import publish
from kernel.db import TRADING, transaction
from kernel.identity import PUBLIC
from kernel.proofs.package import Package
from kernel.proofs.verify import Report
from storage import keeping


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> County:
    return await County.make(tmp_path, house)


@pytest.fixture
def office(county: County, tmp_path: Path) -> Office:
    office = Office(county, tmp_path)
    county.tools = replace(county.tools, anchors=office.anchors().data)
    return office


async def opened(county: County, clock: TestClock, mode: str = "bidder") -> tuple[UUID, list[Bidder]]:
    """A lot with a changed price, a withdrawal and an objection, up to its record."""
    lot, bidders = await county.lived(("opened after changes", mode), lambda: _open(county, clock, mode))
    return lot, county.at_home(bidders)


async def _open(county: County, clock: TestClock, mode: str) -> tuple[UUID, list[Bidder]]:
    lot = await county.announced(mode)
    await leave_contact(county.tools, PUBLIC, lot, LeaveContact(channel="mail", address="who@example.com"))
    bidders = await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00", "39000000.00"])
    setup = await county.setup(lot)
    await bidders[3].withdraw(county.tools, lot, setup)
    await bidders[0].seal(setup, "0" * 64, "37000000.00", documents=False)
    await bidders[0].submit(county.tools, lot)
    await close(county, clock, lot)
    for bidder in bidders[:3] if mode != "roles" else ():
        await bidder.reveal(county.tools, lot)
    await county.work()
    await turn(county.tools, lot)
    objection = await raise_objection(bidders[1].actor, lot, RaiseObjection(text="唱价与投标函不一致"))
    await answer_objection(county.purchaser, lot, AnswerObjection(objection=objection, answer="已核对，一致"))
    await clock.freeze(DEADLINE + timedelta(minutes=90))
    await turn(county.tools, lot)
    assert (await records.lot(lot)).stage == Stage.OPENED
    return lot, bidders


async def ended(county: County, clock: TestClock, mode: str = "bidder") -> tuple[UUID, list[Bidder]]:
    """The same, and the purchaser has ended the case."""
    lot, bidders = await county.lived(("ended after changes", mode), lambda: _end(county, clock, mode))
    return lot, county.at_home(bidders)


async def _end(county: County, clock: TestClock, mode: str) -> tuple[UUID, list[Bidder]]:
    lot, bidders = await opened(county, clock, mode)
    await county.end(lot)
    await turn(county.tools, lot)
    return lot, bidders


async def checked(county: County, office: Office, lot: UUID, kind: str) -> Report:
    return verified(await package(county, lot, kind), office.anchors())


async def acts(lot: UUID) -> list[str]:
    async with transaction(TRADING) as connection:
        return [event.act for event in await log.events_of(connection, str(lot))]


@pytest.mark.parametrize("mode", ["bidder", "roles", "bidder-only"])
async def test_an_opened_lot_is_archived_and_both_packages_verify(
    county: County, office: Office, clock: TestClock, mode: str
) -> None:
    lot, bidders = await ended(county, clock, mode)
    await office.publish()
    await turn(county.tools, lot)
    assert (await records.lot(lot)).stage == Stage.ARCHIVED
    for kind in ("public", "archive"):
        report = await checked(county, office, lot, kind)
        assert report.failure is None
    public = Package.open(io.BytesIO(await package(county, lot, "public")))
    assert not [name for name in public.names if "/documents" in name and not name.startswith("attest/")]
    assert public.read("opening.json") == await records.opening_bytes(lot)
    assert public.read("opening.pdf").startswith(b"%PDF")
    withdrawn = bidders[3].actor.organisation_code
    assert not [name for name in public.names if withdrawn in name]


@pytest.mark.parametrize(("mode", "outcome"), [("bidder", "opened"), ("bidder-only", "revoked")])
async def test_a_bidder_who_did_not_reveal_is_in_the_packages_as_he_was_judged(
    county: County, office: Office, clock: TestClock, mode: str, outcome: str
) -> None:
    lot = await county.announced(mode)
    bidders = await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    await close(county, clock, lot)
    for bidder in bidders[:2]:
        await bidder.reveal(county.tools, lot)
    await clock.freeze(DEADLINE + timedelta(minutes=66))
    await county.work()
    await turn(county.tools, lot)
    await clock.freeze(DEADLINE + timedelta(hours=3))
    await turn(county.tools, lot)
    await county.end(lot)
    await turn(county.tools, lot)
    await office.publish()
    await turn(county.tools, lot)
    record, _ = await records.opening(lot) or ({}, "")
    assert sorted(bid["outcome"] for bid in record["bids"]) == sorted(["opened", "opened", outcome])
    for kind in ("public", "archive"):
        assert (await checked(county, office, lot, kind)).failure is None


async def test_a_failed_lot_is_archived_without_anything_that_opens(
    county: County, office: Office, clock: TestClock
) -> None:
    lot = await county.announced()
    await county.sealed_in(lot, ["38000000.00", "37500000.00"])
    await clock.freeze(DEADLINE + timedelta(minutes=5))
    await turn(county.tools, lot)
    await turn(county.tools, lot)
    assert (await records.lot(lot)).stage == Stage.FAILED
    await office.publish()
    await turn(county.tools, lot)
    assert (await records.lot(lot)).stage == Stage.ARCHIVED
    for kind in ("public", "archive"):
        report = await checked(county, office, lot, kind)
        assert report.failure is None
        assert "没有任何种子" in report.text()


async def announced(county: County) -> UUID:
    """A lot whose holders have signed, with four sealed bids, one of them withdrawn, and somebody who wants to know."""
    lot = await county.announced()
    await leave_contact(county.tools, PUBLIC, lot, LeaveContact(channel="mail", address="who@example.com"))
    bidders = await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00", "39000000.00"])
    await bidders[3].withdraw(county.tools, lot, await county.setup(lot))
    return lot


async def archived(county: County, office: Office, lot: UUID) -> None:
    await turn(county.tools, lot)
    await office.publish()
    await turn(county.tools, lot)
    assert (await records.lot(lot)).stage == Stage.ARCHIVED


@pytest.mark.parametrize("minutes", [-60, 0, 5])
async def test_a_lot_ended_before_its_opening_is_archived_with_every_bid_still_sealed(
    county: County, office: Office, clock: TestClock, minutes: int
) -> None:
    """Before the deadline; with the list published; with the list fixed and not yet countersigned."""
    lot = await announced(county)
    for minute in range(0, minutes + 1, 5):
        await clock.freeze(DEADLINE + timedelta(minutes=minute))
        await turn(county.tools, lot)
    await county.end(lot)
    await archived(county, office, lot)
    for kind in ("public", "archive"):
        report = await checked(county, office, lot, kind)
        assert report.failure is None
        assert "没有任何种子" in report.text()
    names = Package.open(io.BytesIO(await package(county, lot, "archive"))).names
    assert ("close.dsse.json" in names) == (minutes == 5)
    assert len([name for name in names if name.startswith("bids/")]) == 5
    public = Package.open(io.BytesIO(await package(county, lot, "public")))
    assert not [name for name in public.names if name.startswith(("bids/", "receipts/"))]


async def test_a_lot_ended_before_its_holders_have_signed_is_archived_without_a_set_up(
    county: County, office: Office
) -> None:
    lot = (await county.register("bidder"))[0].id
    await accept_project(county.operator, (await records.lot(lot)).project)
    await county.publish(lot)
    await county.end(lot)
    await archived(county, office, lot)
    for kind in ("public", "archive"):
        assert (await checked(county, office, lot, kind)).failure is None


async def test_deposits_of_an_ended_lot_go_back_and_the_public_package_does_not_say_whose(
    county: County, office: Office
) -> None:
    lot = await announced(county)
    await county.end(lot)
    bids = [*await results.unrefunded(lot), *await results.unrefunded_withdrawn(lot)]
    assert len(bids) == 4
    left = [
        await refund_deposit(county.purchaser, lot, RefundDeposit(bidder=bid.bidder, paid_on=START.date()))
        for bid in (bids[0], bids[3])
    ]
    assert left == [2, 0], "who bid, and who withdrew, are counted apart"
    await archived(county, office, lot)
    for kind in ("public", "archive"):
        assert (await checked(county, office, lot, kind)).failure is None
    public = Package.open(io.BytesIO(await package(county, lot, "public")))
    told = b"".join(public.read(name) for name in public.names)
    assert not [bid for bid in bids if bid.bidder.encode() in told]
    archive = Package.open(io.BytesIO(await package(county, lot, "archive")))
    assert [name for name in archive.names if name.startswith("papers/")] == [
        "papers/01-refund.json",
        "papers/02-refund.json",
    ]
    later = RefundDeposit(bidder=bids[1].bidder, paid_on=START.date())
    assert await refund_deposit(county.purchaser, lot, later) == 1, "the archive waits for no bank"


async def test_nothing_is_packed_before_the_witness_has_cosigned_the_end(
    county: County, office: Office, clock: TestClock
) -> None:
    lot, _ = await ended(county, clock)
    await turn(county.tools, lot)
    await publish(TRADING, office.signer)
    await turn(county.tools, lot)
    assert await records.archive(lot) is None
    assert (await records.lot(lot)).stage == Stage.FAILED
    assert (await acts(lot)).count("archive_case") == 1
    await office.publish()
    await turn(county.tools, lot)
    assert (await records.lot(lot)).stage == Stage.ARCHIVED


async def test_the_end_states_its_own_number_and_the_packages_are_named_after_it(
    county: County, office: Office, clock: TestClock
) -> None:
    lot, _ = await ended(county, clock)
    await office.publish()
    await turn(county.tools, lot)
    found = await records.archive(lot)
    assert found is not None
    said = await acts(lot)
    assert said[-2:] == ["archive_case", "keep_archive"]
    assert found["last_event"] == len(said) - 1
    public = Package.open(io.BytesIO(await package(county, lot, "public")))
    assert len([name for name in public.names if name.startswith("events/")]) == len(said) - 1


async def test_many_turns_at_once_archive_once(county: County, office: Office, clock: TestClock) -> None:
    lot, _ = await ended(county, clock)
    await office.publish()
    await asyncio.gather(*(archive_when_due(county.tools, ACTOR, lot) for _ in range(4)))
    await turn(county.tools, lot)
    said = await acts(lot)
    assert (said.count("archive_case"), said.count("keep_archive")) == (1, 1)
    assert (await checked(county, office, lot, "archive")).failure is None


async def test_packages_kept_before_a_crash_are_made_again_and_the_lot_is_archived(
    county: County, office: Office, clock: TestClock
) -> None:
    """The process died after the bytes were in the vault and before the row was written."""
    lot, _ = await ended(county, clock)
    await office.publish()
    database_gone = replace(county.tools, receipts=Interrupted(county.tools.receipts))
    with pytest.raises(ConnectionError):
        await turn(database_gone, lot)
    assert (await records.lot(lot)).stage == Stage.FAILED
    assert await records.archive(lot) is None
    await turn(county.tools, lot)
    assert (await records.lot(lot)).stage == Stage.ARCHIVED
    assert (await checked(county, office, lot, "public")).failure is None


class Interrupted:
    """A signer whose process ends when the second package is to be signed."""

    def __init__(self, signer: object) -> None:
        self._signer, self._signed = signer, 0

    @property
    def keyid(self) -> str:
        return str(self._signer.keyid)  # type: ignore[attr-defined]

    @property
    def public(self) -> bytes:
        return bytes(self._signer.public)  # type: ignore[attr-defined]

    def sign(self, message: bytes) -> bytes:
        self._signed += 1
        if self._signed == 2:
            raise ConnectionError("the process ended here")
        return bytes(self._signer.sign(message))  # type: ignore[attr-defined]


async def test_the_site_package_verifies_by_its_own_claim_when_nobody_brings_anchors(
    county: County, office: Office, clock: TestClock
) -> None:
    lot, _ = await ended(county, clock)
    await office.publish()
    await turn(county.tools, lot)
    report = verified(await package(county, lot, "public"), None)
    assert report.good
    assert "密钥未核对" in report.text()


async def test_a_loser_has_the_public_package_right_after_the_opening_record(
    county: County, office: Office, clock: TestClock
) -> None:
    """It ends with the record, says so, and proves all up to there; what comes later is in the package of the end."""
    lot, _ = await opened(county, clock)
    assert await results.paper(lot, "package") is None
    await office.publish()
    await turn(county.tools, lot)
    so_far = await results.paper(lot, "package")
    assert so_far is not None
    content = b"".join([s async for s in keeping.read(county.tools.store, so_far.content["public"])])
    report = verified(content, office.anchors())
    assert report.failure is None
    assert "截至开标记录" in report.text()
    assert (await records.lot(lot)).stage == Stage.OPENED
    names = Package.open(io.BytesIO(content)).names
    assert "opening.json" in names
    assert not [name for name in names if name.startswith(("papers/", "documents/"))]


async def test_the_package_so_far_is_kept_once_and_named_in_the_package_of_the_end(
    county: County, office: Office, clock: TestClock
) -> None:
    lot, _ = await opened(county, clock)
    await office.publish()
    for _ in range(3):
        await turn(county.tools, lot)
    assert (await acts(lot)).count("keep_package") == 1
    await county.end(lot)
    await turn(county.tools, lot)
    await office.publish()
    await turn(county.tools, lot)
    for kind in ("public", "archive"):
        assert (await checked(county, office, lot, kind)).failure is None
    archive = Package.open(io.BytesIO(await package(county, lot, "archive")))
    assert "papers/01-package.json" in archive.names
    documents = {file.sha256 for file in await records.documents(lot)}
    assert {name.partition("/")[2] for name in archive.names if name.startswith("documents/")} == documents
