"""A new database begins with the founding list: each of its items once, as version 1."""

from datetime import datetime

from intermediaries.catalogue import FOUNDING, ServiceItem, item_id
from intermediaries.tables import Item, ItemVersion
from kernel.acts import acting
from kernel.identity import Actor
from kernel.ids import new_id

CATALOGUE = item_id("catalogue")
"""The case under which the founding is recorded."""


async def found_catalogue(actor: Actor) -> int:
    """List what catalogue.toml holds and no version was ever kept of; how many. Once founded it costs one look."""
    missing = await _missing()
    if not missing:
        return 0
    async with acting("found_catalogue", actor, CATALOGUE) as beat:
        missing = await _missing()
        for item in missing:
            await Item.insert(_item(item, beat.at))
            await ItemVersion.insert(_version(item, beat.at))
        rows = {item.code: item.sha256 for item in missing}
        await beat.record("catalogue", hashes=rows, facts={"items": len(rows)})
    return len(missing)


async def _missing() -> list[ServiceItem]:
    known = {row["code"] for row in await Item.select(Item.code)}
    return [item for item in FOUNDING.items if item.code not in known]


def _item(item: ServiceItem, at: datetime) -> Item:
    return Item(
        id=item.id,
        code=item.code,
        name=item.name,
        category=item.category,
        department=item.department,
        state="listed",
        version=1,
        body=item.data,
        sha256=item.sha256,
        since=at,
    )


def _version(item: ServiceItem, at: datetime) -> ItemVersion:
    return ItemVersion(
        id=new_id(),
        item=item.id,
        n=1,
        kind="founded",
        body=item.data,
        sha256=item.sha256,
        decided_by="服务事项清单初始版本",
        since=at,
    )
