"""A message commits with its act, reaches its reader's inbox, and is delivered outside with proof."""

import asyncio
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest
from house_databases import Databases

from kernel.db import HOME, spawn, transaction
from kernel.errors import NotFound
from kernel.ids import new_id
from kernel.inbox import count_unread, mark_read, send, templates, unread
from kernel.outbox import TRIES, FileGateway, Gateway, Parcel, deliver_due, proof_of_delivery

READER, COMPANY = new_id(), new_id()
FIELDS = {"project": "市民中心", "code": "A01", "at": "2026-03-02 09:00", "until": "2026-03-02 10:00"}


async def tell(
    template: str = "reveal_open",
    *,
    person: UUID | None = READER,
    organisation: UUID | None = None,
    also: Mapping[str, str] | None = None,
) -> UUID:
    async with transaction(HOME) as connection:
        return await send(
            connection, template, fields=FIELDS, person=person, organisation=organisation, also=also or {},
            link="/hall/1",
        )  # fmt: skip


async def outbox() -> asyncpg.Record:
    async with transaction(HOME) as connection:
        return await connection.fetchrow("select *, due_at - clock_timestamp() as rests from kernel.outbox")


async def let_pause_end() -> None:
    async with transaction(HOME) as connection:
        await connection.execute("update kernel.outbox set due_at = clock_timestamp()")


class Broken(Gateway):
    """A carrier that is down."""

    async def deliver(self, parcel: Parcel) -> Mapping[str, str]:
        raise ConnectionError("carrier down")


class Counting(Gateway):
    """A carrier that proves how often it was asked."""

    def __init__(self) -> None:
        self.parcels: list[Parcel] = []

    async def deliver(self, parcel: Parcel) -> Mapping[str, str]:
        self.parcels.append(parcel)
        return {"receipt": str(len(self.parcels))}


async def test_a_message_is_filled_from_its_template(house: Databases) -> None:
    await tell()
    (message,) = await unread(READER)
    assert message.subject == "请解密投标文件：市民中心"
    assert "2026-03-02 10:00 前登录开标大厅解密" in message.text
    assert message.link == "/hall/1"


async def test_a_message_exists_only_if_its_act_commits(house: Databases) -> None:
    async def fails() -> None:
        async with transaction(HOME):
            await tell(also={"sms": "13800000000"})
            raise LookupError

    with pytest.raises(LookupError):
        await fails()
    assert await unread(READER) == []
    assert await outbox() is None


@pytest.mark.parametrize(("template", "fields"), [("no_such", FIELDS), ("reveal_open", {"project": "x"})])
async def test_an_unknown_template_or_a_missing_field_undoes_the_act(
    house: Databases, template: str, fields: Mapping[str, str]
) -> None:
    with pytest.raises(KeyError):
        async with transaction(HOME) as connection:
            await send(connection, template, fields=fields, person=READER)
    assert await count_unread(READER) == 0


async def test_what_a_field_contains_is_never_read_as_a_template(house: Databases) -> None:
    async with transaction(HOME) as connection:
        await send(connection, "reveal_open", fields={**FIELDS, "project": "{until}{0}"}, person=READER)
    (message,) = await unread(READER)
    assert message.subject == "请解密投标文件：{until}{0}"


async def test_a_message_to_an_organisation_is_seen_by_those_who_act_for_it(house: Databases) -> None:
    await tell(person=None, organisation=COMPANY)
    assert await count_unread(READER) == 0
    assert await count_unread(READER, COMPANY) == 1


async def test_a_message_has_one_kind_of_reader(house: Databases) -> None:
    with pytest.raises(ValueError, match="one kind"):
        await tell(person=READER, organisation=COMPANY)
    with pytest.raises(ValueError, match="one kind"):
        await tell(person=None)


async def test_somebody_without_an_account_is_reached_at_his_address_alone(house: Databases, tmp_path: Path) -> None:
    message = await tell(person=None, also={"mail": "wang@example.cn"})
    assert await deliver_due(HOME, {"mail": FileGateway(tmp_path)}) == 1
    assert len(await proof_of_delivery(message)) == 1


async def test_reading_takes_it_off_the_list_and_may_be_repeated(house: Databases) -> None:
    message = await tell()
    await mark_read(message, READER)
    await mark_read(message, READER)
    assert await unread(READER) == []


async def test_nobody_reads_for_another(house: Databases) -> None:
    message = await tell()
    with pytest.raises(NotFound):
        await mark_read(message, new_id(), COMPANY)
    assert await count_unread(READER) == 1


async def test_a_parcel_is_delivered_once_with_proof(house: Databases, tmp_path: Path) -> None:
    message = await tell(also={"sms": "13800000000"})
    gateways = {"sms": FileGateway(tmp_path)}
    assert await deliver_due(HOME, gateways) == 1
    assert await deliver_due(HOME, gateways) == 0
    (proof,) = await proof_of_delivery(message)
    content = (tmp_path / proof["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == proof["sha256"]
    assert json.loads(content)["to"] == "13800000000"
    assert [path.name for path in (tmp_path / "sms").iterdir()] == [Path(proof["file"]).name]


async def test_a_carrier_that_is_down_is_tried_again_later(house: Databases) -> None:
    message = await tell(also={"mail": "li@example.cn"})
    assert await deliver_due(HOME, {"mail": Broken()}) == 0
    first = await outbox()
    assert (first["state"], first["attempts"], first["last_error"]) == (
        "waiting", 1, "ConnectionError('carrier down')",
    )  # fmt: skip
    assert first["rests"].total_seconds() > 0
    counting = Counting()
    assert await deliver_due(HOME, {"mail": counting}) == 0
    await let_pause_end()
    assert await deliver_due(HOME, {"mail": counting}) == 1
    assert await proof_of_delivery(message) == [{"receipt": "1"}]


async def test_after_its_last_try_a_parcel_is_dead_and_stays(house: Databases) -> None:
    await tell(also={"voice": "02880000000"})
    for _ in range(TRIES):
        await deliver_due(HOME, {"voice": Broken()})
        await let_pause_end()
    assert (await outbox())["state"] == "dead"
    assert await deliver_due(HOME, {"voice": Counting()}) == 0


async def test_a_gateway_nobody_has_set_up_is_no_loss(house: Databases) -> None:
    await tell(also={"sms": "13800000000"})
    assert await deliver_due(HOME, {}) == 0
    assert (await outbox())["state"] == "waiting"


async def test_two_workers_do_not_deliver_the_same_parcel(house: Databases) -> None:
    for _ in range(20):
        await tell(also={"sms": "13800000000"})
    counting = Counting()
    await asyncio.gather(*(spawn(deliver_due(HOME, {"sms": counting}, limit=5)) for _ in range(6)))
    assert len(counting.parcels) == 20 == len({parcel.id for parcel in counting.parcels})


def test_every_template_speaks_chinese_and_names_its_fields() -> None:
    for name, template in templates().items():
        assert re.fullmatch(r"[a-z_]+", name)
        assert re.search(r"[\u4e00-\u9fff]", template.subject), name
        named = dict.fromkeys(re.findall(r"\{(\w+)\}", template.subject + template.text), "值")
        subject, text = template.fill(named)
        assert "{" not in subject + text, name
