"""Both sites' logs while the weeks are played: the trading log is published and shown to the regulator's witness."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from typing import Any

import httpx

from app.county.faces import Faces
from app.demo_keys import witness_signer
from kernel.checkpoints import log_signer
from kernel.db import HOME, TRADING, transaction
from kernel.jobs import Duty
from kernel.posting import WitnessAddress
from kernel.publishing import Publisher
from kernel.settings import Settings

_PENDING = "select exists (select from kernel.log_pending)"


class WitnessNextDoor(httpx.AsyncBaseTransport):
    """The way to the supervision site's witness, which stands in this process: what it is asked is the same."""

    def __init__(self, faces: Faces, watching: Settings, at: datetime) -> None:
        keys = import_module("supervision.keys")
        self._answers = import_module("supervision.witness").add_checkpoint
        own = keys.supervision_keys(watching.keys, watching.witness_name)
        self._trust, self._db = keys.trust(watching, own, at), faces.own

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._answers(await request.aread(), self._trust, self._db)
        return httpx.Response(answer.status, text=answer.body, headers={"content-type": answer.media_type})


def publishers(faces: Faces, trading: Settings, watching: Settings, at: datetime) -> dict[str, Publisher]:
    """Site → what publishes its log; only the trading site's has a witness."""
    client = httpx.AsyncClient(transport=WitnessNextDoor(faces, watching, at), base_url="http://witness.local")
    witness = WitnessAddress("http://witness.local/witness/add-checkpoint", witness_signer(watching.keys).key)
    first = Publisher(TRADING, log_signer(trading.keys, trading.log_origin), (witness,), client)
    own = log_signer(watching.keys, watching.supervision_log_origin)
    return {"trading": first, "supervision": replace(first, db=HOME, signer=own, witnesses=())}


def duty(publisher: Publisher) -> Duty:
    """The job of publishing; where nothing was added since, once is enough for all that are due at one moment."""
    publish = publisher.duty()

    async def run(payload: Mapping[str, Any]) -> None:
        async with transaction(publisher.db) as connection:
            pending = await connection.fetchval(_PENDING)
        if pending:
            await publish.run(payload)

    return Duty(run, lease=publish.lease)
