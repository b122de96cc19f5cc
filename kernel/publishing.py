"""Keeps the log published: a checkpoint at a fixed period, and soon after a close; shown to every witness."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from kernel.alarms import alarm
from kernel.alone import alone, rest
from kernel.checkpoints import publish
from kernel.db import LOST, Engine, transaction
from kernel.jobs import Duty
from kernel.posting import WitnessAddress, WitnessAway, WitnessContradicts, post_to_witness
from kernel.proofs.note_keys import Signer

PUBLISH = "publish_checkpoint"
"""The job to schedule with a close, so that its checkpoint does not wait for the period."""

PATIENCE = timedelta(minutes=10)
"""How long a checkpoint waits for the first witness before the next named one is asked too."""

_ALONE = 0x6574622F31_04
_log = logging.getLogger("yangguang.log")


@dataclass(frozen=True, slots=True)
class Publisher:
    """What publishing needs: the log's database and key, the witnesses, and the client that reaches them.

    The first witness is asked always; the others stand in for it once it has been silent for `patience`.
    """

    db: Engine
    signer: Signer
    witnesses: Sequence[WitnessAddress]
    client: httpx.AsyncClient
    patience: timedelta = PATIENCE

    async def run(self, stop: asyncio.Event, *, period: timedelta, retry: float = 5.0) -> None:
        """Publish every `period` of the server's clock until `stop`; ask silent witnesses again meanwhile.

        Any number of processes may call this: one works, the others stand by.
        """
        while not stop.is_set():
            try:
                async with alone(self.db, _ALONE) as mine:
                    while mine is not None and not mine.is_closed() and not stop.is_set():
                        if await self._is_due(period):
                            await publish(self.db, self.signer)
                        await self.show()
                        await rest(stop, retry)
            except LOST:
                _log.exception("publishing lost its database")
            await rest(stop, retry)

    async def show(self) -> int:
        """Ask for cosignatures on the newest checkpoint; how many were given now."""
        given = 0
        for place, witness in enumerate(self.witnesses):
            if place and not await self._is_silent():
                break
            try:
                given += await post_to_witness(self.db, self.client, witness)
            except WitnessAway as away:
                _log.warning("%s", away)
            except WitnessContradicts as contradiction:
                _log.critical("the log is contradicted by its witness: %s", contradiction)
                fields = {"witness": witness.key.name, "reason": str(contradiction)}
                await alarm(("operator",), "witness_alarm", fields, once=f"witness:{witness.key.name}")
        return given

    def duty(self) -> Duty:
        """What the worker does for a `PUBLISH` job. A witness that is away is asked again by `run`."""
        return Duty(self._publish, lease=timedelta(minutes=2))

    async def _publish(self, _: Mapping[str, Any]) -> None:
        await publish(self.db, self.signer)
        await self.show()

    async def _is_silent(self) -> bool:
        """Whether a checkpoint has stood longer than `patience` with nobody's cosignature on it or on a later one."""
        async with transaction(self.db) as connection:
            return bool(
                await connection.fetchval(
                    "select exists (select from kernel.log_checkpoint c where c.at <= clock_timestamp() - $1::interval"
                    " and c.size > (select coalesce(max(size), 0) from kernel.log_cosignature))",
                    self.patience,
                )
            )

    async def _is_due(self, period: timedelta) -> bool:
        async with transaction(self.db) as connection:
            return bool(
                await connection.fetchval(
                    "select not exists (select from kernel.log_checkpoint where at > clock_timestamp() - $1::interval)",
                    period,
                )
            )
