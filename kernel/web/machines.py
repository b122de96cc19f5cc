"""What machines ask a site: is it alive, is it ready, how does it stand. No answer counts what bidders do."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.types import ControllerRouterHandler
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from kernel.clock import CHINA, mode, now, wall
from kernel.db import HOME, transaction
from kernel.web.access import Meters

Check = Callable[[State], Awaitable[object]]
"""Asks one part, given the site's state; raises when it is away."""
PATIENCE = 3.0
"""Seconds a part may take to say that it is there."""

# Jobs that uploads cause are left out: their number would tell of bids. Of the log only ages are shown.
_LEVELS = """
select
    (select count(*) from kernel.job where state = 'dead' and kind not like 'storage.%')::float8 as jobs_dead,
    (select count(*) from kernel.job where state = 'ready' and kind not like 'storage.%' and run_at
        < case when law_time then kernel.law_now() else clock_timestamp() end - interval '1 minute')::float8
        as jobs_overdue,
    (select count(*) from kernel.outbox where state = 'dead')::float8 as outbox_dead,
    (select coalesce(max(size), 0) from kernel.log_checkpoint)::float8 as checkpoint_size,
    (select extract(epoch from clock_timestamp() - max(at)) from kernel.log_checkpoint)::float8 as checkpoint_age,
    (select extract(epoch from clock_timestamp() - max(at)) from kernel.log_cosignature)::float8 as cosignature_age,
    (select count(*) from kernel.log_event where act = 'clock_alarm')::float8 as clock_alarms
"""


async def database(_: State) -> None:
    """This process's own database."""
    async with transaction(HOME, readonly=True) as connection:
        await connection.fetchval("select 1")


def machine_handlers(checks: Mapping[str, Check]) -> list[ControllerRouterHandler]:
    """/health, /ready with `checks` by name, /metrics, and the API's clock."""
    options: dict[str, Any] = {"opt": {"act": "check_health", "no_identity": True}, "include_in_schema": False}

    @get("/health", **options, sync_to_thread=False)
    def health() -> dict[str, str]:
        return {"status": "ok"}

    @get("/ready", **options)
    async def ready(request: Request[Any, Any, Any]) -> Response[dict[str, str]]:
        found = {name: await _is_there(check(request.app.state)) for name, check in checks.items()}
        well = all(state == "ok" for state in found.values())
        return Response({"status": "ok" if well else "away", **found}, status_code=200 if well else 503)

    @get("/metrics", **options)
    async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
        meters: Meters = request.app.state.meters
        async with transaction(HOME, readonly=True) as connection:
            row = await connection.fetchrow(_LEVELS)
        for name, value in row.items():
            meters.levels.labels(name).set(-1 if value is None else value)
        return Response(generate_latest(meters.registry), media_type=CONTENT_TYPE_LATEST)

    @get(
        "/api/v1/clock",
        opt={"act": "read_public", "no_identity": True},
        tags=["平台"],
        summary="平台时钟",
        description="now 是法定期限所依的时刻；wall 是服务器时刻。正式库两者相同。",
    )
    async def clock() -> dict[str, str]:
        law, machine = await now(HOME), (await wall()).astimezone(CHINA)
        return {"now": law.isoformat(), "wall": machine.isoformat(), "mode": await mode(HOME)}

    return [health, ready, metrics, clock]


async def _is_there(asked: Awaitable[object]) -> str:
    try:
        await asyncio.wait_for(asked, PATIENCE)
    except Exception:  # whatever it is, the part is not ready
        return "away"
    return "ok"
