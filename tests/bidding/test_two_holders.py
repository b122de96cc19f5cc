"""Two holders of one role unlock at once: the second finds it done, on record, and nothing is refused."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from check_case import check_case
from conftest import TestClock
from house_databases import Databases
from road import County, Holder, as_admin, b64, post_as_regulator
from story import close, tries

from bidding.clockwork import turn
from bidding.schemas import SignedObject
from bidding.steps.open import hold_share
from kernel.box import desk
from kernel.box import records as box_records
from kernel.db import TRADING, transaction
from kernel.log import events_of
from kernel.proofs.canonical import decode
from kernel.proofs.trustee import Answer, answer

Seen = tuple[Holder, list[dict[str, Any]]]


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> County:
    return await County.make(tmp_path, house)


async def seen_at_once(holders: Sequence[Holder], do: str) -> list[Seen]:
    """What each sees waiting at the same moment, before anybody has done it."""
    return [
        (holder, [task for task in await desk.waiting(await desk.holders_of(holder.actor.person)) if task["do"] == do])
        for holder in holders
    ]


async def post(county: County, holder: Holder, lot: UUID, do: str, answered: Answer) -> None:
    if holder.actor.role == "regulator":
        await post_as_regulator(lot, do, answered.stage, answered.signed)
        await turn(county.tools, lot)
        return
    command = SignedObject(envelope=b64(answered.signed.to_bytes()))
    await hold_share(county.tools, holder.actor, lot, do, answered.stage, command)


async def unlock_at_once(county: County, lot: UUID, role: str, do: str) -> None:
    seen = await seen_at_once([holder for holder in county.holders if holder.actor.role == role], do)
    assert [len(tasks) for _, tasks in seen] == [2, 2], "both stages wait for both"
    for holder, tasks in seen:
        for task in tasks:
            await post(county, holder, lot, do, answer(holder.officer, task))


async def test_both_holders_of_every_role_unlock_at_once_and_the_box_opens(
    county: County, clock: TestClock, house: Databases
) -> None:
    lot = await county.announced("roles")
    await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    await close(county, clock, lot)
    for do in ("attest", "release"):
        for role in ("operator", "regulator", "purchaser"):
            await unlock_at_once(county, lot, role, do)
    assert (await box_records.box(lot)).state == "opened"
    releases = await box_records.messages(lot, "release")
    assert Counter((m.role, m.stage) for m in releases) == {
        (role, stage): 1 for role in ("operator", "regulator", "purchaser") for stage in ("price", "documents")
    }
    async with transaction(TRADING) as connection:
        told = [(event.act, decode(event.body)["facts"]) for event in await events_of(connection, str(lot))]
    second = Counter(facts["role"] for act, facts in told if act == "box_already")
    assert second == {"operator": 2, "regulator": 2, "purchaser": 2}
    assert "box_refused" not in {act for act, _ in told}
    assert await tries(lot) == []
    assert await box_records.untaken(lot) == []
    await check_case(house, lot, county.tools)


async def test_the_same_holder_sending_the_same_again_changes_nothing(county: County, clock: TestClock) -> None:
    lot = await county.announced("roles")
    await county.sealed_in(lot, ["38000000.00", "37500000.00", "39900000.00"])
    await close(county, clock, lot)
    ((holder, tasks),) = await seen_at_once(county.holders[:1], "attest")
    answered = answer(holder.officer, tasks[0])
    await post(county, holder, lot, "attest", answered)
    before = await as_admin("select count(*) from kernel.log_event where case_key = $1", str(lot))
    await post(county, holder, lot, "attest", answered)
    assert await as_admin("select count(*) from kernel.log_event where case_key = $1", str(lot)) == before
