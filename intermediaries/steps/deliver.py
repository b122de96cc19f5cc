"""交付成果: the agency hands over the result with its files."""

import json
from uuid import UUID

from intermediaries.case import Tools
from intermediaries.records import services
from intermediaries.request_case import request_act
from intermediaries.request_news import tell_owner
from intermediaries.request_sides import current
from intermediaries.schemas.requests import DeliverResult
from intermediaries.stages import Stage
from intermediaries.tables.services import Delivery
from kernel.clock import when
from kernel.identity import Actor
from kernel.ids import new_id
from storage import uploads

PURPOSE = "service_result"


async def deliver_result(tools: Tools, actor: Actor, case: UUID, command: DeliverResult) -> int:
    """Hand over a result, the first or one put right; its number."""
    owner = str(actor.organisation)
    digests = [(file, await uploads.finish(tools.store, file.upload, owner)) for file in command.files]
    async with request_act("deliver_result", actor, case) as found:
        await current(found, actor)
        n = len(await services.deliveries(case)) + 1
        files = [{"label": f.label, "size": d.size, "sha256": d.sha256} for f, d in digests]
        for file, _ in digests:
            await uploads.claim(found.beat.connection, file.upload, owner, PURPOSE)
        await Delivery.insert(
            Delivery(
                id=new_id(), request=case, n=n, says=command.says, files=json.dumps(files, ensure_ascii=False),
                delivered_at=found.beat.at,
            )
        )  # fmt: skip
        await found.move(Stage.DELIVERED)
        hashes = {f"file_{i:02}": file["sha256"] for i, file in enumerate(files, 1)}
        await found.record(hashes=hashes, facts={"n": n})
        due = found.request.limits["S05"].deadline(found.beat.at)
        await tell_owner(found, "result_delivered", until=when(due))
    return n
