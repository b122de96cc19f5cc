"""Ways of selecting as data: what the table says, who may use which, and a new one by a row alone."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

import pytest
from conftest import START, TestClock
from house_databases import Databases
from shop import Shop

from intermediaries import modes
from intermediaries.modes import MODES, funds_of, read
from intermediaries.records import requests as records
from intermediaries.steps import request as publishing
from kernel.errors import BadInput

TEXT = Path(modes.__file__).with_name("modes.toml").read_text("utf-8")
VILLAGE = """
[village_draw]
name = "乡镇小额随机选取"
picks = "draw"
applies = true
quotes = false
least = { fiscal = 2, social = 2 }
too_few = "fails"
credit = 75
ties = "draw"
source = "某区乡镇小额中介服务选取规则（试验）"

[[village_draw.permitted]]
region = "330106"
funds = "fiscal"
up_to = "50000"
source = "某区乡镇小额中介服务选取规则（试验）"
"""


def test_a_request_counts_as_fiscal_as_soon_as_a_part_of_the_money_is() -> None:
    assert (funds_of(0), funds_of(1), funds_of(100)) == ("social", "fiscal", "fiscal")


def test_the_most_local_row_rules() -> None:
    direct = MODES["direct"]
    assert direct.allows("330106", "fiscal", Decimal(30_000)), "浙江"
    assert not direct.allows("330106", "fiscal", Decimal("30000.01"))
    assert direct.allows("440106", "fiscal", Decimal(10_000)), "the nation's row elsewhere"
    assert not direct.allows("440106", "fiscal", Decimal(30_000))
    assert direct.allows("440106", "social", Decimal(9_000_000))


def test_an_amount_that_is_not_known_yet_passes_no_ceiling() -> None:
    assert not MODES["direct"].allows("330106", "fiscal", None)
    assert MODES["direct"].allows("330106", "social", None)
    assert MODES["draw"].allows("330106", "fiscal", None)


def test_every_mode_says_where_its_rule_comes_from() -> None:
    for mode in MODES.values():
        assert mode.source
        assert mode.permits
        assert all(permit.source for permit in mode.permits)


@pytest.mark.parametrize(
    ("old", "new"),
    [('picks = "draw"', 'picks = "lot"'), ("quotes = false", "quotes = true"), ('funds = "fiscal"', 'funds = "any"')],
)
def test_a_row_that_is_not_known_stops_the_start(old: str, new: str) -> None:
    assert "village_draw" in read(TEXT + VILLAGE)
    with pytest.raises(ValueError, match="village_draw"):
        read(TEXT + VILLAGE.replace(old, new))


@pytest.fixture
async def shop(house: Databases, clock: TestClock, tmp_path: Path) -> AsyncIterator[Shop]:
    await clock.freeze(START)
    async with Shop.open(tmp_path, house, clock, agencies=2) as made:
        yield made


async def test_a_new_mode_with_limits_of_its_own_is_a_row_and_nothing_else(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "MODES", MappingProxyType(dict(read(TEXT + VILLAGE))))
    with pytest.raises(BadInput) as refusal:
        await shop.publish("village_draw", fiscal_percent=100, amount=Decimal(50_001))
    assert refusal.value.code == "mode_not_permitted"
    assert "50,000.00" in refusal.value.problems[0].says
    case = await shop.publish("village_draw", fiscal_percent=100, amount=Decimal(50_000))
    await shop.apply(case, *shop.agents)
    await shop.close(case)
    kinds = [text.kind for text in await records.texts(case)]
    assert kinds == ["notice", "selection"], "two are enough here"
