"""A refused act leaves its event beside the case, once, and only when the act has undone itself."""

import json
from typing import Any
from uuid import UUID

import pytest
from house_databases import Databases

from kernel.acts import acting
from kernel.db import HOME, afterwards, transaction
from kernel.errors import NotSignedIn, Problem, Refusal, Throttled, TooLate, Unavailable
from kernel.identity import Actor, clockwork
from kernel.ids import new_id
from kernel.logcheck import read_back
from kernel.proofs.errors import Malformed
from kernel.refusals import MOST, on_record, refusal

LATE = TooLate(Problem("late", "已过投标截止时间"), Problem("stale", "依据不是最新"))


def somebody(**more: Any) -> Actor:
    given = {
        "role": "bidder",
        "person": new_id(),
        "name": "钱进",
        "address": "192.0.2.7",
        "client": "curl",
        "door": "api",
    }
    return Actor(**(given | more))


async def tries(case: UUID) -> list[dict[str, Any]]:
    """What the log says was refused on this case, both halves together."""
    async with transaction(HOME) as connection:
        rows = await connection.fetch(
            "select body, private from kernel.log_event where case_key = $1 order by n", f"refused:{case}"
        )
    return [json.loads(row["body"]) | {"who": json.loads(row["private"])} for row in rows]


async def an_act(actor: Actor, case: UUID, refused: Exception) -> None:
    async with acting("submit_bid", actor, case) as beat:
        await beat.record("an act that comes to nothing")
        raise refused


async def try_and_fail(actor: Actor, case: UUID, refused: Exception) -> None:
    with pytest.raises(type(refused)):
        await an_act(actor, case, refused)


async def test_a_refused_act_is_on_record_with_who_when_and_from_where_and_nothing_of_the_act_is(
    house: Databases,
) -> None:
    case, actor = new_id(), somebody()
    await try_and_fail(actor, case, LATE)
    (event,) = await tries(case)
    assert (event["act"], event["subject"]) == ("refuse", "submit_bid")
    assert event["facts"] == {"codes": ["late", "stale"], "status": 409}
    assert event["at"] == "2026-03-02T09:00:00.000+08:00"
    assert event["who"] == {
        "person": str(actor.person), "name": "钱进", "address": "192.0.2.7", "client": "curl", "door": "api",
    }  # fmt: skip
    async with transaction(HOME) as connection:
        assert await connection.fetchval("select count(*) from kernel.log_event where case_key = $1", str(case)) == 0
    assert await read_back(HOME) == []


async def test_signed_bytes_that_are_not_what_they_should_be_are_on_record_too(house: Databases) -> None:
    case = new_id()
    await try_and_fail(somebody(), case, Malformed("not_canonical", "不是规范的 JSON"))
    assert [event["facts"] for event in await tries(case)] == [{"codes": ["not_canonical"], "status": 422}]


async def test_the_same_again_within_a_minute_is_no_further_event_and_anything_else_is(house: Databases) -> None:
    case, actor = new_id(), somebody()
    for _ in range(3):
        await try_and_fail(actor, case, LATE)
    assert len(await tries(case)) == 1
    await try_and_fail(actor, case, Refusal(Problem("another_key", "签名密钥不同")))
    await try_and_fail(somebody(), case, LATE)
    assert [event["facts"]["codes"][0] for event in await tries(case)] == ["late", "another_key", "late"]
    async with transaction(HOME) as connection:
        await connection.execute("update accounts.throttle set last_at = last_at - interval '61 seconds'")
    await try_and_fail(actor, case, LATE)
    assert len(await tries(case)) == 4


async def test_one_person_cannot_fill_the_log_with_cases_that_are_not_there(house: Databases) -> None:
    actor = somebody()
    for _ in range(MOST + 5):
        await refusal("submit_bid", actor, new_id(), LATE)
    async with transaction(HOME) as connection:
        assert await connection.fetchval("select count(*) from kernel.log_event where act = 'refuse'") == MOST


@pytest.mark.parametrize("kind", [NotSignedIn, Throttled, Unavailable])
async def test_what_says_nothing_of_the_case_leaves_nothing(house: Databases, kind: type[Refusal]) -> None:
    case = new_id()
    await try_and_fail(somebody(), case, kind(Problem("away", "稍候")))
    assert await tries(case) == []


async def test_what_the_clock_could_not_do_is_nobodys_try(house: Databases) -> None:
    case = new_id()
    await try_and_fail(clockwork("bidding"), case, LATE)
    assert await tries(case) == []


async def test_the_event_waits_for_the_outermost_transaction_and_outlives_it(house: Databases) -> None:
    case, actor = new_id(), somebody()

    async def nested() -> None:
        async with transaction(HOME), on_record("reveal_bid", actor, case):
            await an_act(actor, case, LATE)

    with pytest.raises(TooLate):
        await nested()
    assert [event["subject"] for event in await tries(case)] == ["reveal_bid"], "the outermost block, and once"


async def test_what_comes_afterwards_is_done_whether_the_transaction_stands_or_falls(house: Databases) -> None:
    done: list[str] = []

    async def work() -> None:
        async with transaction(HOME) as connection:
            done.append(await connection.fetchval("select 'done'"))

    async with transaction(HOME):
        await afterwards(HOME, work)
        assert done == []
    assert done == ["done"]

    async def fails() -> None:
        async with transaction(HOME), transaction(HOME):
            await afterwards(HOME, work)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    await afterwards(HOME, work)
    assert done == ["done"] * 3
