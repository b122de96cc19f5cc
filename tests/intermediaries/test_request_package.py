"""A request that has ended becomes a package that an outsider verifies: drawn, quoted, chosen, failed, withdrawn."""

import io
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from both_verifiers import verified
from cheats import spoil
from conftest import START, TestClock
from house_databases import Databases
from package_office import Office
from road import County, give_order
from shop import Shop
from story import at

from intermediaries.opening_incidents import lost_later
from intermediaries.records import requests as records
from intermediaries.request_clockwork import sweep_requests
from intermediaries.schemas.requests import AcceptResult, RateService, WithdrawRequest
from intermediaries.stages import Stage
from intermediaries.steps.rate import rate_service
from intermediaries.steps.receive import accept_result
from intermediaries.steps.request import withdraw_request
from kernel.proofs import dsse
from kernel.proofs.canonical import decode, encode
from kernel.proofs.evidence import write
from kernel.proofs.package import Package
from kernel.proofs.verify import Report
from storage import keeping


@pytest.fixture
async def shop(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Shop]:
    await clock.freeze(START)
    async with Shop.open(tmp_path, house, clock, agencies=3) as made:
        yield made


@pytest.fixture
def office(shop: Shop, tmp_path: Path) -> Office:
    county: Any = SimpleNamespace(tools=shop.market.tools, holders=[])
    office = Office(cast(County, county), tmp_path)
    shop.market.tools = replace(shop.market.tools, anchors=office.anchors().data)
    return office


async def packaged(shop: Shop, office: Office, case: UUID) -> bytes:
    """The end is stated, published and cosigned, and the package written."""
    await shop.turn(case)
    await office.publish()
    await sweep_requests(shop.market.tools)
    kept = await records.package(case)
    assert kept is not None
    return b"".join([step async for step in keeping.read(shop.market.tools.store, kept[0])])


def checked(office: Office, data: bytes) -> Report:
    return verified(data, office.anchors())


async def drawn(shop: Shop) -> UUID:
    """A state-funded draw: the first declines, the second serves and is rated."""
    case = await shop.publish("draw", fiscal_percent=100)
    await shop.apply(case, *shop.agents)
    await shop.close(case)
    await shop.answer(case, await shop.selected(case), "decline", "人员已派出")
    await shop.finished(case, await shop.selected(case), date(2026, 3, 5))
    await rate_service(shop.owner, case, RateService(stars=5))
    return case


def lose(shop: Shop, number: int) -> None:
    """The platform loses the sealed quote of this agency."""
    sealed = shop.agents[number].bidder.sealed
    assert sealed is not None
    spoil(shop.market.tools.store, sealed.bid.stage("price").files[0].sha256, lost=True)


async def quoted(shop: Shop, *, revealing: int = 3, lost: int | None = None) -> UUID:
    case = await shop.publish("best_price", fiscal_percent=0)
    for agent, price in zip(shop.agents, ("95000", "96,000.00", "99000"), strict=True):
        await shop.quote(case, agent, price)
    if lost is not None:
        lose(shop, lost)
    await shop.close(case, *shop.agents[:revealing])
    asked = await records.last_selection(case)
    assert asked is not None
    await shop.finished(case, await shop.selected(case), date(2026, 3, 5), str(asked.price))
    await rate_service(shop.owner, case, RateService(stars=4))
    return case


async def test_a_drawn_request_verifies_with_its_draw_and_its_walk(shop: Shop, office: Office) -> None:
    report = checked(office, await packaged(shop, office, await drawn(shop)))
    assert report.good, report.text()
    said = {passed.name: passed.says for passed in report.passed}
    assert "1 次抽取" in said["抽取"]
    assert "2 次选取全部相符" in said["选取结果"]


@pytest.mark.parametrize("revealing", [3, 2])
async def test_a_quoted_request_verifies_from_the_sealed_quotes_to_the_winner(
    shop: Shop, office: Office, revealing: int
) -> None:
    report = checked(office, await packaged(shop, office, await quoted(shop, revealing=revealing)))
    assert report.good, report.text()
    said = {passed.name: passed.says for passed in report.passed}
    assert "由平台按公告代业主签署" in said["密封报价"]
    assert "3 份报价" in said["公布的报价"]
    assert "1 次选取全部相符" in said["选取结果"]


