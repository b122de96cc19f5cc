"""The platform is down while bidders may reveal: they get their time back, on record, before anybody is blamed."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from cheats import WINDOW_OVER, opening
from check_case import check_case
from conftest import TestClock
from house_databases import Databases
from road import County, as_admin
from story import reveal

from bidding.clockwork import turn
from kernel import inbox
from kernel.box import records as box_records
from kernel.box.knock import Knocker
from kernel.checkpoints import log_signer, publish
from kernel.db import TRADING, reading
from kernel.log import events_of
from kernel.proofs.note_keys import Signer

AWAY = timedelta(minutes=40)


@pytest.fixture
async def county(house: Databases, clock: TestClock, tmp_path: Path) -> County:
    county = await County.make(tmp_path, house)
    county.tools = replace(county.tools, steady=True)
    return county


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return log_signer(tmp_path, "trading.example/log")


async def last_signed(before: timedelta) -> None:
    """The log's last checkpoint is so old by the server's clock: nobody has signed one since."""
    await as_admin(
        "insert into kernel.log_checkpoint (size, root, note, at) values (1, $1, $1, clock_timestamp() - $2::interval)",
        bytes(32), before,
    )  # fmt: skip


async def test_who_could_not_reveal_because_the_platform_was_down_gets_that_time_back_once(
    county: County, clock: TestClock, house: Databases, signer: Signer
) -> None:
    it = await opening(county, clock, "bidder-only")
    await it.shut()
    await reveal(county, it.lot, it.honest)
    await clock.freeze(WINDOW_OVER)
    await last_signed(AWAY)
    await publish(TRADING, signer)
    for _ in range(2):
        await turn(county.tools, it.lot)
        box = await box_records.box(it.lot)
        assert box.state == "opening", "nobody is blamed for a window that nobody could use"
        assert box.reveal_until is not None
        assert timedelta() <= box.reveal_until - WINDOW_OVER - AWAY < timedelta(minutes=1)
    told = await inbox.unread(None, it.cheat.actor.organisation)
    assert [message.template for message in told].count("reveal_open") == 2
    await reveal(county, it.lot, [it.cheat])
    assert (await it.line())["outcome"] == "opened"
    (says,) = await it.said()
    assert says.startswith("平台自2026年4月20日 09:5")
    assert says.endswith("停止服务，责任在平台，这段时间不计入解密和补救的期限，期限相应顺延")
    await check_case(house, it.lot, county.tools)


async def test_a_log_signed_every_minute_gives_nobody_more_time(
    county: County, clock: TestClock, signer: Signer
) -> None:
    it = await opening(county, clock, "bidder-only")
    await it.shut()
    await reveal(county, it.lot, it.honest)
    await last_signed(timedelta(minutes=4))
    await publish(TRADING, signer)
    await it.at(WINDOW_OVER)
    assert (await it.line())["outcome"] == "revoked"


class Pages(httpx.AsyncBaseTransport):
    """The site's public address: its clock, another's page, or nobody there."""

    def __init__(self) -> None:
        self.shown: str | None = '{"now": "2026-04-20T09:35:00+08:00"}'

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert str(request.url) == "https://trading.example/api/v1/clock"
        if self.shown is None:
            raise httpx.ConnectError("nobody there")
        return httpx.Response(200, text=self.shown)


@pytest.fixture
async def pages() -> Pages:
    return Pages()


@pytest.fixture
async def knocker(pages: Pages) -> AsyncIterator[Knocker]:
    async with httpx.AsyncClient(transport=pages) as client:
        yield Knocker(client, "https://trading.example")


async def knocked(lot: UUID) -> list[str]:
    async with reading(TRADING) as connection:
        said = [event.act for event in await events_of(connection, str(lot))]
    return [act for act in said if act.startswith("site_")]


async def test_who_could_not_reveal_because_the_pages_alone_were_away_gets_that_time_back_once(
    county: County, clock: TestClock, house: Databases, signer: Signer, pages: Pages, knocker: Knocker
) -> None:
    it = await opening(county, clock, "bidder-only")
    await it.shut()
    await reveal(county, it.lot, it.honest)
    await last_signed(timedelta())
    begun = WINDOW_OVER - timedelta(minutes=60)
    assert await knocker.look()
    for minutes, shown in ((20, "<html>502</html>"), (25, None), (61, None)):
        pages.shown = shown
        await clock.freeze(begun + timedelta(minutes=minutes))
        assert not await knocker.look()
        await turn(county.tools, it.lot)
        assert (await box_records.box(it.lot)).state == "opening", "nobody is judged while he finds no page"
    pages.shown = '{"now": ""}'
    for minutes in (70, 71):
        await clock.freeze(begun + timedelta(minutes=minutes))
        assert await knocker.look()
        await turn(county.tools, it.lot)
        box = await box_records.box(it.lot)
        assert (box.state, box.reveal_until) == ("opening", WINDOW_OVER + timedelta(minutes=70))
    assert await knocked(it.lot) == ["site_silent", "site_answers"]
    told = await inbox.unread(None, it.cheat.actor.organisation)
    assert [message.template for message in told].count("reveal_open") == 2
    await reveal(county, it.lot, [it.cheat])
    assert (await it.line())["outcome"] == "opened"
    (says,) = await it.said()
    assert says.startswith("平台自2026年4月20日 09:35（北京时间）至2026年4月20日 10:45（北京时间）停止服务，责任在平台")
    await check_case(house, it.lot, county.tools)


async def test_an_address_that_never_answered_and_a_short_silence_give_nobody_more_time(
    county: County, clock: TestClock, pages: Pages, knocker: Knocker
) -> None:
    it = await opening(county, clock, "bidder-only")
    await it.shut()
    pages.shown = None
    assert not await knocker.look()
    assert await knocked(it.lot) == [], "where nobody ever answered the address itself may be wrong"
    pages.shown = '{"now": ""}'
    begun = WINDOW_OVER - timedelta(minutes=60)
    for minutes, shown in ((10, '{"now": ""}'), (12, None), (14, '{"now": ""}'), (18, None)):
        pages.shown = shown
        await clock.freeze(begun + timedelta(minutes=minutes))
        await knocker.look()
    await reveal(county, it.lot, it.honest)
    assert await knocked(it.lot) == ["site_silent", "site_answers", "site_silent"]
    await last_signed(timedelta())
    await it.at(WINDOW_OVER)
    assert (await it.line())["outcome"] == "revoked", "who revealed has shown that the pages answer"
