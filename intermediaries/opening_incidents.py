"""What went wrong before and while a request's quotes were opened, for its opening record; and what was lost later."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from kernel.box import damage
from kernel.box.incident import of_event
from kernel.db import TRADING, transaction
from kernel.log import events_of


async def incidents(case: UUID, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """{at, code, culprit, stage, bid, says}, oldest first; `names` gives the agency of a quote by its SHA-256."""

    def name(sha256: str) -> str:
        return names.get(sha256, f"报价 {sha256[:12]}…")

    async with transaction(TRADING) as connection:
        said = [json.loads(event.body) for event in await events_of(connection, str(case))]
    return [{"at": event["at"], **what} for event in said if (what := of_event(event, name))]


async def lost_later(case: UUID, content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """{at, says} of quotes that the platform has lost since this opening record; what was lost before stands in it."""
    names = {line["sha256"]: line["name"] for line in content["quotes"]}
    said = [one["says"] for one in content.get("incidents", ())]
    found = [one for one in await damage.known(case) if not any(one.sealed in says for says in said)]
    return [{"at": one.at, "says": f"{names.get(one.bid, '报价')}：{one.says}，不影响已经公布的报价"} for one in found]
