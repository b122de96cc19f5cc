"""What time does to bytes: claimed uploads go into the vault, forgotten ones go away."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from kernel import jobs
from kernel.clock import wall
from kernel.db import HOME, transaction
from storage.keeping import promote, promote_waiting, sweep
from storage.uploads import PROMOTE
from storage.vault import Store

SWEEP = "storage.sweep"
LEASE = timedelta(minutes=30)  # for 2 GiB to a slow store
LOST = 3600  # seconds after which a claimed upload is promoted without waiting for its job


def duties(store: Store) -> dict[str, jobs.Duty]:
    """The jobs of storage, by kind, for the worker."""

    async def promote_one(payload: Mapping[str, Any]) -> None:
        await promote(store, UUID(payload["upload"]))

    async def tidy(_payload: Mapping[str, Any]) -> None:
        await sweep(store)
        await promote_waiting(store, older_than=LOST)
        await schedule_sweep()

    return {PROMOTE: jobs.Duty(promote_one, LEASE), SWEEP: jobs.Duty(tidy, LEASE)}


async def schedule_sweep() -> None:
    """Sweep at the next full hour of the server's clock, whoever asks: a worker, at its start."""
    hour = (await wall()).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    async with transaction(HOME) as connection:
        await jobs.schedule(connection, SWEEP, {}, run_at=hour, dedup=f"{SWEEP}:{hour:%Y%m%d%H}", law_time=False)
