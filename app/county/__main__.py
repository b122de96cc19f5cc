"""`python -m app.county`: plays the county's weeks anew and keeps them as the template of every new house."""

import asyncio
import logging
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from app.county import template
from app.county.play import play
from app.county.world import world
from app.embedded import DATABASES, EmbeddedPostgres
from app.launch import digest_of_migrations, on_embedded
from app.migrate import migrate_now
from kernel.settings import Settings


def main() -> int:
    """Make the template; some minutes, for a start never to take them."""
    logging.basicConfig(level="WARNING", format="%(message)s")
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="yangguang-county-") as folder:
        var = Path(folder) / "var"
        server = EmbeddedPostgres(var / "postgres", durable=False)
        server.start()
        try:
            make(var, server)
        finally:
            server.stop()
    size = template.FILE.stat().st_size >> 10
    print(f"{template.FILE.name}: {size} KiB, {time.monotonic() - begun:.0f} s")
    return 0


def make(var: Path, server: EmbeddedPostgres, file: Path = template.FILE) -> None:
    """Play the county in this data folder, on this server, and keep it."""
    vault = var / "vault"
    vault.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings = replace(Settings.read({}), mode="demo", var=var, vault_folder=vault, anchors=var / "anchors.json")
    settings = on_embedded(settings, server)
    migrate_now(settings)
    (var / "bidders").mkdir(exist_ok=True)
    asyncio.run(_play(settings, var / "bidders"))
    place = template.Place({name: server.url("postgres", name) for name in DATABASES}, var, vault)
    template.save(place, digest_of_migrations(), file)


async def _play(settings: Settings, folder: Path) -> None:
    async with world(settings, folder) as county:
        await play(county)


if __name__ == "__main__":
    sys.exit(main())
