"""The regulator's process countersigns a close that is in order, once, and puts on record why it did not another."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from conftest import TestClock
from house_databases import Databases
from house_faces import Faces
from road import DEADLINE, PROCESS, County, as_admin
from supervision_site import as_supervision_admin

from bidding.clockwork import turn
from kernel import log_records
from kernel.box import records as box_records
from kernel.box.close import current_list
from kernel.box.records import BoxView
from kernel.ids import new_id
from kernel.proofs import dsse
from kernel.proofs.close import build_close
from kernel.proofs.signers import Ed25519Signer
from supervision.countersign import countersign, countersign_due

FIXED = DEADLINE + timedelta(minutes=5)


class Closing:
    """A closed lot of a county, and what a dishonest trading side may do to it before supervision looks."""

    def __init__(self, county: County, clock: TestClock, house: Databases, faces: Faces) -> None:
        self.county, self.clock, self.house, self.faces = county, clock, house, faces
        self.lot = UUID(int=0)

    async def close(self) -> None:
        """Walk a lot with three bids to its fixed close, then turn to supervision."""
        self.lot = await self.county.announced()
        await self.county.sealed_in(self.lot, ["38000000.00", "37500000.00", "39900000.00"])
        await self.clock.freeze(FIXED)
        await turn(self.county.tools, self.lot)
        await turn(self.county.tools, self.lot)
        await self.faces.turn("supervision")

    async def box(self) -> BoxView:
        return await box_records.box(self.lot)

    async def forge(self, *, at: datetime = FIXED, left_off: int = 0, **other: str) -> None:
        """Put another close in the place of the true one, as whoever holds the trading database could."""
        box = await self.box()
        documents = {"tender": box.tender, "lot": box.lot, "setup": box.setup, "deadline": box.deadline} | other
        listed = (await current_list(box)).bids[left_off:]
        forged = dsse.sign(build_close(**documents, at=at, bids=listed, withdrawn=[]))
        message = await self.put("close", "platform", "", forged)
        await as_admin("insert into box.taken (message, event, refused) values ($1, $2, '')", message, new_id())
        await as_admin("update box.box set close = $2, state = 'closed' where \"case\" = $1", self.lot, forged.sha256)

    async def put(self, kind: str, role: str, author: str, signed: dsse.Signed) -> UUID:
        number = new_id()
        await as_admin(
            'insert into box.message (id, "case", kind, role, stage, author, sha256, body, envelope, at)'
            " values ($1, $2, $3, $4, '', $5, $6, $7, $8, kernel.law_now())",
            number, self.lot, kind, role, author, signed.sha256, signed.payload, signed.to_bytes(),
        )  # fmt: skip
        return number

    async def forget(self, kind: str, role: str) -> None:
        """What was taken of this kind from this role, taken back: the message no longer counts."""
        await as_admin("alter table box.taken disable trigger keep_rows")
        await as_admin(
            "delete from box.taken t using box.message m"
            ' where m.id = t.message and m."case" = $1 and m.kind = $2 and m.role = $3',
            self.lot, kind, role,
        )  # fmt: skip
        await as_admin("alter table box.taken enable trigger keep_rows")

    async def refusals(self) -> list[str]:
        """The codes of the refusals on supervision's own record, newest first."""
        return [event.subject for event in await log_records.newest("refuse_close")]

    async def countersignatures(self) -> int:
        """How many countersignatures the trading side has been given for the lot."""
        found = await as_admin(
            "select count(*) from box.message where \"case\" = $1 and kind = 'countersign'", self.lot
        )
        return int(found)


@pytest.fixture
async def closing(house: Databases, clock: TestClock, faces: Faces, tmp_path: Path) -> Closing:
    return Closing(await County.make(tmp_path, house), clock, house, faces)


async def test_a_close_in_order_is_countersigned_and_the_box_opens(closing: Closing) -> None:
    await closing.close()
    assert await countersign_due(PROCESS) == 1
    await closing.faces.turn("trading")
    await turn(closing.county.tools, closing.lot)
    assert (await closing.box()).state == "opening"


async def test_looking_again_posts_nothing_twice_and_writes_one_event(closing: Closing) -> None:
    await closing.close()
    for _ in range(3):
        assert await countersign(closing.lot, PROCESS)
    assert await closing.countersignatures() == 1
    assert len(await log_records.newest("countersign")) == 1


async def test_a_close_dated_before_the_deadline_is_refused(closing: Closing) -> None:
    await closing.close()
    await closing.forge(at=DEADLINE - timedelta(milliseconds=1))
    await refused(closing, "too_early")


async def test_a_close_that_comes_before_the_deadline_by_our_own_clock_is_refused(closing: Closing) -> None:
    """The trading side's clock runs ahead, so its close looks late enough; supervision has a clock of its own."""
    await closing.close()
    early = DEADLINE - timedelta(seconds=1)
    await as_supervision_admin(closing.house, "update kernel.clock set frozen_at = $1", early)
    await refused(closing, "too_early")
    await as_supervision_admin(closing.house, "update kernel.clock set frozen_at = $1", FIXED)
    assert await countersign(closing.lot, PROCESS), "once it is time it is signed after all"


async def test_a_close_over_another_deadline_is_refused(closing: Closing) -> None:
    await closing.close()
    await closing.forge(deadline="0" * 64)
    await refused(closing, "other_deadline")


async def test_a_close_of_another_lot_is_refused(closing: Closing) -> None:
    await closing.close()
    await closing.forge(lot="99")
    await refused(closing, "other_lot")


async def test_a_close_over_a_setup_that_does_not_exist_is_refused(closing: Closing) -> None:
    await closing.close()
    await closing.forge(setup="0" * 64)
    await refused(closing, "no_setup")


@pytest.mark.parametrize("role", ["operator", "regulator", "purchaser"])
async def test_a_setup_without_one_roles_signatures_is_refused(closing: Closing, role: str) -> None:
    await closing.close()
    await closing.forget("setup", role)
    await refused(closing, "setup_unsigned")


async def test_a_setup_signed_by_somebody_in_a_holders_name_is_refused(closing: Closing) -> None:
    await closing.close()
    box = await closing.box()
    await closing.forget("setup", "purchaser")
    for holder in await box_records.holders(box):
        if holder.role == "purchaser":
            body = (await box_records.setup(box)).data
            signed = dsse.sign(body, Ed25519Signer.generate())
            message = await closing.put("setup", "operator", holder.keyid, signed)
            await as_admin("insert into box.taken (message, event, refused) values ($1, $2, '')", message, new_id())
    await refused(closing, "setup_unsigned")


async def test_a_deadline_without_the_purchasers_signature_is_refused(closing: Closing) -> None:
    await closing.close()
    await closing.forget("deadline", "purchaser")
    await refused(closing, "deadline_unsigned")


async def test_a_second_different_close_is_never_countersigned(closing: Closing) -> None:
    await closing.close()
    assert await countersign(closing.lot, PROCESS)
    await closing.forge(at=FIXED + timedelta(seconds=1))
    await refused(closing, "other_close", countersigned=1)


async def refused(closing: Closing, code: str, *, countersigned: int = 0) -> None:
    """Nothing is signed, and the reason is on record once, however often it is looked at."""
    for _ in range(3):
        assert not await countersign(closing.lot, PROCESS)
    assert await closing.refusals() == [code]
    assert await closing.countersignatures() == countersigned
