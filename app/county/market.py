"""The county's supermarket opens: the catalogue is founded, sixty agencies come in, the centre checks them."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from app.county.player import paper
from app.county.world import World
from intermediaries.catalogue import FOUNDING, Need, item_id
from intermediaries.clockwork import ACTOR
from intermediaries.schemas.agencies import AddCertificate, CheckEntry, DescribeAgency, FileEntry, PromiseItem
from intermediaries.steps.check import check_entry
from intermediaries.steps.enter import enter_market, file_entry
from intermediaries.steps.found import found_catalogue
from intermediaries.steps.papers import add_certificate, promise_item
from kernel.identity import Actor

SERVED = tuple(item.code for item in FOUNDING.items)
"""The catalogue's items; each agency serves three of them, and the survey is served by every fifth."""
ITEMS = {item.code: item for item in FOUNDING.items}
WAITING = 3
"""Agencies whose entry the centre has not looked at yet."""
SURVEY = "SUR-02"


async def open_market(world: World, count: int) -> None:
    """The catalogue is founded; agencies come in and are checked by the centre."""
    world.turn("trading")
    await found_catalogue(ACTOR)
    for n in range(1, count + 1):
        actor = world.people[f"agency{n}"]
        agency = await _enter(world, actor, n)
        if n <= count - WAITING:
            await check_entry(world.people["operator1"], agency, CheckEntry(decision="pass"))


async def _enter(world: World, actor: Actor, n: int) -> UUID:
    said = DescribeAgency(
        legal_rep="王明", office=f"西湖区文三路 {n} 号", phone=f"0571-8888{n:04}", bank_account=f"33010{n:05}",
        introduction=f"{actor.organisation_name}，从业 {3 + n % 15} 年。",
    )  # fmt: skip
    agency = await enter_market(actor, said)
    held = set()
    for code in items_of(n):
        item = ITEMS[code]
        for need in item.needs:
            if need.kind not in held:
                await add_certificate(world.player.tools, actor, agency, await _certificate(world, actor, need, n))
                held.add(need.kind)
        days = max(1, item.days - n % 3)
        promise = PromiseItem(item=item_id(code), price=Decimal(8_000 + 700 * n), days=days)
        await promise_item(actor, agency, promise)
    await file_entry(world.player.tools, actor, agency, FileEntry(accepted=True))
    return agency


async def _certificate(world: World, actor: Actor, need: Need, n: int) -> AddCertificate:
    kind, least = need.kind, need.least
    scan = await world.player.upload(actor, "certificate", paper("资质证书", "持有单位和专业范围见证书编号的登记。"))
    soon = date(2026, 5, 10) if n % 20 == 7 else date(2029, 3, 1)
    return AddCertificate(
        kind=kind, grade=least, number=f"浙{kind[:3].upper()}{n:05}", issuer="浙江省主管部门",
        issued_on=date(2024, 3, 1), valid_through=soon, upload=scan,
    )  # fmt: skip


def items_of(n: int) -> tuple[str, ...]:
    own = tuple(SERVED[(3 * n + k) % len(SERVED)] for k in range(3))
    return tuple(dict.fromkeys((*own, SURVEY))) if n % 5 == 0 else own
