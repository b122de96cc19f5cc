"""The least a page can be: Litestar, one row of PostgreSQL by its key, some HTML around it. The limit of ours."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
from litestar import Litestar, MediaType, Request, get
from litestar.params import FromPath

ROW = "select name, stage from bidding.lot where id = $1"


@get("/lots/{lot:uuid}", media_type=MediaType.HTML)
async def page(request: Request[Any, Any, Any], lot: FromPath[UUID]) -> str:
    row = await request.app.state.pool.fetchrow(ROW, lot)
    return f"<!doctype html><html lang=zh-CN><title>{row['name']}</title><p>{row['stage']}</p></html>"


def create() -> Litestar:
    """The site as uvicorn starts it."""

    @asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=2, max_size=10) as pool:
            app.state.pool = pool
            yield

    return Litestar([page], lifespan=[running], openapi_config=None)
