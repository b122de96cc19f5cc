"""A close of sealed quotes: the owner holds no key, so the platform's own anchored key signs the deadline."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from conftest import START, TestClock
from house_databases import Databases
from house_faces import Faces
from road import PROCESS, as_admin
from shop import CLOSES, Shop

from kernel import log_records
from kernel.box import records as box_records
from kernel.ids import new_id
from kernel.proofs.signers import Ed25519Signer
from supervision.countersign import countersign


@pytest.fixture
async def closed(house: Databases, clock: TestClock, faces: Faces, tmp_path: Path) -> tuple[UUID, bytes, UUID]:
    """A request whose quotes are closed: its id, the platform's key, the owner. Supervision's engines are open."""
    await clock.freeze(START)
    async with Shop.open(tmp_path, house, clock, agencies=1) as shop:
        case = await shop.publish("lowest")
        await shop.quote(case, shop.agents[0], "27000.00")
        for moment in (CLOSES, CLOSES + timedelta(minutes=5)):
            await clock.freeze(moment)
            await shop.turn(case)
        assert (await box_records.box(case)).state == "closed"
        assert shop.owner.organisation is not None
        key, owner = shop.market.tools.receipts.public, shop.owner.organisation
    await faces.turn("supervision")
    return case, key, owner


async def test_it_is_countersigned_when_the_anchored_platform_signed_the_deadline(
    closed: tuple[UUID, bytes, UUID],
) -> None:
    case, platform, _ = closed
    assert await countersign(case, PROCESS, [platform])


async def test_a_deadline_of_another_key_is_refused_and_so_is_one_without_anchors(
    closed: tuple[UUID, bytes, UUID],
) -> None:
    case, _, _ = closed
    assert not await countersign(case, PROCESS, [Ed25519Signer.generate().public])
    assert not await countersign(case, PROCESS)
    assert [event.subject for event in await log_records.newest("refuse_close")] == ["deadline_unsigned"]


async def test_where_the_purchaser_holds_a_key_the_platforms_signature_does_not_count(
    closed: tuple[UUID, bytes, UUID],
) -> None:
    case, platform, owner = closed
    await as_admin(
        "insert into box.holder (id, person, name, role, organisation, region, public_key, recipient, since)"
        " values ($1, $2, '业主的人', 'purchaser', $3, '330106', $4, 'age1x', kernel.law_now())",
        new_id(), new_id(), owner, Ed25519Signer.generate().public,
    )  # fmt: skip
    assert not await countersign(case, PROCESS, [platform])