@pytest.mark.parametrize("early", [True, False])
async def test_a_quote_that_the_platform_has_lost_is_named_and_the_package_is_made_without_it(
    shop: Shop, office: Office, early: bool
) -> None:
    case = await quoted(shop, lost=2 if early else None)
    (opening,) = [decode(text.body)["content"] for text in await records.texts(case) if text.kind == "opening"]
    prices = {line["name"]: (line["price"], line["shut"]) for line in opening["quotes"]}
    if early:
        assert prices["第3测绘有限公司"] == ("", "存储的密文与递交时不符，非投标人原因，视为撤回投标文件")
        (said,) = opening["incidents"]
        assert (said["code"], said["culprit"]) == ("damaged", "operator")
    else:
        lose(shop, 0)  # the winner's, after it was opened
        assert await lost_later(case, opening) == []
        assert prices["第1测绘有限公司"][1] == ""
        await shop.turn(case)
        await office.publish()
        await sweep_requests(shop.market.tools)
        assert await records.package(case) is None, "the loss is on record first"
        (later,) = await lost_later(case, opening)
        assert later["says"].startswith("第1测绘有限公司：price-0.age 在平台存储中已丢失")
    report = checked(office, await packaged(shop, office, case))
    assert report.good, report.text()
    note, *on_trust = [note for note in report.notes if "责任在交易中心" in note]
    assert [note.partition("：所公布的报价")[2][:9] for note in on_trust] == ([] if early else ["因密文丢失不能重新"])
    assert f"price-0.age：平台在开启{'前' if early else '后'}记录其存储的密文丢失" in note


async def test_a_direct_choice_verifies_with_the_list_the_owner_saw_and_the_texts_of_a_suspension(
    shop: Shop, office: Office, clock: TestClock
) -> None:
    case, agent = await shop.publish("direct"), shop.agents[1]
    await shop.choose(case, agent)
    await shop.answer(case, agent, "accept")
    await give_order(case, "suspend", "举报正在核查", at("2026-03-03 09:00"))
    for moment in (START, at("2026-03-03 09:00")):
        await clock.freeze(moment)
        await sweep_requests(shop.market.tools)
    assert [text.kind for text in await records.texts(case)] == ["notice", "selection", "suspended", "resumed"]
    assert (await records.texts(case))[2].content["content"]["says"] == "举报正在核查"
    await shop.served(case, agent, date(2026, 3, 3))
    await shop.deliver(case, agent)
    await accept_result(shop.market.tools, shop.owner, case, AcceptResult(answer="accept"))
    await rate_service(shop.owner, case, RateService(stars=5))
    report = checked(office, await packaged(shop, office, case))
    assert report.good, report.text()
    said = {p.name: p.says for p in report.passed}
    assert "1 份列表" in said["业主选取"]
    assert "4 份公告" in said["公告与规则"]


async def test_failed_and_withdrawn_requests_verify_too(shop: Shop, office: Office) -> None:
    few = await shop.publish("lowest", fiscal_percent=100)
    await shop.quote(few, shop.agents[0], "90000")
    taken = await shop.publish("draw")
    await shop.apply(taken, shop.agents[0])
    await withdraw_request(shop.owner, taken, WithdrawRequest(reason="规划调整"))
    await shop.close(few)
    assert (await shop.row(few)).stage == Stage.FAILED
    for case in (few, taken):
        data = await packaged(shop, office, case)
        report = checked(office, data)
        assert report.good, report.text()
        assert shop.agents[0].actor.organisation_code.encode() not in data, "who applied in vain is nobody's to know"


async def test_every_one_of_200_changed_bytes_is_noticed(shop: Shop, office: Office) -> None:
    data = await packaged(shop, office, await drawn(shop))
    chance = random.Random(2026)
    for place in chance.sample(range(len(data)), 200):
        changed = bytearray(data)
        changed[place] ^= 1 << chance.randrange(8)
        report = checked(office, bytes(changed))
        assert report.failure is not None, f"byte {place}"
        assert report.failure.code


async def test_a_platform_that_selects_another_agency_is_found_out(shop: Shop, office: Office) -> None:
    """The platform signs its package anew with another rule: everything it signs is right, and yet it is refused."""
    data = await packaged(shop, office, await quoted(shop))
    package = Package.open(io.BytesIO(data))
    members = {name: package.read(name) for name in package.names}
    request = decode(members["request.json"])
    members["request.json"] = encode({**request, "picks": "lowest", "percents": [], "drop_from": 0})
    made = io.BytesIO()
    manifest = package.manifest
    signer: dsse.Signer = shop.market.tools.receipts
    write(made, kind="public", at=manifest.at, members=members, withheld=manifest.withheld, signer=signer)
    report = checked(office, made.getvalue())
    assert report.failure is not None
    assert report.failure.code == "other_rule"


async def test_nothing_is_packed_before_the_service_is_rated(shop: Shop, office: Office) -> None:
    case = await shop.publish("direct")
    await shop.choose(case, shop.agents[0])
    await shop.finished(case, shop.agents[0], date(2026, 3, 2))
    await shop.turn(case)
    await office.publish()
    await sweep_requests(shop.market.tools)
    assert await records.package(case) is None
