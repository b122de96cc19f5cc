"""`python -m app.county`: plays the county's weeks anew and keeps them as the template of every new house."""

import asyncio
import logging
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from app.county import template
from app.county.play import PLAN, Weeks, play, read_plan
from app.county.world import world
from app.embedded import DATABASES, EmbeddedPostgres
from app.launch import on_embedded
from app.migrate import migrate_now
from kernel.settings import Settings


def main(plan: Path = PLAN, file: Path = template.FILE) -> int:
    """Make the template; some minutes, for a start never to take them. 1, and nothing kept, when the law refused
    what was planned."""
    logging.basicConfig(level="WARNING", format="%(message)s")
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="yangguang-county-") as folder:
        var = Path(folder) / "var"
        server = EmbeddedPostgres(var / "postgres", durable=False)
        server.start()
        try:
            refused = make(var, server, read_plan(plan), file)
        finally:
            server.stop()
    if refused:
        print(f"{len(refused)} stories did not go as planned; nothing was kept", file=sys.stderr)
        return 1
    print(f"{file.name}: {file.stat().st_size >> 10} KiB, {time.monotonic() - begun:.0f} s")
    return 0


def make(var: Path, server: EmbeddedPostgres, weeks: Weeks, file: Path) -> list[str]:
    """Play these weeks in this data folder, on this server; keep the county, unless something was refused: which."""
    vault = var / "vault"
    vault.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings = replace(Settings.read({}), mode="demo", var=var, vault_folder=vault, anchors=var / "anchors.json")
    settings = on_embedded(settings, server)
    migrate_now(settings)
    (var / "bidders").mkdir(exist_ok=True)
    refused = asyncio.run(_play(settings, var / "bidders", weeks))
    if not refused:
        place = template.Place({name: server.url("postgres", name) for name in DATABASES}, var, vault)
        template.save(place, file)
    return refused


async def _play(settings: Settings, folder: Path, weeks: Weeks) -> list[str]:
    async with world(settings, folder) as county:
        return await play(county, weeks)


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:3])))
