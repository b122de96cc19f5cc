"""Makes the tables of duties that have no migration yet straight from their classes, so that they can be tested."""

import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import asyncpg
from piccolo.table import sort_table_classes

from app.migrate import DUTIES, _owned
from kernel.db import TRADING, transaction


async def make_unmigrated(database: str, owner_url: str) -> None:
    async with _owned(owner_url), transaction(TRADING) as connection:
        for name in DUTIES[database]:
            if not (find_spec(name) and find_spec(f"{name}.piccolo_app")):
                continue
            try:
                config = import_module(f"{name}.piccolo_app").APP_CONFIG
            except ModuleNotFoundError as error:
                print(f"{name}: {error}")
                continue
            folder = Path(config.resolved_migrations_folder_path)
            if folder.is_dir() and any(folder.glob("*.py")):
                continue
            for table in sort_table_classes(config.table_classes):
                await connection.execute(f"create schema if not exists {table._meta.schema}")
                for ddl in table.create_table().ddl:
                    try:
                        async with transaction(TRADING):
                            await connection.execute(ddl)
                    except asyncpg.PostgresError as error:
                        warnings.warn(f"{table.__name__}: {error}: {ddl}", stacklevel=1)
